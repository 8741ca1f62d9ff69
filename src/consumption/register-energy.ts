import { isEstimate, qualityCode, type Reading } from '../readings/reading.ts';
import type { IntervalSeries } from './interval-series.ts';

/** How the energy between two readings is spread over the time between them; every result that was spread names it. */
export const apportionment = 'straight-line';

/** Whether another meter counted before the first reading, or after the last one: then the part of a slot is all there is of it. */
export interface Edges {
  start: boolean;
  end: boolean;
}

/**
 * Energy per interval from a register's counts, written into `into`. A slot whose two ends were both read is the difference of the
 * two. Where a reading is missing in between, the energy over the gap is known and its distribution is not: it is spread evenly, to
 * the last micro-kWh, and marked estimated (CSV-8). The reading at a period's end belongs to that period and to the next one.
 * Before the first and after the last reading nothing is known, and the slots stay missing, but for the part of a slot at an exchange.
 */
export function registerEnergy(
  readings: readonly Count[],
  into: IntervalSeries,
  edges: Edges = { start: false, end: false },
): void {
  const slots = into.energy.length;
  let next = 0;
  let previousValue: number | undefined;
  let previousExact = false;
  for (let slot = 0; slot <= slots; slot++) {
    const boundary = into.from + slot * into.stepSeconds;
    while (next < readings.length && readings[next]!.at <= boundary) next += 1;
    const last = readings[next - 1];
    const exact = last?.at === boundary;
    const value = exact
      ? last.value
      : (interpolate(last, readings[next], boundary) ??
        atEdge(last, readings[next], boundary, into.stepSeconds, edges));
    if (slot > 0 && value !== undefined && previousValue !== undefined) {
      const metered = exact && previousExact && !isEstimate(last.quality);
      into.energy[slot - 1] = value - previousValue;
      into.quality[slot - 1] = qualityCode(metered ? last.quality : 'estimated');
    }
    previousValue = value;
    previousExact = exact && !isEstimate(last.quality);
  }
}

/** What a register had counted at an instant: its value as one goes on counting, or any number that differs from it by a constant. */
export type Count = Pick<Reading, 'at' | 'value' | 'quality'>;

/** The first count for the slot it lies in, and the last one for its own. */
function atEdge(
  last: Count | undefined,
  next: Count | undefined,
  boundary: number,
  stepSeconds: number,
  { start, end }: Edges,
): number | undefined {
  if (start && !last && next && next.at < boundary + stepSeconds) return next.value;
  return end && last && !next && last.at > boundary - stepSeconds ? last.value : undefined;
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
