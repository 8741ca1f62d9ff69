import {
  addDays,
  type Day,
  dayOf,
  type Instant,
  instant,
  minuteOfDay,
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

const patterns = new Map<string, Map<Instant, number>>();
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
  const pattern = JSON.stringify([
    ...[zone, seconds, plan.seasons, plan.dayTypes, holidays],
    among.map(({ windows }) => windows ?? null),
  ]);
  const known = remembered(patterns, pattern, () => new Map<Instant, number>());
  return at => {
    const found = remembered(known, at, () => {
      const claimed = new Set<Choice>();
      for (let minute = 0; minute < seconds; minute += 60)
        for (const each of claiming(instant(at + minute), among, zone, plan, holidays)) claimed.add(each);
      const [only] = claimed;
      return only && claimed.size === 1 ? among.indexOf(only) : -1;
    });
    return among[found];
  };
}

function claiming<Choice extends Windowed>(
  at: Instant,
  among: Choice[],
  zone: Zone,
  plan: PlanDocument,
  holidays: Day[],
): Choice[] {
  const day = dayOf(at, zone);
  const minute = minuteOfDay(at, zone);
  const claimed = among.filter(each => each.windows?.some(window => isInside(window, day, minute, plan, holidays)));
  return claimed.length > 0 ? claimed : among.filter(({ windows }) => !windows);
}

function clockOf(timeZone: string, site: Zone): Zone {
  if (timeZone === 'LOCAL') return site;
  return (timeZone === 'AEST' ? '+10:00' : timeZone) as Zone;
}

function isInside(window: WindowDocument, day: Day, minute: number, plan: PlanDocument, holidays: Day[]): boolean {
  const from = minutes(window.from);
  const to = minutes(window.to);
  if (from < to) return minute >= from && minute < to && isOnDay(window, day, plan, holidays);
  if (minute >= from) return isOnDay(window, day, plan, holidays);
  return minute < to && isOnDay(window, addDays(day, -1), plan, holidays);
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
