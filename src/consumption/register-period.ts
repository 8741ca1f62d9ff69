import type { Series } from '../accounts/meter-point.ts';
import type { KnownReadings } from '../readings/as-known.ts';
import type { Reading } from '../readings/reading.ts';
import { type MicroKwh, microKwh } from '../units/energy.ts';
import { type Instant, instant, type Period } from '../units/time.ts';
import { countRegister, dialBetween } from './count-register.ts';
import { advances } from './register-advance.ts';
import { type Count, interpolate } from './register-energy.ts';

/** A register's values at the two ends of a period. */
export interface RegisterPeriod {
  start: { at: Instant; value: MicroKwh };
  end: { at: Instant; value: MicroKwh };
  /** By the register's map: multiplied, and across rollovers and exchanges. */
  consumption: MicroKwh;
  /** True when an end was not read: it is interpolated, or the period is shortened to what was read. */
  estimated: boolean;
}

/**
 * What a register counted in a period: its value at the end less its value at the start. The reading at a boundary belongs to both
 * periods that meet there. undefined when fewer than two different instants are known.
 */
export function registerPeriod(
  index: KnownReadings,
  { id, map }: Pick<Series, 'id' | 'map'>,
  { from, to }: Period,
): RegisterPeriod | undefined {
  const inside = index.list(id, from, instant(to + 1));
  const before = inside[0]?.at === from ? undefined : index.before(id, from);
  const after = inside.at(-1)?.at === to ? undefined : index.after(id, to);
  const around = [...(before ? [before] : []), ...inside, ...(after ? [after] : [])];
  // Where the register counts down and nobody said why, what was read since then is what is known.
  const counts = countRegister(around, map).at(-1) ?? [];
  const within = counts.filter(({ at }) => at >= from && at <= to);
  const start = countAt(counts, from) ?? within[0];
  const end = countAt(counts, to) ?? within.at(-1);
  if (!start || !end || end.at <= start.at) return undefined;
  return {
    start: { at: start.at, value: dialAt(around, map, start.at) },
    end: { at: end.at, value: dialAt(around, map, end.at) },
    consumption: microKwh(end.value - start.value),
    estimated: inside[0]?.at !== from || inside.at(-1)?.at !== to,
  };
}

type CountAt = Pick<Count, 'at' | 'value'>;

function countAt(counts: readonly Count[], at: Instant): CountAt | undefined {
  const next = counts.findIndex(count => count.at >= at);
  if (next < 0) return undefined;
  if (counts[next]!.at === at) return counts[next];
  const value = interpolate(counts[next - 1], counts[next], at);
  return value === undefined ? undefined : { at, value: microKwh(value) };
}

/** As it was read, or on the line between the readings around it; after an exchange, on the dial that was there until then. */
function dialAt(around: readonly Reading[], map: Series['map'], at: Instant): MicroKwh {
  const next = around.findIndex(reading => reading.at >= at);
  if (around[next]!.at === at) return around[next]!.value;
  const [advance] = advances([around[next - 1]!, around[next]!], map);
  return dialBetween(advance!, at)!.value;
}
