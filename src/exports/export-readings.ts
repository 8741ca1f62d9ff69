import type { Series } from '../accounts/meter-point.ts';
import type { MeterPointStore } from '../accounts/meter-point-store.ts';
import { periodInQuery } from '../http/time-in-query.ts';
import type { Clock } from '../kernel/clock.ts';
import { Refusal } from '../kernel/errors.ts';
import { Slices } from '../kernel/slices.ts';
import type { KnownReadings } from '../readings/as-known.ts';
import { listContradictions } from '../readings/conflicts.ts';
import { dayNumberOf } from '../readings/day-number.ts';
import { knownAtIn, knownReadings } from '../readings/known-at.ts';
import type { Reading } from '../readings/reading.ts';
import type { ReadingIndex } from '../readings/reading-index.ts';
import type { ReadingReasonStore } from '../readings/reading-reason-store.ts';
import { type Instant, instant, instantOfMs, secondsPerDay, type Zone } from '../units/time.ts';
import type { ExportedPoint, ExportFormat, ReadingBooks, Selection } from './export-format.ts';
import { exportFormats } from './formats/index.ts';

export interface ExportDeps {
  meterPoints: MeterPointStore;
  index: ReadingIndex;
  reasons: ReadingReasonStore;
  clock: Clock;
  /** On whose clock a time or a day without an offset is. */
  zone: Zone;
}

export interface ExportRequest {
  format: string;
  /** Identifiers; none is every meter point. */
  meterPoints: string[];
  /** Codes of channels and registers; none is every one. */
  codes: string[];
  /** A time, a day, or nothing; half-open. */
  from?: string | undefined;
  to?: string | undefined;
  /** A time, a day, or nothing: the readings as they were known then. */
  asKnownAt?: string | undefined;
  /** What contradicts them and waits for a decision, too. */
  conflicts?: boolean | undefined;
}

export interface ReadingExport {
  fileName: string;
  contentType: string;
  /** In portions of some kilobytes; the next is made when it is asked for. */
  parts: () => AsyncGenerator<string>;
}

const portionLength = 65_536;
const windowSeconds = 31 * secondsPerDay;

/**
 * Readings as a file. It is written twice, the first time for nobody: what the format cannot say is refused before the first byte
 * leaves. Throws 'export-unfit', 'export-empty', 'export-format-unknown', 'meter-point-unknown' and 'timestamp-invalid'.
 */
export async function exportReadings(deps: ExportDeps, request: ExportRequest): Promise<ReadingExport> {
  const format = exportFormats.find(({ name }) => name === request.format);
  if (!format) {
    const names = exportFormats.map(({ name }) => name).join(', ');
    throw new Refusal('export-format-unknown', `there is no export format "${request.format}", only ${names}`);
  }
  if (request.conflicts && !format.saysConflicts) {
    const names = exportFormats.filter(each => each.saysConflicts).map(({ title }) => title);
    throw new Refusal('export-unfit', `${format.title} has no place for conflicts, only ${names.join(', ')} has`);
  }
  const selection = select(deps, format, request);
  for await (const _ of portions(format, selection));
  return {
    fileName: format.fileName(selection),
    contentType: format.contentType,
    parts: () => portions(format, selection),
  };
}

async function* portions(format: ExportFormat, selection: Selection): AsyncGenerator<string> {
  const slices = new Slices();
  let portion = '';
  for (const piece of format.write(selection)) {
    portion += piece;
    await slices.pause();
    if (portion.length < portionLength) continue;
    yield portion;
    portion = '';
  }
  if (portion !== '') yield portion;
}

function select(deps: ExportDeps, format: ExportFormat, request: ExportRequest): Selection {
  const knownAt = knownAtIn(request.asKnownAt || undefined, deps.zone);
  const known = knownReadings(deps.index, knownAt);
  const asked = periodInQuery({ from: request.from || undefined, to: request.to || undefined }, deps.zone);
  const { from, to } = format.widen?.(asked) ?? asked;
  const selection: Selection = {
    points: pointsOf(deps, format, request, knownAt),
    from,
    to,
    createdAt: instantOfMs(deps.clock.now()),
    withConflicts: request.conflicts === true,
    books: booksOf(deps, known, knownAt !== undefined),
  };
  const hasAny = ({ id }: Series) => {
    // -1: a reading of the first second counts.
    const first = known.after(id, instant(from - 1));
    return first !== undefined && first.at < to;
  };
  const points = selection.points.flatMap(({ meterPoint, series }) => {
    const filled = series.filter(hasAny);
    return filled.length > 0 ? [{ meterPoint, series: filled }] : [];
  });
  if (points.length === 0) {
    throw new Refusal('export-empty', `nothing of what was asked for has readings that ${format.title} takes`);
  }
  return { ...selection, points };
}

function booksOf({ index, reasons }: ExportDeps, known: KnownReadings, isOfThen: boolean): ReadingBooks {
  return {
    readings: (series, begin, end) => known.list(series.id, begin, end),
    days: ({ id }) => (isOfThen ? daysEver(index, id) : index.listDays(id)),
    reasons: (series, begin, end) => reasons.list(series.id, begin, end),
    conflicts: (series, begin, end) => conflictsOf(index, known, series.id, begin, end),
  };
}

function* conflictsOf(
  index: ReadingIndex,
  known: KnownReadings,
  seriesId: number,
  from: Instant,
  to: Instant,
): Generator<Reading> {
  const span = index.spanOf(seriesId);
  const end = Math.min(to, span?.to ?? 0);
  for (let begin = Math.max(from, span?.from ?? 0); begin < end; begin += windowSeconds) {
    const until = instant(Math.min(begin + windowSeconds, end));
    for (const { reading, current } of listContradictions(known, seriesId, instant(begin), until))
      if (current.length > 0 && current.every(({ at }) => at >= from && at < to)) yield reading;
  }
}

/** Days that have readings, and those that had some which were withdrawn since. */
function daysEver(index: ReadingIndex, seriesId: number): number[] {
  const span = index.spanOf(seriesId);
  const history = span ? index.listHistory(seriesId, span.from, span.to) : [];
  const days = new Set([...index.listDays(seriesId), ...history.map(({ reading }) => dayNumberOf(reading.at))]);
  return [...days].sort((a, b) => a - b);
}

function pointsOf(
  { meterPoints }: ExportDeps,
  format: ExportFormat,
  { meterPoints: named, codes }: ExportRequest,
  knownAt: Instant | undefined,
): ExportedPoint[] {
  const count = meterPoints.directory.count();
  // With what was told of registers by then.
  const seriesOf = (id: number) => meterPoints.listSeriesAsKnown(id, knownAt);
  const chosen =
    named.length > 0
      ? [...new Map(named.map(identifier => meterPoints.get(identifier)).map(point => [point.id, point])).values()]
      : meterPoints.directory.list({ limit: count });
  return chosen
    .sort((a, b) => (a.identifier < b.identifier ? -1 : 1))
    .map(meterPoint => ({
      meterPoint,
      series: seriesOf(meterPoint.id)
        .filter(series => format.takes(series) && (codes.length === 0 || codes.includes(series.code)))
        .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)),
    }));
}

function nameOf({ kind, code, serial }: Series): string {
  return `${kind} ${code} ${serial}`;
}
