import { type Cents, cents, divideHalfAwayFromZero } from '../../units/money.ts';
import type { PayableRoundingTerms } from '../bill-terms.ts';
import { noTax } from '../component.ts';
import { type Adjustment, type BillSoFar, lastVersion, moneyCharge, priceOf } from './adjustment.ts';

/** The cents between the total and the nearest multiple that can be paid, as a labelled line outside tax. */
export function payableRounding(total: Cents, bill: BillSoFar): Adjustment[] {
  const version = lastVersion(bill);
  const { payableRounding: terms, taxBasis } = version.plan;
  if (!terms) return [];
  const difference = toPayable(total, terms);
  if (difference === 0n) return [];
  const look = { ...roundingLook, category: 'ROUNDING' as const };
  return [{ kind: 'payableRounding', charge: moneyCharge(look, priceOf(difference), bill.period), taxBasis, version }];
}

export const roundingLook = { code: 'ROUNDING', description: 'Rounding', taxCode: noTax };

/** What must be added to a total so that it can be paid: to the nearest multiple, halves away from zero. */
export function toPayable(total: Cents, terms: PayableRoundingTerms): Cents {
  const increment = terms.increment / 1_000_000n;
  return cents(divideHalfAwayFromZero(total, increment) * increment - total);
}
