import { assert } from '../kernel/assert.ts';
import { addDays, daysBetween } from '../units/time.ts';
import { seasonOf } from './calendar.ts';
import { calendarParts, countDays } from './calendar-parts.ts';
import type { Days, Usage } from './component.ts';
import type { TieredRate, TierTerms } from './tiers.ts';

/** Days that share one set of tier bounds. */
export interface TierPart extends Days {
  /** The tier period the days belong to: its share of a bound is days / daysInPeriod, or daysInPeriod times a bound per day. */
  numerator: number;
  denominator: number;
  /** From where earlier energy counts against the bounds; undefined when every part begins anew. */
  countsFrom: Days['from'] | undefined;
}

/**
 * Cuts a segment into the parts that have bounds of their own. With a share by days a season is a price of its own and so a part of its
 * own; a bound that is used up over its whole period spans the seasons in it.
 */
export function tierParts(terms: TierTerms & { rates: TieredRate[] }, usage: Usage): TierPart[] {
  const { tierPeriod, tierProration = 'BY_DAYS' } = terms;
  assert(tierPeriod, 'a plan with tiers says what their bounds are for');
  const segment = { from: usage.from, to: usage.to };
  if (tierProration === 'NONE' && tierPeriod !== 'P1D')
    return periodsOf(segment, tierPeriod, usage).map(part => ({ ...part, ...wholeBound, countsFrom: part.whole.from }));
  const seasonal = terms.rates.some(rate => rate.windows?.some(window => window.season !== undefined));
  const stretches = seasonal ? cutAtSeasons(segment, usage) : [segment];
  return stretches.flatMap(days => {
    if (tierPeriod === 'P1D') return [{ ...days, ...allowanceOf(terms, days), countsFrom: undefined }];
    return periodsOf(days, tierPeriod, usage).map(({ from, to, whole }) => ({
      from,
      to,
      numerator: daysBetween(from, to),
      denominator: countDays(whole),
      countsFrom: undefined,
    }));
  });
}

const wholeBound = { numerator: 1, denominator: 1 };

/** POOLED: the days of the part share their allowances; EACH is counted day by day, so the bound stays as it is. */
function allowanceOf({ tierAllowance }: TierTerms, days: Days) {
  return tierAllowance === 'POOLED' ? { numerator: countDays(days), denominator: 1 } : wholeBound;
}

function periodsOf(days: Days, period: 'P1M' | 'P3M' | 'P1Y' | 'BILL', usage: Usage) {
  if (period === 'BILL') return [{ ...days, whole: usage.period }];
  return calendarParts(days, period, usage.monthStartsOn);
}

function cutAtSeasons({ from, to }: Days, { calendar }: Usage): Days[] {
  const stretches: Days[] = [];
  let start = from;
  for (let day = addDays(from, 1); day < to; day = addDays(day, 1)) {
    if (seasonOf(day.slice(5), calendar) === seasonOf(start.slice(5), calendar)) continue;
    stretches.push({ from: start, to: day });
    start = day;
  }
  return [...stretches, { from: start, to }];
}
