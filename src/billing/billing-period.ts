import type { Day } from '../units/time.ts';

/** Local days at the meter point, half-open: `to` is the first day that is not billed. */
export interface BillingPeriod {
  from: Day;
  to: Day;
}

/** Days of a supply that are billed together. */
export interface BilledDays extends BillingPeriod {
  supplyId: number;
}

/** The parts of `period` that none of `taken` covers, in order. */
export function daysLeft(period: BillingPeriod, taken: BillingPeriod[]): BillingPeriod[] {
  const left: BillingPeriod[] = [];
  let { from } = period;
  for (const other of taken.toSorted((a, b) => (a.from < b.from ? -1 : 1))) {
    if (other.to <= from || other.from >= period.to) continue;
    if (other.from > from) left.push({ from, to: other.from });
    from = other.to;
  }
  if (from < period.to) left.push({ from, to: period.to });
  return left;
}
