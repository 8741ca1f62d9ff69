import type { Cents } from '../../units/money.ts';
import type { Rate } from '../../units/rate.ts';
import type { DiscountTerms } from '../bill-terms.ts';
import type { Category, Days } from '../component.ts';
import { defaultTax } from '../default-tax.ts';
import { percentFactor } from '../fractions.ts';
import type { ChargeLine } from '../rated-bill.ts';
import type { Segment } from '../segments.ts';
import {
  type Adjustment,
  type BillSoFar,
  inCategories,
  linesOf,
  moneyCharge,
  negative,
  priceOf,
  sumOf,
  taxGroups,
} from './adjustment.ts';

const usage: Category[] = ['USAGE', 'CONTROLLED_LOAD'];

/**
 * The plan's discounts of one type. A percentage is taken off the lines of the days on which the discount holds (periods are cut where
 * one begins or ends) and is taxed as they are; a fixed amount is taken off once a bill, on the last day it holds. None sees another.
 */
export function discounts(type: DiscountTerms['type'], bill: BillSoFar): Adjustment[] {
  return bill.segments.flatMap(segment => {
    const held = segment.version.plan.discounts.filter(
      discount => discount.type === type && holdsIn(discount, segment),
    );
    return held.flatMap(discount => {
      if (discount.methodUType !== 'fixedAmount') return percentOff(discount, segment, bill);
      return isLast(discount, segment, bill) ? [fixedOff(discount, segment)] : [];
    });
  });
}

function holdsIn({ from, to }: DiscountTerms, days: Days): boolean {
  return (from === undefined || days.from >= from) && (to === undefined || days.from < to);
}

function isLast({ code }: DiscountTerms, segment: Segment, { segments }: BillSoFar): boolean {
  const holding = segments.filter(other =>
    other.version.plan.discounts.some(discount => discount.code === code && holdsIn(discount, other)),
  );
  return holding.at(-1) === segment;
}

function fixedOff(discount: DiscountTerms, segment: Segment): Adjustment {
  const { taxes, taxBasis } = segment.version.plan;
  const taxCode = discount.tax ?? defaultTax(taxes);
  const charge = moneyCharge({ ...look(discount), taxCode }, negative(discount.amount!), segment);
  return { kind: 'discount', charge, taxBasis, version: segment.version };
}

function percentOff(discount: DiscountTerms, segment: Segment, bill: BillSoFar): Adjustment[] {
  let untouched = centsOf(discount.usageAmount ?? (0n as Rate));
  const groups = taxGroups(baseOf(discount, linesOf(segment, bill)));
  return groups.flatMap(({ taxCode, taxBasis, lines }, at): Adjustment[] => {
    const sum = sumOf(lines);
    const base = sum > untouched ? sum - untouched : 0n;
    untouched -= sum - base;
    if (base === 0n) return [];
    const { code, ...words } = look(discount);
    const charge = moneyCharge(
      { ...words, code: at === 0 ? code : `${code}.${taxCode}.${taxBasis}`, taxCode },
      negative(priceOf(base as Cents)),
      segment,
      [percentFactor(discount.rate!)],
    );
    return [{ kind: 'discount', charge, taxBasis, version: segment.version }];
  });
}

function baseOf({ methodUType }: DiscountTerms, lines: ChargeLine[]): ChargeLine[] {
  if (methodUType !== 'percentOfBill') return inCategories(lines, usage);
  return lines.filter(line => line.category !== 'FEED_IN');
}

function look({ code, displayName, category }: DiscountTerms) {
  const words = category.charAt(0) + category.slice(1).toLowerCase().replaceAll('_', ' ');
  return { code: `DISCOUNT.${code}`, category: 'DISCOUNT' as const, description: displayName ?? `Discount: ${words}` };
}

function centsOf(amount: Rate): bigint {
  return amount / 1_000_000n;
}
