import type { Series } from '../accounts/meter-point.ts';
import type { Instant, Period } from '../units/time.ts';
import type { KnownReadings } from './as-known.ts';
import type { ReadingVersion } from './decided-reading.ts';
import type { Reading } from './reading.ts';

export interface ListedReading {
  series: Series;
  reading: Reading;
  /** Values for the same instant that are kept but are not the current one. */
  versions: ReadingVersion[];
}

/** Where a page ended: the next one begins with the first reading of this series at or after `from`. */
export interface PageStart {
  seriesId: number;
  from: Instant;
}

/** One page of a meter point's readings in [from, to), at most `limit`: series after series, each by time. */
export function listReadings(
  index: KnownReadings,
  series: readonly Series[],
  { from, to }: Period,
  limit: number,
  start?: PageStart,
): { readings: ListedReading[]; next: PageStart | undefined } {
  const readings: ListedReading[] = [];
  for (const each of series) {
    if (start && each.id < start.seriesId) continue;
    const begin = start?.seriesId === each.id ? start.from : from;
    const found = index.list(each.id, begin, to, limit - readings.length + 1);
    const versions = found.length > 0 ? versionsOf(index, each.id, found) : new Map<number, ReadingVersion[]>();
    for (const reading of found) {
      if (readings.length === limit) return { readings, next: { seriesId: each.id, from: reading.at } };
      readings.push({ series: each, reading, versions: versions.get(reading.at) ?? [] });
    }
  }
  return { readings, next: undefined };
}

function versionsOf(index: KnownReadings, seriesId: number, found: Reading[]) {
  const versions = index.listVersions(seriesId, found[0]!.at, found.at(-1)!.at);
  return Map.groupBy(versions, ({ reading }): number => reading.at);
}
