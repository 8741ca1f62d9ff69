import { assert } from '../kernel/assert.ts';
import { addCents, type Cents, cents, divideHalfAwayFromZero, formatCents, parseCents } from '../units/money.ts';
import { addDays, addMonths, type Day, daysBetween, firstDayOf, monthOf } from '../units/time.ts';
import type { InvoiceLine } from './invoice.ts';

export interface CorrectionLine extends InvoiceLine {
  /** An issued line taken back, or what stands in its place. */
  role: 'reversed' | 'billed-anew';
}

/**
 * What must be added to issued lines so that they say what rating says now: never an edit, always the old line reversed whole and the new
 * one beside it, each at the price of its own days. Lines are the same by code and first day; one that says the same in all is left alone,
 * so rating again after no change corrects nothing.
 */
export function correctedLines(issued: InvoiceLine[], now: InvoiceLine[]): CorrectionLine[] {
  const lines: CorrectionLine[] = [];
  for (const old of issued) {
    const fresh = now.find(line => isSameLine(line, old));
    if (fresh && saysTheSame(fresh, old)) continue;
    lines.push({ ...old, role: 'reversed', quantity: negated(old.quantity), amount: negated(old.amount) });
    if (fresh) lines.push({ ...fresh, role: 'billed-anew' });
  }
  const added = now.filter(line => !issued.some(old => isSameLine(line, old)));
  return [...lines, ...added.map(line => ({ ...line, role: 'billed-anew' as const }))];
}

function isSameLine(a: InvoiceLine, b: InvoiceLine): boolean {
  return a.code === b.code && a.from === b.from;
}

function saysTheSame(a: InvoiceLine, b: InvoiceLine): boolean {
  return (['to', 'quantity', 'unit', 'unitPrice', 'amount', 'taxCode'] as const).every(field => a[field] === b[field]);
}

function negated(decimal: string): string {
  if (/^-?[0.]+$/.test(decimal)) return decimal.replace('-', '');
  return decimal.startsWith('-') ? decimal.slice(1) : `-${decimal}`;
}

export interface NetAndTax {
  net: Cents;
  tax: Cents;
}

/**
 * Credits `net` of an invoice with its share of the invoice's tax, after `credited` was credited before. The part that completes the
 * invoice takes the tax that is left, so credit notes together give back the invoice to the cent and never more.
 */
export function creditPart(invoice: NetAndTax, credited: NetAndTax, net: Cents): NetAndTax & { total: Cents } {
  const left = { net: invoice.net - credited.net, tax: invoice.tax - credited.tax };
  assert(net >= 0n && net <= left.net, 'no more is credited than is left of the invoice');
  const share = invoice.net === 0n ? 0n : divideHalfAwayFromZero(invoice.tax * net, invoice.net);
  const tax = net === left.net || share > left.tax ? left.tax : share;
  return { net, tax: cents(tax), total: cents(net + tax) };
}

/** National Energy Retail Rules r 30 as retailers state it: how far back an undercharge may be asked for, and over how long it is paid. */
const underchargeMonthsMax = 9;
const instalmentsMax = 12;

export interface Undercharge {
  recoverable: Cents;
  /** Older than the rule allows; the retailer bears it. */
  writtenOff: Cents;
  /** What the customer may pay month by month, without interest; their sum is `recoverable`. */
  instalments: Cents[];
}

/**
 * Of what was charged too little on local days [from, to), the part of the nine months before `foundOn`; a part across that limit by
 * days. A customer whose own fault it was owes all of it.
 */
export function recoverUndercharge(
  parts: { from: Day; to: Day; amount: Cents }[],
  foundOn: Day,
  customerAtFault = false,
): Undercharge {
  const oldest = customerAtFault ? undefined : monthsBefore(foundOn, underchargeMonthsMax);
  const recoverable = addCents(...parts.map(part => (oldest === undefined ? part.amount : since(oldest, part))));
  const writtenOff = cents(addCents(...parts.map(({ amount }) => amount)) - recoverable);
  const each = recoverable / BigInt(instalmentsMax);
  const rest = recoverable - each * BigInt(instalmentsMax);
  const instalments = Array.from({ length: instalmentsMax }, (_, at) => cents(each + (BigInt(at) < rest ? 1n : 0n)));
  return { recoverable, writtenOff, instalments };
}

function since(oldest: Day, { from, to, amount }: { from: Day; to: Day; amount: Cents }): Cents {
  if (from >= oldest) return amount;
  if (to <= oldest) return cents(0);
  return cents(divideHalfAwayFromZero(amount * BigInt(daysBetween(oldest, to)), BigInt(daysBetween(from, to))));
}

/** The same day of an earlier month, or that month's last day. */
function monthsBefore(day: Day, count: number): Day {
  const month = addMonths(monthOf(day), -count);
  const last = addDays(firstDayOf(addMonths(month, 1)), -1);
  const same = addDays(firstDayOf(month), Number(day.slice(8)) - 1);
  return [same, last].sort()[0]!;
}

/** The sum of lines as money. */
export function sumOfLines(lines: InvoiceLine[]): Cents {
  return addCents(...lines.map(line => amountOf(line.amount)));
}

function amountOf(text: string): Cents {
  const amount = parseCents(text);
  assert(amount !== undefined && formatCents(amount) === text, `"${text}" on an invoice is money`);
  return amount;
}
