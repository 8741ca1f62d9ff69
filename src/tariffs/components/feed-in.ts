import { z } from 'zod';
import { component, noTax } from '../component.ts';
import { allowedCharges, dailyAllowanceTerms, proveAllowance, withoutAllowance } from '../daily-allowance.ts';
import { type EnergyTerms, energyNeeds } from '../energy-by-tier.ts';
import { type EnergyLook, energyCharges } from '../energy-charges.ts';
import { proveRates } from '../prove.ts';
import { proveTiers } from '../prove-tiers.ts';
import { tieredRates, tierTerms } from '../tiers.ts';
import { ratePrices } from '../when.ts';
import { code, registerName } from '../windows.ts';

const terms = z
  .strictObject({
    kind: z.literal('feedIn'),
    code,
    description: z.string().min(1).default('Solar feed-in'),
    register: registerName.default('EXPORT'),
    /** true: a site without this register has sent nothing to the grid. */
    optional: z.boolean().default(false),
    rates: tieredRates,
    ...tierTerms,
    dailyAllowance: dailyAllowanceTerms.optional(),
    /** What the credit is paid under, and by whom: several components on one register stack, each pays for all of it. */
    scheme: z.string().min(1).optional(),
    payer: z.enum(['RETAILER', 'GOVERNMENT', 'DISTRIBUTOR']).default('RETAILER'),
    /** NONE for a household; a producer that is registered for tax names its code. */
    tax: z.string().default(noTax),
  })
  .refine(({ dailyAllowance, rates }) => !dailyAllowance || rates.every(rate => rate.register === undefined), {
    path: ['dailyAllowance'],
    message: 'an allowance is of one register; its rates cannot read dials of their own',
  });
type Terms = z.output<typeof terms>;

/**
 * A credit for energy sent to the grid, outside tax for a household. The quantity is negative as on the published invoice of case B01
 * (−150 kWh × 0.09 = −13.50), so a positive price credits and a negative one charges, and quantity × price is the amount on paper.
 * A daily allowance is taken off before the rates see the energy, and stands on a line of its own, so that no kWh goes missing.
 */
export const feedIn = component({
  kind: 'feedIn',
  title: 'Solar feed-in',
  terms,
  needs: terms => energyNeeds(measuredBy(terms)),
  prove: (terms, calendar) => [
    ...proveRates(terms.rates, calendar),
    ...proveTiers(terms),
    ...(terms.dailyAllowance ? proveAllowance(terms.dailyAllowance, calendar) : []),
  ],
  charge(terms, usage) {
    const { dailyAllowance: allowance } = terms;
    const look: EnergyLook = {
      group: 'feed-in',
      category: 'FEED_IN',
      description: wordsOf(terms),
      taxCode: terms.tax,
      factors: [],
      sign: -1,
    };
    if (!allowance) return energyCharges(measuredBy(terms), look, usage);
    return [
      ...allowedCharges(terms.code, terms.register, allowance, look, usage),
      ...energyCharges(measuredBy(terms), look, withoutAllowance(allowance, terms.register, usage)),
    ];
  },
  prices: (terms, calendar) => ratePrices(wordsOf(terms), terms.rates, calendar, terms.tax),
});

function measuredBy(terms: Terms): EnergyTerms {
  return { ...terms, netAgainst: undefined };
}

function wordsOf({ description, scheme, payer }: Terms): string {
  const paidBy = payer === 'RETAILER' ? '' : `, paid by the ${payer.toLowerCase()}`;
  return description + (scheme === undefined ? '' : `, ${scheme}`) + paidBy;
}
