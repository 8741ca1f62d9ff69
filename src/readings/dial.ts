import { digitsAt, exchangeBetween, exchangesAround, type RegisterMap } from '../accounts/register-map.ts';
import { type MicroKwh, microKwh } from '../units/energy.ts';
import type { Instant } from '../units/time.ts';
import type { DialEnds, Surroundings } from './surroundings.ts';

/**
 * How far a register went from one value to a later one, before any multiplier. A lower value is a rollover when the digits are known,
 * both values fit on them and the way across the end is shorter than half the dial (D10-18); else undefined: a register never counts
 * down. Half, because a slip of the reader is as likely to be ahead as behind, and no reading cycle goes half around.
 */
export function advanceOnDial(from: MicroKwh, to: MicroKwh, digits: number | undefined): MicroKwh | undefined {
  if (to >= from) return microKwh(to - from);
  if (digits === undefined) return undefined;
  const range = rangeOfDial(digits);
  const across = range - from + to;
  return from < range && across * 2 < range ? microKwh(across) : undefined;
}

/** Where a register with so many digits begins again: 100000 kWh with 5. */
export function rangeOfDial(digits: number): MicroKwh {
  return microKwh(10 ** digits * 1e6);
}

/** The neighbours that a value can be held against: those on the other side of an exchange were on another dial. */
export function onOneDial(
  map: RegisterMap | undefined,
  at: Instant,
  { existing, before, after }: Omit<Surroundings, 'kind' | 'digits' | 'ends'>,
): Omit<Surroundings, 'kind'> {
  if (!map) return { existing, before, after };
  return {
    existing,
    before: before && exchangeBetween(map, before.at, at) ? undefined : before,
    after: after && exchangeBetween(map, at, after.at) ? undefined : after,
    digits: digitsAt(map, at),
    ends: endsOfDial(map, at),
  };
}

function endsOfDial(map: RegisterMap, at: Instant): DialEnds | undefined {
  const { last, next } = exchangesAround(map, at);
  if (!last && !next) return undefined;
  return {
    first: last?.exchange?.firstValue,
    final: next?.exchange?.finalValue,
    gone: last?.fromAt === at ? last.exchange?.finalValue : undefined,
  };
}
