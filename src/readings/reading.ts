import type { MicroKwh } from '../units/energy.ts';
import { type Instant, instant } from '../units/time.ts';

/**
 * How a reading came to be known. The order is part of the stored format: append, never reorder.
 * actual: metered · customer: read by the customer · deemed: agreed between parties · estimated · substituted: filled by a named
 * method · final: substituted and never to be revised · missing: the sender says there is no value.
 */
export const qualities = ['actual', 'customer', 'deemed', 'estimated', 'substituted', 'final', 'missing'] as const;
export type Quality = (typeof qualities)[number];

/** Its place in `qualities`: what blocks and the journal hold of it. */
export function qualityCode(quality: Quality): number {
  return qualities.indexOf(quality);
}

/** Qualities a bill must point out as not metered. */
export function isEstimate(quality: Quality): boolean {
  return quality === 'deemed' || quality === 'estimated' || quality === 'substituted';
}

/** A register's value or a channel's interval energy is one number at one instant; `at` is the stamp or the interval's start. */
export interface Reading {
  at: Instant;
  value: MicroKwh;
  /** Length of a channel's interval, 0 for a register's value. */
  minutes: number;
  quality: Quality;
  /** Row of the `source` table: which API key or which import it came from. */
  source: number;
  /** Line in the source file, 0 when it did not come from a file. */
  line: number;
  /** The sender's version stamp (UpdateDateTime, ZHV time), 0 when it has none. */
  versionAt: number;
}

/** When its interval is over; of a register's value the instant itself. */
export function endOf({ at, minutes }: Pick<Reading, 'at' | 'minutes'>): Instant {
  return instant(at + minutes * 60);
}

/** Whether two intervals cover a minute both; a register's values never do. */
export function overlap(a: Reading, b: Reading): boolean {
  return a.at < endOf(b) && b.at < endOf(a);
}

/** Whether no minute of `other` is outside `reading`. */
export function covers(reading: Reading, other: Reading): boolean {
  return reading.at <= other.at && endOf(other) <= endOf(reading);
}
