import {
  addDays,
  addMonths,
  type Day,
  dayPeriod,
  daysBetween,
  firstDayOf,
  type Instant,
  instant,
  monthOf,
  type Period,
  startOfDay,
  weekdayOf,
  type Zone,
} from '../units/time.ts';

export const spans = ['day', 'week', 'month'] as const;
export type Span = (typeof spans)[number];

/** What a chart shows: the half-hours of a day, or the days of a week (from Monday) or month. */
export interface SpanView {
  period: Period;
  /** Bucket bounds, one more than there are buckets: real local days, whatever the clock did. */
  bounds: Instant[];
  previous: Day;
  next: Day;
}

const halfHourSeconds = 1800;

export function spanAround(span: Span, day: Day, zone: Zone): SpanView {
  if (span === 'day') {
    const period = dayPeriod(day, zone);
    const count = Math.ceil((period.to - period.from) / halfHourSeconds);
    const bounds = Array.from({ length: count + 1 }, (_, index) => instant(period.from + index * halfHourSeconds));
    return { period, bounds, previous: addDays(day, -1), next: addDays(day, 1) };
  }
  const [first, next, previous] =
    span === 'week' ? weekAround(day) : [firstDayOf(monthOf(day)), monthAfter(day, 1), monthAfter(day, -1)];
  const days = Array.from({ length: daysBetween(first, next) + 1 }, (_, index) => addDays(first, index));
  const bounds = days.map(each => startOfDay(each, zone));
  return { period: { from: bounds[0]!, to: bounds.at(-1)! }, bounds, previous, next };
}

function weekAround(day: Day): [first: Day, next: Day, previous: Day] {
  const monday = addDays(day, 1 - weekdayOf(day));
  return [monday, addDays(monday, 7), addDays(monday, -7)];
}

function monthAfter(day: Day, count: number): Day {
  return firstDayOf(addMonths(monthOf(day), count));
}
