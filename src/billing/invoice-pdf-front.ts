import { mm, type Paper, quiet, shade, type TextStyle } from '../kernel/paper.ts';
import { printedIdentifier } from '../units/identifiers.ts';
import type { InvoiceDocument } from './invoice.ts';
import { printBalanceStrip, printBanners } from './invoice-pdf-balance.ts';
import { helpHeight, printAverages, printCharges, printHelp } from './invoice-pdf-charges.ts';
import { printFacts } from './invoice-pdf-facts.ts';
import { printPaymentPanel, withoutScheme } from './invoice-pdf-payment.ts';
import {
  countryOf,
  meterPointName,
  showBalance,
  showDay,
  showMoney,
  showPeriod,
  signOf,
  titleOf,
} from './invoice-words.ts';
import { dailyUsageHeightMin, drawDailyUsage } from './usage-chart.ts';

/** The new charges with every group, or the average day with two notices of four lines. */
const chargesHeightMax = 170;
const mastheadHeight = mm(28);
/** Left two thirds say what is owed, the right third how to pay it. */
const leftWidth = mm(117);
const rightWidth = mm(57);

/**
 * Page 1: everything a person needs who only wants to know what to pay, until when and how.
 * Names and notices of any length only push the new charges to the next page and the daily usage to the details; false says they did.
 */
export function printFront(paper: Paper, invoice: InvoiceDocument, colour: string): boolean {
  printMasthead(paper, invoice, colour);
  const below = mastheadHeight + 14;
  const rightX = paper.right - rightWidth;
  let left = printRecipient(paper, invoice, below, colour);
  left = printAmountDue(paper, invoice, left + 8, colour);
  left = printSupply(paper, invoice, left + 10);
  const panel = printPaymentPanel(
    paper,
    invoice,
    { x: rightX, y: below, width: rightWidth, height: left - below },
    colour,
  );
  paper.y = Math.max(left, panel) + 12;
  printBanners(paper, invoice);
  printBalanceStrip(paper, invoice);
  const crowded = paper.y + chargesHeightMax > paper.bottom - helpHeight;
  if (crowded) {
    printHelp(paper, invoice, colour);
    paper.nextPage();
  }
  const charges = printCharges(paper, invoice, { x: paper.left, y: paper.y, width: leftWidth }, colour);
  const averages = printAverages(paper, invoice, { x: rightX, y: paper.y, width: rightWidth }, colour);
  paper.y = Math.max(charges, averages) + 12;
  const room = paper.bottom - (crowded ? 0 : helpHeight) - paper.y - 6;
  const charted = room >= dailyUsageHeightMin;
  if (charted) drawDailyUsage(paper, invoice, paper.y, room, colour);
  if (!crowded) printHelp(paper, invoice, colour);
  return charted;
}

function printMasthead(paper: Paper, invoice: InvoiceDocument, colour: string): void {
  const { seller, currency, number } = invoice;
  paper.fill(0, 0, paper.pageWidth, mastheadHeight, colour);
  const white: TextStyle = { size: 8, colour: '#ffffff' };
  const x = paper.left + printLogo(paper, seller.logo);
  const width = paper.left + leftWidth - x;
  // A long name is set smaller before it is broken in two.
  const size = paper.fittingSize(seller.name, width, [20, 17, 15, 11], 'bold');
  const name: TextStyle = { ...white, size, weight: 'bold' };
  const facts = [
    seller.businessNumber && `${countryOf(currency).businessNumber} ${seller.businessNumber}`,
    seller.address.filter(Boolean).join(', '),
    [seller.email, withoutScheme(seller.web)].filter(Boolean).join('   ·   '),
  ];
  const known = facts.filter(Boolean);
  const nameHeight = paper.wrap(seller.name, width, name, 2).length * paper.lineHeight(name);
  let y = (mastheadHeight - nameHeight - known.length * paper.lineHeight(white)) / 2;
  y += paper.paragraph(seller.name, x, y, width, name, 2);
  for (const fact of known) {
    paper.line(fact, x, y, width, white);
    y += paper.lineHeight(white);
  }
  const right = paper.right - rightWidth;
  paper.within('H1', () => paper.line(titleOf(invoice), right, 22, rightWidth, { ...white, size: 20, weight: 'bold' }));
  paper.line(number, right, 51, rightWidth, { ...white, size: 10 });
}

/** Plain strokes only: an arc of no size would have no numbers to print. */
const drawable = /^[MmLlHhVvCcSsQqTtZz\d\s,.+-]{1,20000}$/;
const logoSize = mm(14);

