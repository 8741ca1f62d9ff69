import type { Reading } from '../readings/reading.ts';
import type { ReadingIndex } from '../readings/reading-index.ts';
import { type MicroKwh, microKwh } from '../units/energy.ts';
import { type Instant, instant, type Period } from '../units/time.ts';
import { interpolate } from './register-energy.ts';

/** A register's values at the two ends of a period. */
export interface RegisterPeriod {
  start: { at: Instant; value: MicroKwh };
  end: { at: Instant; value: MicroKwh };
  consumption: MicroKwh;
  /** True when an end was not read: it is interpolated, or the period is shortened to what was read. */
  estimated: boolean;
}

/**
 * What a register counted in a period: its value at the end less its value at the start. The reading at a boundary belongs to both
 * periods that meet there. undefined when fewer than two different instants are known.
 */
export function registerPeriod(
  index: ReadingIndex,
  seriesId: number,
  { from, to }: Period,
): RegisterPeriod | undefined {
  const inside = index.list(seriesId, from, instant(to + 1));
  const start = valueAt(from, inside[0], index.before(seriesId, from)) ?? inside[0];
  const last = inside.at(-1);
  const end =
    valueAt(to, last, undefined) ??
    interpolated(to, last ?? index.before(seriesId, to), index.after(seriesId, to)) ??
    last;
  if (!start || !end || end.at <= start.at) return undefined;
  return {
    start: { at: start.at, value: start.value },
    end: { at: end.at, value: end.value },
    consumption: microKwh(end.value - start.value),
    estimated: inside[0]?.at !== from || last?.at !== to,
  };
}

type Known = { at: Instant; value: MicroKwh };

function valueAt(at: Instant, near: Reading | undefined, before: Reading | undefined): Known | undefined {
  return near?.at === at ? near : interpolated(at, before, near);
}

function interpolated(at: Instant, before: Known | undefined, after: Known | undefined): Known | undefined {
  const value = interpolate(before, after, at);
  return value === undefined ? undefined : { at, value: microKwh(value) };
}
