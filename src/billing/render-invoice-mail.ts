import { assert } from '../kernel/assert.ts';
import type { Mail } from '../kernel/mailer.ts';
import type { OutboxMessage } from '../kernel/outbox.ts';
import { type InvoiceFileDeps, invoiceFile } from './invoice-file.ts';
import { invoiceMail } from './invoice-mail.ts';
import type { InvoiceStore } from './invoice-store.ts';
import { invoiceReference } from './issue-invoices.ts';

export interface RenderInvoiceMailDeps extends InvoiceFileDeps {
  invoices: InvoiceStore;
}

/** Makes the mail an outbox row promised, from the snapshot the row refers to. */
export async function renderInvoiceMail(deps: RenderInvoiceMailDeps, message: OutboxMessage): Promise<Mail> {
  const prefix = invoiceReference('');
  assert(message.reference.startsWith(prefix), 'every mail in the outbox is about an invoice');
  const { document } = deps.invoices.get(message.reference.slice(prefix.length));
  const to = { name: message.recipientName, address: message.recipientAddress };
  return invoiceMail(document, await invoiceFile(deps, document), to);
}
