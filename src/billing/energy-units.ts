import type { SeriesEnergy } from '../consumption/consumption.ts';
import type { IntervalSeries } from '../consumption/interval-series.ts';
import { isMeasured, isPower } from '../units/measured.ts';
import { secondsPerHour } from '../units/time.ts';

/** Counts up as energy does, and is none. */
const notActive = new Set(['kvarh', 'kvah']);

/** Whether a series counts toward what flowed to or from the site; a channel of volts or kVArh counts only by its own name. */
export function isActiveEnergy({ series: { unit } }: SeriesEnergy): boolean {
  return !isMeasured(unit) && !notActive.has(unit.toLowerCase());
}

/**
 * What rating adds up and divides by hours again: kWh, kVArh and kVAh as they are, kW, kVAr and kVA times the hours of the interval, to
 * the nearest millionth.
 */
export function asEnergy({ series: { unit }, energy: given }: SeriesEnergy): IntervalSeries {
  if (!isPower(unit)) return given;
  const { stepSeconds, energy } = given;
  return { ...given, energy: energy.map(power => Math.round((power * stepSeconds) / secondsPerHour)) };
}
