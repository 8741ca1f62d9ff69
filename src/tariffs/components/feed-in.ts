import { z } from 'zod';
import { component, noTax } from '../component.ts';
import { energyNeeds } from '../energy-by-tier.ts';
import { energyCharges } from '../energy-charges.ts';
import { proveRates } from '../prove.ts';
import { proveTiers } from '../prove-tiers.ts';
import { tieredRates, tierTerms } from '../tiers.ts';
import { ratePrices } from '../when.ts';
import { code, registerName } from '../windows.ts';

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
    register: registerName.default('EXPORT'),
    /** true: a site without this register has sent nothing to the grid. */
    optional: z.boolean().default(false),
    rates: tieredRates,
    ...tierTerms,
    tax: z.literal(noTax, 'must be NONE: a feed-in credit is outside tax').default(noTax),
  }),
  needs: terms => energyNeeds({ ...terms, netAgainst: undefined }),
  prove: (terms, calendar) => [...proveRates(terms.rates, calendar), ...proveTiers(terms)],
  charge: (terms, usage) =>
    energyCharges(
      { ...terms, netAgainst: undefined },
      {
        group: 'feed-in',
        category: 'FEED_IN',
        description: terms.description,
        taxCode: terms.tax,
        factors: [],
        sign: -1,
      },
      usage,
    ),
  prices: (terms, calendar) => ratePrices(terms.description, terms.rates, calendar, terms.tax),
});
