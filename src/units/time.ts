import { Temporal } from 'temporal-polyfill';

/** Whole seconds since 1970-01-01T00:00:00Z. */
export type Instant = number & { readonly instant: unique symbol };
/** A calendar day, "2026-03-29", in a zone that is always named beside it. */
export type Day = string & { readonly day: unique symbol };
/** A calendar month, "2026-03". */
export type Month = string & { readonly month: unique symbol };
/** An IANA zone ("Australia/Adelaide") or a fixed offset ("+10:00"). */
export type Zone = string & { readonly zone: unique symbol };
/** Half-open: from is inside, to is not. */
export interface Period {
  from: Instant;
  to: Instant;
}

export const secondsPerHour = 3600;
export const secondsPerDay = 86_400;

/** Marks whole seconds as an instant. */
export function instant(seconds: number): Instant {
  return seconds as Instant;
}

/** The second in which a moment in milliseconds lies, as a Clock and Date.now() give it. */
export function instantOfMs(ms: number): Instant {
  return Math.floor(ms / 1000) as Instant;
}

/** The zone, or undefined when no such zone is known. */
export function parseZone(text: string): Zone | undefined {
  // Temporal also finds the zone inside "2026-01-01T00:00Z", and nobody else would.
  if (/^\d/.test(text)) return undefined;
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(text);
    return text as Zone;
  } catch {
    return undefined; // RangeError is how Temporal says "no such zone"
  }
}

/** Whether two names mean one zone: Asia/Calcutta is Asia/Kolkata. */
export function isSameZone(a: Zone, b: Zone): boolean {
  const begun = Temporal.Instant.fromEpochMilliseconds(0);
  return begun.toZonedDateTimeISO(a).equals(begun.toZonedDateTimeISO(b));
}

/** The day, or undefined when it is not one ("2026-02-30", "26-2-1"). */
export function parseDay(text: string): Day | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (!match) return undefined;
  return isCalendarDay(Number(match[1]), Number(match[2]), Number(match[3])) ? (text as Day) : undefined;
}

/** The month, or undefined when it is not one ("2026-13", "26-2"). */
export function parseMonth(text: string): Month | undefined {
  return /^\d{4}-(0[1-9]|1[0-2])$/.test(text) ? (text as Month) : undefined;
}

function isCalendarDay(year: number, month: number, day: number): boolean {
  return month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** `count` days after `day` (before, when negative); pure calendar, no zone needed. */
export function addDays(day: Day, count: number): Day {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * secondsPerDay * 1000).toISOString().slice(0, 10) as Day;
}

/** How many days `to` is after `from` (below zero when before); pure calendar, no zone needed. */
export function daysBetween(from: Day, to: Day): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / (secondsPerDay * 1000));
}

/** 1 is Monday, 7 is Sunday. */
export function weekdayOf(day: Day): number {
  return new Date(`${day}T00:00:00Z`).getUTCDay() || 7;
}

/** The month a day lies in. */
export function monthOf(day: Day): Month {
  return day.slice(0, 7) as Month;
}

/** "2026-03" begins on "2026-03-01". */
export function firstDayOf(month: Month): Day {
  return `${month}-01` as Day;
}

/** `count` months after `month` (before, when negative). */
export function addMonths(month: Month, count: number): Month {
  const index = Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7)) - 1 + count;
  return `${String(Math.floor(index / 12)).padStart(4, '0')}-${String((index % 12) + 1).padStart(2, '0')}` as Month;
}

const dayStarts = new Map<string, Instant>();
const dayStartsMax = 50_000;

/** The first instant of a local day: usually 00:00, 01:00 where the clock skips midnight. */
export function startOfDay(day: Day, zone: Zone): Instant {
  const key = `${day}${zone}`;
  const known = dayStarts.get(key);
  if (known !== undefined) return known;
  if (dayStarts.size >= dayStartsMax) dayStarts.clear();
  const start = instantOfMs(Temporal.PlainDate.from(day).toZonedDateTime(zone).epochMilliseconds);
  dayStarts.set(key, start);
  return start;
}

