import { assert } from '../kernel/assert.ts';
import { Refusal } from '../kernel/errors.ts';
import { addDays, addMonths, type Day, formatLocal, type Month, monthOf, startOfDay } from '../units/time.ts';
import { seasonOf } from './calendar.ts';
import { calendarParts } from './calendar-parts.ts';
import type { Days, Measured, Usage } from './component.ts';
import { commonDays, cutDays, eachDay } from './day-spans.ts';
import { apparentDemand, type DemandSeries, realDemand } from './demand-series.ts';
import type { DemandTerms } from './demand-terms.ts';
import { insideWindows } from './demand-windows.ts';
import { measuredSlots } from './measured-slots.ts';
import { averageDemand, highestPeak, type Peak, peaksIn, type SlotSpan, topPeaks } from './peaks.ts';
import { type MonthPeak, type Ratcheted, ratchet } from './ratchet.ts';

/** Days that share one billing demand, and how it came about. */
export interface DemandPart extends Days {
  /** Micro-kW or micro-kVA. */
  billing: number;
  /** The peaks of this bill's readings, the highest first; none when another month's peak or an empty window decided. */
  peaks: Peak[];
  /** How many demand intervals reached the highest one; the earliest is named. */
  equalPeaks: number;
  /** An earlier part's or month's higher peak that counts in full. */
  carried: MonthPeak | undefined;
  /** What raised the measured demand. */
  raisedBy: Ratcheted['raisedBy'] | 'min';
  measured: Measured | undefined;
}

/** Demands of the days in which a peak may be looked for. */
interface Readings {
  days: Days;
  series: DemandSeries;
  isInside: Uint8Array;
}

/** A measurement period's share of the days that are charged. */
interface Part {
  days: Days;
  /** Where its own peak is looked for. */
  measuredIn: Days;
  /** The price month a ratchet counts back from. */
  month: Month;
  /** Months whose known peaks count as if they were this part's own. */
  alsoMonths: Month[];
}

/**
 * The billing demand of each measurement period in `days` (the segment's when left out): the peak is one number for the whole period as
 * far as the bill knows it, whatever prices it has on the way. Throws 'fact-missing' when earlier peaks decide and nobody looked them up.
 */
export function demandParts(terms: DemandTerms, usage: Usage, days: Days = usage): DemandPart[] {
  const readings = read(terms, usage);
  return partsOf(terms, usage, days).flatMap(part => {
    const peaks = ownPeaks(terms, usage, readings, part.measuredIn);
    const known = knownPeaks(terms, usage, readings, part);
    const [carried] = topMonths(known.filter(({ month }) => part.alsoMonths.includes(month)));
    if (peaks.length === 0 && !carried && terms.emptyWindow === 'SKIP') return [];
    const own = peaks.length > 0 ? averageDemand(peaks) : 0;
    const measured = Math.max(own, carried?.demand ?? 0);
    const ratcheted: Ratcheted = terms.ratchet
      ? ratchet(measured, part.month, known, terms.ratchet)
      : { billing: measured, raisedBy: undefined };
    const billing = Math.max(ratcheted.billing, terms.min);
    const isCarried = carried !== undefined && carried.demand > own;
    return [
      {
        ...part.days,
        billing,
        peaks,
        equalPeaks: countEqual(readings, part.measuredIn, usage, peaks),
        carried: isCarried ? carried : undefined,
        raisedBy: billing > ratcheted.billing ? 'min' : ratcheted.raisedBy,
        measured: measuredSlots(terms.register, readings, spanOf(part.measuredIn, readings.series, usage), peaks),
      },
    ];
  });
}

function read(terms: DemandTerms, usage: Usage): Readings {
  const days = usage.daysWith(terms.code);
  const demandOf = (register: string) => {
    const intervals = usage.intervals(register, days);
    assert(intervals, 'rate refuses a site without a register that a demand charge needs');
    return realDemand(intervals, terms.interval, register);
  };
  const real = demandOf(terms.register);
  const series = terms.reactiveRegister ? apparentDemand(real, demandOf(terms.reactiveRegister)) : real;
  return { days, series, isInside: insideWindows(terms.windows, { ...series, energy: series.demand }, usage) };
}

function partsOf(terms: DemandTerms, usage: Usage, days: Days): Part[] {
  const { period, calendar } = usage;
  const around = usage.daysWith(terms.code);
  const partOf = (days: Days, measured: Days, month: Month, alsoMonths: Month[] = []): Part => {
    const measuredIn = commonDays(measured, around);
    assert(measuredIn, 'what is charged lies in the days around it');
    return { days, measuredIn, month, alsoMonths };
  };
  switch (terms.measurementPeriod) {
    case 'BILL':
      return [partOf(days, around, monthAt(days.from, usage))];
    case 'DAY':
      return eachDay(days).map(day => partOf(day, day, monthAt(day.from, usage)));
    case 'MONTH':
      return monthsOf(days, usage).map(({ days, whole, month }) =>
        partOf(days, whole, month, terms.carry && whole.from < period.from ? [month] : []),
      );
    case 'ROLLING_12M':
      return monthsOf(days, usage).map(({ days, whole, month }) => partOf(days, whole, month, twelveMonths(month)));
    case 'TARIFF_PERIOD':
      return cutDays(days, day => seasonAround(day, calendar)).map(({ part, whole: season }) => {
        const before = season.from < period.from ? monthsOf({ from: season.from, to: period.from }, usage) : [];
        return partOf(
          part,
          season,
          monthAt(part.from, usage),
          before.map(({ month }) => month),
        );
      });
  }
}

