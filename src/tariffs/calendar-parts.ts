import { addMonths, type Day, daysBetween, type Month, monthOf } from '../units/time.ts';
import type { Days, Factor } from './component.ts';

export type CalendarPeriod = 'P1M' | 'P3M' | 'P1Y';
const monthsIn: Record<CalendarPeriod, number> = { P1M: 1, P3M: 3, P1Y: 12 };

/** Some days, and the whole month, quarter or year they lie in. */
export interface CalendarPart extends Days {
  whole: Days;
}

/** Cuts days at the calendar's months, quarters or years; `startsOn` is the day of the month on which these begin. */
export function calendarParts({ from, to }: Days, period: CalendarPeriod, startsOn: number): CalendarPart[] {
  const parts: CalendarPart[] = [];
  for (let start = from; start < to; ) {
    const whole = periodAround(start, monthsIn[period], startsOn);
    const end = whole.to < to ? whole.to : to;
    parts.push({ from: start, to: end, whole });
    start = end;
  }
  return parts;
}

function periodAround(day: Day, months: number, startsOn: number): Days {
  const month = Number(day.slice(8)) >= startsOn ? monthOf(day) : addMonths(monthOf(day), -1);
  const first = addMonths(month, -((Number(month.slice(5)) - 1) % months));
  return { from: dayIn(first, startsOn), to: dayIn(addMonths(first, months), startsOn) };
}

function dayIn(month: Month, day: number): Day {
  return `${month}-${String(day).padStart(2, '0')}` as Day;
}

/** How many local days these are. */
export function countDays({ from, to }: Days): number {
  return daysBetween(from, to);
}

/** "× 17 / 31 days", for a price of the whole period of which some days are charged. */
export function shareOfDays(days: number, of: number): Factor[] {
  if (days === of) return [];
  return [{ words: `× ${days} / ${of} days`, numerator: BigInt(days), denominator: BigInt(of) }];
}
