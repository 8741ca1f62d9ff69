import { addDays, type Day, daysBetween, parseDay } from '../units/time.ts';

/** Days that the address of a page asks for, as its form shows them: `until` is included. */
export interface DaysAsked {
  from: Day;
  until: Day;
  /** The first day after them. */
  to: Day;
  /** Why they cannot be answered. */
  problem: string | undefined;
}

/** The last 31 days unless the address says otherwise, at most `daysMax`. */
export function daysAsked(query: URLSearchParams, today: Day, daysMax: number): DaysAsked {
  const until = parseDay((query.get('until') ?? '').trim()) ?? today;
  const from = parseDay((query.get('from') ?? '').trim()) ?? addDays(until, -30);
  const count = daysBetween(from, until) + 1;
  const problem =
    count < 1
      ? 'The last day is before the first one.'
      : count > daysMax
        ? `At most ${daysMax} days are looked at at once.`
        : undefined;
  return { from, until, to: addDays(until, 1), problem };
}
