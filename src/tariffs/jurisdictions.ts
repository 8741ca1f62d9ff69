import type { TaxMode } from './taxes.ts';

/** What is usual in a place, as data: a plan may say otherwise, and what is not known here a plan must say. */
export interface Jurisdiction {
  taxMode: TaxMode;
  /** Where half a cent of tax goes. */
  halfCents: 'UP' | 'DOWN';
  /** Whether a concession lowers what is taxed. Undefined where no rule was found. */
  concessionOrder: ConcessionOrder | undefined;
}
export const concessionOrders = ['BEFORE_TAX', 'AFTER_TAX'] as const;
export type ConcessionOrder = (typeof concessionOrders)[number];

const australia = { taxMode: 'TOTAL', halfCents: 'UP', concessionOrder: undefined } as const;

/**
 * AU: A New Tax System (GST) Act 1999 s 9-90; the order of concessions by state as a retailer publishes it (diamondenergy.com.au).
 * NZ: GST Act 1985 s 19O disregards half a cent. GB and EU: one VAT on the sum of the lines, halves up.
 */
export const jurisdictions = {
  AU: australia,
  'AU-NSW': { ...australia, concessionOrder: 'AFTER_TAX' },
  'AU-SA': { ...australia, concessionOrder: 'AFTER_TAX' },
  'AU-VIC': { ...australia, concessionOrder: 'BEFORE_TAX' },
  'AU-QLD': { ...australia, concessionOrder: 'BEFORE_TAX' },
  NZ: { taxMode: 'TOTAL', halfCents: 'DOWN', concessionOrder: undefined },
  GB: { taxMode: 'TOTAL', halfCents: 'UP', concessionOrder: undefined },
  EU: { taxMode: 'TOTAL', halfCents: 'UP', concessionOrder: undefined },
} as const satisfies Record<string, Jurisdiction>;

export type JurisdictionName = keyof typeof jurisdictions;
export const jurisdictionNames = Object.keys(jurisdictions) as [JurisdictionName, ...JurisdictionName[]];