/** Returns the width used. */
function printLogo(paper: Paper, logo: string | undefined): number {
  if (!logo || !drawable.test(logo)) return 0;
  paper.drawing(logo, 24, paper.left, (mastheadHeight - logoSize) / 2, logoSize, '#ffffff');
  return logoSize + 12;
}

/** Name and address where the window of a DL envelope shows them, the numbers of the paper beside. */
function printRecipient(paper: Paper, invoice: InvoiceDocument, y: number, colour: string): number {
  const { account, currency } = invoice;
  paper.within('H2', () =>
    paper.line('Your electricity account', paper.left, y, leftWidth, { size: 14, weight: 'bold', colour }),
  );
  const factsX = paper.left + mm(57);
  const facts: [string, string][] = [
    ['Account number', account.number],
    [invoice.kind === 'credit-note' ? 'Credit note' : 'Invoice number', invoice.number],
    ['Issue date', showDay(invoice.issuedOn)],
    [`Customer ${countryOf(currency).businessNumber}`, account.businessNumber],
  ];
  const right = printFacts(paper, facts, { x: factsX, y: y + 27, labelWidth: mm(29), valueWidth: mm(31) });
  const width = factsX - paper.left - 14;
  let left = y + 27;
  left += paper.paragraph(account.name, paper.left, left, width, { size: 10, weight: 'bold' }, 2);
  const address = account.postalAddress.filter(Boolean).slice(0, 5);
  for (const line of address) left += paper.paragraph(line, paper.left, left, width, { size: 10 }, 2);
  return Math.max(left, right);
}

/** The largest figure on the page, and the day. */
function printAmountDue(paper: Paper, invoice: InvoiceDocument, y: number, colour: string): number {
  const { balance, currency } = invoice;
  const height = 74;
  const [x, width] = [paper.left + 14, leftWidth - 24];
  paper.fill(paper.left, y, leftWidth, height, shade);
  paper.fill(paper.left, y, 4, height, colour);
  const credit = invoice.kind === 'credit-note';
  const amount = showBalance(credit ? invoice.currentCharges : balance.totalDue, currency);
  const owes = signOf(balance.totalDue) > 0;
  paper.line(credit ? 'Credited to your account' : 'Total amount due', x, y + 9, width, { size: 10 });
  const big: TextStyle = { size: paper.fittingSize(amount, mm(72), [32, 28, 24, 18], 'bold'), weight: 'bold' };
  paper.line(amount, x, y + 20, mm(74), big);
  const side = x + mm(75);
  const sideWidth = paper.left + leftWidth - side - 6;
  if (!owes) paper.line('Nothing to pay', side, y + 33, sideWidth, { size: 11.5, weight: 'bold', colour });
  else if (credit) {
    paper.line('You still owe', side, y + 9, sideWidth, { size: 10 });
    paper.line(showMoney(balance.totalDue, currency), side, y + 31, sideWidth, { size: 13, weight: 'bold' });
  } else {
    if (invoice.dueOn) paper.line('Pay by', side, y + 9, sideWidth, { size: 10 });
    paper.line(showDay(invoice.dueOn), side, y + 31, sideWidth, { size: 14, weight: 'bold' });
  }
  if (!owes && signOf(balance.totalDue) < 0)
    paper.line('Your account is in credit. We keep it for your next bill.', x, y + 59, width, quiet);
  return y + height;
}

function printSupply(paper: Paper, { supplies, account }: InvoiceDocument, y: number): number {
  const [first] = supplies;
  if (!first) return y;
  const one = supplies.length === 1;
  const period = showPeriod(spanOf(supplies));
  const facts: [string, string][] = [
    ['Account name', account.name],
    ['Supply address', one ? first.address : `${supplies.length} addresses, each from page 2 on`],
    [meterPointName(first.meterPoint), supplies.map(supply => printedIdentifier(supply.meterPoint)).join(', ')],
    ['Supply period', one ? `${period} (${first.days} ${first.days === 1 ? 'day' : 'days'})` : period],
    ['Price plan', one ? first.plan.name : [...new Set(supplies.map(supply => supply.plan.name))].join(', ')],
  ];
  return printFacts(paper, facts, { x: paper.left, y, labelWidth: mm(28), valueWidth: leftWidth - mm(28) });
}

function spanOf(supplies: { from: string; to: string }[]): { from: string; to: string } {
  const from = supplies.map(supply => supply.from).toSorted()[0] ?? '';
  const to =
    supplies
      .map(supply => supply.to)
      .toSorted()
      .at(-1) ?? '';
  return { from, to };
}
