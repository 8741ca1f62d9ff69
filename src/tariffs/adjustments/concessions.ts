import { Refusal } from '../../kernel/errors.ts';
import { type Cents, cents, parseCents, priceCount } from '../../units/money.ts';
import { amountOf } from '../amount.ts';
import type { ConcessionTerms } from '../bill-terms.ts';
import { calendarParts, countDays, shareOfDays } from '../calendar-parts.ts';
import { type Category, type Charge, type Days, noTax } from '../component.ts';
import { defaultTax } from '../default-tax.ts';
import type { ConcessionHeld } from '../facts.ts';
import { percentFactor } from '../fractions.ts';
import type { ConcessionOrder } from '../jurisdictions.ts';
import type { ChargeLine } from '../rated-bill.ts';
import { taxableOf } from '../taxable.ts';
import { sumWithTax } from '../taxes.ts';
import {
  type Adjustment,
  type BillSoFar,
  inCategories,
  lastVersion,
  moneyCharge,
  negative,
  priceOf,
} from './adjustment.ts';

const counted: Record<ConcessionTerms['appliedTo'][number], readonly Category[] | undefined> = {
  INVOICE: undefined,
  USAGE: ['USAGE', 'DEMAND', 'GREEN', 'NETWORK'],
  SERVICE_CHARGE: ['SUPPLY'],
  CONTROLLED_LOAD: ['CONTROLLED_LOAD'],
};

/**
 * The concessions of one order that the customer holds. BEFORE_TAX lowers what is taxed and does not see feed-in, AFTER_TAX is outside
 * tax and comes off what is left after feed-in. None takes more than what it is applied to, nor more than its cap: then the line says so.
 */
export function concessions(order: ConcessionOrder, bill: BillSoFar): Adjustment[] {
  const version = lastVersion(bill);
  const { taxBasis, taxes } = version.plan;
  const terms = version.plan.concessions.filter(concession => concession.order === order);
  const granted: Adjustment[] = [];
  for (const concession of terms) {
    for (const held of bill.facts.concessions.filter(({ code }) => code === concession.code)) {
      const days = commonDays(bill.period, concession, held);
      if (!days) continue;
      const taxCode = order === 'BEFORE_TAX' ? (concession.tax ?? defaultTax(taxes)) : noTax;
      const base = baseOf(concession, order, bill, granted);
      const limit = limitOf(concession, days, base);
      const charges = limited(chargesOf(concession, held, days, base, taxCode), limit, concession, days, taxCode);
      granted.push(...charges.map((charge): Adjustment => ({ kind: 'concession', charge, taxBasis, version })));
    }
  }
  return granted;
}

function commonDays(period: Days, ...spans: { from?: Days['from'] | undefined; to?: Days['to'] | undefined }[]) {
  let { from, to } = period;
  for (const span of spans) {
    if (span.from !== undefined && span.from > from) from = span.from;
    if (span.to !== undefined && span.to < to) to = span.to;
  }
  return from < to ? { from, to } : undefined;
}

/** What the concession comes off; never below zero. Those granted before it have taken their part. */
function baseOf({ appliedTo }: ConcessionTerms, order: ConcessionOrder, bill: BillSoFar, granted: Adjustment[]): Cents {
  const all = appliedTo.includes('INVOICE');
  const categories = appliedTo.flatMap(each => counted[each] ?? []);
  const lines = (all ? bill.lines : inCategories(bill.lines, categories)).filter(
    line => order === 'AFTER_TAX' || line.category !== 'FEED_IN',
  );
  const sum = order === 'AFTER_TAX' ? sumWithTax(lines.map(taxable(bill))).total : sumLines(lines);
  const taken = granted.reduce((total, { charge }) => total + amountOf(charge), 0n);
  const left = sum + (all ? taken : 0n);
  return cents(left > 0n ? left : 0n);
}

function taxable({ segments }: BillSoFar) {
  return (line: ChargeLine) => taxableOf(line, segments);
}

function sumLines(lines: ChargeLine[]): bigint {
  return lines.reduce((sum, line) => sum + line.amount, 0n);
}

function limitOf({ cap }: ConcessionTerms, days: Days, base: Cents): Cents {
  if (!cap) return base;
  const most =
    cap.per === 'BILL'
      ? priceCount(1n, cap.amount)
      : cap.per === 'DAY'
        ? priceCount(BigInt(countDays(days)), cap.amount)
        : calendarParts(days, cap.per === 'QUARTER' ? 'P3M' : 'P1Y', 1).reduce(
            (sum, part) => cents(sum + priceCount(BigInt(countDays(part)), cap.amount, BigInt(countDays(part.whole)))),
            cents(0),
          );
  return most < base ? most : base;
}

function chargesOf(
  concession: ConcessionTerms,
  held: ConcessionHeld,
  days: Days,
  base: Cents,
  taxCode: string,
): Charge[] {
  const { perDay, perQuarter, perYear, perBill, percent } = concession;
  const look = lookOf(concession, taxCode);
  if (perDay !== undefined)
    return [{ ...moneyCharge(look, negative(perDay), days), quantity: countDays(days), unit: 'day' }];
  if (perBill !== undefined) return [moneyCharge(look, negative(perBill), days)];
  if (percent !== undefined) return [moneyCharge(look, negative(priceOf(base)), days, [percentFactor(percent)])];
  const perPeriod = perQuarter ?? perYear;
  if (perPeriod !== undefined)
    return calendarParts(days, perQuarter === undefined ? 'P1Y' : 'P3M', 1).map(part =>
      moneyCharge(look, negative(perPeriod), part, shareOfDays(countDays(part), countDays(part.whole))),
    );
  return [moneyCharge(look, negative(priceOf(variableAmount(concession, held))), days)];
}

function variableAmount({ code }: ConcessionTerms, { amount }: ConcessionHeld): Cents {
  const parsed = amount === undefined ? undefined : parseCents(amount);
  if (parsed === undefined || parsed < 0n)
    throw new Refusal('fact-missing', `concession ${code} is set from case to case, and no amount was given for it`);
  return parsed;
}

function lookOf({ code, displayName }: ConcessionTerms, taxCode: string) {
  return { code: `CONCESSION.${code}`, category: 'CONCESSION' as const, description: displayName, taxCode };
}

function limited(charges: Charge[], limit: Cents, concession: ConcessionTerms, days: Days, taxCode: string): Charge[] {
  const wanted = charges.reduce((sum, charge) => sum - amountOf(charge), 0n);
  if (wanted <= limit) return charges.filter(charge => amountOf(charge) !== 0n);
  if (limit === 0n) return [];
  const look = lookOf(concession, taxCode);
  return [
    moneyCharge({ ...look, description: `${look.description}, up to its limit` }, negative(priceOf(limit)), days),
  ];
}
