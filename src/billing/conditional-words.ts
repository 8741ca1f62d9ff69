import { addCents, formatCents, negateCents, parseCents, zeroCents } from '../units/money.ts';
import { payOnTime } from './conditional-discounts.ts';
import type { ConditionalOffer, InvoiceDocument } from './invoice.ts';
import { showDay, showMoney } from './invoice-words.ts';

/** What stands beside a bill and is not in it: each discount that can still be earned, as a sentence. */
export function conditionalSentences(invoice: InvoiceDocument): string[] {
  return (invoice.conditional ?? []).map(offer => sentence(offer, invoice));
}

function sentence({ category, description, amount, total }: ConditionalOffer, invoice: InvoiceDocument): string {
  const { balance, currency, dueOn } = invoice;
  const money = (text: string) => showMoney(text, currency);
  const off = parseCents(amount) ?? zeroCents;
  if (category !== payOnTime)
    return `${description}: if you earn it, ${money(formatCents(negateCents(off)))} comes off and this invoice is ${money(total)}.`;
  // Paying all but the discount is paying on time (earned-discounts.ts).
  const enough = addCents(parseCents(balance.totalDue) ?? zeroCents, off);
  const pay = enough > 0n ? `pay ${money(formatCents(enough))} by ${showDay(dueOn)}` : `nothing need be paid by then`;
  return `${description}: ${pay}, and ${money(formatCents(negateCents(off)))} is credited on your next invoice.`;
}
