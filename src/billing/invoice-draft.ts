import type { BilledFacts } from './billed-facts.ts';
import type { BilledDays, BillingPeriod } from './billing-period.ts';
import type { PromisedDiscount } from './conditional-discounts.ts';
import type { InvoiceDocument } from './invoice.ts';

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
