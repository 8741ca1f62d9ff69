import { readableUnderWhite } from '../kernel/colour.ts';
import { Paper, quietInk } from '../kernel/paper.ts';
import { parseDay } from '../units/time.ts';
import type { InvoiceDocument } from './invoice.ts';
import { printDetails } from './invoice-pdf-details.ts';
import { printFront } from './invoice-pdf-front.ts';
import { countryOf, titleOf } from './invoice-words.ts';

/** The masthead of a seller without a colour of its own. */
const colourDefault = '#2f5d50';

/**
 * The bill as people get it: what is owed and how to pay on page 1, how it came about from page 2 on. It shows what the document
 * says and reads nothing else, so the same document gives the same bytes on any day and in any time zone.
 */
export async function invoicePdf(invoice: InvoiceDocument): Promise<Buffer> {
  const title = `${titleOf(invoice)} ${invoice.number}`;
  const paper = new Paper({
    title,
    author: invoice.seller.name,
    language: countryOf(invoice.currency).language,
    date: new Date(`${parseDay(invoice.issuedOn) ?? '1970-01-01'}T00:00:00Z`),
  });
  const colour = readableUnderWhite(invoice.seller.colour, colourDefault);
  const charted = printFront(paper, invoice, colour);
  paper.nextPage();
  printDetails(paper, invoice, colour, !charted);
  return paper.finish((page, pages) => printFurniture(paper, invoice, title, colour, page, pages));
}

/** Account and invoice number on every page, so that a lost sheet finds home. */
function printFurniture(
  paper: Paper,
  { kind, seller, account, number }: InvoiceDocument,
  title: string,
  colour: string,
  page: number,
  pages: number,
): void {
  const style = { size: 8, colour: quietInk };
  const y = paper.bottom + 8;
  paper.rule(paper.left, y - 4, paper.width);
  const name = kind === 'credit-note' ? 'Credit note' : 'Invoice';
  paper.line(`Account ${account.number}   ·   ${name} ${number}`, paper.left, y, paper.width - 90, style);
  paper.line(`Page ${page} of ${pages}`, paper.right - 80, y, 80, { ...style, align: 'right' });
  if (page === 1) return;
  paper.fill(0, 0, paper.pageWidth, 6, colour);
  paper.line(seller.name, paper.left, 18, paper.width / 2, { ...style, weight: 'bold' });
  paper.line(title, paper.left + paper.width / 2, 18, paper.width / 2, { ...style, align: 'right' });
}