interface MonthPart {
  days: Days;
  whole: Days;
  month: Month;
}

/** The price's own months in some days, each named after the calendar month in which it begins. */
function monthsOf(days: Days, { monthStartsOn }: Usage): MonthPart[] {
  return calendarParts(days, 'P1M', monthStartsOn).map(({ whole, ...days }) => ({
    days,
    whole,
    month: monthOf(whole.from),
  }));
}

function monthAt(day: Day, usage: Usage): Month {
  return monthsOf({ from: day, to: addDays(day, 1) }, usage)[0]!.month;
}

function twelveMonths(last: Month): Month[] {
  return Array.from({ length: 12 }, (_, back) => addMonths(last, -back));
}

/** The season's run of days around a day; a season that is the whole year begins anew on its first day. */
function seasonAround(day: Day, calendar: Usage['calendar']): Days {
  const season = calendar.seasons.find(({ name }) => name === seasonOf(day.slice(5), calendar));
  assert(season, 'a plan that measures by season has seasons, and they tile the year');
  const isNext = (at: Day) => at.slice(5) !== season.from && seasonOf(at.slice(5), calendar) === season.name;
  let [from, to] = [day, addDays(day, 1)];
  while (isNext(from) && seasonOf(addDays(from, -1).slice(5), calendar) === season.name) from = addDays(from, -1);
  while (isNext(to)) to = addDays(to, 1);
  return { from, to };
}

function spanOf({ from, to }: Days, { from: start, stepSeconds }: DemandSeries, { zone }: Usage): SlotSpan {
  const first = (startOfDay(from, zone) - start) / stepSeconds;
  const end = (startOfDay(to, zone) - start) / stepSeconds;
  if (!Number.isInteger(first) || !Number.isInteger(end)) {
    const midnight = formatLocal(startOfDay(Number.isInteger(first) ? to : from, zone), zone);
    throw new Refusal(
      'intervals-misaligned',
      `${midnight} lies inside a demand interval of ${stepSeconds / 60} minutes`,
    );
  }
  return { first, end };
}

/** The peaks that are averaged, the highest first; none when no demand interval is in a window. */
function ownPeaks({ peak }: DemandTerms, usage: Usage, { series, isInside }: Readings, days: Days): Peak[] {
  const span = spanOf(days, series, usage);
  if (peak.fn === 'MAX' || peak.n === undefined) {
    const highest = highestPeak(series, isInside, span);
    return highest ? [highest] : [];
  }
  if (peak.isolation === 'NONE') return topPeaks(peaksIn(series, isInside, span), peak.n);
  const ofDays = eachDay(days).flatMap(day => highestPeak(series, isInside, spanOf(day, series, usage)) ?? []);
  return topPeaks(ofDays, peak.n);
}

/** Peaks of months: those the caller knows, and those of the months of this bill before the part's own. */
function knownPeaks(terms: DemandTerms, usage: Usage, readings: Readings, { month, alsoMonths }: Part): MonthPeak[] {
  const asked = [...alsoMonths, ...(terms.ratchet ? [addMonths(month, -terms.ratchet.lookbackMonths)] : [])];
  if (asked.length === 0) return [];
  const [oldest = month] = asked.sort();
  if (!usage.facts.peaks && oldest <= monthAt(addDays(usage.period.from, -1), usage))
    throw new Refusal('fact-missing', `${terms.code} needs its peaks of the months from ${oldest}`);
  const earlier = (usage.facts.peaks ?? [])
    .filter(({ code }) => code === terms.code)
    .map(({ month, quantity }) => ({ month, demand: quantity }));
  const ofThisBill = monthsOf(readings.days, usage)
    .filter(each => each.month < month)
    .flatMap(each => {
      const peaks = ownPeaks(terms, usage, readings, each.days);
      return peaks.length > 0 ? [{ month: each.month, demand: averageDemand(peaks) }] : [];
    });
  return [...earlier, ...ofThisBill];
}

function topMonths(peaks: MonthPeak[]): MonthPeak[] {
  return peaks.toSorted((a, b) => b.demand - a.demand || (a.month < b.month ? -1 : 1));
}

function countEqual({ series, isInside }: Readings, days: Days, usage: Usage, [highest]: Peak[]): number {
  if (!highest) return 0;
  const { first, end } = spanOf(days, series, usage);
  let count = 0;
  for (let slot = first; slot < end; slot++)
    if (isInside[slot] === 1 && series.demand[slot] === highest.demand) count += 1;
  return count;
}
