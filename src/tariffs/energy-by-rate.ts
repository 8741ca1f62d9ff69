import type { IntervalSeries } from '../consumption/interval-series.ts';
import { assert } from '../kernel/assert.ts';
import { type Quality, qualities } from '../readings/reading.ts';
import { type MicroKwh, microKwh } from '../units/energy.ts';
import { type Instant, instant } from '../units/time.ts';
import { refuseInexact } from './amount.ts';
import type { Measured, Usage } from './component.ts';
import type { WindowedRate } from './windows.ts';

export interface RateEnergy<Rate extends WindowedRate> {
  rate: Rate;
  energy: MicroKwh;
  measured: Measured;
}

/** The energy of a register's intervals by rate, for the rates that have at least one of them. */
export function energyByRate<Rate extends WindowedRate>(
  usage: Usage,
  register: string,
  rates: Rate[],
  intervals: IntervalSeries,
): RateEnergy<Rate>[] {
  const { rateOf, slotCount, firstSlot, lastSlot } = usage.slotRates(rates, intervals);
  const { sums, qualityCounts } = sumByRate(rateOf, rates.length, intervals);
  for (const sum of sums) refuseInexact(sum, register, 'kWh');
  const startOf = (slot: number): Instant => instant(intervals.from + slot * intervals.stepSeconds);
  return rates.flatMap((rate, bucket) => {
    const slots = slotCount[bucket]!;
    if (slots === 0) return [];
    const measured = {
      register,
      bucket,
      slots,
      firstSlot: startOf(firstSlot[bucket]!),
      lastSlot: startOf(lastSlot[bucket]!),
      qualities: countedQualities(qualityCounts, bucket),
    };
    return [{ rate, energy: microKwh(sums[bucket]!), measured }];
  });
}

/** The one pass over the intervals: integers summed per rate, exact below 2^53 micro-kWh (nine billion kWh). */
function sumByRate(rateOf: Uint8Array, rateCount: number, { energy, quality }: IntervalSeries) {
  const sums = new Float64Array(rateCount);
  const qualityCounts = new Uint32Array(rateCount * qualities.length);
  for (let slot = 0; slot < energy.length; slot++) {
    const rate = rateOf[slot]!;
    sums[rate]! += energy[slot]!;
    qualityCounts[rate * qualities.length + quality[slot]!]! += 1;
  }
  assert(sums.every(Number.isInteger), 'energies are whole micro-kWh, and none is missing');
  return { sums, qualityCounts };
}

function countedQualities(counts: Uint32Array, bucket: number): Partial<Record<Quality, number>> {
  const found: Partial<Record<Quality, number>> = {};
  qualities.forEach((quality, code) => {
    const count = counts[bucket * qualities.length + code]!;
    if (count > 0) found[quality] = count;
  });
  return found;
}
