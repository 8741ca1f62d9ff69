import { z } from 'zod';
import { assert } from '../kernel/assert.ts';
import { type Cents, cents, divideHalfAwayFromZero, zeroCents } from '../units/money.ts';
import type { Rate } from '../units/rate.ts';
import { noTax, type TaxBasis } from './component.ts';
import { decimalPrice } from './windows.ts';

/**
 * Tax by code, once per code on the sum of the rounded taxable lines (mode TOTAL). `halfCents` says where half a cent goes:
 * UP away from zero (Australia, A New Tax System (GST) Act 1999 s 9-90) or DOWN (New Zealand, GST Act 1985 s 19O).
 */
export const taxTerms = z.record(
  z.string().regex(/^[A-Z][A-Z0-9_]{0,31}$/),
  z.strictObject({
    name: z.string().min(1),
    percent: decimalPrice.refine(percent => percent >= 0n, 'must not be negative'),
    halfCents: z.enum(['UP', 'DOWN']).default('UP'),
  }),
);
export type Taxes = z.output<typeof taxTerms>;

/** The usual taxes on household electricity, ready to be put into a plan document. */
export const taxProfiles = {
  AU: { GST: { name: 'GST', percent: '10' } },
  NZ: { GST: { name: 'GST', percent: '15', halfCents: 'DOWN' } },
  GB: { VAT: { name: 'VAT', percent: '5' } },
} satisfies Record<string, z.input<typeof taxTerms>>;

export interface TaxTotal {
  code: string;
  name: string;
  percent: Rate;
  /** Without the tax, whatever the basis. */
  taxable: Cents;
  amount: Cents;
}

/** A line's amount and its tax; NONE has none. */
export interface Taxable {
  amount: Cents;
  taxCode: string;
  tax: Taxes[string] | undefined;
}

/** The tax of each code at each percentage, in the order the lines first need them. Lines outside tax are left out. */
export function totalTaxes(lines: Taxable[], basis: TaxBasis): TaxTotal[] {
  const groups = new Map<string, { code: string; tax: Taxes[string]; sum: Cents }>();
  for (const { amount, taxCode, tax } of lines) {
    if (taxCode === noTax) continue;
    assert(tax, 'a saved plan defines every tax code it uses');
    const key = `${taxCode} ${tax.percent} ${tax.halfCents}`;
    const sum = groups.get(key)?.sum ?? zeroCents;
    groups.set(key, { code: taxCode, tax, sum: cents(sum + amount) });
  }
  return [...groups.values()].map(({ code, tax, sum }) => {
    const amount = taxOf(sum, tax, basis);
    const taxable = basis === 'INCLUSIVE' ? cents(sum - amount) : sum;
    return { code, name: tax.name, percent: tax.percent, taxable, amount };
  });
}

// 100 % as a Rate.
const whole = 10_000_000_000n;

function taxOf(sum: Cents, { percent, halfCents }: Taxes[string], basis: TaxBasis): Cents {
  const denominator = basis === 'INCLUSIVE' ? whole + percent : whole;
  const divide = halfCents === 'DOWN' ? divideHalfTowardZero : divideHalfAwayFromZero;
  return cents(divide(sum * percent, denominator));
}

function divideHalfTowardZero(numerator: bigint, denominator: bigint): bigint {
  const magnitude = numerator < 0n ? -numerator : numerator;
  const quotient = (2n * magnitude + denominator - 1n) / (2n * denominator);
  return numerator < 0n ? -quotient : quotient;
}
