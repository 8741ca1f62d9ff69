import { type Day, type Instant, offsetAt, secondsPerDay, startOfDay, type Zone } from './time.ts';

/** Days since 1970-01-01 on the calendar of a zone: for those who count days, or ask for the bounds of each of many. */
export type LocalDay = number;

/** Of a day by its name. */
export function localDayOf(day: Day): LocalDay {
  return Date.parse(`${day}T00:00:00Z`) / 1000 / secondsPerDay;
}

/** Of the day in which an instant lies. */
export function localDayAt(at: Instant, zone: Zone): LocalDay {
  return Math.floor((at + offsetAt(at, zone)) / secondsPerDay);
}

const startsOfZone = new Map<Zone, Map<LocalDay, Instant>>();
// As many as startOfDay remembers.
const startsMax = 50_000;
let startCount = 0;

/** The first instant of the day, as startOfDay says. */
export function startOfLocalDay(day: LocalDay, zone: Zone): Instant {
  const known = startsOfZone.get(zone)?.get(day);
  if (known !== undefined) return known;
  if (startCount++ === startsMax) {
    startsOfZone.clear();
    startCount = 1;
  }
  const start = startOfDay(dayOfLocal(day), zone);
  const starts = startsOfZone.get(zone);
  if (starts) starts.set(day, start);
  else startsOfZone.set(zone, new Map([[day, start]]));
  return start;
}

function dayOfLocal(day: LocalDay): Day {
  return new Date(day * secondsPerDay * 1000).toISOString().slice(0, 10) as Day;
}
