import { assert } from '../kernel/assert.ts';
import { addCents, formatCents, negateCents, parseCents, zeroCents } from '../units/money.ts';
import { addDays, type Day, dayOf, instantOfMs, type Zone } from '../units/time.ts';
import type { BillRunDeps } from './bill-run.ts';
import { type CorrectionLine, correctedLines, creditPart, recoverUndercharge, sumOfLines } from './corrections.ts';
import type { InvoiceDocument } from './invoice.ts';
import type { IssuedInvoice } from './invoice-store.ts';
import { rateSupply } from './rate-supply.ts';

export type PreviewCorrectionDeps = BillRunDeps & { businessZone: Zone };

export interface CorrectionPreview {
  invoice: string;
  /** The issued lines that would be taken back and what would stand in their place; none when nothing has changed. */
  lines: (CorrectionLine & { meterPoint: string })[];
  /** What the lines come to, without their tax where the prices have none inside. */
  difference: string;
  /** Of a difference the customer owes: what may be asked for, what is too old, and what a month it would be. */
  undercharge: { recoverable: string; writtenOff: string; instalments: string[] } | null;
  /** The other way: the whole invoice credited, and billed anew. */
  creditNote: { net: string; tax: string; total: string };
}

/**
 * Rates the days of an issued invoice again, from the readings and plan versions known now, and says what would be corrected. Writes
 * nothing. Throws 'invoice-unknown' and the Refusals of rateSupply.
 */
export function previewCorrection(deps: PreviewCorrectionDeps, number: string): CorrectionPreview {
  const invoice = deps.invoices.get(number);
  const lines = invoice.document.supplies.flatMap(issued => {
    const { supply, days } = supplyOf(deps, invoice, issued);
    const now = rateSupply(deps, supply, days).charges;
    // What belongs to the invoice as a whole is no charge of these days.
    const then = issued.lines.filter(({ ofInvoice }) => !ofInvoice);
    return correctedLines(then, now.lines).map(line => ({ ...line, meterPoint: issued.meterPoint }));
  });
  const difference = sumOfLines(lines);
  const today = dayOf(instantOfMs(deps.clock.now()), deps.businessZone);
  return {
    invoice: number,
    lines,
    difference: formatCents(difference),
    undercharge: difference > 0n ? undercharge(lines, today) : null,
    creditNote: creditNote(invoice.document),
  };
}

/** The supply that was billed at this meter point from this day. */
function supplyOf(deps: PreviewCorrectionDeps, invoice: IssuedInvoice, issued: InvoiceDocument['supplies'][number]) {
  const meterPoint = deps.meterPoints.get(issued.meterPoint);
  const days = { from: issued.from as Day, to: addDays(issued.to as Day, 1) };
  const supply = deps.supplies
    .listOfAccount(invoice.accountId)
    .find(each => each.meterPointId === meterPoint.id && each.from <= days.from && (each.to ?? days.to) >= days.to);
  assert(supply, 'an invoice was issued for supplies of its account');
  return { supply, days };
}

function undercharge(lines: CorrectionLine[], today: Day): CorrectionPreview['undercharge'] {
  const parts = lines.map(line => ({
    from: line.from as Day,
    to: addDays(line.to as Day, 1),
    amount: sumOfLines([line]),
  }));
  const { recoverable, writtenOff, instalments } = recoverUndercharge(parts, today);
  return {
    recoverable: formatCents(recoverable),
    writtenOff: formatCents(writtenOff),
    instalments: instalments.map(formatCents),
  };
}

function creditNote({ chargesExTax, tax }: InvoiceDocument): CorrectionPreview['creditNote'] {
  const [net, taxed] = [parseCents(chargesExTax), parseCents(tax)];
  assert(net !== undefined && taxed !== undefined, 'an invoice says its sums in money');
  // An invoice in credit is taken back by a charge of the same amounts.
  const sign = net < 0n ? negateCents : addCents;
  const whole = { net: sign(net), tax: sign(taxed) };
  const credit = creditPart(whole, { net: zeroCents, tax: zeroCents }, whole.net);
  const back = net < 0n ? addCents : negateCents;
  return {
    net: formatCents(back(credit.net)),
    tax: formatCents(back(credit.tax)),
    total: formatCents(back(credit.total)),
  };
}
