import { type Instant, secondsPerDay } from '../units/time.ts';

/** Days since 1970-01-01, UTC. */
export type DayNumber = number;

export function dayNumberOf(at: Instant): DayNumber {
  return Math.floor(at / secondsPerDay);
}

export function hasDay(days: readonly DayNumber[], day: DayNumber): boolean {
  return days[firstNotBefore(days, day)] === day;
}

export function insertSorted(days: DayNumber[], day: DayNumber): void {
  const at = firstNotBefore(days, day);
  if (days[at] !== day) days.splice(at, 0, day);
}

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
