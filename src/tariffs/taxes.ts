import { z } from 'zod';
import { assert } from '../kernel/assert.ts';
import { addCents, type Cents, cents, divideHalfAwayFromZero, zeroCents } from '../units/money.ts';
import type { Rate } from '../units/rate.ts';
import { noTax, type TaxBasis } from './component.ts';
import { decimalPrice } from './windows.ts';

/**
 * Tax by code. `halfCents` says where half a cent goes: UP away from zero (Australia, A New Tax System (GST) Act 1999 s 9-90) or DOWN
 * (New Zealand, GST Act 1985 s 19O); left out, the plan's jurisdiction decides.
 */
export const taxTerms = z.record(
  z.string().regex(/^[A-Z][A-Z0-9_]{0,31}$/),
  z.strictObject({
    name: z.string().min(1),
    percent: decimalPrice.refine(percent => percent >= 0n, 'must not be negative'),
    halfCents: z.enum(['UP', 'DOWN']).optional(),
  }),
);

export interface Tax {
  name: string;
  percent: Rate;
  halfCents: 'UP' | 'DOWN';
}
export type Taxes = Record<string, Tax>;

/** TOTAL: once per code on the sum of the rounded lines. LINE: on each line, and the taxes are added up (GST Act s 9-90(2)(b)). */
export const taxModes = ['TOTAL', 'LINE'] as const;
export type TaxMode = (typeof taxModes)[number];

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
  /** INCLUSIVE: the tax is inside the lines' amounts already. */
  basis: TaxBasis;
  /** Without the tax, whatever the basis. */
  taxable: Cents;
  amount: Cents;
}

/** A line's amount and its tax; NONE has none. */
export interface Taxable {
  amount: Cents;
  taxCode: string;
  tax: Tax | undefined;
  basis: TaxBasis;
  mode: TaxMode;
}

/** The tax of each code at each percentage, in the order the lines first need them. Lines outside tax are left out. */
function totalTaxes(lines: Taxable[]): TaxTotal[] {
  const groups = new Map<string, { code: string; tax: Tax; basis: TaxBasis; mode: TaxMode; amounts: Cents[] }>();
  for (const { amount, taxCode, tax, basis, mode } of lines) {
    if (taxCode === noTax) continue;
    assert(tax, 'a saved plan defines every tax code it uses');
    const key = `${taxCode} ${tax.percent} ${tax.halfCents} ${basis} ${mode}`;
    const group = groups.get(key) ?? { code: taxCode, tax, basis, mode, amounts: [] };
    group.amounts.push(amount);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ code, tax, basis, mode, amounts }) => {
    const sum = addCents(...amounts);
    const amount = mode === 'LINE' ? addCents(...amounts.map(each => taxOf(each, tax, basis))) : taxOf(sum, tax, basis);
    const taxable = basis === 'INCLUSIVE' ? cents(sum - amount) : sum;
    return { code, name: tax.name, percent: tax.percent, basis, taxable, amount };
  });
}

/** What the lines come to: without tax, the tax, and what is to be paid. */
export interface TaxedSum {
  taxes: TaxTotal[];
  exTax: Cents;
  tax: Cents;
  total: Cents;
}

/** What lines come to: tax once per code on their sum, or on each of them where the plan takes it by line; inside or on top, as each says. */
export function sumWithTax(lines: Taxable[]): TaxedSum {
  const taxes = totalTaxes(lines);
  const inside = addCents(...taxes.filter(({ basis }) => basis === 'INCLUSIVE').map(({ amount }) => amount));
  const tax = addCents(zeroCents, ...taxes.map(({ amount }) => amount));
  const exTax = cents(addCents(...lines.map(line => line.amount)) - inside);
  return { taxes, exTax, tax, total: addCents(exTax, tax) };
}

/** The tax of one line where tax is taken by line. */
export function lineTax({ amount, tax, basis, mode }: Taxable): Cents | undefined {
  if (mode !== 'LINE') return undefined;
  return tax ? taxOf(amount, tax, basis) : zeroCents;
}

// 100 % as a Rate.
const whole = 10_000_000_000n;

function taxOf(sum: Cents, { percent, halfCents }: Tax, basis: TaxBasis): Cents {
  const denominator = basis === 'INCLUSIVE' ? whole + percent : whole;
  const divide = halfCents === 'DOWN' ? divideHalfTowardZero : divideHalfAwayFromZero;
  return cents(divide(sum * percent, denominator));
}

function divideHalfTowardZero(numerator: bigint, denominator: bigint): bigint {
  const magnitude = numerator < 0n ? -numerator : numerator;
  const quotient = (2n * magnitude + denominator - 1n) / (2n * denominator);
  return numerator < 0n ? -quotient : quotient;
}
