import { z } from 'zod';
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
import type { RateRequest } from '../rate.ts';
import type { Segment } from '../segments.ts';

// Reads the stored documents with its own eyes: nothing here comes from the calendar, the compiler, the tiers or the components, so
// that a mistake in one of them does not repeat itself here. Slow and plain on purpose: a day is found by counting days.

/** A line before rounding: units × price (1e-8) × times / over. */
export interface NaiveLine {
  code: string;
  from: Day;
  /** What minimum, discounts and concessions call it. */
  category: string;
  units: bigint;
  price: bigint;
  times: bigint;
  over: bigint;
  taxCode: string;
  basis: 'EXCLUSIVE' | 'INCLUSIVE';
  /** Set where the quantity on paper is to be compared as well: millionths of a kWh. */
  energy: bigint | undefined;
}

export interface NaiveContext {
  plan: PlanDocument;
  segment: Segment;
  /** The whole bill, half-open. */
  period: { from: Day; to: Day };
  request: RateRequest;
}

/** One kind of component, checked by other means. `lines` is given the component's document and returns undefined to say "not learnt". */
export interface Check {
  kinds: string[];
  lines(document: unknown, context: NaiveContext): NaiveLine[] | undefined;
}

export const planDocument = z.object({
  timeZone: z.string().default('LOCAL'),
  dayTypes: z.record(z.string(), z.array(z.string())).default({}),
  seasons: z.record(z.string(), z.tuple([z.string(), z.string()])).default({}),
  holidayCalendar: z.string().optional(),
  jurisdiction: z.string().optional(),
  taxMode: z.enum(['TOTAL', 'LINE']).default('TOTAL'),
  taxBasis: z.enum(['EXCLUSIVE', 'INCLUSIVE']),
  taxes: z.record(z.string(), z.object({ percent: z.string(), halfCents: z.enum(['UP', 'DOWN']).optional() })),
  components: z.array(z.looseObject({ kind: z.string() })),
  fees: z.array(z.looseObject({})).default([]),
  minimum: z.unknown().optional(),
  discounts: z.array(z.unknown()).default([]),
  concessionsEligible: z.array(z.unknown()).default([]),
  payableRounding: z.object({ increment: z.string() }).optional(),
});
export type PlanDocument = z.output<typeof planDocument>;

export const basisField = { taxBasis: z.enum(['EXCLUSIVE', 'INCLUSIVE']).optional() };

export interface WindowDocument {
  season?: string | undefined;
  days?: string | undefined;
  from: string;
  to: string;
}

/** The rates that claim a minute, by the windows as they are written. */
export function ratesAt<Rate extends { windows?: WindowDocument[] | undefined }>(
  at: Instant,
  rates: Rate[],
  { plan, request }: NaiveContext,
): Rate[] {
  if (rates.every(rate => !rate.windows)) return rates;
  const zone = clockOf(plan.timeZone, request.zone);
  const day = dayOf(at, zone);
  const minute = minuteOfDay(at, zone);
  const holidays = request.holidayCalendars
    .filter(({ name }) => name === plan.holidayCalendar)
    .flatMap(({ days }) => days);
  const claimed = rates.filter(rate => rate.windows?.some(each => isInside(each, day, minute, plan, holidays)));
  return claimed.length > 0 ? claimed : rates.filter(rate => !rate.windows);
}

function clockOf(timeZone: string, site: Zone): Zone {
  if (timeZone === 'LOCAL') return site;
  return (timeZone === 'AEST' ? '+10:00' : timeZone) as Zone;
}

function isInside(window: WindowDocument, day: Day, minute: number, plan: PlanDocument, holidays: string[]): boolean {
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

function isOnDay({ season, days }: WindowDocument, day: Day, plan: PlanDocument, holidays: string[]): boolean {
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

export function daysFrom(from: Day, to: Day): Day[] {
  const days: Day[] = [];
  for (let day = from; day < to; day = addDays(day, 1)) days.push(day);
  return days;
}

/** How many days of the calendar have the same label as this one. */
export function daysLike(day: Day, label: (day: Day) => string): number {
  let count = 0;
  for (let offset = -400; offset <= 400; offset++) if (label(addDays(day, offset)) === label(day)) count += 1;
  return count;
}

/** What the month, quarter or year of a day is called when these begin on day `startsOn` of a month. */
export function labelOf(day: Day, period: string, startsOn: number): string {
  const shifted = addDays(day, 1 - startsOn);
  if (period === 'P1Y') return shifted.slice(0, 4);
  if (period === 'P1M') return shifted.slice(0, 7);
  return `${shifted.slice(0, 4)} ${['01', '04', '07', '10'].findLast(first => first <= shifted.slice(5, 7))}`;
}

/** Each slot of a register on the local days [from, to). */
export function slotsOf(register: string, from: Day, to: Day, { registers, zone }: RateRequest) {
  const series = registers.get(register);
  const slots: { at: Instant; day: Day; seconds: number; energy: bigint }[] = [];
  if (!series) return slots;
  for (let slot = 0; slot < series.energy.length; slot++) {
    const at = instant(series.from + slot * series.stepSeconds);
    const day = dayOf(at, zone);
    if (day < from || day >= to) continue;
    slots.push({ at, day, seconds: series.stepSeconds, energy: BigInt(series.energy[slot]!) });
  }
  return slots;
}

export function centsOf({ units, price, times, over }: NaiveLine): bigint {
  return nearest(units * price * times, over * 1_000_000n, true);
}

/** The nearest whole number; exactly half goes away from zero when `halfUp`, toward it otherwise. */
export function nearest(numerator: bigint, denominator: bigint, halfUp: boolean): bigint {
  if (numerator < 0n) return -nearest(-numerator, denominator, halfUp);
  const whole = numerator / denominator;
  const twiceRest = (numerator - whole * denominator) * 2n;
  return twiceRest > denominator || (halfUp && twiceRest === denominator) ? whole + 1n : whole;
}

/** A decimal string in units of 1e-8. */
export function exact(text: string): bigint {
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  const magnitude = BigInt(whole + fraction.padEnd(8, '0'));
  return text.startsWith('-') ? -magnitude : magnitude;
}
