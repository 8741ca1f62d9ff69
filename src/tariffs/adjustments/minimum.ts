import { addCents, type Cents, cents, formatCents, priceCount, zeroCents } from '../../units/money.ts';
import type { MinimumTerms } from '../bill-terms.ts';
import { calendarParts, countDays } from '../calendar-parts.ts';
import type { Days } from '../component.ts';
import { defaultTax } from '../default-tax.ts';
import {
  type Adjustment,
  type BillSoFar,
  inCategories,
  lastVersion,
  moneyCharge,
  priceOf,
  sumOf,
} from './adjustment.ts';

/**
 * What is missing to the plan's minimum, as a line of its own. A bill in credit pays the whole minimum, not more: credits beyond zero
 * are the customer's (case B21). Each segment brings its own version's share of the amount.
 */
export function minimumTopUp(bill: BillSoFar): Adjustment[] {
  const version = lastVersion(bill);
  const { minimum, taxBasis } = version.plan;
  if (!minimum) return [];
  const least = leastOf(bill);
  const charged = sumOf(inCategories(bill.lines, minimum.appliesTo));
  const missing = cents(least - (charged > 0n ? charged : 0n));
  if (missing <= 0n) return [];
  const charge = {
    code: 'MINIMUM',
    category: 'MINIMUM' as const,
    description: `Top-up to the minimum of ${formatCents(least)}`,
    taxCode: minimum.tax ?? defaultTax(version.plan.taxes),
  };
  return [{ kind: 'minimum', charge: moneyCharge(charge, priceOf(missing), bill.period), taxBasis, version }];
}

function leastOf(bill: BillSoFar): Cents {
  const { minimum } = lastVersion(bill).plan;
  if (minimum && (minimum.period === 'BILL' || !minimum.prorate)) return priceCount(1n, minimum.amount);
  return bill.segments.reduce((sum, segment) => {
    const terms = segment.version.plan.minimum;
    return terms ? addCents(sum, shareOf(terms, segment, bill)) : sum;
  }, zeroCents);
}

function shareOf({ amount, period, prorate }: MinimumTerms, days: Days, bill: BillSoFar): Cents {
  const { monthStartsOn } = bill;
  // A version that sets its minimum for a whole bill, and was in force for a part of it.
  if (period === 'BILL' || !prorate) return priceCount(BigInt(countDays(days)), amount, BigInt(countDays(bill.period)));
  if (period === 'P1D') return priceCount(BigInt(countDays(days)), amount);
  const parts = calendarParts(days, period, period === 'P1M' ? monthStartsOn : 1);
  return addCents(
    zeroCents,
    ...parts.map(part => priceCount(BigInt(countDays(part)), amount, BigInt(countDays(part.whole)))),
  );
}
