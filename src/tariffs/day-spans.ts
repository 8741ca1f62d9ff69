import { addDays, type Day } from '../units/time.ts';
import type { Days } from './component.ts';

/** The days that are in both; undefined when none is. */
export function commonDays(a: Days, b: Days): Days | undefined {
  const from = later(a.from, b.from);
  const to = earlier(a.to, b.to);
  return from < to ? { from, to } : undefined;
}

// Days compare as text, which Math.min does not.
function earlier(a: Day, b: Day): Day {
  if (a < b) return a;
  return b;
}

function later(a: Day, b: Day): Day {
  if (a > b) return a;
  return b;
}

/** Day by day. */
export function eachDay(days: Days): Days[] {
  return cutDays(days, day => ({ from: day, to: addDays(day, 1) })).map(({ part }) => part);
}

/** `days` cut where a new whole begins, each piece with the whole it lies in. */
export function cutDays<Whole extends Days>(
  days: Days,
  wholeAround: (day: Day) => Whole,
): { part: Days; whole: Whole }[] {
  const pieces: { part: Days; whole: Whole }[] = [];
  for (let from = days.from; from < days.to; ) {
    const whole = wholeAround(from);
    const to = earlier(whole.to, days.to);
    pieces.push({ part: { from, to }, whole });
    from = to;
  }
  return pieces;
}
