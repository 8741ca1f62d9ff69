import { type Cents, cents, divideHalfAwayFromZero } from '../../units/money.ts';
import { noTax } from '../component.ts';
import { type Adjustment, type BillSoFar, lastVersion, moneyCharge, priceOf } from './adjustment.ts';

/** The cents between the total and the nearest multiple that can be paid, as a labelled line outside tax. */
export function payableRounding(total: Cents, bill: BillSoFar): Adjustment[] {
  const version = lastVersion(bill);
  const { payableRounding: terms, taxBasis } = version.plan;
  if (!terms) return [];
  const increment = terms.increment / 1_000_000n;
  const difference = cents(divideHalfAwayFromZero(total, increment) * increment - total);
  if (difference === 0n) return [];
  const look = { code: 'ROUNDING', category: 'ROUNDING' as const, description: 'Rounding', taxCode: noTax };
  return [{ kind: 'payableRounding', charge: moneyCharge(look, priceOf(difference), bill.period), taxBasis, version }];
}
