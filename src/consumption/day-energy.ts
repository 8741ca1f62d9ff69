import type { Series } from '../accounts/meter-point.ts';
import type { KnownReadings } from '../readings/as-known.ts';
import { type LocalDay, startOfLocalDay } from '../units/local-day.ts';
import type { Instant, Zone } from '../units/time.ts';
import type { Consumption } from './consumption.ts';

/** What a register or channel had on each of some days. */
export interface SeriesDays {
  series: Series;
  first: LocalDay;
  /** micro-kWh of what is known of each day. */
  energy: Float64Array;
  /** `dayStates` of each. */
  state: Uint8Array;
}

/** Not worked out · nothing known · some of it known · all of it. */
export const dayStates = { unknown: 0, nothing: 1, part: 2, whole: 3 } as const;

/** Readings, and what flowed by them. */
export interface DayReadings {
  consumption: Pick<Consumption, 'seriesEnergy'>;
  index: Pick<KnownReadings, 'forEach' | 'origins'>;
}

const halfHourSeconds = 1800;

/** Works out the days from position `low` to `high`, not included; `beside` are the counted series of the meter point. */
export function workOutDays(
  readings: DayReadings,
  days: SeriesDays,
  zone: Zone,
  [low, high]: readonly [low: number, high: number],
  beside: readonly Series[],
): void {
  const bounds = Array.from({ length: high - low + 1 }, (_, at) => startOfLocalDay(days.first + low + at, zone));
  days.energy.fill(0, low, high);
  const known = new Uint32Array(high - low);
  if (days.series.kind === 'channel') sumChannel(readings, days, low, bounds, known);
  else sumRegister(readings, days, low, bounds, known, beside);
  known.forEach((seconds, at) => {
    const length = bounds[at + 1]! - bounds[at]!;
    days.state[low + at] = seconds === 0 ? dayStates.nothing : seconds < length ? dayStates.part : dayStates.whole;
  });
}

function sumChannel(
  { index }: DayReadings,
  { series, energy }: SeriesDays,
  low: number,
  bounds: Instant[],
  known: Uint32Array,
): void {
  let day = 0;
  index.forEach(series.id, bounds[0]!, bounds.at(-1)!, (at, value, origin) => {
    while (at >= bounds[day + 1]!) day += 1;
    if (Number.isNaN(value)) return;
    energy[low + day]! += value;
    known[day]! += index.origins.minutesOf(origin) * 60;
  });
}

function sumRegister(
  { consumption }: DayReadings,
  { series, energy }: SeriesDays,
  low: number,
  bounds: Instant[],
  known: Uint32Array,
  beside: readonly Series[],
): void {
  const measured = consumption.seriesEnergy(series, { from: bounds[0]!, to: bounds.at(-1)! }, beside);
  let day = 0;
  measured.energy.energy.forEach((value, slot) => {
    while (bounds[0]! + slot * halfHourSeconds >= bounds[day + 1]!) day += 1;
    if (Number.isNaN(value)) return;
    energy[low + day]! += value;
    known[day]! += halfHourSeconds;
  });
}
