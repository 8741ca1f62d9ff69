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
 * Rewrites every archive that is behind the store and whose period has begun before `until`; returns the names written. Archives are
 * projections: always made whole from the store, so writing one twice gives the same bytes.
 */
export function archive(deps: ArchiveDeps, until: (period: ArchivePeriod) => boolean): string[] {
  const written: string[] = [];
  for (const period of deps.store.listDue().filter(until)) {
    const name = archiveFileName(period);
    writeAtomic(join(deps.folder, name), archiveText(deps, period));
    deps.store.clearDue(period);
    written.push(name);
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

function archiveText({ store, meterPoints, origins, zone }: ArchiveDeps, period: ArchivePeriod): string {
  const { from, to } = instantsOf(period, zone);
  const lines = [csvLine(header)];
  for (const series of meterPoints.listAllSeries()) {
    const blocks = store.listBlocks(series.id, dayNumberOf(from), dayNumberOf(to));
    const code = series.serial ? `${series.serial}/${series.code}` : series.code;
    visitBlocks(blocks, from, to, (at, value, origin) => {
      const reading = Number.isNaN(value) ? '' : formatKwh(value);
      const quality = origins.get(origin).quality;
      lines.push(csvLine([series.identifier, formatLocal(at, zone), reading, series.kind, code, series.unit, quality]));
    });
  }
  return lines.join('');
}
