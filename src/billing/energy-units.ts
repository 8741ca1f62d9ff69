import type { SeriesEnergy } from '../consumption/consumption.ts';
import type { IntervalSeries } from '../consumption/interval-series.ts';
import { secondsPerHour } from '../units/time.ts';

/** Mean powers of an interval, by what they are the power of. */
const powers = new Set(['kw', 'kvar', 'kva']);
/** Neither is energy, though it counts up as energy does. */
const notEnergy = new Set(['kvarh', 'kvah', ...powers, 'v', 'a', 'pf']);

/** Whether a series counts toward what flowed to or from the site; a channel of volts or kVArh counts only by its own name. */
export function isActiveEnergy({ series: { unit } }: SeriesEnergy): boolean {
  return !notEnergy.has(unit.toLowerCase());
}

/**
 * What rating adds up and divides by hours again: kWh, kVArh and kVAh as they are, kW, kVAr and kVA times the hours of the interval, to
 * the nearest millionth.
 */
export function asEnergy({ series: { unit }, energy: given }: SeriesEnergy): IntervalSeries {
  if (!powers.has(unit.toLowerCase())) return given;
  const { stepSeconds, energy } = given;
  return { ...given, energy: energy.map(power => Math.round((power * stepSeconds) / secondsPerHour)) };
}
