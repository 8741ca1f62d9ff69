import type { Series } from '../accounts/meter-point.ts';
import { assert } from '../kernel/assert.ts';
import type { DecidedReading, Outcome } from './decided-reading.ts';
import type { Journal } from './journal.ts';
import { formatRecord } from './journal-record.ts';
import { isRejection, judge, type RejectionCode } from './judge.ts';
import type { Reading } from './reading.ts';
import type { ReadingIndex } from './reading-index.ts';

export interface DecideDeps {
  index: ReadingIndex;
  journal: Journal;
}

/** As much of both as a decision touches: a rehearsal has its own. */
export interface Books {
  index: Pick<ReadingIndex, 'around' | 'apply' | 'listVersions'>;
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
  const { existing, before, after } = index.around(series.id, reading.at);
  const outcome = judge(reading, { kind: series.kind, existing, before, after }, now);
  if (outcome === 'duplicate' || isRejection(outcome)) return { outcome, against: existing };
  const decided: DecidedReading = { seriesId: series.id, reading, receivedAt: now, outcome };
  const beside = outcome === 'conflict' || outcome === 'older';
  if (!beside || !isKept(index, decided)) {
    journal.append(formatRecord(decided));
    index.apply(decided);
  }
  const overlapped = before && before.at + before.minutes * 60 > reading.at ? before : after;
  const against = existing ?? (outcome === 'conflict' ? overlapped : undefined);
  assert(!beside || against, 'a reading kept beside another has one it is kept beside');
  return { outcome, against };
}

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
