import type { Account } from '../accounts/account.ts';
import { sumWithTax } from '../tariffs/taxes.ts';
import { formatCents, zeroCents } from '../units/money.ts';
import { formatRate } from '../units/rate.ts';
import { balanceBox } from './balance-box.ts';
import type { InvoiceDocument, Seller } from './invoice.ts';
import type { RatedSupply } from './rate-supply.ts';

/** Why these supplies cannot stand on one invoice: a sentence, or undefined when they can. */
export function whyNotTogether(supplies: RatedSupply[]): string | undefined {
  const currencies = new Set(supplies.map(supply => supply.currency));
  if (currencies.size > 1) return `the account's plans are in several currencies: ${[...currencies].join(', ')}`;
  const bases = new Set(supplies.map(supply => supply.taxBasis));
  return bases.size > 1 ? `some of the account's plans have tax inside their prices and some have not` : undefined;
}

/**
 * Adds an account's supplies up to an invoice without number, dates and balance, which only issuing can know. Tax is taken once per
 * code over all supplies together, so that the sum on paper is the sum of what is printed.
 */
export function composeInvoice(account: Account, seller: Seller, supplies: RatedSupply[]): InvoiceDocument {
  const { taxes, exTax, tax, total } = sumWithTax(supplies.flatMap(supply => supply.taxables));
  return {
    kind: 'invoice',
    number: '',
    currency: supplies[0]?.currency ?? '',
    issuedOn: '',
    dueOn: '',
    seller,
    account: accountBlock(account),
    supplies: supplies.map(supply => supply.charges),
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
  };
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
