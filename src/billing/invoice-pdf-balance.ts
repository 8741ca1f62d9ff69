import { ink, type Paper, quiet, type TextStyle } from '../kernel/paper.ts';
import { conditionalSentences } from './conditional-words.ts';
import type { InvoiceDocument } from './invoice.ts';
import { sumMoney } from './invoice-summary.ts';
import { showBalance, showDay, showMoney, signOf, titleOf, unbroken } from './invoice-words.ts';

/** What must not be overlooked: a correction, and figures nobody measured. */
export function printBanners(paper: Paper, invoice: InvoiceDocument): void {
  const { corrects, supplies, seller, currency } = invoice;
  const banners: string[] = [];
  // Australian law asks a seller to say so when a paper lowers the tax of an earlier one.
  const adjusts = invoice.kind === 'credit-note' && currency === 'AUD' ? ' It is an adjustment note for GST.' : '';
  if (corrects) banners.push(`This ${titleOf(invoice).toLowerCase()} corrects invoice ${corrects}.${adjusts}`);
  const estimated = supplies.filter(supply => Number(supply.estimatedPercent) > 0);
  if (estimated.length > 0) {
    const shares = estimated.map(supply =>
      supplies.length === 1 ? `${supply.estimatedPercent} %` : `${supply.estimatedPercent} % at ${supply.meterPoint}`,
    );
    const call = seller.phone
      ? ` Read your meter and call ${seller.phone} before the due date, and we adjust the bill.`
      : '';
    banners.push(`Estimated: ${shares.slice(0, 3).join(', ')} of this energy was not measured.${call}`);
  }
  for (const banner of banners) {
    const style: TextStyle = { size: 9, weight: 'bold' };
    const height = paper.wrap(banner, paper.width - 24, style, 2).length * paper.lineHeight(style) + 8;
    paper.fill(paper.left, paper.y, paper.width, height, ink);
    paper.fill(paper.left + 1, paper.y + 1, paper.width - 2, height - 2, '#ffffff');
    paper.paragraph(banner, paper.left + 12, paper.y + 4, paper.width - 24, style, 2);
    paper.y += height + 8;
  }
}

/** Old balance and new charges side by side, never mixed. */
export function printBalanceStrip(paper: Paper, invoice: InvoiceDocument): void {
  const { balance, currency } = invoice;
  const received = sumMoney(balance.payments.map(payment => payment.amount));
  const change = (label: string, amount: string, plus = '+', minus = '−'): [string, string, string] => [
    signOf(amount) < 0 ? minus : plus,
    label,
    showMoney(amount.replace('-', ''), currency),
  ];
  const cells: [string, string, string][] = [
    ['', 'Previous balance', showBalance(balance.previous, currency)],
    change('Payment received', received, '−', '+'),
    change('Adjustments', balance.adjustments),
    ['=', 'Balance brought forward', showBalance(balance.broughtForward, currency)],
    change(invoice.kind === 'credit-note' ? 'This credit note' : 'Total current charges', invoice.currentCharges),
    ['=', 'Total amount due', showBalance(balance.totalDue, currency)],
  ];
  const shown = cells.filter(([, label]) => label !== 'Adjustments' || signOf(balance.adjustments) !== 0);
  const [height, width] = [43, paper.width / shown.length];
  paper.fill(paper.left, paper.y, paper.width, height, '#e4e6e8');
  for (const [index, [sign, label, value]] of shown.entries()) {
    const x = paper.left + index * width;
    const last = index === shown.length - 1;
    paper.within('P', () => {
      const small: TextStyle = { size: 7.5 };
      const lines = paper.wrap(label, width - 14, small, 2).length;
      paper.paragraph(label, x + 9, paper.y + 24 - lines * paper.lineHeight(small), width - 14, small, 2);
      if (sign) paper.line(sign, x - 7, paper.y + 25, 14, { size: 11, align: 'center' });
      const weight = last ? 'bold' : 'regular';
      const size = paper.fittingSize(value, width - 14, [11, 9.5, 8], weight);
      paper.line(value, x + 9, paper.y + 36 - size, width - 14, { size, weight });
    });
  }
  paper.y += height + 5;
  printPayments(paper, invoice);
  for (const offer of conditionalSentences(invoice).slice(0, offersShown))
    paper.y += paper.paragraph(offer, paper.left + 9, paper.y, paper.width - 18, { size: 8.5, weight: 'bold' }, 2);
  paper.y += 7;
}

const paymentsShown = 4;
const offersShown = 3;

/** The days money came in, in at most two lines. */
function printPayments(paper: Paper, { balance: { payments }, currency }: InvoiceDocument): void {
  const words = payments.slice(0, paymentsShown).map(({ paidOn, amount, description }) => {
    const how = description ? ` (${description})` : '';
    return unbroken(`${showMoney(amount, currency)} on ${showDay(paidOn)}${how}`);
  });
  const more = payments.slice(paymentsShown).map(payment => payment.amount);
  if (more.length > 0) words.push(`${more.length} more: ${showMoney(sumMoney(more), currency)}`);
  if (words.length === 0) return;
  const text = `Received: ${words.join(', ')}`;
  paper.y += paper.paragraph(text, paper.left + 9, paper.y, paper.width - 18, quiet, 2);
}
