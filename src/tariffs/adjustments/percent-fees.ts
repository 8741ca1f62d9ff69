import { percentFactor } from '../fractions.ts';
import { type Adjustment, type BillSoFar, linesOf, moneyCharge, priceOf, sumOf } from './adjustment.ts';

/** A share of the charges of the days on which the plan version asks for it; what is sent to the grid lowers no fee. */
export function percentFees(bill: BillSoFar): Adjustment[] {
  return bill.segments.flatMap(segment =>
    segment.version.plan.percentFees.map(({ code, description, rate, tax, taxBasis }): Adjustment => {
      const base = sumOf(linesOf(segment, bill).filter(line => line.category !== 'FEED_IN'));
      const charge = { code, category: 'FEE' as const, description, taxCode: tax };
      return {
        kind: 'percentFee',
        charge: moneyCharge(charge, priceOf(base), segment, [percentFactor(rate!)]),
        taxBasis: taxBasis ?? segment.version.plan.taxBasis,
        version: segment.version,
      };
    }),
  );
}
