import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { invoiceFileName } from '../../src/billing/invoice-file.ts';
import { invoiceMail } from '../../src/billing/invoice-mail.ts';
import { issueInvoices } from '../../src/billing/issue-invoices.ts';
import { renderInvoiceMail } from '../../src/billing/render-invoice-mail.ts';
import { openMailer } from '../../src/kernel/mailer.ts';
import { sendOutbox } from '../../src/kernel/send-outbox.ts';
import { mailServer } from '../kernel/mail-server.ts';
import { temporaryDatabase, temporaryHome } from '../ledger/books.ts';
import { addDraft, addTenant, openOffice } from './office.ts';
import { sampleInvoice } from './sample-invoice.ts';

const to = { name: 'Ada', address: 'ada@example.com' };
const pdf = Buffer.from('%PDF-');

it('says in the body what is due and until when, and how to pay it', () => {
  const mail = invoiceMail(sampleInvoice(), pdf, to);
  expect(mail.subject).toBe('Tax invoice 9038075/01 from Wattle Grove Shopping Centre');
  for (const body of [mail.text, mail.html]) {
    expect(body).toContain('Amount due: $439.63, by 20 Nov 2026.');
    expect(body).toContain('BPAY biller code 999999');
  }
  expect(mail.attachments).toEqual([{ filename: '9038075+01.pdf', contentType: 'application/pdf', content: pdf }]);
});

it.each([
  ['0.00', 'There is nothing to pay.'],
  ['-12.50', 'There is nothing to pay: your account is $12.50 in credit.'],
])('asks for nothing when %s is due', (totalDue, sentence) => {
  const { text } = invoiceMail(sampleInvoice({ balance: { ...sampleInvoice().balance, totalDue } }), pdf, to);
  expect(text).toContain(sentence);
  expect(text).not.toContain('How to pay');
});

it('has one Message-ID for one invoice, whatever day it is sent and to whom', () => {
  const { messageId } = invoiceMail(sampleInvoice(), pdf, to);
  expect(messageId).toMatch(/^<[0-9a-f]{40}@wattlegrove\.example>$/);
  expect(invoiceMail(sampleInvoice(), pdf, { name: 'B', address: 'b@example.com' }).messageId).toBe(messageId);
  expect(invoiceMail(sampleInvoice({ number: '9038075/02' }), pdf, to).messageId).not.toBe(messageId);
});

it('shows a name as text, never as markup', () => {
  const { html } = invoiceMail(sampleInvoice(), pdf, { ...to, name: '<script>alert("1")</script> & Sons' });
  expect(html).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; Sons');
  expect(html).not.toContain('<script');
});

it('reaches exactly the customer who was billed, even after the PDF was lost', async () => {
  const server = await mailServer();
  const home = temporaryHome();
  const books = openOffice(temporaryDatabase(home), home);
  await issueInvoices(books, [addDraft(books, addTenant(books, '7'), '2021-07-01', '2021-08-01')]);
  rmSync(join(books.invoiceFolder, invoiceFileName('2021-000001')));
  const mailer = openMailer({ smtpUrl: server.url, folder: join(home, 'data', 'outbox') });
  const render = (message: Parameters<typeof renderInvoiceMail>[1]) => renderInvoiceMail(books, message);
  expect(await sendOutbox({ ...books, mailer, render })).toEqual({ sent: 1, postponed: 0, failed: 0 });
  expect(server.received.map(mail => mail.recipients)).toEqual([['7@tenant.example']]);
  const attached = Buffer.from('%PDF- ').toString('base64').slice(0, 6);
  expect(server.received[0]!.source).toContain(attached);
  expect(server.received[0]!.source).toContain('Subject: Tax invoice 2021-000001');
});
