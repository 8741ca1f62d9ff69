import type { Day } from '../units/time.ts';
import type { InvoiceDocument } from './invoice.ts';

/** per-year: "2026-000123". per-account: "9038075/01" (P2-04). Credit notes count in series of their own. */
export const numberFormats = ['per-year', 'per-account'] as const;
export type NumberFormat = (typeof numberFormats)[number];

export interface NumberSeries {
  /** Names the counter. */
  code: string;
  /** The number that is printed for the counter's value. */
  print: (count: number) => string;
}

/** The series from which the next number is taken. */
export function numberSeries(
  format: NumberFormat,
  kind: InvoiceDocument['kind'],
  accountNumber: string,
  issuedOn: Day,
): NumberSeries {
  const mark = kind === 'credit-note' ? 'C' : '';
  if (format === 'per-account') {
    return {
      code: `${kind} of ${accountNumber}`,
      print: count => `${accountNumber}/${mark}${String(count).padStart(2, '0')}`,
    };
  }
  const year = issuedOn.slice(0, 4);
  return { code: `${kind} in ${year}`, print: count => `${mark}${year}-${String(count).padStart(6, '0')}` };
}
