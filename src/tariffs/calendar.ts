import { type FieldProblem, Refusal } from '../kernel/errors.ts';
import { type Day, parseDay, weekdayOf, type Zone } from '../units/time.ts';

export const weekdayNames = ['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'] as const;
export const publicHoliday = 'PUBLIC_HOLIDAY';

/** How a plan sorts days. Without seasons (or day types) every day has the season (or day type) ''. */
export interface PlanCalendar {
  /** The clock on which windows, seasons and day types are read; undefined means the site's own. */
  zone: Zone | undefined;
  seasons: { name: string /** "12-01" */; from: string /** inclusive, may wrap the year */; to: string }[];
  dayTypes: { name: string; days: string[] }[];
  holidayCalendar: string | undefined;
}

export interface DayKind {
  season: string;
  dayType: string;
}

/** The public holidays of a place, known for every day in [from, to); beyond that nobody may assume an ordinary day. */
export interface HolidayCalendar {
  name: string;
  from: Day;
  to: Day;
  days: Day[];
}

/** Throws 'holidays-unknown' when the plan needs to know whether `day` is a holiday and `holidays` does not say. */
export function dayKindOf(day: Day, calendar: PlanCalendar, holidays: HolidayCalendar | undefined): DayKind {
  return { season: seasonOf(day.slice(5), calendar), dayType: dayTypeOf(day, calendar, holidays) };
}

/** The season of a month and day, "12-01". */
export function seasonOf(monthDay: string, calendar: PlanCalendar): string {
  return calendar.seasons.find(season => isInSeason(monthDay, season))?.name ?? '';
}

function isInSeason(monthDay: string, { from, to }: { from: string; to: string }): boolean {
  return from <= to ? monthDay >= from && monthDay <= to : monthDay >= from || monthDay <= to;
}

function dayTypeOf(day: Day, calendar: PlanCalendar, holidays: HolidayCalendar | undefined): string {
  const holidayType = holidayTypeOf(calendar);
  if (holidayType !== undefined && isHoliday(day, calendar, holidays)) return holidayType;
  return weekdayTypeOf(weekdayOf(day), calendar);
}

/** 1 is Monday. */
function weekdayTypeOf(weekday: number, calendar: PlanCalendar): string {
  const name = weekdayNames[weekday - 1]!;
  return calendar.dayTypes.find(type => type.days.includes(name))?.name ?? '';
}

/** The day type that takes public holidays; undefined when they are priced as the weekday they fall on. */
export function holidayTypeOf(calendar: PlanCalendar): string | undefined {
  return calendar.dayTypes.find(type => type.days.includes(publicHoliday))?.name;
}

function isHoliday(day: Day, calendar: PlanCalendar, holidays: HolidayCalendar | undefined): boolean {
  if (!holidays || day < holidays.from || day >= holidays.to)
    throw new Refusal(
      'holidays-unknown',
      `the holiday calendar ${calendar.holidayCalendar} ${holidays ? `covers ${holidays.from} up to ${holidays.to}, not` : 'was not given for'} ${day}`,
    );
  return holidays.days.includes(day);
}

/**
 * Every pair (day before, day) that the calendar can produce, like days first: the proof of a window that runs past midnight needs
 * both, and a pair that never happens must not refuse a plan.
 */
export function possibleDays(calendar: PlanCalendar): { yesterday: DayKind; today: DayKind }[] {
  const dayTypes = distinct(dayTypePairs(calendar));
  const pairs = distinct(seasonPairs(calendar)).flatMap(([seasonBefore, season]) =>
    dayTypes.map(([dayTypeBefore, dayType]) => ({
      yesterday: { season: seasonBefore, dayType: dayTypeBefore },
      today: { season, dayType },
    })),
  );
  return pairs.sort((a, b) => Number(isLike(b)) - Number(isLike(a)));
}

function distinct(pairs: [string, string][]): [string, string][] {
  return [...new Map(pairs.map(pair => [JSON.stringify(pair), pair])).values()];
}

function isLike({ yesterday, today }: { yesterday: DayKind; today: DayKind }): boolean {
  return yesterday.season === today.season && yesterday.dayType === today.dayType;
}

function seasonPairs(calendar: PlanCalendar): [string, string][] {
  // A leap year has every month-day there is; its last day goes before its first.
  const seasons = monthDays.map(monthDay => seasonOf(monthDay, calendar));
  return seasons.map((season, at) => [seasons.at(at - 1)!, season]);
}

function dayTypePairs(calendar: PlanCalendar): [string, string][] {
  const holidayType = holidayTypeOf(calendar);
  const typesOn = (weekday: number) => {
    const type = weekdayTypeOf(weekday, calendar);
    return holidayType === undefined ? [type] : [type, holidayType];
  };
  return [1, 2, 3, 4, 5, 6, 7].flatMap(weekday =>
    typesOn(weekday === 1 ? 7 : weekday - 1).flatMap(before =>
      typesOn(weekday).map((type): [string, string] => [before, type]),
    ),
  );
}

/** "01-01" … "12-31", with "02-29". */
const monthDays = Array.from({ length: 366 }, (_, at) =>
  new Date(Date.UTC(2024, 0, 1 + at)).toISOString().slice(5, 10),
);

/** Every day must have exactly one season and one day type. */
export function proveCalendar(calendar: PlanCalendar): FieldProblem[] {
  return [...proveSeasons(calendar), ...proveDayTypes(calendar)];
}

function proveSeasons({ seasons }: PlanCalendar): FieldProblem[] {
  const wrong = seasons.flatMap(({ name, from, to }) =>
    [from, to]
      .filter(monthDay => !parseDay(`2024-${monthDay}`))
      .map(monthDay => ({ pointer: `/seasons/${name}`, message: `${monthDay} is not a day of the year` })),
  );
  if (seasons.length === 0 || wrong.length > 0) return wrong;
  for (const monthDay of monthDays) {
    const holders = seasons.filter(season => isInSeason(monthDay, season));
    if (holders.length === 0) return [{ pointer: '/seasons', message: `${monthDay} is in no season` }];
    if (holders.length > 1)
      return [
        {
          pointer: `/seasons/${holders[1]!.name}`,
          message: `${monthDay} is in ${holders[0]!.name} and in ${holders[1]!.name}`,
        },
      ];
  }
  return [];
}

function proveDayTypes({ dayTypes, holidayCalendar }: PlanCalendar): FieldProblem[] {
  if (dayTypes.length === 0) return [];
  const problems: FieldProblem[] = [];
  for (const name of [...weekdayNames, publicHoliday]) {
    const holders = dayTypes.filter(type => type.days.includes(name));
    if (holders.length === 0 && name !== publicHoliday)
      problems.push({ pointer: '/dayTypes', message: `${name} is in no day type` });
    if (holders.length > 1)
      problems.push({
        pointer: `/dayTypes/${holders[1]!.name}`,
        message: `${name} is in ${holders[0]!.name} and in ${holders[1]!.name}`,
      });
    if (holders.length > 0 && name === publicHoliday && !holidayCalendar)
      problems.push({
        pointer: '/holidayCalendar',
        message: `${holders[0]!.name} has public holidays: name the calendar that lists them, such as AU-SA`,
      });
  }
  return problems;
}
