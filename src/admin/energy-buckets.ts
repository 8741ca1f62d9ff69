import type { Flow } from '../accounts/meter-point.ts';
import type { SeriesEnergy } from '../consumption/consumption.ts';
import { isEstimate, qualities } from '../readings/reading.ts';
import { type MicroKwh, microKwh } from '../units/energy.ts';
import type { Instant } from '../units/time.ts';

/** The energy of one flow between two instants, and how sure we are of it. */
export interface Bucket {
  from: Instant;
  /** undefined when not a single interval is known. */
  energy: MicroKwh | undefined;
  missing: number;
  estimated: number;
  slots: number;
}

/** Sums the intervals of `flow` between consecutive `bounds` (one more than there are buckets). */
export function bucketsOf(measured: SeriesEnergy[], flow: Flow, bounds: Instant[]): Bucket[] {
  const buckets = bounds.slice(0, -1).map(from => ({ from, sum: 0, known: 0, estimated: 0, slots: 0 }));
  for (const { series, energy } of measured) {
    if (series.flow !== flow) continue;
    let index = 0;
    energy.energy.forEach((value, slot) => {
      const at = energy.from + slot * energy.stepSeconds;
      while (index + 1 < buckets.length && at >= bounds[index + 1]!) index += 1;
      const bucket = buckets[index];
      if (!bucket) return;
      bucket.slots += 1;
      if (Number.isNaN(value)) return;
      bucket.known += 1;
      bucket.sum += value;
      if (isEstimate(qualities[energy.quality[slot] ?? 0] ?? 'missing')) bucket.estimated += 1;
    });
  }
  return buckets.map(({ from, sum, known, estimated, slots }) => ({
    from,
    energy: known > 0 ? microKwh(sum) : undefined,
    missing: slots - known,
    estimated,
    slots,
  }));
}

/** "actual", "3 estimated", "2 missing, 1 estimated". */
export function describeQuality({ missing, estimated, slots }: Bucket): string {
  if (slots === 0 || missing === slots) return 'missing';
  const parts = [missing > 0 && `${missing} missing`, estimated > 0 && `${estimated} estimated`].filter(Boolean);
  if (slots === 1) return estimated > 0 ? 'estimated' : 'actual';
  return parts.length > 0 ? parts.join(', ') : 'actual';
}
