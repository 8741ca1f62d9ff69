import type { Series } from '../accounts/meter-point.ts';
import { assert } from '../kernel/assert.ts';
import type { DecidedReading, Outcome, ReadingRun } from './decided-reading.ts';
import { onOneDial } from './dial.ts';
import type { Journal } from './journal.ts';
import { writeRecord, writeRun } from './journal-record.ts';
import { clockSkewMaxSeconds, isRejection, judge, type RejectionCode } from './judge.ts';
import type { Reading } from './reading.ts';
import type { ReadingIndex } from './reading-index.ts';
import { RecordBytes } from './record-bytes.ts';

export interface DecideDeps {
  index: ReadingIndex;
  journal: Journal;
}

/** As much of both as a decision touches: a rehearsal has its own. */
export interface Books {
  index: Pick<ReadingIndex, 'around' | 'apply' | 'listVersions'> &
    Partial<Pick<ReadingIndex, 'endsBy' | 'meetRun' | 'applyRun'>>;
  journal: Pick<Journal, 'append'>;
}

export interface Decision {
  outcome: Outcome | 'duplicate' | RejectionCode;
  /** The current reading it met, for a conflict, an older version, a revision or a duplicate. */
  against: Reading | undefined;
}

/**
 * Judges one reading against the index and keeps it when the rules allow: journal and index change in the same tick as the check.
 * The caller awaits `journal.durable()` before it tells anybody. What is kept beside a current reading is kept once, however often
 * it is sent.
 */
export function decide({ index, journal }: Books, series: Series, reading: Reading, now: number): Decision {
  if (isNext(index, series, reading, now)) {
    keep(index, journal, { seriesId: series.id, reading, receivedAt: now, outcome: 'accepted' });
    return next;
  }
  const { existing, before, after, digits } = onOneDial(series.map, reading.at, index.around(series.id, reading.at));
  const outcome = judge(reading, { kind: series.kind, existing, before, after, digits }, now);
  if (outcome === 'duplicate' || isRejection(outcome)) return { outcome, against: existing };
  const decided: DecidedReading = { seriesId: series.id, reading, receivedAt: now, outcome };
  const beside = outcome === 'conflict' || outcome === 'older';
  if (!beside || !isKept(index, decided)) keep(index, journal, decided);
  const overlapped = before && before.at + before.minutes * 60 > reading.at ? before : after;
  const against = existing ?? (outcome === 'conflict' ? overlapped : undefined);
  assert(!beside || against, 'a reading kept beside another has one it is kept beside');
  return { outcome, against };
}

/**
 * Judges a run of intervals at once, where that gives what `decide` would give for each of them: 'accepted' when nothing stands there
 * and nothing around reaches in, 'duplicate' when all of it is known. Otherwise undefined: nothing was kept, and each of the readings
 * is to be decided by itself. Books that are only rehearsed know no runs.
 */
export function decideRun(
  { index, journal }: Books,
  series: Series,
  run: ReadingRun,
  now: number,
): 'accepted' | 'duplicate' | undefined {
  if (!index.meetRun || !index.applyRun || series.kind !== 'channel' || run.minutes === 0) return undefined;
  const lastAt = run.startsAt + (run.values.length - 1) * run.minutes * 60;
  if (run.startsAt < 0 || lastAt > now + clockSkewMaxSeconds) return undefined;
  const met = index.meetRun(run);
  if (met === 'known') return 'duplicate';
  if (met === 'mixed') return undefined;
  record.clear();
  writeRun(record, run, now);
  journal.append(record.bytes);
  index.applyRun(run, now);
  return 'accepted';
}

const next: Decision = { outcome: 'accepted', against: undefined };

/** What a channel's meter sends in order is the rule: nothing stands at its instant, before it nothing reaches in, behind it is nothing. */
function isNext(index: Books['index'], { id, kind }: Series, { at }: Reading, now: number): boolean {
  return kind === 'channel' && at <= now + clockSkewMaxSeconds && index.endsBy?.(id, at) === true;
}

function keep(index: Books['index'], journal: Books['journal'], decided: DecidedReading): void {
  record.clear();
  writeRecord(record, decided);
  journal.append(record.bytes);
  index.apply(decided);
}

// What is written is copied by the journal in the same tick, so one is enough for all.
const record = new RecordBytes();

function isKept(index: Books['index'], { seriesId, reading }: DecidedReading): boolean {
  return index
    .listVersions(seriesId, reading.at, reading.at)
    .some(
      ({ reading: kept }) =>
        Object.is(kept.value, reading.value) &&
        kept.versionAt === reading.versionAt &&
        kept.minutes === reading.minutes,
    );
}
