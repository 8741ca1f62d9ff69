import { z } from 'zod';
import { day } from '../http/schemas.ts';
import { estimationMethods } from '../tariffs/estimate-missing.ts';
import { jurisdictionNames } from '../tariffs/jurisdictions.ts';
import { priceChanges } from '../tariffs/price-override.ts';
import { code, registerName } from '../tariffs/windows.ts';
import { parseEnergy } from '../units/energy.ts';
import { parseCents } from '../units/money.ts';
import { parseRate } from '../units/rate.ts';
import { type Day, type Month, parseMonth } from '../units/time.ts';
import type { BillingPeriod } from './billing-period.ts';

const factor = z
  .string()
  .refine(text => (parseRate(text) ?? 0n) > 0n, 'must be a decimal string above 0, such as "1.0523"')
  .meta({ example: '1.0523' });
const quantity = z
  .string()
  .refine(text => parseEnergy(text).ok, 'must be a decimal string of at most six decimals, such as "132"')
  .meta({ example: '132' });
const money = z
  .string()
  .refine(text => (parseCents(text) ?? -1n) >= 0n, 'must be money such as "25.00"')
  .meta({ example: '25.00' });
const month = z
  .string()
  .refine(text => parseMonth(text) !== undefined, 'must be a month such as 2025-07')
  .transform(text => text as Month)
  .meta({ example: '2025-07' });
const lineCode = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]*(\.[A-Z][A-Z0-9_]*)?$/, 'must be a code of the plan, such as USE.PEAK');

/** What the contract of a supply says besides its plan, for some days of it. What is left out is as the plan has it. */
export const supplyTerms = z
  .strictObject({
    /** Prices of the customer's own, as a difference to the plan document. */
    changes: priceChanges.optional(),
    lossFactors: z.strictObject({ DLF: factor.optional(), MLF: factor.optional() }).optional(),
    /** Quantities the plan's prices name: { "CONTRACT_KW": "132" }. */
    quantities: z.record(code, quantity).optional(),
    concessions: z
      .array(z.strictObject({ code, from: day.optional(), to: day.optional(), amount: money.optional() }))
      .max(20)
      .optional(),
    /** Whom the plan must be meant for; a bill by another plan is parked. */
    customer: z
      .strictObject({
        type: z.enum(['RESIDENTIAL', 'BUSINESS', 'COMMUNITY']).optional(),
        jurisdiction: z.enum(jurisdictionNames).optional(),
      })
      .optional(),
    /** The day on which the months of monthly prices begin. */
    monthStartsOn: z.int().min(1).max(28).optional(),
    /** How missing intervals are filled; NONE, or left out: a bill that lacks any is parked. */
    estimation: z.enum(['NONE', ...estimationMethods]).optional(),
    /** What the plan's registers are called at this meter point: { "CONTROLLED_LOAD": "E2" }. */
    registers: z.record(registerName, z.string().regex(/^[A-Za-z0-9]{1,10}$/)).optional(),
    /** What an earlier supplier, or an earlier system, billed before our first bill. */
    before: z
      .strictObject({
        peaks: z
          .array(z.strictObject({ code: lineCode, month, quantity }))
          .max(1000)
          .default([]),
        energies: z
          .array(z.strictObject({ code: lineCode, from: day, to: day, energy: quantity }))
          .max(1000)
          .default([]),
      })
      .optional(),
  })
  .meta({ id: 'SupplyTerms', description: 'What the contract says besides the plan' });
export type SupplyTerms = z.output<typeof supplyTerms>;

/** A record of terms: on each day the last one recorded whose days hold it is in force. */
export interface RecordedTerms {
  id: number;
  supplyId: number;
  /** Local days, half-open; undefined when no end is set. */
  from: Day;
  to: Day | undefined;
  terms: SupplyTerms;
  /** Epoch seconds. */
  recordedAt: number;
}

/** Consecutive days on which the same terms hold. */
export interface TermsSpan extends BillingPeriod {
  terms: SupplyTerms;
}

/** The terms in force over `days`, cut where they change; days without any record have none: {}. */
export function termsSpans(records: RecordedTerms[], days: BillingPeriod): TermsSpan[] {
  const ends = records.flatMap(({ from, to }) => (to === undefined ? [from] : [from, to]));
  const cuts = [...new Set([days.from, ...ends.filter(day => day > days.from && day < days.to)])].sort();
  const spans: TermsSpan[] = [];
  cuts.forEach((from, at) => {
    const to = cuts[at + 1] ?? days.to;
    const terms = termsOn(from, records);
    const last = spans.at(-1);
    if (last && isSame(last.terms, terms)) last.to = to;
    else spans.push({ from, to, terms });
  });
  return spans;
}

/**
 * Cuts days into the parts that are billed each by itself: a bill has one loss factor, one set of agreed quantities, one way of filling
 * holes. Prices and concessions may change within a part, as they do when a plan's version changes.
 */
export function partsByTerms(days: BillingPeriod, records: RecordedTerms[]): BillingPeriod[] {
  const parts: TermsSpan[] = [];
  for (const span of termsSpans(records, days)) {
    const last = parts.at(-1);
    if (last && isSame(ofWholeBill(last.terms), ofWholeBill(span.terms))) last.to = span.to;
    else parts.push({ ...span });
  }
  return parts.map(({ from, to }) => ({ from, to }));
}

/** What is one for a whole bill. */
function ofWholeBill({ changes: _, concessions: __, before: ___, ...terms }: SupplyTerms) {
  return terms;
}

/** Each concession with the days on which it is held, one where several spans say the same. */
export function concessionsHeld(spans: TermsSpan[]) {
  const held: { code: string; from: Day; to: Day; amount?: string }[] = [];
  for (const span of spans) {
    for (const { code, from, to, amount } of span.terms.concessions ?? []) {
      const days = { from: later(from ?? span.from, span.from), to: earlier(to ?? span.to, span.to) };
      if (days.from >= days.to) continue;
      const before = held.find(each => each.code === code && each.to === days.from && each.amount === amount);
      if (before) before.to = days.to;
      else held.push({ code, ...days, ...(amount !== undefined && { amount }) });
    }
  }
  return held;
}

function termsOn(day: Day, records: RecordedTerms[]): SupplyTerms {
  const [latest] = records
    .filter(({ from, to }) => from <= day && (to === undefined || day < to))
    .sort((a, b) => b.id - a.id);
  return latest?.terms ?? {};
}

/** Terms come from one schema, which writes their fields in one order. */
function isSame(a: object, b: object): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function later(a: Day, b: Day): Day {
  return a > b ? a : b;
}

function earlier(a: Day, b: Day): Day {
  return a < b ? a : b;
}
