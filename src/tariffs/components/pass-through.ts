import { z } from 'zod';
import { component, taxedTerms } from '../component.ts';
import { type EnergyTerms, energyNeeds } from '../energy-by-tier.ts';
import { energyCharges } from '../energy-charges.ts';
import { lossFactorsOf, lossFactorTerm } from '../loss-factors.ts';
import { proveRates } from '../prove.ts';
import { proveTiers } from '../prove-tiers.ts';
import { tieredRates, tierTerms } from '../tiers.ts';
import { ratePrices } from '../when.ts';
import { code, registerName } from '../windows.ts';

const passThroughTerms = z.strictObject({
  kind: z.literal('passThrough'),
  code,
  description: z.string().min(1).default('Network charge'),
  register: registerName.default('IMPORT'),
  /** true: a site without this register has used nothing of it. */
  optional: z.boolean().default(false),
  rates: tieredRates,
  ...tierTerms,
  lossFactor: lossFactorTerm,
  ...taxedTerms,
});

/**
 * What the network or the market charges for the energy, passed on as it is: the same energy as the retail lines, so it is no usage that
 * discounts count. Losses multiply the price, for the quantity on paper is the one that was metered.
 */
export const passThrough = component({
  kind: 'passThrough',
  title: 'Network pass-through',
  terms: passThroughTerms,
  needs: terms => energyNeeds(measuredBy(terms)),
  prove: (terms, calendar) => [...proveRates(terms.rates, calendar), ...proveTiers(terms)],
  charge: (terms, usage) =>
    energyCharges(
      measuredBy(terms),
      {
        group: 'grid',
        category: 'NETWORK',
        description: terms.description,
        taxCode: terms.tax,
        factors: lossFactorsOf(terms.lossFactor, usage),
        sign: 1,
      },
      usage,
    ),
  prices: (terms, calendar) => ratePrices(terms.description, terms.rates, calendar, terms.tax),
});

function measuredBy(terms: z.output<typeof passThroughTerms>): EnergyTerms {
  return { ...terms, netAgainst: undefined };
}
