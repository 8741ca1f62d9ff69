import type { IntervalSeries } from '../consumption/interval-series.ts';
import { Refusal } from '../kernel/errors.ts';
import { isEstimate, qualities } from '../readings/reading.ts';

/**
 * What is left of each interval's energy after the energy of the other direction in the same interval, never below zero: energy cannot
 * be used and sent at the same meter at once, but over a longer time both are real. An interval is as doubtful as the worse of the two.
 * Throws 'intervals-misaligned' when the two are not measured in the same steps.
 */
export function netPerInterval(own: IntervalSeries, other: IntervalSeries): IntervalSeries {
  if (own.stepSeconds !== other.stepSeconds)
    throw new Refusal(
      'intervals-misaligned',
      `energy is netted inside an interval, and these are ${own.stepSeconds / 60} and ${other.stepSeconds / 60} minutes long`,
    );
  const energy = own.energy.map((used, slot) => Math.max(0, used - other.energy[slot]!));
  const quality = own.quality.map((code, slot) => (isDoubtful(code) ? code : other.quality[slot]!));
  return { ...own, energy, quality };
}

function isDoubtful(code: number): boolean {
  return isEstimate(qualities[code]!);
}
