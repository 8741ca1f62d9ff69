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

/** A reading that is kept but is not the current one for its instant. */
export interface ReadingVersion {
  seriesId: number;
  reading: Reading;
  receivedAt: number;
  outcome: 'superseded' | 'conflict' | 'older';
}
