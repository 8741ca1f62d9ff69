import { sha256 } from '../kernel/ids.ts';
import { mailHtml } from '../kernel/mail-html.ts';
import type { Mail, Mailbox } from '../kernel/mailer.ts';
import { parseCents } from '../units/money.ts';
import { type Day, startOfDay, type Zone } from '../units/time.ts';
import { conditionalSentences } from './conditional-words.ts';
import type { InvoiceDocument } from './invoice.ts';
import { invoiceFileName } from './invoice-file.ts';
import { showDay, showMoney, showPeriod, titleOf } from './invoice-words.ts';

/** The mail that brings an invoice: what is due and until when in the body, the PDF attached. The Message-ID is the snapshot's hash. */
export function invoiceMail(invoice: InvoiceDocument, pdf: Buffer, to: Mailbox): Mail {
  const { seller, number } = invoice;
  const from = { name: seller.name, address: seller.email };
  const title = `${titleOf(invoice)} ${number}`;
  const paragraphs = [
    `Dear ${to.name},`,
    `here is your electricity account for ${invoice.supplies.map(showPeriod).join(' and ')}: ${title}, attached as PDF.`,
    amountSentence(invoice),
    ...conditionalSentences(invoice),
    paymentSentence(invoice),
    seller.phone ? `Questions? Call ${seller.phone} or answer this mail.` : 'Questions? Answer this mail.',
    seller.name,
  ].filter(paragraph => paragraph !== '');
  return {
    messageId: `<${sha256(JSON.stringify(invoice)).slice(0, 40)}@${domainOf(seller.email)}>`,
    date: new Date(startOfDay(invoice.issuedOn as Day, 'UTC' as Zone) * 1000),
    from,
    to,
    subject: `${title} from ${seller.name}`,
    text: `${paragraphs.join('\n\n')}\n`,
    html: mailHtml(paragraphs),
    attachments: [{ filename: invoiceFileName(number), contentType: 'application/pdf', content: pdf }],
  };
}

function amountSentence({ balance, currency, dueOn }: InvoiceDocument): string {
  const due = parseCents(balance.totalDue) ?? 0n;
  if (due > 0n) return `Amount due: ${showMoney(balance.totalDue, currency)}, by ${showDay(dueOn)}.`;
  if (due === 0n) return 'There is nothing to pay.';
  return `There is nothing to pay: your account is ${showMoney(balance.totalDue.slice(1), currency)} in credit.`;
}

function paymentSentence({ balance, seller: { payment } }: InvoiceDocument): string {
  if ((parseCents(balance.totalDue) ?? 0n) <= 0n) return '';
  const ways = [
    payment.bpayBillerCode && `BPAY biller code ${payment.bpayBillerCode}, reference ${payment.bpayReference}`,
    payment.bankAccount && `bank account ${payment.bankAccount}`,
    payment.cardUrl && `card at ${payment.cardUrl}`,
  ].filter(way => way !== '');
  return ways.length > 0 ? `How to pay: ${ways.join('; ')}.` : '';
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}
