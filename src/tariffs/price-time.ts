import { z } from 'zod';
import { type CalendarPeriod, calendarParts, countDays } from './calendar-parts.ts';
import type { Days, Factor, Usage } from './component.ts';

/**
 * How a price over time is divided. DAY counts local days, whatever their hours. A price per month or year is for the days used over the
 * days of that calendar month or year (LOCAL_DAYS), over 365 or 365.25 days a year ("12/365.25" for a price per month), or in calendar
 * months (CALENDAR_MONTH): a whole one is one twelfth of a year whatever its length.
 */
export const priceTimeTerms = {
  per: z.enum(['DAY', 'MONTH', 'YEAR']),
  dayBasis: z.enum(['LOCAL_DAYS', '365', '365.25', '12/365.25', 'CALENDAR_MONTH']).optional(),
};

export interface PriceTime {
  per: 'DAY' | 'MONTH' | 'YEAR';
  dayBasis?: 'LOCAL_DAYS' | '365' | '365.25' | '12/365.25' | 'CALENDAR_MONTH' | undefined;
}

/** Days of one line: how many days or months are counted, and what the price is divided by. */
export interface TimePart extends Days {
  quantity: number;
  unit: 'day' | 'month';
  factors: Factor[];
  /** ", 17 of 31 days of the month"; '' when nothing is divided. */
  words: string;
}

/** Why the two do not go together; undefined when they do. */
export function whyNotPriceTime({ per, dayBasis = 'LOCAL_DAYS' }: PriceTime): string | undefined {
  if (per === 'DAY' && dayBasis !== 'LOCAL_DAYS') return 'a price per day counts local days';
  if (per === 'YEAR' && dayBasis === '12/365.25') return '12/365.25 is for a price per month; a yearly one says 365.25';
  return undefined;
}

/** Cuts days into those that share one division. */
export function timeParts({ per, dayBasis }: PriceTime, days: Days, { monthStartsOn }: Usage): TimePart[] {
  if (per === 'DAY') return [counted(days, [], '')];
  const months = per === 'MONTH' ? [ratio('× 12', 12n, 1n)] : [];
  if (dayBasis === '365') return [counted(days, [...months, over('365', 365n)], '')];
  if (dayBasis === '365.25' || dayBasis === '12/365.25')
    return [counted(days, [...months, ratio('/ 365.25', 100n, 36_525n)], '')];
  if (per === 'YEAR' && dayBasis !== 'CALENDAR_MONTH') return shares(days, 'P1Y', 1, []);
  return shares(days, 'P1M', monthStartsOn, per === 'YEAR' ? [over('12', 12n)] : []);
}

/** What the price of a kW is multiplied by: "× 17 days / 31"; nothing for a whole month or a single day. */
export function timeFactors({ quantity, unit, factors }: TimePart): Factor[] {
  if (quantity === 1 && (unit === 'month' || factors.length === 0)) return factors;
  return [ratio(`× ${quantity} ${quantity === 1 ? 'day' : 'days'}`, BigInt(quantity), 1n), ...factors];
}

function shares(days: Days, period: CalendarPeriod, startsOn: number, factors: Factor[]): TimePart[] {
  return calendarParts(days, period, startsOn).map(part => {
    const [used, all] = [countDays(part), countDays(part.whole)];
    if (period === 'P1M' && used === all) return { ...daysOf(part), quantity: 1, unit: 'month', factors, words: '' };
    const words = `, ${used} of ${all} days of the ${period === 'P1M' ? 'month' : 'year'}`;
    return counted(part, [...factors, over(String(all), BigInt(all))], words);
  });
}

function counted(days: Days, factors: Factor[], words: string): TimePart {
  return { ...daysOf(days), quantity: countDays(days), unit: 'day', factors, words };
}

function daysOf({ from, to }: Days): Days {
  return { from, to };
}

function over(words: string, denominator: bigint): Factor {
  return ratio(`/ ${words}`, 1n, denominator);
}

function ratio(words: string, numerator: bigint, denominator: bigint): Factor {
  return { words, numerator, denominator };
}
