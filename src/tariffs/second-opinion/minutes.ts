import {
  addDays,
  type Day,
  dayOf,
  type Instant,
  instant,
  minuteOfDay,
  startOfDay,
  weekdayOf,
  type Zone,
} from '../../units/time.ts';
import { type NaiveContext, type PlanDocument, remembered } from './naive.ts';

export interface WindowDocument {
  season?: string | undefined;
  days?: string | undefined;
  from: string;
  to: string;
}

/** Something that holds in its windows; without any, where nothing else does. */
export interface Windowed {
  windows?: WindowDocument[] | undefined;
}

/** Which of several choices holds from an instant on; undefined where there is not exactly one. */
export type ChoiceAt<Choice> = (at: Instant) => Choice | undefined;

/** Windows of choices as they are asked, minute by minute, and what they said of stretches: the place of a choice, `none` or `several`. */
interface Pattern {
  placeAt: (at: Instant) => number;
  known: Map<Instant, number>;
}

const [none, several] = [-1, -2];

const patterns = new Map<string, Pattern>();
const patternsMax = 500;

/**
 * For stretches of so many seconds. Every minute is asked for the windows as they are written; what it said is kept for the next meter
 * with the same windows.
 */
export function choices<Choice extends Windowed>(
  among: Choice[],
  seconds: number,
  context: NaiveContext,
): ChoiceAt<Choice> {
  if (among.every(({ windows }) => !windows)) return () => (among.length === 1 ? among[0] : undefined);
  const { plan, request } = context;
  const holidays = request.holidayCalendars
    .filter(({ name }) => name === plan.holidayCalendar)
    .flatMap(({ days }) => days);
  const zone = clockOf(plan.timeZone, request.zone);
  if (patterns.size >= patternsMax) patterns.clear();
  const windows = among.map(each => each.windows ?? null);
  const { known, placeAt } = remembered(
    patterns,
    JSON.stringify([zone, seconds, plan.seasons, plan.dayTypes, holidays, windows]),
    () => ({ known: new Map(), placeAt: placing(windows, zone, plan, holidays) }),
  );
  return at => {
    const found = remembered(known, at, () => {
      let only = none;
      for (let minute = 0; minute < seconds; minute += 60) {
        const place = placeAt(instant(at + minute));
        if (place === none || place === only) continue;
        if (only !== none) return several;
        only = place;
      }
      return only;
    });
    return among[found];
  };
}

// A month has 44,640 minutes, and nobody else is served while the first bill of it asks: what is the same all day is found once a day.
function placing(
  windows: (WindowDocument[] | null)[],
  zone: Zone,
  plan: PlanDocument,
  holidays: Day[],
): Pattern['placeAt'] {
  const asked = windows.map(some => some?.map(window => insideOf(window, plan, holidays)));
  const without = windows.flatMap((some, at) => (some ? [] : [at]));
  const otherwise = without.length > 1 ? several : (without[0] ?? none);
  const dayAt = daysOf(zone);
  return at => {
    const day = dayAt(at);
    const minute = minuteOfDay(at, zone);
    let found = none;
    for (let place = 0; place < asked.length; place++) {
      if (!asked[place]?.some(isInside => isInside(day, minute))) continue;
      if (found !== none) return several;
      found = place;
    }
    return found === none ? otherwise : found;
  };
}

/** dayOf, for instants that follow each other. */
function daysOf(zone: Zone): (at: Instant) => Day {
  let [day, from, to] = ['' as Day, 0, 0];
  return at => {
    if (at < from || at >= to) {
      day = dayOf(at, zone);
      [from, to] = [startOfDay(day, zone), startOfDay(addDays(day, 1), zone)];
    }
    return day;
  };
}

function clockOf(timeZone: string, site: Zone): Zone {
  if (timeZone === 'LOCAL') return site;
  return (timeZone === 'AEST' ? '+10:00' : timeZone) as Zone;
}

function insideOf(window: WindowDocument, plan: PlanDocument, holidays: Day[]): (day: Day, minute: number) => boolean {
  const from = minutes(window.from);
  const to = minutes(window.to);
  const [onDay, onEve] = [new Map<Day, boolean>(), new Map<Day, boolean>()];
  const isOn = (day: Day) => remembered(onDay, day, () => isOnDay(window, day, plan, holidays));
  const wasOn = (day: Day) => remembered(onEve, day, () => isOnDay(window, addDays(day, -1), plan, holidays));
  return (day, minute) => {
    if (from < to) return minute >= from && minute < to && isOn(day);
    if (minute >= from) return isOn(day);
    return minute < to && wasOn(day);
  };
}

function minutes(time: string): number {
  const [hours, rest] = time.split(':');
  return Number(hours) * 60 + Number(rest);
}

function isOnDay({ season, days }: WindowDocument, day: Day, plan: PlanDocument, holidays: Day[]): boolean {
  if (season !== undefined && !isInSeason(season, day, plan)) return false;
  if (days === undefined) return true;
  const holidaysMatter = Object.values(plan.dayTypes).some(names => names.includes('PUBLIC_HOLIDAY'));
  const weekday = ['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'][weekdayOf(day) - 1]!;
  return plan.dayTypes[days]!.includes(holidaysMatter && holidays.includes(day) ? 'PUBLIC_HOLIDAY' : weekday);
}

export function isInSeason(season: string, day: Day, plan: PlanDocument): boolean {
  const [first, last] = plan.seasons[season]!;
  const date = day.slice(5);
  const [afterFirst, beforeLast] = [date >= first, date <= last];
  return first <= last ? afterFirst && beforeLast : afterFirst || beforeLast;
}
