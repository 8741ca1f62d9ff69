import { type Instant, secondsPerDay } from '../units/time.ts';

/** Days since 1970-01-01, UTC. */
export type DayNumber = number;

/** The UTC day in which an instant lies; below zero before 1970. */
export function dayNumberOf(at: Instant): DayNumber {
  return Math.floor(at / secondsPerDay);
}

/** Whether `day` is among the ascending `days`. */
export function hasDay(days: readonly DayNumber[], day: DayNumber): boolean {
  return days[firstNotBefore(days, day)] === day;
}

/** Puts `day` among the ascending `days`, once. */
export function insertSorted(days: DayNumber[], day: DayNumber): void {
  const at = firstNotBefore(days, day);
  if (days[at] !== day) days.splice(at, 0, day);
}

/** Takes `day` out of the ascending `days`, where it is among them. */
export function removeSorted(days: DayNumber[], day: DayNumber): void {
  const at = firstNotBefore(days, day);
  if (days[at] === day) days.splice(at, 1);
}

/** Position of the first of the ascending `days` that is not before `day`; their number when all are. */
export function firstNotBefore(days: readonly DayNumber[], day: DayNumber): number {
  let low = 0;
  let high = days.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (days[middle]! < day) low = middle + 1;
    else high = middle;
  }
  return low;
}
