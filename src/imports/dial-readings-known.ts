import type { MeterPoint, Series } from '../accounts/meter-point.ts';
import type { MeterPointStore } from '../accounts/meter-point-store.ts';
import type { Meter, MeterStore } from '../accounts/meter-store.ts';
import { Slices } from '../kernel/slices.ts';
import { AsKnown } from '../readings/as-known.ts';
import type { Reading } from '../readings/reading.ts';
import type { ReadingIndex } from '../readings/reading-index.ts';
import { type Instant, instant, secondsPerDay } from '../units/time.ts';
import type { DialReading, DialReadingFilter, DialReadingOrders, DialReadingSummary } from './dial-reading.ts';
import type { ImportRunStore } from './import-run-store.ts';
import { type DialReadingDeps, runs } from './list-dial-readings.ts';

export interface KnownDialDeps extends DialReadingDeps {
  meterPoints: MeterPointStore;
  meters: MeterStore;
  imports: ImportRunStore;
  index: ReadingIndex;
}

/** The row's id is null where there is no row any more. */
export type KnownDialReading = Omit<DialReading, 'id'> & { id: number | null };

const windowSeconds = 31 * secondsPerDay;
const metersMax = 1000;

/** What meters of one meter point showed by the files that had come by `knownAt`, as it was known then; by time, in slices. */
export async function listDialReadingsKnown(
  deps: KnownDialDeps,
  meterPoint: MeterPoint,
  filter: DialReadingFilter,
  knownAt: Instant,
): Promise<KnownDialReading[]> {
  const { meterPoints, index, dialReadings, sources, imports } = deps;
  const own = deps.meters.list({ meterPointId: meterPoint.id }, [{ by: 'serial', descending: false }], metersMax);
  const known = new AsKnown(index, knownAt);
  const slices = new Slices();
  const runOf = runs(sources);
  const names = new Map<number, { name: string; startedAt: number } | undefined>();
  const listed: KnownDialReading[] = [];
  for (const series of meterPoints.listSeries(meterPoint.id)) {
    const meter = own.find(({ serial }) => series.kind === 'register' && serial === series.serial);
    const span = index.spanOf(series.id);
    if (!meter || !span) continue;
    const ids = dialReadings.listIds(series.id);
    const end = Math.min(span.to, filter.to ?? span.to);
    for (let begin = Math.max(span.from, filter.from ?? 0); begin < end; begin += windowSeconds) {
      for (const reading of known.list(series.id, instant(begin), instant(Math.min(begin + windowSeconds, end)))) {
        const runId = runOf(reading.source);
        if (runId === undefined || Number.isNaN(reading.value)) continue;
        if (!names.has(runId)) names.set(runId, imports.find(runId));
        const run = names.get(runId);
        const row = run && rowOf(meterPoint, series, meter, reading, { ...run, id: runId }, ids.get(reading.at));
        if (row && fits(row, filter)) listed.push(row);
      }
      await slices.pause();
    }
  }
  return listed.sort((a, b) => a.at - b.at);
}

/** The rows in the order wanted; those that no order tells apart stand by meter and register, or the other way around with the first order. */
export function inOrder(rows: readonly KnownDialReading[], orders: DialReadingOrders): KnownDialReading[] {
  const ties = orders[0].descending ? rows.toReversed() : rows;
  return ties.toSorted((a, b) => {
    for (const { by, descending } of orders) {
      const difference = descending ? b[by] - a[by] : a[by] - b[by];
      if (difference !== 0) return difference;
    }
    return 0;
  });
}

export function summaryOf(rows: readonly KnownDialReading[]): DialReadingSummary {
  const counts = Map.groupBy(rows, ({ quality }) => quality);
  return {
    readings: rows.length,
    meters: new Set(rows.map(({ meterId }) => meterId)).size,
    meterPoints: rows.length > 0 ? 1 : 0,
    earliest: rows[0]?.at ?? null,
    latest: rows.at(-1)?.at ?? null,
    qualities: [...counts]
      .map(([quality, { length: count }]) => ({ quality, count }))
      .sort((a, b) => (a.quality < b.quality ? -1 : 1)),
  };
}

function rowOf(
  { id: meterPointId, identifier, zone }: MeterPoint,
  { code: register, unit }: Series,
  { id: meterId, serial, readingType }: Meter,
  { at, value, quality, line }: Reading,
  run: { id: number; name: string; startedAt: number },
  id: number | undefined,
): KnownDialReading {
  return {
    ...{ id: id ?? null, meterId, serial, readingType, meterPointId, identifier, zone, register, unit },
    ...{ at, value, quality, runId: run.id, fileName: run.name, line, receivedAt: instant(run.startedAt) },
  };
}

/** The bounds of time were asked for already. */
function fits(row: KnownDialReading, { search = '', from: _from, to: _to, ...filter }: DialReadingFilter): boolean {
  const words = [row.identifier, row.serial, row.fileName].map(word => word.toLowerCase());
  const equal: Record<keyof typeof filter, string | number> = row;
  const isFound = search === '' || words.some(word => word.includes(search.toLowerCase()));
  return (
    isFound &&
    Object.entries(filter).every(
      ([name, wanted]) => wanted === undefined || wanted === '' || equal[name as keyof typeof filter] === wanted,
    )
  );
}
