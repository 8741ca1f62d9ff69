import type { AccountEntry } from '../ledger/ledger-store.ts';
import { addCents, type Cents, formatCents, negateCents } from '../units/money.ts';
import type { InvoiceDocument } from './invoice.ts';

/** The ledger's word for money received; everything else between two invoices is an adjustment. */
export const paymentKind = 'payment';

/**
 * The path from the last invoice to this one: what stood then, what was received since (amounts as received, positive), what else was
 * booked, and what is due with `currentCharges` added. `since` are the account's ledger entries after its last invoice.
 */
export function balanceBox(previous: Cents, since: AccountEntry[], currentCharges: Cents): InvoiceDocument['balance'] {
  const payments = since.filter(entry => entry.kind === paymentKind);
  const adjustments = since.filter(entry => entry.kind !== paymentKind);
  const broughtForward = addCents(previous, ...since.map(entry => entry.amount));
  return {
    previous: formatCents(previous),
    payments: payments.map(({ bookedOn, amount, description }) => ({
      paidOn: bookedOn,
      amount: formatCents(negateCents(amount)),
      description,
    })),
    adjustments: formatCents(addCents(...adjustments.map(entry => entry.amount))),
    broughtForward: formatCents(broughtForward),
    totalDue: formatCents(addCents(broughtForward, currentCharges)),
  };
}
