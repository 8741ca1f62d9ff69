import { publicHoliday, weekdayNames } from '../calendar.ts';
import { formatClockTime, minutesPerDay } from '../windows.ts';
import type { Season } from './seasons.ts';

export const dayNames = [...weekdayNames, publicHoliday] as const;
export type DayName = (typeof dayNames)[number];

/** Minutes [from, to) of one day of the week in one season; '' where the plan has no seasons. */
export interface WeekSpan {
  season: string;
  day: DayName;
  from: number;
  to: number;
}

/** A window of a plan document. */
export interface WindowDocument {
  season?: string;
  days?: string;
  from: string;
  to: string;
}

export interface WeekCalendar {
  seasons: Season[];
  dayTypes: { name: string; days: DayName[] }[];
}

/**
 * The fewest day types that tell apart what the spans tell apart: days with the same spans everywhere are of one type. Without a span on
 * public holidays these are ordinary days. None when all days are alike.
 */
export function calendarOf(seasons: Season[], spansOfRates: WeekSpan[][]): WeekCalendar {
  const withHolidays = spansOfRates.some(spans => spans.some(({ day }) => day === publicHoliday));
  const days = dayNames.filter(day => withHolidays || day !== publicHoliday);
  const alike = new Map<string, DayName[]>();
  for (const day of days) {
    const key = JSON.stringify(spansOfRates.map(spans => onDay(spans, day)));
    alike.set(key, [...(alike.get(key) ?? []), day]);
  }
  const groups = [...alike.values()];
  return { seasons, dayTypes: groups.length === 1 ? [] : groups.map(days => ({ name: typeName(days), days })) };
}

/** The spans as windows, said as shortly as the calendar allows; undefined when they are all the time there is. */
export function windowsOf(spans: WeekSpan[], { seasons, dayTypes }: WeekCalendar): WindowDocument[] | undefined {
  const seasonNames = seasons.length > 0 ? seasons.map(({ name }) => name) : [''];
  const types = dayTypes.length > 0 ? dayTypes : [{ name: '', days: dayNames.slice(0, 1) }];
  const clocks = new Map<string, WindowDocument[]>();
  const placed = seasonNames.map(season =>
    types.map(({ days }) =>
      onDay(
        spans.filter(span => span.season === season),
        days[0]!,
      ),
    ),
  );
  for (const [from, to] of uniqueClocks(placed.flat(2))) {
    const has = (season: number, type: number) => placed[season]![type]!.some(([a, b]) => a === from && b === to);
    const typesIn = seasonNames.map((_, season) => types.flatMap((_, type) => (has(season, type) ? [type] : [])));
    const sameAllYear = typesIn.every(list => String(list) === String(typesIn[0]));
    const seasonsSaid = sameAllYear ? [0] : typesIn.keys();
    for (const season of seasonsSaid) {
      const list = typesIn[season]!;
      const said = list.length === types.length ? [''] : list.map(type => types[type]!.name);
      for (const days of said) {
        const window = {
          ...(!sameAllYear && { season: seasonNames[season]! }),
          ...(days && { days }),
          from: formatClockTime(from),
          to: formatClockTime(to),
        };
        const key = `${window.season ?? ''} ${days}`;
        clocks.set(key, [...(clocks.get(key) ?? []), window]);
      }
    }
  }
  const windows = [...clocks.values()].flat();
  const [only] = windows;
  const isAlways =
    windows.length === 1 && !only!.season && !only!.days && only!.from === '00:00' && only!.to === '24:00';
  return isAlways ? undefined : windows;
}

/** Whether the spans leave no minute of any weekday in any season. */
export function coversWeek(spans: WeekSpan[], seasons: string[]): boolean {
  return seasons.every(season =>
    weekdayNames.every(day => {
      const [only, ...others] = onDay(
        spans.filter(span => span.season === season),
        day,
      );
      return only !== undefined && others.length === 0 && only[0] === 0 && only[1] === minutesPerDay;
    }),
  );
}

/** The day's spans by season as one sorted list without touching neighbours: [from, to] and, to tell seasons apart, their name. */
function onDay(spans: WeekSpan[], day: DayName): [from: number, to: number, season: string][] {
  const sorted = spans
    .filter(span => span.day === day)
    .sort((a, b) => compare(a.season, b.season) || a.from - b.from || a.to - b.to);
  const joined: [number, number, string][] = [];
  for (const { season, from, to } of sorted) {
    const last = joined.at(-1);
    if (last && last[2] === season && from <= last[1]) last[1] = Math.max(last[1], to);
    else joined.push([from, to, season]);
  }
  return joined;
}

function uniqueClocks(spans: [from: number, to: number, season: string][]): [from: number, to: number][] {
  const keys = new Set(spans.map(([from, to]) => from * (minutesPerDay + 1) + to));
  return [...keys].sort((a, b) => a - b).map(key => [Math.trunc(key / (minutesPerDay + 1)), key % (minutesPerDay + 1)]);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

const commonNames: Record<string, string> = {
  'MON,TUE,WED,THU,FRI': 'WD',
  'SAT,SUN': 'WE',
  [`SAT,SUN,${publicHoliday}`]: 'WE',
  [publicHoliday]: 'PH',
  [weekdayNames.join()]: 'ANY',
};

function typeName(days: DayName[]): string {
  return commonNames[days.join()] ?? days.map(day => (day === publicHoliday ? 'PH' : day)).join('_');
}