/** A local day: 86,400 seconds, but for those on which a clock changes or a zone skips a day. */
export function dayPeriod(day: Day, zone: Zone): Period {
  return { from: startOfDay(day, zone), to: startOfDay(addDays(day, 1), zone) };
}

/** A local month, from the start of its first day to that of the next month's. */
export function monthPeriod(month: Month, zone: Zone): Period {
  return { from: startOfDay(firstDayOf(month), zone), to: startOfDay(firstDayOf(addMonths(month, 1)), zone) };
}

interface OffsetTable {
  /** Instants at which a new offset begins; the first is before the year. */
  from: number[];
  offset: number[];
}

const offsetTables = new Map<string, OffsetTable>();
let lastAsked: { zone: Zone | undefined; from: number; to: number; table: OffsetTable } = {
  zone: undefined,
  from: 0,
  to: 0,
  table: { from: [], offset: [] },
};

/** Seconds to add to UTC for the wall clock of `zone` at that instant. */
export function offsetAt(at: Instant, zone: Zone): number {
  // Who asks, asks for a year of one zone again and again.
  if (zone !== lastAsked.zone || at < lastAsked.from || at >= lastAsked.to) {
    const year = new Date(at * 1000).getUTCFullYear();
    const [from, to] = [Date.UTC(year, 0, 1) / 1000, Date.UTC(year + 1, 0, 1) / 1000];
    lastAsked = { zone, from, to, table: offsetTable(zone, year) };
  }
  const { table } = lastAsked;
  let index = table.from.length - 1;
  while (index > 0 && at < table.from[index]!) index -= 1;
  return table.offset[index]!;
}

// A year has at most a handful of clock changes, so a linear table per zone and year answers in nanoseconds where Temporal takes microseconds.
function offsetTable(zone: Zone, year: number): OffsetTable {
  const key = `${year}${zone}`;
  let table = offsetTables.get(key);
  if (table) return table;
  const yearEndsMs = Date.UTC(year + 1, 0, 1);
  let moment = Temporal.Instant.fromEpochMilliseconds(Date.UTC(year, 0, 1)).toZonedDateTimeISO(zone);
  table = { from: [Number.NEGATIVE_INFINITY], offset: [moment.offsetNanoseconds / 1e9] };
  for (;;) {
    const next = moment.getTimeZoneTransition('next');
    if (!next || next.epochMilliseconds >= yearEndsMs) break;
    table.from.push(next.epochMilliseconds / 1000);
    table.offset.push(next.offsetNanoseconds / 1e9);
    moment = next;
  }
  offsetTables.set(key, table);
  return table;
}

/** The local calendar day an instant falls in. */
export function dayOf(at: Instant, zone: Zone): Day {
  return new Date((at + offsetAt(at, zone)) * 1000).toISOString().slice(0, 10) as Day;
}

/** Minutes on the wall clock since local midnight, 0 to 1439. */
export function minuteOfDay(at: Instant, zone: Zone): number {
  const local = at + offsetAt(at, zone);
  return Math.floor((((local % secondsPerDay) + secondsPerDay) % secondsPerDay) / 60);
}

/** "2026-11-21T10:30:00Z" */
export function formatUtc(at: Instant): string {
  return `${wallText(at)}Z`;
}

/** "2026-11-21T21:00:00+10:30": the wall clock of `zone` with its offset. */
export function formatLocal(at: Instant, zone: Zone): string {
  const offset = offsetAt(at, zone);
  return wallText(at + offset) + offsetText(offset);
}

/** "2026-11-21T21:00:00": the wall clock alone, as the predecessors' APIs print it. */
export function formatWallClock(at: Instant, zone: Zone): string {
  return wallText(at + offsetAt(at, zone));
}

// What is written at all is a few days, each many times: a date costs ten times what the rest of a time does.
const dateTexts = new Map<number, string>();
const dateTextsMax = 50_000;
const twoDigits = Array.from({ length: 60 }, (_, value) => String(value).padStart(2, '0'));

