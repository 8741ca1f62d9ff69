import { z } from 'zod';
import { type DayKind, holidayTypeOf, type PlanCalendar, publicHoliday, weekdayNames } from './calendar.ts';
import type { PriceWords } from './component.ts';
import { noTax } from './component.ts';
import type { Plan } from './plan.ts';
import { type TieredRate, tieredRates } from './tiers.ts';
import { describeWindows, ratePrices } from './when.ts';
import { claimMinutes, minutesPerDay } from './windows.ts';

/** Which rate has each minute of a week, for one component of a plan in one season. */
export interface WeekPicture {
  code: string;
  title: string;
  /** Monday to Sunday, then public holidays where the plan prices them apart. */
  days: { name: string; runs: WeekRun[] }[];
  rates: WeekRate[];
}

/** Minutes [from, to) on the tariff's clock. */
export interface WeekRun {
  from: number;
  to: number;
  /** Index into the picture's rates. */
  rate: number;
}

export interface WeekRate {
  /** "A", the dearest first. */
  letter: string;
  /** 0 is the cheapest, by the price of its first tier. */
  rank: number;
  when: string;
  /** One per tier. */
  prices: PriceWords[];
}

const pictured = z.object({
  kind: z.enum(['energy', 'feedIn', 'passThrough']),
  code: z.string(),
  description: z.string().optional(),
  rates: tieredRates,
});
const titles = { energy: 'From grid', feedIn: 'Solar feed-in', passThrough: 'Network charge' };

/**
 * A picture for each component whose price depends on the clock, in the season named (any, in a plan without seasons). A window that
 * runs past midnight is drawn as in the middle of the season, and on a public holiday as after an ordinary Wednesday.
 */
export function weekPictures({ document, calendar }: Plan, season: string): WeekPicture[] {
  const { components } = z.object({ components: z.array(z.unknown()) }).parse(document);
  return components.flatMap(part => {
    const { data } = pictured.safeParse(part);
    // A dial of its own decides by itself, not by the clock.
    if (!data || data.rates.some(rate => rate.register !== undefined)) return [];
    return [{ code: data.code, ...pictureOf(data.description ?? titles[data.kind], data.rates, calendar, season) }];
  });
}

function pictureOf(title: string, rates: TieredRate[], calendar: PlanCalendar, season: string) {
  const used = new Set<number>();
  const days = daysOf(calendar).map(({ name, today, yesterday }) => {
    const { rateOf } = claimMinutes(rates, { season, dayType: today }, { season, dayType: yesterday });
    const runs = runsOf(rateOf);
    for (const { rate } of runs) used.add(rate);
    return { name, runs };
  });
  const price = (at: number) => rates[at]!.tiers[0]!.unitPrice;
  const dearestFirst = [...used].sort((a, b) => Number(price(b) - price(a)) || a - b);
  const ranks = [...new Set(dearestFirst.map(price))].reverse();
  return {
    title,
    days: days.map(day => ({ ...day, runs: day.runs.map(run => ({ ...run, rate: dearestFirst.indexOf(run.rate) })) })),
    rates: dearestFirst.map((at, order) => ({
      letter: String.fromCharCode(65 + (order % 26)),
      rank: ranks.indexOf(price(at)),
      when: describeWindows(inSeason(rates[at]!, season), rates, calendar) || 'at all times',
      prices: ratePrices(title, rates, calendar, noTax).filter((_, each) => indexOfTier(rates, each) === at),
    })),
  };
}

/** The picture is of one season: its name need not stand at each window. */
function inSeason({ windows, ...rate }: TieredRate, season: string): TieredRate {
  if (!windows) return rate;
  return {
    ...rate,
    windows: windows.filter(window => (window.season ?? season) === season).map(({ season: _, ...window }) => window),
  };
}

/** Whose tier the n-th price of all rates is. */
function indexOfTier(rates: TieredRate[], position: number): number {
  let rest = position;
  return rates.findIndex(({ tiers }) => {
    rest -= tiers.length;
    return rest < 0;
  });
}

function daysOf(calendar: PlanCalendar): { name: string; today: DayKind['dayType']; yesterday: DayKind['dayType'] }[] {
  const typeOf = (name: string) => calendar.dayTypes.find(({ days }) => days.includes(name))?.name ?? '';
  const week = weekdayNames.map((name, at) => ({
    name,
    today: typeOf(name),
    yesterday: typeOf(weekdayNames.at(at - 1)!),
  }));
  if (holidayTypeOf(calendar) === undefined) return week;
  return [...week, { name: publicHoliday, today: typeOf(publicHoliday), yesterday: typeOf('WED') }];
}

function runsOf(rateOf: Uint8Array): WeekRun[] {
  const runs: WeekRun[] = [];
  for (let minute = 0; minute < minutesPerDay; minute++) {
    const last = runs.at(-1);
    const rate = rateOf[minute]!;
    if (last && last.rate === rate) last.to = minute + 1;
    else runs.push({ from: minute, to: minute + 1, rate });
  }
  return runs;
}
