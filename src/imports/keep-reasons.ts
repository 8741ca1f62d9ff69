import type { Series } from '../accounts/meter-point.ts';
import { type Quality, qualities } from '../readings/reading.ts';
import type { ReadingReason } from '../readings/reading-reason-store.ts';
import type { IntervalRun, QualitySpan, RegisterReading } from './format.ts';
import { flagQualities } from './formats/mdff.ts';
import type { ImportBooks } from './import-books.ts';

type Deps = Pick<ImportBooks, 'meterPoints' | 'reasons'>;

const keptAtOnce = 200;

/** The words that came with runs; few have any. */
export function reasonsOfRuns(runs: readonly IntervalRun[], seriesOf: (run: IntervalRun) => Series): ReadingReason[] {
  const all: ReadingReason[] = [];
  for (const run of runs) {
    for (const span of run.spans) {
      if (!hasWords(span)) continue;
      const length = run.channel.lengthMinutes * 60;
      const fromAt = run.startsAt + span.from * length;
      const toAt = run.startsAt + span.to * length;
      all.push({ ...reasonIn(span, seriesOf(run), run.versionAt, qualityIn(run, span)), fromAt, toAt });
    }
  }
  return all;
}

/** Keeps the words that came with a register's values, before these are decided. */
export function keepReadingReasons(
  deps: Deps,
  readings: readonly RegisterReading[],
  seriesOf: (reading: RegisterReading, at: number) => Series | undefined,
): void {
  const all: ReadingReason[] = [];
  for (const [index, reading] of readings.entries()) {
    const { span, at, versionAt, quality } = reading;
    if (!span || !hasWords(span)) continue;
    const series = seriesOf(reading, index);
    if (series) all.push({ ...reasonIn(span, series, versionAt, quality), fromAt: at, toAt: at + 1 });
  }
  keepAll(deps, all);
}

function keepAll({ meterPoints, reasons }: Deps, all: ReadingReason[]): void {
  for (let at = 0; at < all.length; at += keptAtOnce) {
    meterPoints.addTogether(() => {
      for (const reason of all.slice(at, at + keptAtOnce)) reasons.keep(reason);
    });
  }
}

function hasWords({ method, reasonCode, reasonText }: QualitySpan): boolean {
  return method !== '' || reasonCode !== '' || reasonText !== '';
}

function reasonIn(
  { method, reasonCode, reasonText }: QualitySpan,
  series: Series,
  versionAt: number,
  quality: Quality,
): Omit<ReadingReason, 'fromAt' | 'toAt'> {
  return { seriesId: series.id, versionAt, quality, method, reasonCode, reasonText };
}

/** Of the span's intervals; a cell that was left empty in it is missing, and the words are not about that. */
function qualityIn({ qualities: codes }: IntervalRun, { from, flag }: QualitySpan): Quality {
  const first = qualities[codes[from]!]!;
  return first === 'missing' ? flagQualities[flag]! : first;
}