/** Seconds since 1970 on some wall clock. */
function wallText(seconds: number): string {
  const day = Math.floor(seconds / secondsPerDay);
  const inDay = seconds - day * secondsPerDay;
  let date = dateTexts.get(day);
  if (date === undefined) {
    if (dateTexts.size === dateTextsMax) dateTexts.clear();
    date = new Date(day * secondsPerDay * 1000).toISOString().slice(0, 11);
    dateTexts.set(day, date);
  }
  const minutes = Math.floor(inDay / 60);
  return `${date}${twoDigits[Math.floor(minutes / 60)]}:${twoDigits[minutes % 60]}:${twoDigits[inDay % 60]}`;
}

const offsetTexts = new Map<number, string>();

function offsetText(offset: number): string {
  let text = offsetTexts.get(offset);
  if (text === undefined) {
    const minutes = Math.abs(Math.trunc(offset / 60));
    text = `${offset < 0 ? '-' : '+'}${twoDigits[Math.trunc(minutes / 60)]}:${twoDigits[minutes % 60]}`;
    offsetTexts.set(offset, text);
  }
  return text;
}

/** The instant at which the wall clock of `zone` shows this; the earlier one where an hour repeats; undefined where it is skipped. */
export function instantOfWallClock(
  day: Day,
  hour: number,
  minute: number,
  second: number,
  zone: Zone,
): Instant | undefined {
  const wall = Date.parse(`${day}T00:00:00Z`) / 1000 + hour * 3600 + minute * 60 + second;
  const candidates = [wall - secondsPerDay, wall + secondsPerDay].map(near => wall - offsetAt(instant(near), zone));
  const fitting = candidates.filter(at => at + offsetAt(instant(at), zone) === wall);
  return fitting.length > 0 ? instant(Math.min(...fitting)) : undefined;
}

const stamp = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.0+)?)?(Z|z|[+-](?:[01]\d|2[0-3]):?[0-5]\d)?$/;
const unixSeconds = /^\d{9,10}$/;

/**
 * Reads RFC 3339 with Z or an offset, a zone-less stamp as the wall clock of `zone`, or Unix seconds (number or digits).
 * undefined for anything else: a fraction of a second, a day that does not exist, a wall clock time that a clock change skipped.
 */
export function parseInstant(value: string | number, zone: Zone): Instant | undefined {
  if (typeof value === 'number')
    return Number.isSafeInteger(value) && value >= 0 && value < 1e10 ? instant(value) : undefined;
  if (unixSeconds.test(value)) return instant(Number(value));
  const match = stamp.exec(value);
  if (!match) return undefined;
  const [year, month, day, hour, minute] = [match[1], match[2], match[3], match[4], match[5]].map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const second = Number(match[6] ?? 0);
  if (!isCalendarDay(year, month, day) || hour > 23 || minute > 59 || second > 59) return undefined;
  const suffix = match[7];
  if (!suffix) return instantOfWallClock(value.slice(0, 10) as Day, hour, minute, second, zone);
  // Not Date.UTC, which takes the years 0 to 99 for 1900 to 1999.
  const midnight = Date.parse(`${value.slice(0, 10)}T00:00:00Z`) / 1000;
  return instant(midnight + hour * 3600 + minute * 60 + second - parseOffset(suffix));
}

const utc = 'UTC' as Zone;

/** Whether parseInstant does not read it for no other reason than that the wall clock of `zone` skips it. */
export function isSkipped(value: string | number, zone: Zone): boolean {
  return parseInstant(value, zone) === undefined && parseInstant(value, utc) !== undefined;
}

function parseOffset(suffix: string): number {
  if (suffix === 'Z' || suffix === 'z') return 0;
  const digits = suffix.replace(':', '');
  const seconds = Number(digits.slice(1, 3)) * 3600 + Number(digits.slice(3, 5)) * 60;
  return suffix.startsWith('-') ? -seconds : seconds;
}
