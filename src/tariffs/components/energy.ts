import { z } from 'zod';
import { addDays } from '../../units/time.ts';
import { type ChargeGroup, component, taxedTerms } from '../component.ts';
import { energyByRate, energyOf } from '../energy-by-rate.ts';
import { proveRates } from '../prove.ts';
import { describeRate, describeWindows, ratePrices } from '../when.ts';
import { code, rates } from '../windows.ts';

const titles: Record<string, string> = { IMPORT: 'From grid', SOLAR: 'Rooftop solar', EXPORT: 'To grid' };
const groups: Record<string, ChargeGroup> = { SOLAR: 'solar', EXPORT: 'other' };

/** Energy on one register, at one price or by time of use. On SOLAR it is rooftop solar used inside an embedded network. */
export const energy = component({
  kind: 'energy',
  title: 'Energy',
  terms: z
    .strictObject({
      kind: z.literal('energy'),
      code,
      description: z.string().min(1).optional(),
      /** IMPORT from the grid, SOLAR from the roof, EXPORT to the grid, or the suffix of another register ("E2"). */
      register: z.string().regex(/^[A-Z0-9_]{1,20}$/, 'must be IMPORT, SOLAR, EXPORT or a register suffix such as E2'),
      /** true: a site without this register has used nothing of it. */
      optional: z.boolean().default(false),
      rates,
      ...taxedTerms,
    })
    .refine(terms => !(terms.optional && terms.register === 'IMPORT'), {
      path: ['optional'],
      message: 'IMPORT cannot be optional: a site without its readings would be billed nothing',
    }),
  needs: ({ register, optional }) => [{ register, optional }],
  prove: (terms, calendar) => proveRates(terms.rates, calendar),
  measure: (terms, usage) => ({ quantity: energyOf(usage, terms.register), unit: 'kWh' }),
  charge: (terms, usage) =>
    energyByRate(usage, terms.register, terms.rates).map(({ rate, energy, measured }) => ({
      code: `${terms.code}.${rate.code}`,
      group: groups[terms.register] ?? 'grid',
      category: 'USAGE',
      description: describeRate(wordsOf(terms), rate, terms.rates),
      when: describeWindows(rate, terms.rates, usage.calendar),
      from: usage.from,
      to: addDays(usage.to, -1),
      quantity: energy,
      unit: 'kWh',
      unitPrice: rate.unitPrice,
      factors: [],
      taxCode: terms.tax,
      measured,
    })),
  prices: (terms, calendar) => ratePrices(wordsOf(terms), terms.rates, calendar, terms.tax),
});

function wordsOf({ description, register }: { description?: string | undefined; register: string }): string {
  return description ?? titles[register] ?? register;
}
