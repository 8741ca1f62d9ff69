import type { Series } from '../accounts/meter-point.ts';
import type { Reading } from '../readings/reading.ts';
import { type Instant, instant, secondsPerDay } from '../units/time.ts';
import type { Selection } from './export-format.ts';

/** The readings of a series in the selection, a UTC day at a time. */
export function* readingsOf({ books, from, to }: Selection, series: Series): Generator<Reading> {
  for (const day of books.days(series)) {
    const starts = day * secondsPerDay;
    if (starts + secondsPerDay <= from) continue;
    if (starts >= to) return;
    yield* books.readings(series, later(from, instant(starts)), sooner(to, instant(starts + secondsPerDay)));
  }
}

function later(a: Instant, b: Instant): Instant {
  return a > b ? a : b;
}

function sooner(a: Instant, b: Instant): Instant {
  return a < b ? a : b;
}
