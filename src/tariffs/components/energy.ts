import { z } from 'zod';
import { type Category, type ChargeGroup, component, taxedTerms } from '../component.ts';
import { type EnergyTerms, energyNeeds, totalOf } from '../energy-by-tier.ts';
import { energyCharges } from '../energy-charges.ts';
import { lossFactorsOf, lossFactorTerm } from '../loss-factors.ts';
import { proveRates } from '../prove.ts';
import { proveTiers } from '../prove-tiers.ts';
import { tieredRates, tierTerms } from '../tiers.ts';
import { ratePrices } from '../when.ts';
import { code, registerName } from '../windows.ts';

const titles: Record<string, string> = {
  IMPORT: 'From grid',
  SOLAR: 'Rooftop solar',
  EXPORT: 'To grid',
  CONTROLLED_LOAD: 'Controlled load',
};
const groups: Record<string, ChargeGroup> = { SOLAR: 'solar', EXPORT: 'other' };

const terms = z
  .strictObject({
    kind: z.literal('energy'),
    code,
    description: z.string().min(1).optional(),
    /** IMPORT from the grid, SOLAR from the roof, CONTROLLED_LOAD, EXPORT to the grid, or the suffix of another register ("E2"). */
    register: registerName,
    /** true: a site without this register has used nothing of it. */
    optional: z.boolean().default(false),
    /** PER_INTERVAL: what was sent to the grid in an interval is taken off what came from it in the same interval. */
    net: z.enum(['PER_INTERVAL', 'GROSS']).default('GROSS'),
    /** Whether discounts and concessions count it as usage or as controlled load; by the register when left out. */
    category: z.enum(['USAGE', 'CONTROLLED_LOAD']).optional(),
    rates: tieredRates,
    ...tierTerms,
    lossFactor: lossFactorTerm,
    ...taxedTerms,
  })
  .refine(terms => !(terms.optional && terms.register === 'IMPORT'), {
    path: ['optional'],
    message: 'IMPORT cannot be optional: a site without its readings would be billed nothing',
  })
  .refine(({ net, register }) => net === 'GROSS' || register === 'IMPORT', {
    path: ['net'],
    message: 'only IMPORT can be netted against what the site sent to the grid',
  })
  .refine(({ net, rates }) => net === 'GROSS' || rates.every(rate => rate.register === undefined), {
    path: ['net'],
    message: 'dials cannot be netted inside an interval',
  });
type Terms = z.output<typeof terms>;

/**
 * Energy on one register, at one price, by time of use, by dial or in tiers. On SOLAR it is rooftop solar used inside an embedded network.
 */
export const energy = component({
  kind: 'energy',
  title: 'Energy',
  terms,
  needs: terms => energyNeeds(measuredBy(terms)),
  prove: (terms, calendar) => [...proveRates(terms.rates, calendar), ...proveTiers(terms)],
  measure: (terms, usage) => ({ quantity: totalOf(measuredBy(terms), usage), unit: 'kWh' }),
  charge: (terms, usage) =>
    energyCharges(
      measuredBy(terms),
      {
        group: groups[terms.register] ?? 'grid',
        category: categoryOf(terms),
        description: wordsOf(terms),
        taxCode: terms.tax,
        factors: lossFactorsOf(terms.lossFactor, usage),
        sign: 1,
      },
      usage,
    ),
  prices: (terms, calendar) => ratePrices(wordsOf(terms), terms.rates, calendar, terms.tax),
});

function measuredBy(terms: Terms): EnergyTerms {
  return { ...terms, netAgainst: terms.net === 'PER_INTERVAL' ? 'EXPORT' : undefined };
}

function categoryOf({ category, register }: Terms): Category {
  return category ?? (register === 'CONTROLLED_LOAD' ? 'CONTROLLED_LOAD' : 'USAGE');
}

function wordsOf({ description, register }: Terms): string {
  return description ?? titles[register] ?? register;
}
