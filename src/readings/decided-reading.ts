import type { Instant } from '../units/time.ts';
import type { Reading } from './reading.ts';

/**
 * What happens to a reading that is kept. The order is part of the journal's format: append, never reorder.
 * accepted: the first for its instant · revised: replaces a current one, which is kept as superseded · confirmed: same value, newer
 * stamp · conflict: same standing, other value, kept beside · older: a version that arrived after a newer one, kept beside.
 */
export const outcomes = ['accepted', 'revised', 'confirmed', 'conflict', 'older'] as const;
export type Outcome = (typeof outcomes)[number];

export interface DecidedReading {
  seriesId: number;
  reading: Reading;
  /** Epoch seconds. */
  receivedAt: number;
  outcome: Outcome;
}

/** Intervals of one channel that follow each other without a gap and come from one place: a day of a file, as one object. */
export interface ReadingRun {
  seriesId: number;
  /** Start of interval 0; interval i begins i·minutes later. */
  startsAt: Instant;
  minutes: number;
  /** Micro-kWh, one per interval; NaN is missing. */
  values: Float64Array;
  /** Codes of reading.ts `qualities`, one per interval. */
  qualities: Uint8Array;
  source: number;
  /** Line of interval 0; interval i stands i·lineStep lines below. */
  line: number;
  lineStep: number;
  versionAt: number;
}

/**
 * What a row of history says of a reading. Rows are added and never changed; the order is that of events.
 * superseded: it was current until another one replaced it · conflict: another value of the same standing came beside the current one ·
 * older: an older version came beside · withdrawn: it was current until its import was undone or its sender took it back · declined:
 * somebody decided for the current one, against this · closed: what stood beside does no longer, because it is current again or its
 * import was undone.
 */
export type VersionOutcome = 'superseded' | 'conflict' | 'older' | 'withdrawn' | 'declined' | 'closed';

/** A row of the history of an instant: a reading that is kept but is not the current one. */
export interface ReadingVersion {
  seriesId: number;
  reading: Reading;
  /** When it came or became current, epoch seconds; 0 when nobody noted it. */
  receivedAt: number;
  /** When it was replaced, withdrawn, declined or closed; 0 for what came beside. */
  endedAt: number;
  outcome: VersionOutcome;
}

/**
 * Undoing imports in a part of a series, or a sender's withdrawal of an instant: what came from `undone` goes wherever it stands, and
 * with it what `rewound` said there.
 */
export interface Withdrawal {
  seriesId: number;
  /** Half-open. */
  from: Instant;
  to: Instant;
  withdrawnAt: number;
  /** Rows of the `source` table. */
  undone: readonly number[];
  /** Later imports, which were judged against what is undone: they are read again afterwards. */
  rewound: readonly number[];
}

/** What somebody decided about a conflict: that it becomes current, or that the current one stays. */
export interface ConflictDecision {
  seriesId: number;
  reading: Reading;
  receivedAt: number;
  decidedAt: number;
  takes: boolean;
}
