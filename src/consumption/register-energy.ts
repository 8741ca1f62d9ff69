import { isEstimate, qualityCode, type Reading } from '../readings/reading.ts';
import type { IntervalSeries } from './interval-series.ts';

/**
 * Energy per interval from a register's values, written into `into`. A slot whose two ends were both read is the difference of the
 * two. Where a reading is missing in between, the energy over the gap is known and its distribution is not: it is spread evenly, to
 * the last micro-kWh, and marked estimated (CSV-8). The reading at a period's end belongs to that period and to the next one.
 * Before the first and after the last reading nothing is known, and the slots stay missing.
 */
export function registerEnergy(readings: readonly Reading[], into: IntervalSeries): void {
  const slots = into.energy.length;
  let next = 0;
  let previousValue: number | undefined;
  let previousExact = false;
  for (let slot = 0; slot <= slots; slot++) {
    const boundary = into.from + slot * into.stepSeconds;
    while (next < readings.length && readings[next]!.at <= boundary) next += 1;
    const last = readings[next - 1];
    const exact = last?.at === boundary;
    const value = exact ? last.value : interpolate(last, readings[next], boundary);
    if (slot > 0 && value !== undefined && previousValue !== undefined) {
      const metered = exact && previousExact && !isEstimate(last.quality);
      into.energy[slot - 1] = value - previousValue;
      into.quality[slot - 1] = qualityCode(metered ? last.quality : 'estimated');
    }
    previousValue = value;
    previousExact = exact && !isEstimate(last.quality);
  }
}

type ReadValue = Pick<Reading, 'at' | 'value'>;

/** The register's value at `boundary` on the straight line between two readings, rounded down: differences still add up exactly. */
export function interpolate(
  before: ReadValue | undefined,
  after: ReadValue | undefined,
  boundary: number,
): number | undefined {
  if (!before || !after) return undefined;
  // BigInt, because value × seconds leaves the range in which a double is exact.
  const gained = BigInt(after.value - before.value) * BigInt(boundary - before.at);
  return before.value + Number(gained / BigInt(after.at - before.at));
}
