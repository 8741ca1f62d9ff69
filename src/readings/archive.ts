import { join } from 'node:path';
import type { MeterPointStore } from '../accounts/meter-point-store.ts';
import { csvLine } from '../kernel/csv.ts';
import { writeAtomic } from '../kernel/files.ts';
import { formatKwh } from '../units/energy.ts';
import { formatLocal, type Instant, type Zone } from '../units/time.ts';
import { type ArchivePeriod, archiveFileName, instantsOf } from './archive-period.ts';
import type { OriginTable } from './origin.ts';
import { dayNumberOf, visitBlocks } from './reading-index.ts';
import type { ReadingStore } from './reading-store.ts';

export interface ArchiveDeps {
  store: ReadingStore;
  meterPoints: MeterPointStore;
  origins: OriginTable;
  folder: string;
  zone: Zone;
}

// The first three names are those of the predecessors' archives; a channel's `reading` is the energy of the interval that starts there.
const header = ['meter_id', 'timestamp', 'reading', 'kind', 'code', 'unit', 'quality'];

/**
 * Rewrites every archive that is behind the store and that `wanted` lets through; returns the names written. Archives are projections:
 * always made whole from the store, so writing one twice gives the same bytes. A period without readings has no archive.
 */
export function archive(deps: ArchiveDeps, wanted: (period: ArchivePeriod) => boolean): string[] {
  const written: string[] = [];
  for (const period of deps.store.listDue().filter(wanted)) {
    const name = archiveFileName(period);
    if (hasReadings(deps, period)) {
      writeAtomic(join(deps.folder, name), archiveParts(deps, period));
      written.push(name);
    }
    deps.store.clearDue(period);
  }
  return written;
}

/** Days and months that are over at `now`: an archive of one still running would be rewritten with every flush. */
export function isOver(now: Instant, zone: Zone): (period: ArchivePeriod) => boolean {
  return period => instantsOf(period, zone).to <= now;
}

/** At shutdown the running day is written as well, so that what stands in the folder is all there is. */
export function isOverOrDay(now: Instant, zone: Zone): (period: ArchivePeriod) => boolean {
  return period => period.kind === 'day' || instantsOf(period, zone).to <= now;
}

/** A UTC day overlaps two local days and marks both, though it may hold readings of one only. */
function hasReadings({ store, meterPoints, zone }: ArchiveDeps, period: ArchivePeriod): boolean {
  const { from, to } = instantsOf(period, zone);
  return meterPoints.listAllSeries().some(({ id }) => {
    let found = false;
    visitBlocks(store.listBlocks(id, dayNumberOf(from), dayNumberOf(to)), from, to, () => {
      found = true;
    });
    return found;
  });
}

/** The header, then one part per series: a month of ten thousand meters is more than one string can hold. */
function* archiveParts({ store, meterPoints, origins, zone }: ArchiveDeps, period: ArchivePeriod): Generator<string> {
  const { from, to } = instantsOf(period, zone);
  yield csvLine(header);
  for (const series of meterPoints.listAllSeries()) {
    const blocks = store.listBlocks(series.id, dayNumberOf(from), dayNumberOf(to));
    const code = series.serial ? `${series.serial}/${series.code}` : series.code;
    const lines: string[] = [];
    visitBlocks(blocks, from, to, (at, value, origin) => {
      const reading = Number.isNaN(value) ? '' : formatKwh(value);
      const quality = origins.get(origin).quality;
      lines.push(csvLine([series.identifier, formatLocal(at, zone), reading, series.kind, code, series.unit, quality]));
    });
    if (lines.length > 0) yield lines.join('');
  }
}
