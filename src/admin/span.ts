import { showDay, showMonth, showOffset, showTime, showWeekday } from '../http/format.ts';
import {
  addDays,
  addMonths,
  type Day,
  dayPeriod,
  daysBetween,
  firstDayOf,
  type Instant,
  instant,
  type Month,
  monthOf,
  type Period,
  startOfDay,
  weekdayOf,
  type Zone,
} from '../units/time.ts';

export const spans = ['day', 'week', 'month', 'year'] as const;
export type Span = (typeof spans)[number];

/** What a chart shows: the half-hours of a day, the days of a week (from Monday) or month, the months of a year. */
export interface SpanView {
  title: string;
  /** What a row of the table is: "From", "Day", "Month". */
  axis: string;
  period: Period;
  /** Bucket bounds, one more than there are buckets: real local days, whatever the clock did. */
  bounds: Instant[];
  /** One per bucket. */
  labels: string[];
  /** One per bucket, '' where the axis says nothing. */
  ticks: string[];
  /** A day in the span before, and in the one after. */
  previous: Day;
  next: Day;
}

const halfHourSeconds = 1800;
// Clocks change between 1 and 3 o'clock nearly everywhere, so a tick every three hours meets no hour twice.
const hoursPerTick = 3;
const daysPerTick = 7;

/** `stepSeconds`: length of a day's buckets, for meters that measure in longer intervals than half-hours. */
export function spanAround(span: Span, day: Day, zone: Zone, stepSeconds = halfHourSeconds): SpanView {
  if (span === 'day') return daySpan(day, zone, stepSeconds);
  if (span === 'year') return yearSpan(day, zone);
  const month = monthOf(day);
  const monday = addDays(day, 1 - weekdayOf(day));
  const [from, to] =
    span === 'week' ? [monday, addDays(monday, 7)] : [firstDayOf(month), firstDayOf(addMonths(month, 1))];
  const days = Array.from({ length: daysBetween(from, to) }, (_, index) => addDays(from, index));
  const bounds = [...days, to].map(each => startOfDay(each, zone));
  return {
    title: span === 'week' ? `Week from ${showDay(from)}` : showMonth(month),
    axis: 'Day',
    period: { from: bounds[0]!, to: bounds.at(-1)! },
    bounds,
    labels: days.map(each => `${showWeekday(each)} ${showDay(each)}`),
    ticks: days.map((each, at) => (span === 'week' || at % daysPerTick === 0 ? showDay(each).slice(0, -5) : '')),
    previous: addDays(from, -1),
    next: to,
  };
}

function daySpan(day: Day, zone: Zone, stepSeconds: number): SpanView {
  const period = dayPeriod(day, zone);
  const count = Math.ceil((period.to - period.from) / stepSeconds);
  const starts = Array.from({ length: count }, (_, index) => instant(period.from + index * stepSeconds));
  const times = starts.map(at => showTime(at, zone));
  return {
    title: `${showWeekday(day)} ${showDay(day)}`,
    axis: 'From',
    period,
    bounds: [...starts, period.to],
    // In autumn an hour comes twice: the offset tells the two apart.
    labels: times.map((time, at) =>
      times.indexOf(time) === times.lastIndexOf(time) ? time : `${time} (${showOffset(starts[at]!, zone)})`,
    ),
    ticks: times.map(time => (time.endsWith(':00') && Number(time.slice(0, 2)) % hoursPerTick === 0 ? time : '')),
    previous: addDays(day, -1),
    next: addDays(day, 1),
  };
}

function yearSpan(day: Day, zone: Zone): SpanView {
  const year = day.slice(0, 4);
  const january = `${year}-01` as Month;
  const months = Array.from({ length: 12 }, (_, index) => addMonths(january, index));
  const bounds = [...months, addMonths(january, 12)].map(month => startOfDay(firstDayOf(month), zone));
  return {
    title: year,
    axis: 'Month',
    period: { from: bounds[0]!, to: bounds.at(-1)! },
    bounds,
    labels: months.map(showMonth),
    ticks: months.map(month => showMonth(month).slice(0, 3)),
    previous: addDays(firstDayOf(january), -1),
    next: firstDayOf(addMonths(january, 12)),
  };
}
