import type { Series } from '../accounts/meter-point.ts';
import type { Reading } from '../readings/reading.ts';
import { type ReasonWords, reasonOf } from '../readings/reading-reason-store.ts';
import { type Instant, instant, type Period, secondsPerDay } from '../units/time.ts';
import type { Selection } from './export-format.ts';

/** The readings of a series in the selection, a UTC day at a time. */
export function* readingsOf(selection: Selection, series: Series): Generator<Reading> {
  for (const { from, to } of daysOf(selection, series)) yield* selection.books.readings(series, from, to);
}

/** The same, each with what was said of it. */
export function* wordedReadingsOf(
  selection: Selection,
  series: Series,
): Generator<{ reading: Reading; words: ReasonWords | undefined }> {
  for (const { from, to } of daysOf(selection, series)) {
    const reasons = selection.books.reasons(series, from, to);
    for (const reading of selection.books.readings(series, from, to)) {
      yield { reading, words: reasonOf(reasons, reading) };
    }
  }
}

function* daysOf({ books, from, to }: Selection, series: Series): Generator<Period> {
  for (const day of books.days(series)) {
    const starts = day * secondsPerDay;
    if (starts + secondsPerDay <= from) continue;
    if (starts >= to) return;
    yield { from: later(from, instant(starts)), to: sooner(to, instant(starts + secondsPerDay)) };
  }
}

function later(a: Instant, b: Instant): Instant {
  return a > b ? a : b;
}

function sooner(a: Instant, b: Instant): Instant {
  return a < b ? a : b;
}
