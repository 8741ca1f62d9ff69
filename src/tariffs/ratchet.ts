import { divideHalfAwayFromZero } from '../units/money.ts';
import type { Rate } from '../units/rate.ts';
import { addMonths, type Month } from '../units/time.ts';

/** A share of earlier peaks below which the billing demand may not fall. */
export interface RatchetTerms {
  /** As a fraction: 0.75. */
  percent: Rate;
  /** The calendar months (1 to 12) whose peaks count; undefined means all. */
  months?: number[] | undefined;
  /** How many months before the billed one are looked at. */
  lookbackMonths: number;
  /** Micro-kW; 0 when there is none. */
  floor: number;
}

/** What was measured in a month that has been billed. */
export interface MonthPeak {
  month: Month;
  /** Micro-kW or micro-kVA. */
  demand: number;
}

export interface Ratcheted {
  /** Micro-kW or micro-kVA. */
  billing: number;
  /** What raised it above the measured demand; undefined when nothing did. */
  raisedBy: MonthPeak | 'floor' | undefined;
}

const wholeShare = 100_000_000n;

/**
 * The greatest of the measured demand, the share of the highest earlier peak that counts, and the floor. A month nobody knows a peak of
 * binds no one: a new customer has no history. Of equal earlier peaks the earliest is named.
 */
export function ratchet(measured: number, month: Month, earlier: MonthPeak[], terms: RatchetTerms): Ratcheted {
  const oldest = addMonths(month, -terms.lookbackMonths);
  const [highest] = earlier
    .filter(peak => peak.month >= oldest && peak.month < month && countsMonth(peak.month, terms.months))
    .sort((a, b) => b.demand - a.demand || compareMonths(a.month, b.month));
  const share = highest ? shareOf(highest.demand, terms.percent) : 0;
  const billing = Math.max(measured, share, terms.floor);
  if (billing === measured) return { billing, raisedBy: undefined };
  return { billing, raisedBy: highest && billing === share ? highest : 'floor' };
}

function countsMonth(month: Month, months: number[] | undefined): boolean {
  return months === undefined || months.includes(Number(month.slice(5)));
}

function compareMonths(a: Month, b: Month): number {
  return a < b ? -1 : Number(a > b);
}

function shareOf(demand: number, percent: Rate): number {
  return Number(divideHalfAwayFromZero(BigInt(demand) * percent, wholeShare));
}
