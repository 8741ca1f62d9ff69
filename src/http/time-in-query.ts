import { Refusal } from '../kernel/errors.ts';
import {
  type Instant,
  instant,
  isSkipped,
  type Period,
  parseDay,
  parseInstant,
  startOfDay,
  type Zone,
} from '../units/time.ts';

const never = instant(0);
const always = instant(1e10);

/**
 * A time of the query: the wall clock of `zone` where it has no offset, and of a day its begin there. undefined when it is not given.
 * Throws 'timestamp-invalid'.
 */
export function timeInQuery(name: string, text: string | undefined, zone: Zone): Instant | undefined {
  if (text === undefined) return undefined;
  const day = parseDay(text);
  const at = day === undefined ? parseInstant(text, zone) : startOfDay(day, zone);
  if (at !== undefined) return at;
  const why = isSkipped(text, zone)
    ? `is skipped by the clock of ${zone}: write it with its offset`
    : 'is neither a time such as 2026-11-21T10:30:00Z nor a day such as 2026-11-21';
  const message = `"${text}" ${why}`;
  throw new Refusal('timestamp-invalid', message, [{ pointer: name, message }]);
}

/** `from` and `to` of the query, each without an end where it is not given. Throws 'timestamp-invalid'. */
export function periodInQuery(query: { from?: string | undefined; to?: string | undefined }, zone: Zone): Period {
  return {
    from: timeInQuery('from', query.from, zone) ?? never,
    to: timeInQuery('to', query.to, zone) ?? always,
  };
}
