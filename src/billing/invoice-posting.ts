import { assert } from '../kernel/assert.ts';
import { type Entry, type Posting, receivable } from '../ledger/posting.ts';
import { addCents, type Cents, negateCents, parseCents, zeroCents } from '../units/money.ts';
import type { Day } from '../units/time.ts';
import type { InvoiceDocument } from './invoice.ts';

/** What an invoice does to the books: the customer owes its charges, which are revenue by group and tax by code. */
export function invoicePosting(invoice: InvoiceDocument): Posting {
  const lines = invoice.supplies.flatMap(supply => supply.lines);
  const revenue = lines.map(line => ({ account: `revenue:${line.group}`, amount: amountOf(line.amount) }));
  // Where prices have tax inside, so have the lines; what is not ours is taken out in one sum, for lines are not taxed one by one.
  const taxInside = addCents(amountOf(invoice.chargesExTax), ...revenue.map(({ amount }) => negateCents(amount)));
  if (taxInside !== 0n) revenue.push({ account: 'revenue:tax-inside', amount: taxInside });
  const entries: Entry[] = [
    { account: receivable(invoice.account.number), amount: amountOf(invoice.currentCharges) },
    ...sums(revenue),
    ...sums(invoice.taxes.map(tax => ({ account: `tax:${tax.code}`, amount: amountOf(tax.amount) }))),
  ];
  return {
    bookedOn: invoice.issuedOn as Day,
    kind: invoice.kind,
    reference: invoice.number,
    description: invoice.kind === 'invoice' ? `Invoice ${invoice.number}` : `Credit note ${invoice.number}`,
    entries,
  };
}

/** One credit per account named. */
function sums(parts: Entry[]): Entry[] {
  const byAccount = new Map<string, Cents>();
  for (const { account, amount } of parts) {
    byAccount.set(account, addCents(byAccount.get(account) ?? zeroCents, amount));
  }
  return [...byAccount].map(([account, amount]) => ({ account, amount: negateCents(amount) }));
}

function amountOf(text: string): Cents {
  const amount = parseCents(text);
  assert(amount !== undefined, `"${text}" in a snapshot is an amount of money`);
  return amount;
}
