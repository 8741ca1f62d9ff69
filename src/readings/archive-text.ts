import type { MeterPointStore } from '../accounts/meter-point-store.ts';
import { csvLine } from '../kernel/csv.ts';
import { Slices } from '../kernel/slices.ts';
import { formatKwh } from '../units/energy.ts';
import { formatLocal, type Zone } from '../units/time.ts';
import { type ArchivePeriod, instantsOf } from './archive-period.ts';
import type { OriginTable } from './origin.ts';
import { dayNumberOf, visitBlocks } from './reading-index.ts';
import type { ReadingStore } from './reading-store.ts';

export interface ArchiveTextDeps {
  store: ReadingStore;
  meterPoints: MeterPointStore;
  origins: OriginTable;
  zone: Zone;
}

// The first three names are those of the predecessors' archives; a channel's `reading` is the energy of the interval that starts there.
const header = ['meter_id', 'timestamp', 'reading', 'kind', 'code', 'unit', 'quality'];

/**
 * The text of an archive, in parts and in slices: a month of ten thousand meters is more than one string can hold, and nobody may wait
 * for it. No part at all when the period has no readings.
 */
export async function* archiveText(
  { store, meterPoints, origins, zone }: ArchiveTextDeps,
  period: ArchivePeriod,
): AsyncGenerator<string> {
  const { from, to } = instantsOf(period, zone);
  const slices = new Slices();
  let begun = false;
  for (const series of meterPoints.listAllSeries()) {
    await slices.pause();
    const blocks = store.listBlocks(series.id, dayNumberOf(from), dayNumberOf(to));
    const code = series.serial ? `${series.serial}/${series.code}` : series.code;
    const lines: string[] = [];
    visitBlocks(blocks, from, to, (at, value, origin) => {
      const reading = Number.isNaN(value) ? '' : formatKwh(value);
      const quality = origins.get(origin).quality;
      lines.push(csvLine([series.identifier, formatLocal(at, zone), reading, series.kind, code, series.unit, quality]));
    });
    if (lines.length === 0) continue;
    yield begun ? lines.join('') : csvLine(header) + lines.join('');
    begun = true;
  }
}
