import type { MeterPoint, Series } from '../accounts/meter-point.ts';
import { Refusal } from '../kernel/errors.ts';
import type { Reading } from '../readings/reading.ts';
import type { ReadingReason } from '../readings/reading-reason-store.ts';
import { formatUtc, type Instant, type Period } from '../units/time.ts';

/**
 * A format of export declares itself: one object in formats/NAME.ts, one line in formats/index.ts. What it writes, the reader of the
 * same name reads back as the same readings; a reading that the format cannot say is refused by name, never bent.
 */
export interface ExportFormat {
  name: string;
  title: string;
  contentType: string;
  /** What the file is called. */
  fileName(selection: Selection): string;
  /** Whether it has a place for the series at all; the others are left out. */
  takes(series: Series): boolean;
  /** Whether it has a place for what contradicts a current reading and waits for a decision. */
  saysConflicts?: true;
  /** The period in the pieces the format has, for one that writes whole days. */
  widen?(period: Period): Period;
  /** The file in order, piece by piece. Throws 'export-unfit'. */
  write(selection: Selection): Generator<string>;
}

/** What is exported: a portion of it is in memory at a time. */
export interface Selection {
  points: ExportedPoint[];
  /** Half-open. */
  from: Instant;
  to: Instant;
  createdAt: Instant;
  /** What contradicts the readings, too. */
  withConflicts: boolean;
  books: ReadingBooks;
}

export interface ExportedPoint {
  meterPoint: MeterPoint;
  /** At least one. */
  series: Series[];
}

export interface ReadingBooks {
  /** Half-open. */
  readings(series: Series, from: Instant, to: Instant): Reading[];
  /** UTC days, since 1970, on which the series has readings, ascending. */
  days(series: Series): readonly number[];
  reasons(series: Series, from: Instant, to: Instant): ReadingReason[];
  /** What contradicts current readings of this time, and no other, and waits for a decision; by time. */
  conflicts(series: Series, from: Instant, to: Instant): Generator<Reading>;
}

/** A reading, or what it hangs on, that a format has no words for. */
export function unfit(
  format: string,
  { meterPoint }: Pick<ExportedPoint, 'meterPoint'>,
  series: Series,
  says: string,
): Refusal {
  return new Refusal('export-unfit', `${meterPoint.identifier} ${series.code}: ${says}, which ${format} cannot say`);
}

export function unfitReading(
  format: string,
  point: ExportedPoint,
  series: Series,
  reading: Reading,
  says: string,
): Refusal {
  return unfit(format, point, series, `${formatUtc(reading.at)} ${says}`);
}
