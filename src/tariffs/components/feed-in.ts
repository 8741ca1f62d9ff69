import { z } from 'zod';
import { addDays } from '../../units/time.ts';
import { component, noTax } from '../component.ts';
import { energyByRate } from '../energy-by-rate.ts';
import { proveRates } from '../prove.ts';
import { describeRate, describeWindows, ratePrices } from '../when.ts';
import { code, rates } from '../windows.ts';

/**
 * A credit for energy sent to the grid, outside tax. The quantity is negative as on the published invoice of case B01
 * (−150 kWh × 0.09 = −13.50), so a positive price credits and a negative one charges, and quantity × price is the amount on paper.
 */
export const feedIn = component({
  kind: 'feedIn',
  title: 'Solar feed-in',
  terms: z.strictObject({
    kind: z.literal('feedIn'),
    code,
    description: z.string().min(1).default('Solar feed-in'),
    register: z
      .string()
      .regex(/^[A-Z0-9_]{1,20}$/, 'must be EXPORT or a register suffix such as B1')
      .default('EXPORT'),
    /** true: a site without this register has sent nothing to the grid. */
    optional: z.boolean().default(false),
    rates,
    tax: z.literal(noTax, 'must be NONE: a feed-in credit is outside tax').default(noTax),
  }),
  needs: ({ register, optional }) => [{ register, optional }],
  prove: (terms, calendar) => proveRates(terms.rates, calendar),
  charge: (terms, usage) =>
    energyByRate(usage, terms.register, terms.rates).map(({ rate, energy, measured }) => ({
      code: `${terms.code}.${rate.code}`,
      group: 'feed-in',
      category: 'FEED_IN',
      description: describeRate(terms.description, rate, terms.rates),
      when: describeWindows(rate, terms.rates, usage.calendar),
      from: usage.from,
      to: addDays(usage.to, -1),
      // 0 - energy, not -energy: there is no minus zero kWh.
      quantity: 0 - energy,
      unit: 'kWh',
      unitPrice: rate.unitPrice,
      factors: [],
      taxCode: terms.tax,
      measured,
    })),
  prices: (terms, calendar) => ratePrices(terms.description, terms.rates, calendar, terms.tax),
});
