import { z } from 'zod';
import { weekdayNames } from '../calendar.ts';
import { type Season, seasonsOf } from './seasons.ts';
import type { SourceObject } from './source-object.ts';
import type { WeekSpan } from './week-windows.ts';

/** Twelve months of twenty-four hours, weekdays and weekends apart: which period of the rate structure each hour is in. */
export interface Schedule {
  weekday: number[][];
  weekend: number[][];
}

const months = 12;
const hoursOfDay = 24;
const table = z.array(z.array(z.number().int().min(0)).length(hoursOfDay)).length(months);
const monthList = z.array(z.number().int().min(0)).length(months);

/** undefined when the source has no such schedule: then everything is in period 0. */
export function scheduleOf(source: SourceObject, weekdayName: string, weekendName: string): Schedule | undefined {
  const [weekday, weekend] = [weekdayName, weekendName].map(name => {
    if (!source.has(name)) {
      source.raw(name);
      return undefined;
    }
    const { data, error } = table.safeParse(source.raw(name));
    if (error) source.refuse(name, `must be ${months} months of ${hoursOfDay} hours, each the number of a period`);
    return data;
  });
  if (!weekday && !weekend) return undefined;
  // One schedule alone is for every day.
  return { weekday: weekday ?? weekend!, weekend: weekend ?? weekday! };
}

/** A period for each month, as flatdemandmonths has them; each month whole. */
export function monthlySchedule(source: SourceObject, name: string): Schedule | undefined {
  if (!source.has(name)) {
    source.raw(name);
    return undefined;
  }
  const { data, error } = monthList.safeParse(source.raw(name));
  if (error) source.refuse(name, `must be ${months} numbers of periods`);
  return data && always(data);
}

export function always(periodOfMonth: number[] = new Array(months).fill(0)): Schedule {
  const rows = periodOfMonth.map(period => new Array<number>(hoursOfDay).fill(period));
  return { weekday: rows, weekend: rows };
}

/** Months in a row that all schedules treat alike are one season; the year may wrap. */
export function seasonsOfSchedules(schedules: Schedule[]): Season[] {
  const keys = Array.from({ length: months }, (_, month) =>
    JSON.stringify(schedules.map(({ weekday, weekend }) => [weekday[month], weekend[month]])),
  );
  const starts = keys.flatMap((key, month) => (key === keys.at(month - 1) ? [] : [month]));
  return seasonsOf(
    starts.map((start, at) => {
      const next = starts[(at + 1) % starts.length]!;
      return { from: `${twoDigits(start + 1)}-01`, to: lastDayOf((next + months - 1) % months) };
    }),
  );
}

/** The hours of `period` as spans, in each season by its first month. */
export function spansOfPeriod({ weekday, weekend }: Schedule, period: number, seasons: Season[]): WeekSpan[] {
  const places =
    seasons.length > 0
      ? seasons.map(({ name, from }) => ({ season: name, month: Number(from.slice(0, 2)) - 1 }))
      : [{ season: '', month: 0 }];
  return places.flatMap(({ season, month }) =>
    weekdayNames.flatMap((day, at) =>
      runsOf((at < 5 ? weekday : weekend)[month]!, period).map(([from, to]) => ({ season, day, from, to })),
    ),
  );
}

/** Which periods the schedule uses. */
export function periodsIn({ weekday, weekend }: Schedule): number[] {
  return [...new Set([...weekday, ...weekend].flat())].sort((a, b) => a - b);
}

function runsOf(hours: number[], period: number): [from: number, to: number][] {
  const runs: [number, number][] = [];
  hours.forEach((each, hour) => {
    if (each !== period) return;
    const last = runs.at(-1);
    if (last && last[1] === hour * 60) last[1] += 60;
    else runs.push([hour * 60, hour * 60 + 60]);
  });
  return runs;
}

function lastDayOf(month: number): string {
  const lengths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return `${twoDigits(month + 1)}-${lengths[month]}`;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
