import type { Paper, TextStyle } from '../kernel/paper.ts';
import type { InvoiceDocument } from './invoice.ts';
import { countryOf, unbroken } from './invoice-words.ts';

const text: TextStyle = { size: 8.5 };
const columnGap = 20;

/** What every bill must also say, in two columns; a hint whose number or name the seller left out is not printed. */
export function printHints(paper: Paper, invoice: InvoiceDocument, colour: string): void {
  const width = (paper.width - columnGap) / 2;
  const hints = hintsOf(invoice);
  paper.y += 4;
  for (let index = 0; index < hints.length; index += 2) {
    const pair = hints.slice(index, index + 2);
    const height =
      Math.max(...pair.map(([, words]) => paper.wrap(words, width, text, 6).length)) * paper.lineHeight(text);
    if (paper.y + height + 14 > paper.bottom) paper.nextPage();
    for (const [column, [heading, words]] of pair.entries()) {
      const x = paper.left + column * (width + columnGap);
      paper.within('H3', () => paper.line(heading, x, paper.y, width, { weight: 'bold', colour }));
      paper.paragraph(words, x, paper.y + 14, width, text, 6);
    }
    paper.y += height + 22;
  }
}

function hintsOf({ seller, currency }: InvoiceDocument): [string, string][] {
  const phone = unbroken(seller.phone);
  const call = phone ? `call us on ${phone}` : seller.email ? `write to ${seller.email}` : 'tell us';
  const ombudsman = seller.ombudsman ? ` If we cannot agree, this is free and independent: ${seller.ombudsman}.` : '';
  const hints: [string, string][] = [
    [
      'Payment difficulty',
      `If this bill is hard to pay, ${call} before the due date. We can agree on more time or a payment plan, and tell you about concessions and grants.`,
    ],
    ['Complaints', `Something wrong? Please ${call}; we look into it and answer.${ombudsman}`],
    [
      'Moving premises',
      `Please ${call} at least three working days before you move, so that your last bill ends on the right day.`,
    ],
    [
      'Meter access',
      'Please keep the way to the meter safe and clear. If the meter cannot be read, we have to estimate what you used.',
    ],
  ];
  if (seller.interpreterPhone)
    hints.push([
      'Interpreter',
      `For help in another language call ${unbroken(seller.interpreterPhone)} and ask for ${seller.name}.`,
    ]);
  if (seller.relayPhone)
    hints.push([
      countryOf(currency).relay,
      `If you are deaf or find it hard to hear or speak, call ${unbroken(seller.relayPhone)}${phone ? ` and ask for ${phone}` : ''}.`,
    ]);
  return hints;
}
