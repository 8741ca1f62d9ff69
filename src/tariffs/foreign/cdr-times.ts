import { publicHoliday, weekdayNames } from '../calendar.ts';
import { minutesPerDay } from '../windows.ts';
import type { SourceObject } from './source-object.ts';
import { type DayName, dayNames, type WeekSpan } from './week-windows.ts';

/** Days and minutes of a week, in no season yet. */
export type DayClock = Omit<WeekSpan, 'season'>;

const holidaysInCdr = 'PUBLIC_HOLIDAYS';

/** What a timeOfUse entry, a time variation or a demand charge says of days and clock times; all day where it says none. */
export function clocksOf(source: SourceObject): DayClock[] {
  const [start, end] = [source.text('startTime'), source.text('endTime')];
  const days = daysOf(source);
  const from = start === undefined ? 0 : clockMinute(start);
  const to = end === undefined ? minutesPerDay : endMinute(end);
  if (from === undefined || from === minutesPerDay) source.refuse('startTime', notAClock(start ?? ''));
  if (to === undefined) source.refuse('endTime', notAClock(end ?? ''));
  if (from === undefined || to === undefined) return [];
  return days.flatMap(day => splitAtMidnight(from, to).map(([from, to]) => ({ day, from, to })));
}

/** The whole week. Public holidays are left to be as the day they fall on. */
export function everyDay(): DayClock[] {
  return weekdayNames.map(day => ({ day, from: 0, to: minutesPerDay }));
}

function daysOf(source: SourceObject): DayName[] {
  const texts = source.texts('days');
  if (texts.length === 0) return [...weekdayNames];
  return texts.flatMap((text, at) => {
    const day = text === holidaysInCdr ? publicHoliday : dayNames.find(name => name === text);
    if (day === undefined) source.report.refuse(`${source.at('days')}/${at}`, `"${text}" is no day`);
    return day === undefined ? [] : [day];
  });
}

/** The standard asks each minute on its own date: from 21:00 to 07:00 on Mondays is the morning and the evening of Monday. */
function splitAtMidnight(from: number, to: number): [number, number][] {
  if (from < to) return [[from, to]];
  return [
    [0, to],
    [from, minutesPerDay],
  ];
}

/**
 * Publishers end a time with its last minute, "20:59" before one that starts at 21:00, and a day with "23:59" or "00:00". An end on
 * five minutes is the end itself.
 */
function endMinute(text: string): number | undefined {
  const minute = clockMinute(text);
  if (minute === undefined) return undefined;
  if (minute === 0) return minutesPerDay;
  return minute % 5 === 4 ? minute + 1 : minute;
}

/** ISO 8601 without an offset: "16:00", "16:00:59", "T1600". */
function clockMinute(text: string): number | undefined {
  const match = /^T?(\d\d):?(\d\d)(?::?(\d\d)(?:\.0+)?)?$/.exec(text);
  if (!match) return undefined;
  const [hours, minutes] = [Number(match[1]), Number(match[2])];
  if (minutes > 59 || hours * 60 + minutes > minutesPerDay) return undefined;
  return hours * 60 + minutes;
}

function notAClock(text: string): string {
  return `"${text}" must be a clock time without an offset, such as 21:00`;
}
