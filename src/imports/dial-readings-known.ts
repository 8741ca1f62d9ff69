import type { Series } from '../accounts/meter-point.ts';
import type { MeterPointStore } from '../accounts/meter-point-store.ts';
import type { Meter, MeterStore } from '../accounts/meter-store.ts';
import { searchedWords } from '../kernel/database.ts';
import { Refusal } from '../kernel/errors.ts';
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
const registersAtOnce = 200;

/**
 * What meters showed by the files that had come by `knownAt`, as it was known then; by time, in slices. Where the filter names no meter
 * and no meter point, all of them are looked through, after listDialReadings: registers of which nothing ever changed are taken as they
 * are listed, the others cost three tenths of a millisecond each. Throws 'body-invalid' when more than `rowsMax` fit.
 */
export async function listDialReadingsKnown(
  deps: KnownDialDeps,
  filter: DialReadingFilter,
  knownAt: Instant,
  rowsMax: number,
): Promise<KnownDialReading[]> {
  const slices = new Slices();
  const listed: KnownDialReading[] = [];
  const walk = new KnownWalk(deps, filter, knownAt);
  for (const rows of namesMeters(filter) ? walk.ofNamed() : walk.ofAll()) {
    for (const row of rows) listed.push(row);
    if (listed.length > rowsMax) throw tooMany(rowsMax);
    await slices.pause();
  }
  return listed.sort((a, b) => a.at - b.at);
}

function namesMeters({ meterId, meterPointId, identifier }: DialReadingFilter): boolean {
  return (meterId ?? meterPointId ?? identifier) !== undefined;
}

function tooMany(rowsMax: number): Refusal {
  const message = `More than ${rowsMax.toLocaleString('en')} readings were known then: narrow them by date, meter or meter point.`;
  return new Refusal('body-invalid', message, [{ pointer: 'as_known_at', message }]);
}

/** One look at what was known, meter by meter. */
class KnownWalk {
  readonly #deps: KnownDialDeps;
  readonly #filter: DialReadingFilter;
  readonly #knownAt: Instant;
  readonly #known: AsKnown;
  readonly #runOf: (source: number) => number | undefined;
  readonly #runs = new Map<number, { id: number; name: string; startedAt: number } | undefined>();

  constructor(deps: KnownDialDeps, filter: DialReadingFilter, knownAt: Instant) {
    this.#deps = deps;
    this.#filter = filter;
    this.#knownAt = knownAt;
    this.#known = new AsKnown(deps.index, knownAt);
    this.#runOf = runs(deps.sources);
  }

  /** Of the meter or the meter point that the filter names. */
  *ofNamed(): Generator<KnownDialReading[]> {
    const { meters, meterPoints } = this.#deps;
    const { meterId, meterPointId, identifier } = this.#filter;
    const id = identifier === undefined ? meterPointId : (meterPoints.find(identifier)?.id ?? 0);
    const named =
      id === undefined
        ? [meters.find(meterId ?? 0) ?? []].flat()
        : meters.list({ meterPointId: id }, [{ by: 'serial', descending: false }], metersMax);
    for (const meter of named) for (const series of this.#registersOf(meter)) yield* this.#monthsOf(meter, series);
  }

  *ofAll(): Generator<KnownDialReading[]> {
    const { dialReadings, index, meters } = this.#deps;
    const changed = new Set([...index.eachUnflushed()].map(({ seriesId }) => seriesId));
    for (let last = 0; ; ) {
      const some = dialReadings.listRegistersAfter(last, this.#knownAt, registersAtOnce);
      if (some.length === 0) return;
      last = some.at(-1)!.seriesId;
      const differing = some.filter(({ seriesId, mayDiffer }) => mayDiffer === 1 || changed.has(seriesId));
      const same = new Set(some).difference(new Set(differing));
      yield dialReadings.listOfSeries(
        [...same].map(({ seriesId }) => seriesId),
        this.#filter,
        this.#knownAt,
      );
      for (const { seriesId, meterId } of differing) {
        const meter = meters.find(meterId)!;
        for (const series of this.#registersOf(meter)) if (series.id === seriesId) yield* this.#monthsOf(meter, series);
      }
    }
  }

  #registersOf({ meterPointId, serial, readingType }: Meter): Series[] {
    const { serial: wanted = serial, readingType: type = readingType } = this.#filter;
    if (wanted !== serial || type !== readingType) return [];
    const all = this.#deps.meterPoints.listSeriesAsKnown(meterPointId, this.#knownAt);
    return all.filter(series => series.kind === 'register' && series.serial === serial);
  }

  /** What fits of a register, a month of it at a time. */
  *#monthsOf(meter: Meter, series: Series): Generator<KnownDialReading[]> {
    const { index, dialReadings } = this.#deps;
    const { from = 0, to = Number.POSITIVE_INFINITY } = this.#filter;
    const ids = dialReadings.listIds(series.id);
    const history = index.listHistory(series.id, instant(0), instant(Number.MAX_SAFE_INTEGER));
    // What has no row now was noted as history: there is nothing at other times.
    const times = [...ids.keys(), ...history.map(({ reading }) => reading.at)].filter(at => at >= from && at < to);
    for (const window of new Set(times.map(at => Math.floor(at / windowSeconds)))) {
      const [begin, end] = [window * windowSeconds, (window + 1) * windowSeconds];
      const readings = this.#known.listWindow(series.id, instant(Math.max(begin, from)), instant(Math.min(end, to)));
      yield readings.flatMap(reading => this.#rowOf(meter, series, reading, ids.get(reading.at)) ?? []);
    }
  }

  #rowOf(meter: Meter, series: Series, reading: Reading, id: number | undefined): KnownDialReading | undefined {
    const run = this.#findRun(reading.source);
    const row = run && !Number.isNaN(reading.value) ? rowOf(meter, series, reading, run, id) : undefined;
    return row && fits(row, this.#filter) ? row : undefined;
  }

  #findRun(source: number) {
    const id = this.#runOf(source);
    if (id === undefined) return undefined;
    const run = this.#runs.has(id) ? this.#runs.get(id) : this.#deps.imports.find(id);
    const known = run && { id, name: run.name, startedAt: run.startedAt };
    this.#runs.set(id, known);
    return known;
  }
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
    meterPoints: new Set(rows.map(({ meterPointId }) => meterPointId)).size,
    earliest: rows[0]?.at ?? null,
    latest: rows.at(-1)?.at ?? null,
    qualities: [...counts]
      .map(([quality, { length: count }]) => ({ quality, count }))
      .sort((a, b) => (a.quality < b.quality ? -1 : 1)),
  };
}

function rowOf(
  { id: meterId, serial, readingType, meterPointId, identifier, zone }: Meter,
  { code: register, unit }: Series,
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
  const isFound = searchedWords(search.toLowerCase()).every(wanted => words.some(word => word.includes(wanted)));
  return (
    isFound &&
    Object.entries(filter).every(
      ([name, wanted]) => wanted === undefined || wanted === '' || equal[name as keyof typeof filter] === wanted,
    )
  );
}
