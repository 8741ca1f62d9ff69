import { assert } from '../kernel/assert.ts';
import { sumWithTax, type Taxable, type TaxTotal } from '../tariffs/taxes.ts';
import { addCents, cents, formatCents, negateCents, parseCents } from '../units/money.ts';
import { formatRate, parseRate } from '../units/rate.ts';
import type { ConditionalOffer, InvoiceDocument, InvoiceLine } from './invoice.ts';
import { showDay, showMoney, signOf } from './invoice-words.ts';
import type { RatedSupply } from './rate-supply.ts';

/** The category that is earned by paying in time; any other is shown, and nothing here can tell whether it was earned. */
export const payOnTime = 'PAY_ON_TIME';

/** A discount beside an invoice, as it is credited if it is earned. Decimal strings. */
export interface PromisedDiscount {
  code: string;
  category: string;
  description: string;
  /** Tax included: below zero. */
  amount: string;
  parts: DiscountPart[];
}

/** A discount's share at one tax, which is inside it; taxCode NONE has none. */
export interface DiscountPart {
  taxCode: string;
  amount: string;
  tax?: { name: string; percent: string };
}

/** A discount that was earned by paying an earlier invoice on time. */
export interface EarnedDiscount extends PromisedDiscount {
  id: number;
  /** Number and days of the invoice that promised it. */
  invoice: string;
  from: string;
  /** The first day after. */
  to: string;
}

/** The discounts of all supplies together, each with the total of the invoice if it is earned. */
export function conditionalOffers(
  supplies: RatedSupply[],
  taxables: Taxable[],
): { offers: ConditionalOffer[]; promised: PromisedDiscount[] } {
  const due = sumWithTax(taxables);
  const byCode = Map.groupBy(
    supplies.flatMap(supply => supply.conditional),
    ({ code }) => code,
  );
  const found = [...byCode].map(([code, parts]) => {
    const { category, description } = parts[0]!;
    const off = parts.flatMap(part => part.taxables);
    const earned = sumWithTax([...taxables, ...off]);
    const amount = formatCents(cents(earned.total - due.total));
    return {
      offer: { code, category, description, amount, total: formatCents(earned.total) },
      promise: { code, category, description, amount, parts: partsOf(off, due.taxes, earned.taxes) },
    };
  });
  return { offers: found.map(({ offer }) => offer), promised: found.map(({ promise }) => promise) };
}

/** By how much each tax group falls, tax included: the shares add up to the discount to the cent. */
function partsOf(off: Taxable[], before: TaxTotal[], after: TaxTotal[]): DiscountPart[] {
  const taxed = after.flatMap((tax): DiscountPart[] => {
    const was = before.find(other => isSameTax(other, tax));
    const amount = cents(tax.taxable + tax.amount - (was ? was.taxable + was.amount : 0n));
    if (amount === 0n) return [];
    const { name, percent } = tax;
    return [{ taxCode: tax.code, amount: formatCents(amount), tax: { name, percent: formatRate(percent) } }];
  });
  const untaxed = addCents(cents(0), ...off.filter(({ tax }) => !tax).map(({ amount }) => amount));
  return untaxed === 0n ? taxed : [...taxed, { taxCode: 'NONE', amount: formatCents(untaxed) }];
}

function isSameTax(a: TaxTotal, b: TaxTotal): boolean {
  return a.code === b.code && a.percent === b.percent && a.basis === b.basis;
}

/** What an earned discount puts on an invoice: a line for each tax, with that tax inside its amount, as it was promised. */
export function earnedLines({ code, description, invoice, from, to, parts }: EarnedDiscount): {
  lines: InvoiceLine[];
  taxables: Taxable[];
} {
  const lines = parts.map(
    ({ taxCode, amount, tax }, at): InvoiceLine => ({
      code: at === 0 ? `EARNED.${code}` : `EARNED.${code}.${taxCode}`,
      group: 'other',
      description: `${description}, earned by paying invoice ${invoice} on time${tax ? ` (${tax.name} inside)` : ''}`,
      when: '',
      ...{ from, to, quantity: '1', unit: 'each', unitPrice: amount, amount, taxCode },
      ofInvoice: true,
    }),
  );
  return { lines, taxables: parts.map(taxableOf) };
}

function taxableOf({ taxCode, amount, tax }: DiscountPart): Taxable {
  const [sum, percent] = [parseCents(amount), tax && parseRate(tax.percent)];
  assert(sum !== undefined && (!tax || percent !== undefined), 'a promise was written in money and per cent');
  const terms = tax && percent !== undefined ? { name: tax.name, percent, halfCents: 'UP' as const } : undefined;
  return { amount: sum, taxCode, tax: terms, basis: 'INCLUSIVE', mode: 'TOTAL' };
}

/** "Pay $155.73 by 12 August 2026: Pay on time saves $22.00." for the front, with the due day and the balance known. */
export function offerNotices({ conditional = [], balance, currency, dueOn }: InvoiceDocument): string[] {
  return conditional.flatMap(({ category, description, amount }) => {
    const [due, off] = [parseCents(balance.totalDue), parseCents(amount)];
    assert(due !== undefined && off !== undefined, 'a snapshot says its sums in money');
    const rest = formatCents(addCents(due, off));
    const saves = showMoney(formatCents(negateCents(off)), currency);
    if (category !== payOnTime) return [`${description}: ${saves} less if earned.`];
    if (signOf(rest) <= 0) return [];
    return [
      `Pay ${showMoney(rest, currency)} by ${showDay(dueOn)}: ${description}, ${saves} less. The next bill credits it.`,
    ];
  });
}
