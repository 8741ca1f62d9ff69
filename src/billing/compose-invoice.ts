import type { Account } from '../accounts/account.ts';
import { roundingLook, toPayable } from '../tariffs/adjustments/payable-rounding.ts';
import { noTax } from '../tariffs/component.ts';
import { sumWithTax, type Taxable } from '../tariffs/taxes.ts';
import { type Cents, formatCents, zeroCents } from '../units/money.ts';
import { formatRate } from '../units/rate.ts';
import { balanceBox } from './balance-box.ts';
import { conditionalOffers, type EarnedDiscount, earnedLines, type PromisedDiscount } from './conditional-discounts.ts';
import type { InvoiceDocument, InvoiceLine, Seller, SupplyCharges } from './invoice.ts';
import type { RatedSupply } from './rate-supply.ts';

/** Why these supplies cannot stand on one invoice: a sentence, or undefined when they can. */
export function whyNotTogether(supplies: RatedSupply[]): string | undefined {
  const currencies = new Set(supplies.map(supply => supply.currency));
  if (currencies.size > 1) return `the account's plans are in several currencies: ${[...currencies].join(', ')}`;
  const bases = new Set(supplies.map(supply => supply.taxBasis));
  return bases.size > 1 ? `some of the account's plans have tax inside their prices and some have not` : undefined;
}

/** An invoice as far as a draft can say it, and the discounts that stand beside it. */
export interface ComposedInvoice {
  document: InvoiceDocument;
  promised: PromisedDiscount[];
}

/**
 * Adds an account's supplies up to an invoice without number, dates and balance, which only issuing can know. Tax is taken once per
 * code over all supplies together, so that the sum on paper is the sum of what is printed; what was earned on earlier invoices comes
 * off, and the total is rounded to what can be paid once, at the end.
 */
export function composeInvoice(
  account: Account,
  seller: Seller,
  supplies: RatedSupply[],
  earned: EarnedDiscount[] = [],
): ComposedInvoice {
  const back = earned.map(earnedLines);
  const taxables = [...supplies, ...back].flatMap(part => part.taxables);
  const { total: unrounded } = sumWithTax(taxables);
  const { offers, promised } = conditionalOffers(supplies, taxables);
  const rounding = roundingOf(unrounded, supplies);
  const { taxes, exTax, tax, total } = sumWithTax([...taxables, ...rounding.map(outsideTax)]);
  const sections = supplies.map(supply => supply.charges);
  const document: InvoiceDocument = {
    kind: 'invoice',
    number: '',
    currency: supplies[0]?.currency ?? '',
    issuedOn: '',
    dueOn: '',
    seller,
    account: accountBlock(account),
    supplies: withOwnLines(
      sections,
      back.flatMap(({ lines }) => lines),
      rounding,
    ),
    taxes: taxes.map(({ code, name, percent, taxable, amount }) => ({
      code,
      name,
      percent: formatRate(percent),
      taxable: formatCents(taxable),
      amount: formatCents(amount),
    })),
    chargesExTax: formatCents(exTax),
    tax: formatCents(tax),
    currentCharges: formatCents(total),
    balance: balanceBox(zeroCents, [], total),
    ...(offers.length > 0 && { conditional: offers }),
  };
  return { document, promised };
}

/** To the coarsest step any of the plans asks for: one coin pays the whole invoice. */
function roundingOf(total: Cents, supplies: RatedSupply[]): Cents[] {
  const [coarsest] = supplies
    .flatMap(({ payableRounding }) => payableRounding ?? [])
    .sort((a, b) => Number(b.increment - a.increment));
  const difference = coarsest ? toPayable(total, coarsest) : zeroCents;
  return difference === 0n ? [] : [difference];
}

function outsideTax(amount: Cents): Taxable {
  return { amount, taxCode: noTax, tax: undefined, basis: 'EXCLUSIVE', mode: 'TOTAL' };
}

/** The lines of the invoice as a whole stand with its last supply, after everything else. */
function withOwnLines(sections: SupplyCharges[], earned: InvoiceLine[], rounding: Cents[]): SupplyCharges[] {
  const last = sections.at(-1);
  if (!last) return [];
  const rounded = rounding.map((amount): InvoiceLine => {
    const text = formatCents(amount);
    const money = { quantity: '1', unit: 'each', unitPrice: text, amount: text } as const;
    return { ...roundingLook, group: 'other', when: '', from: last.from, to: last.to, ...money, ofInvoice: true };
  });
  return [...sections.slice(0, -1), { ...last, lines: [...last.lines, ...earned, ...rounded] }];
}

export function accountBlock({
  number,
  name,
  businessNumber,
  postalAddress,
  email,
}: Account): InvoiceDocument['account'] {
  return { number, name, businessNumber, postalAddress: postalAddress.split('\n').filter(line => line !== ''), email };
}
