import { z } from 'zod';
import { parseDay } from '../units/time.ts';
import { categories } from './component.ts';
import { fractionTerm } from './fractions.ts';
import { concessionOrders } from './jurisdictions.ts';
import { code, decimalPrice } from './windows.ts';

// What a plan says of the bill as a whole, rather than of one component.

const day = z
  .string()
  .transform(parseDay)
  .refine(day => day !== undefined, 'must be a day such as "2025-07-01"');
const positive = decimalPrice.refine(amount => amount >= 0n, 'must not be negative');

/** What must be charged at least. `appliesTo` names the lines that count toward it; what is missing is a line of its own. */
export const minimumTerms = z.strictObject({
  amount: positive,
  period: z.enum(['P1D', 'P1M', 'P1Y', 'BILL']),
  /** true: a bill of some days has its share of the amount. */
  prorate: z.boolean().default(true),
  appliesTo: z.array(z.enum(categories)).min(1),
  tax: z.string().optional(),
});
export type MinimumTerms = z.output<typeof minimumTerms>;

/** CDR's discounts. GUARANTEED ones are lines of the bill; CONDITIONAL ones are shown beside it until they are earned. */
export const discountTerms = z
  .strictObject({
    code: code.optional(),
    displayName: z.string().min(1).optional(),
    methodUType: z.enum(['percentOfUse', 'percentOfBill', 'fixedAmount', 'percentOverThreshold']),
    category: code,
    type: z.enum(['GUARANTEED', 'CONDITIONAL']),
    rate: fractionTerm.optional(),
    amount: positive.optional(),
    /** Money of usage above which percentOverThreshold counts. */
    usageAmount: positive.optional(),
    /** Local days, half-open. */
    from: day.optional(),
    to: day.optional(),
    /** Of a fixedAmount; a percentage is taxed as what it is taken off. */
    tax: z.string().optional(),
  })
  .refine(({ methodUType, amount, rate }) => (methodUType === 'fixedAmount' ? amount : rate) !== undefined, {
    path: ['rate'],
    message: 'fixedAmount has an amount, every other discount a rate',
  })
  .refine(({ methodUType, amount, rate }) => (methodUType === 'fixedAmount' ? rate : amount) === undefined, {
    path: ['amount'],
    message: 'fixedAmount has an amount and no rate, every other discount a rate and no amount',
  })
  .refine(({ methodUType, usageAmount }) => (methodUType === 'percentOverThreshold') === (usageAmount !== undefined), {
    path: ['usageAmount'],
    message: 'percentOverThreshold, and it alone, has a usageAmount',
  })
  .transform(discount => ({ ...discount, code: discount.code ?? discount.category }));
export type DiscountTerms = z.output<typeof discountTerms>;

/** A concession the plan honours; the customer must hold it (Facts.concessions). */
export const concessionTerms = z
  .strictObject({
    code,
    displayName: z.string().min(1),
    discountType: z.enum(['FIXED_AMOUNT', 'FIXED_PERCENTAGE', 'VARIABLE']),
    appliedTo: z.array(z.enum(['INVOICE', 'USAGE', 'SERVICE_CHARGE', 'CONTROLLED_LOAD'])).min(1),
    perDay: positive.optional(),
    perQuarter: positive.optional(),
    perYear: positive.optional(),
    perBill: positive.optional(),
    percent: fractionTerm.optional(),
    /** Left out, the plan's jurisdiction decides. */
    order: z.enum(concessionOrders).optional(),
    cap: z.strictObject({ amount: positive, per: z.enum(['BILL', 'DAY', 'QUARTER', 'YEAR']) }).optional(),
    from: day.optional(),
    to: day.optional(),
    tax: z.string().optional(),
  })
  .superRefine((concession, context) => {
    const { discountType, perDay, perQuarter, perYear, perBill, percent } = concession;
    const given = [perDay, perQuarter, perYear, perBill].filter(amount => amount !== undefined).length;
    const expected = { FIXED_AMOUNT: [1, false], FIXED_PERCENTAGE: [0, true], VARIABLE: [0, false] }[discountType];
    if (given === expected[0] && (percent !== undefined) === expected[1]) return;
    const message =
      'FIXED_AMOUNT has one of perDay, perQuarter, perYear and perBill, FIXED_PERCENTAGE a percent, VARIABLE neither';
    context.addIssue({ code: 'custom', path: ['discountType'], message });
  });
export type ConcessionTerms = z.output<typeof concessionTerms>;

/** The total is rounded to a multiple of this, as where the smallest coin is larger than a cent. */
export const payableRoundingTerms = z.strictObject({
  increment: decimalPrice.refine(
    increment => increment > 0n && increment % 1_000_000n === 0n,
    'must be whole cents above 0, such as "0.10" or "1.00"',
  ),
});
export type PayableRoundingTerms = z.output<typeof payableRoundingTerms>;

export const sourceTerms = z.strictObject({
  kind: z.enum(['CDR', 'URDB', 'OWN']),
  id: z.string().min(1),
  sha256: z.string().optional(),
});
