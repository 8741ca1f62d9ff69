import type { IntervalSeries } from '../consumption/interval-series.ts';
import { assert } from '../kernel/assert.ts';
import { Refusal } from '../kernel/errors.ts';
import { qualities } from '../readings/reading.ts';
import { type Instant, secondsPerHour } from '../units/time.ts';

/** The average power of consecutive equal demand intervals, in whole micro-kW or micro-kVA; NaN where energy is missing. */
export interface DemandSeries {
  from: Instant;
  stepSeconds: number;
  demand: Float64Array;
  /** Per demand interval the code of the quality furthest from metered among its readings. */
  quality: Uint8Array;
}

/**
 * kW from energy: readings are first summed to the tariff's own demand interval, then kW = kWh × 60 / minutes, which is whole in
 * micro-kW because `stepSeconds` divides the hour. Throws 'intervals-misaligned' when the readings are longer than that or leave a rest.
 */
export function realDemand(energy: IntervalSeries, stepSeconds: number, register: string): DemandSeries {
  assert(secondsPerHour % stepSeconds === 0, 'the plan admits only demand intervals that divide the hour');
  const { sums, quality } = sumTo(energy, stepSeconds, register);
  const perHour = secondsPerHour / stepSeconds;
  return { from: energy.from, stepSeconds, demand: sums.map(sum => sum * perHour), quality };
}

/** kVA from kWh and kVArh of the same time: the root of kW² + kVAr², to the nearest micro-kVA. */
export function apparentDemand(real: DemandSeries, reactive: DemandSeries): DemandSeries {
  const inStep = real.from === reactive.from && real.demand.length === reactive.demand.length;
  assert(inStep, 'both registers are cut to the same days and summed to the same interval');
  return {
    ...real,
    demand: real.demand.map((kw, slot) => nearestHypotenuse(kw, reactive.demand[slot]!)),
    quality: real.quality.map((quality, slot) => further(quality, reactive.quality[slot]!)),
  };
}

function sumTo({ stepSeconds, energy, quality }: IntervalSeries, demandSeconds: number, register: string) {
  const ratio = demandSeconds / stepSeconds;
  if (!Number.isInteger(ratio) || energy.length % ratio !== 0)
    throw new Refusal(
      'intervals-misaligned',
      `demand is measured over ${demandSeconds / 60} minutes, which the ${stepSeconds / 60}-minute intervals of ${register} do not fill`,
    );
  const count = energy.length / ratio;
  const sums = new Float64Array(count);
  const worst = new Uint8Array(count);
  for (let slot = 0; slot < count; slot++) {
    for (let part = slot * ratio; part < (slot + 1) * ratio; part++) {
      sums[slot]! += energy[part]!;
      worst[slot] = further(worst[slot]!, quality[part]!);
    }
  }
  return { sums, quality: worst };
}

// From metered to invented; what was agreed or filled in makes the whole interval so.
const trust = ['actual', 'customer', 'final', 'substituted', 'deemed', 'estimated', 'missing'] as const;
const distanceOf = qualities.map(quality => trust.indexOf(quality));

function further(a: number, b: number): number {
  return distanceOf[b]! > distanceOf[a]! ? b : a;
}

/**
 * A root of whole numbers is whole or irrational, so it is never half way: the double is right unless it lies within its own error of
 * a half, and then whole numbers decide.
 */
function nearestHypotenuse(a: number, b: number): number {
  const root = Math.hypot(a, b);
  const whole = Math.floor(root);
  const fromHalf = Math.abs(root - whole - 0.5);
  if (!(fromHalf < root * 2 ** -48 + Number.EPSILON)) return Math.round(root);
  const twice = BigInt(2 * whole + 1);
  return 4n * (BigInt(a) ** 2n + BigInt(b) ** 2n) > twice * twice ? whole + 1 : whole;
}
