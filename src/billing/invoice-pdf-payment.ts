import { type Paper, shade, type TextStyle } from '../kernel/paper.ts';
import type { InvoiceDocument } from './invoice.ts';
import { signOf } from './invoice-words.ts';

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

const small: TextStyle = { size: 8.5 };

/** How to pay, as a panel that fills the box where it nearly does; only the ways this seller offers. Returns where it ends. */
export function printPaymentPanel(paper: Paper, invoice: InvoiceDocument, box: Box, colour: string): number {
  const ways = signOf(invoice.balance.totalDue) > 0 ? waysToPay(invoice) : [];
  const blocks = ways.length > 0 ? ways : contact(invoice);
  const width = box.width - 20;
  const needed = blocks.reduce((sum, block) => sum + heightOf(paper, block, width), 0) + 34;
  const height = needed > box.height * 0.7 ? Math.max(box.height, needed) : needed;
  paper.fill(box.x, box.y, box.width, height, shade);
  paper.fill(box.x, box.y, box.width, 3, colour);
  const heading = ways.length > 0 ? 'How to pay' : 'Good to know';
  paper.within('H2', () => paper.line(heading, box.x + 10, box.y + 11, width, { size: 12, weight: 'bold', colour }));
  let at = box.y + 32;
  for (const block of blocks) {
    printBlock(paper, block, box.x + 10, at, width);
    at += heightOf(paper, block, width);
  }
  return box.y + height;
}

interface Block {
  heading: string;
  lines: string[];
  link?: string;
}

function waysToPay({ seller: { payment }, account }: InvoiceDocument): Block[] {
  const bpay = payment.bpayBillerCode
    ? [`Biller code: ${payment.bpayBillerCode}`, payment.bpayReference && `Reference: ${payment.bpayReference}`]
    : [];
  const blocks: Block[] = [
    { heading: 'BPAY', lines: bpay },
    { heading: 'Direct debit', lines: [payment.directDebitPhone && `Call ${payment.directDebitPhone}`] },
    {
      heading: 'Bank transfer',
      lines: payment.bankAccount ? [payment.bankAccount, `Reference: ${payment.bpayReference || account.number}`] : [],
    },
    {
      heading: 'Card',
      lines: payment.cardUrl ? [withoutScheme(payment.cardUrl), payment.cardFeeNotice] : [],
      link: payment.cardUrl,
    },
    { heading: '', lines: [payment.lateNotice] },
  ];
  return blocks.filter(({ lines }) => lines.some(Boolean));
}

function contact({ seller, balance }: InvoiceDocument): Block[] {
  const lines = [seller.phone, seller.email, withoutScheme(seller.web)].filter(Boolean);
  const blocks: Block[] = [
    { heading: '', lines: [signOf(balance.totalDue) > 0 ? '' : 'You need not pay anything for now.'] },
    { heading: 'Questions about your bill', lines, link: seller.web },
  ];
  return blocks.filter(block => block.lines.some(Boolean));
}

/** With every field filled to the brim the panel still leaves room for the balance on page 1. */
const linesMax = 3;
const blockGap = 6;

function heightOf(paper: Paper, { heading, lines }: Block, width: number): number {
  const rows = lines.flatMap(line => paper.wrap(line, width, small, linesMax)).length + (heading ? 1 : 0);
  return rows * paper.lineHeight(small) + blockGap;
}

function printBlock(paper: Paper, { heading, lines, link = '' }: Block, x: number, y: number, width: number): void {
  let at = y;
  if (heading) {
    paper.line(heading, x, at, width, { ...small, weight: 'bold' });
    at += paper.lineHeight(small);
  }
  for (const line of lines.filter(Boolean)) {
    const print = () => paper.paragraph(line, x, at, width, small, linesMax);
    at += safe(link) && line === withoutScheme(link) ? printLink(paper, link, print, x, at, width) : print();
  }
}

function printLink(paper: Paper, url: string, print: () => number, x: number, y: number, width: number): number {
  return paper.within('Link', () => {
    const height = print();
    paper.link(x, y, width, height, new URL(url).href);
    return height;
  });
}

/** A bill leads to web pages and nowhere else. */
function safe(url: string): boolean {
  return /^https?:\/\//i.test(url) && URL.canParse(url);
}

/** "shop.example/pay" */
export function withoutScheme(url: string): string {
  return url.replace(/^https?:\/\//i, '').replace(/\/$/, '');
}
