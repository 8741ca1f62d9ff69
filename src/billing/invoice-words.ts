import dayjs from 'dayjs';
import utc from 'dayjs/plugin/utc.js';
import { isMpan, isNmi } from '../units/identifiers.ts';
import { parseCents } from '../units/money.ts';
import type { InvoiceDocument, InvoiceLine, TaxTotal } from './invoice.ts';

dayjs.extend(utc);

const minus = '−';

interface Country {
  symbol: string;
  language: string;
  businessNumber: string;
  relay: string;
}

/** What a currency tells about the country a bill is read in. */
const countries: Record<string, Country> = {
  AUD: { symbol: '$', language: 'en-AU', businessNumber: 'ABN', relay: 'National Relay Service' },
  NZD: { symbol: '$', language: 'en-NZ', businessNumber: 'GST', relay: 'NZ Relay' },
  USD: { symbol: '$', language: 'en-US', businessNumber: 'EIN', relay: 'Relay service' },
  GBP: { symbol: '£', language: 'en-GB', businessNumber: 'VAT', relay: 'Relay UK' },
  EUR: { symbol: '€', language: 'en-IE', businessNumber: 'VAT', relay: 'Relay service' },
};

/** The words of the country whose currency it is; neutral ones where that is not known. */
export function countryOf(currency: string): Country {
  return (
    countries[currency] ?? {
      symbol: `${currency} `,
      language: 'en',
      businessNumber: 'Tax ID',
      relay: 'Relay service',
    }
  );
}

/** "$1,234.50", "−$13.50". What is not a decimal string is shown as it is. */
export function showMoney(amount: string, currency: string): string {
  return grouped(amount, countryOf(currency).symbol);
}

/** What an account owes: "$1,234.50", or "$13.50 CR" when it is the other way round. */
export function showBalance(amount: string, currency: string): string {
  return amount.startsWith('-') ? `${showMoney(amount.slice(1), currency)} CR` : showMoney(amount, currency);
}

/** A price per unit with at least four decimals, so that they stand in a column: "$0.2100". */
export function showPrice(price: string, currency: string): string {
  return grouped(padDecimals(price, 4), countryOf(currency).symbol);
}

/** "325.200 kWh", "31 days", "1 month", "4.250 kW": energy and power at three decimals, or as metered where finer. */
export function showQuantity(quantity: string, unit: InvoiceLine['unit']): string {
  if (unit === 'kWh' || unit === 'kW' || unit === 'kVA') return `${showEnergy(quantity)} ${unit}`;
  const count = grouped(quantity);
  return unit === 'each' ? count : `${count} ${unit}${quantity === '1' ? '' : 's'}`;
}

/** "1,325.200" */
export function showEnergy(kWh: string): string {
  return grouped(padDecimals(kWh, 3));
}

/** "21 Nov 2026" */
export function showDay(day: string): string {
  return /^\d{4}-\d\d-\d\d$/.test(day) ? dayjs.utc(day).format('D MMM YYYY') : day;
}

/** "1 Oct to 31 Oct 2026", "15 Dec 2026 to 14 Jan 2027" */
export function showPeriod({ from, to }: { from: string; to: string }): string {
  if (from === to) return showDay(from);
  const sameYear = from.slice(0, 4) === to.slice(0, 4);
  return `${sameYear ? showDay(from).replace(/ \d{4}$/, '') : showDay(from)} to ${showDay(to)}`;
}

/** "Oct 26" */
export function showMonth(month: string): string {
  return /^\d{4}-\d\d$/.test(month) ? dayjs.utc(`${month}-01`).format('MMM YY') : month;
}

/** "Tax invoice" where tax is charged, as the law wants it called; "Credit note" for a correction, "Draft" until it has a number. */
export function titleOf({ kind, number, taxes }: InvoiceDocument): string {
  if (!number) return 'Draft';
  if (kind === 'credit-note') return 'Credit note';
  const name = chargedTax(taxes)?.name;
  if (name === undefined) return 'Invoice';
  return name === 'VAT' ? 'VAT invoice' : 'Tax invoice';
}

/** "GST", "VAT", or "tax" where none is charged. */
export function taxNameOf({ taxes }: InvoiceDocument): string {
  return chargedTax(taxes)?.name || 'tax';
}

function chargedTax(taxes: TaxTotal[]): TaxTotal | undefined {
  return taxes.find(({ percent }) => Number(percent) > 0);
}

/** NMI in Australia, MPAN in Great Britain. */
export function meterPointName(meterPoint: string): string {
  if (isMpan(meterPoint)) return 'MPAN';
  return isNmi(meterPoint) ? 'NMI' : 'Meter point';
}

/** A phone number that no line break may tear apart. */
export function unbroken(text: string): string {
  return text.replaceAll(' ', '\u00a0');
}

/** -1, 0 or 1; 0 for what is not an amount. */
export function signOf(amount: string): number {
  const value = parseCents(amount) ?? 0n;
  return value === 0n ? 0 : value < 0n ? -1 : 1;
}

/** "−1,234.5" with the symbol before the digits; what is not a decimal stays as it is. */
function grouped(number: string, symbol = ''): string {
  const [, sign, whole, fraction] = /^(-?)(\d{1,30})(\.\d+)?$/.exec(number) ?? [];
  if (whole === undefined) return number;
  return `${sign ? minus : ''}${symbol}${whole.replace(/\B(?=(\d{3})+$)/g, ',')}${fraction ?? ''}`;
}

function padDecimals(number: string, decimalsMin: number): string {
  if (!/^-?\d+(\.\d+)?$/.test(number)) return number;
  const [whole = '', fraction = ''] = number.split('.');
  return `${whole}.${fraction.padEnd(decimalsMin, '0')}`;
}
