import type { Day } from '../units/time.ts';
import type { BilledFacts } from './billed-facts.ts';
import type { PromisedDiscount } from './conditional-discounts.ts';
import type { InvoiceDocument } from './invoice.ts';

/** Local days at the meter point, half-open: `to` is the first day that is not billed. */
export interface BillingPeriod {
  from: Day;
  to: Day;
}

/** Days of a supply that are billed together. */
export interface BilledDays extends BillingPeriod {
  supplyId: number;
}

/** What a bill run proposes for an account: no number, no dates. Parked while `problems` has a sentence. */
export interface InvoiceDraft extends BillingPeriod {
  id: number;
  accountId: number;
  problems: string[];
  document: InvoiceDocument;
  supplies: BilledDays[];
  facts: DraftFacts;
  draftedAt: number;
}

/** What issuing writes beside the invoice. */
export interface DraftFacts {
  /** What later bills are told. */
  supplies: (BilledDays & { facts: BilledFacts })[];
  /** Discounts this invoice promises. */
  promised: PromisedDiscount[];
  /** The ids of earlier promises that it credits. */
  granted: number[];
}

export const noDraftFacts: DraftFacts = { supplies: [], promised: [], granted: [] };

export type NewInvoiceDraft = Omit<InvoiceDraft, 'id'>;

/** The parts of `period` that none of `taken` covers, in order. */
export function daysLeft(period: BillingPeriod, taken: BillingPeriod[]): BillingPeriod[] {
  const left: BillingPeriod[] = [];
  let { from } = period;
  for (const other of taken.toSorted((a, b) => (a.from < b.from ? -1 : 1))) {
    if (other.to <= from || other.from >= period.to) continue;
    if (other.from > from) left.push({ from, to: other.from });
    from = other.to;
  }
  if (from < period.to) left.push({ from, to: period.to });
  return left;
}
