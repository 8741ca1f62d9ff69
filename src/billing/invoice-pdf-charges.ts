import { mm, type Paper, quiet, quietInk, type TextStyle } from '../kernel/paper.ts';
import type { InvoiceDocument } from './invoice.ts';
import { printFacts } from './invoice-pdf-facts.ts';
import { dailyAverages, groupTotal } from './invoice-summary.ts';
import { countryOf, showMoney, taxNameOf, unbroken } from './invoice-words.ts';

/** Where on the page, from its top left corner. */
interface Place {
  x: number;
  y: number;
  width: number;
}

/** The new charges by kind, as one table. Returns where it ends. */
export function printCharges(paper: Paper, invoice: InvoiceDocument, { x, y, width }: Place, colour: string): number {
  const heading = invoice.kind === 'credit-note' ? 'What we credit' : 'Your new charges';
  paper.within('H2', () => paper.line(heading, x, y, width, { size: 11, weight: 'bold', colour }));
  const rows: [string, string | undefined][] = [
    ['Energy charges from the grid', groupTotal(invoice, 'grid') ?? '0.00'],
    ['Energy charges from rooftop solar', groupTotal(invoice, 'solar')],
    ['Daily supply charge', groupTotal(invoice, 'supply') ?? '0.00'],
    ['Credit for energy to the grid', groupTotal(invoice, 'feed-in')],
    ['Other charges', groupTotal(invoice, 'other') ?? '0.00'],
    [`Total ${taxNameOf(invoice)}`, invoice.tax],
    [invoice.kind === 'credit-note' ? 'Total credited' : 'Total current charges', invoice.currentCharges],
  ];
  const shown = rows.flatMap(([label, amount]): [string, string][] =>
    amount === undefined ? [] : [[label, showMoney(amount, invoice.currency)]],
  );
  return printSum(paper, shown, { x, y: y + 18, width });
}

const sumRowHeight = 14.5;

/** Labels and amounts, the last of them the total of the others. Returns where it ends. */
export function printSum(paper: Paper, rows: [label: string, amount: string][], { x, y, width }: Place): number {
  const amountWidth = Math.min(120, width / 2);
  paper.within('Table', () => {
    for (const [index, [label, amount]] of rows.entries()) {
      const at = y + index * sumRowHeight;
      const total = index === rows.length - 1;
      const style: TextStyle = { weight: total ? 'bold' : 'regular' };
      if (total) paper.rule(x, at - 2, width, quietInk);
      paper.within('TR', () => {
        paper.within('TH', () => paper.line(label, x, at, width - amountWidth, style), { scope: 'Row' });
        const amountX = x + width - amountWidth;
        paper.within('TD', () => paper.line(amount, amountX, at, amountWidth, { ...style, align: 'right' }));
      });
    }
  });
  return y + rows.length * sumRowHeight;
}

const noticesMax = 2;

/** What a day cost, and what the seller has to tell. Returns where it ends. */
export function printAverages(paper: Paper, invoice: InvoiceDocument, { x, y, width }: Place, colour: string): number {
  // What is taken back has no average day.
  const averages = invoice.kind === 'invoice' ? dailyAverages(invoice) : undefined;
  let at = y;
  if (averages) {
    paper.within('H2', () => paper.line('An average day', x, at, width, { size: 11, weight: 'bold', colour }));
    at += 18;
    const facts: [string, string][] = [
      ['Energy', `${averages.energy} kWh`],
      ['Last year', averages.energyLastYear === undefined ? '' : `${averages.energyLastYear} kWh`],
      ['Cost', showMoney(averages.cost, invoice.currency)],
    ];
    at = printFacts(paper, facts, { x, y: at, labelWidth: mm(20), valueWidth: width - mm(20) }) + 5;
  }
  for (const notice of (invoice.notices ?? []).slice(0, noticesMax)) {
    at += paper.paragraph(notice, x, at, width, { size: 8.5 }, averages ? 4 : 6) + 3;
  }
  return at;
}

export const helpHeight = 68;

/** Who to call, at the foot of the page. */
export function printHelp(paper: Paper, { seller, currency }: InvoiceDocument, colour: string): void {
  const calls: [string, string][] = [
    ['Faults and emergencies, 24 hours', seller.faultsPhone],
    ['Questions about your bill', seller.phone],
    ['Interpreter', seller.interpreterPhone],
    [countryOf(currency).relay, seller.relayPhone],
  ];
  const shown = calls.filter(([, phone]) => phone);
  const y = paper.bottom - helpHeight;
  paper.rule(paper.left, y, paper.width, colour, 1);
  // The first column names the network as well, so it is the widest.
  const width = paper.width / (shown.length + 0.4);
  let x = paper.left;
  for (const [index, [label, phone]] of shown.entries()) {
    const room = width * (index === 0 ? 1.4 : 1);
    paper.within('P', () => {
      paper.line(label, x, y + 6, room - 10, quiet);
      paper.line(phone, x, y + 18, room - 10, { size: 11, weight: 'bold' });
      if (phone === seller.faultsPhone) paper.line(seller.networkProvider, x, y + 33, room - 10, quiet);
    });
    x += room;
  }
  const contact = seller.phone ? `call ${unbroken(seller.phone)}` : 'tell us';
  const sentence = `Hard to pay? Please ${contact} before the due date: we can agree on more time, a payment plan or a concession.`;
  paper.line(sentence, paper.left, y + 50, paper.width, { size: 8.5 });
}
