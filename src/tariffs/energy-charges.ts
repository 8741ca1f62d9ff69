import { addDays } from '../units/time.ts';
import { shareOfDays } from './calendar-parts.ts';
import type { Category, Charge, ChargeGroup, Factor, Usage } from './component.ts';
import { type EnergyTerms, energyByTier, type TierEnergy } from './energy-by-tier.ts';
import { hasTiers } from './prove-tiers.ts';
import { describeRate, describeTier, describeWindows } from './when.ts';

/** How a component shows its energy on paper. */
export interface EnergyLook {
  group: ChargeGroup;
  category: Category;
  description: string;
  taxCode: string;
  factors: Factor[];
  /** -1 for energy to the grid, whose quantities are negative on paper. */
  sign: 1 | -1;
}

/** One charge per rate and tier, and one for each flat amount of a tier that was entered. */
export function energyCharges(terms: EnergyTerms, look: EnergyLook, usage: Usage): Charge[] {
  const tiered = hasTiers(terms.rates);
  return energyByTier(terms, usage).flatMap(part => {
    const { unitPrice, flat } = part.rate.tiers[part.tier]!;
    const { description, group, category, taxCode, measured } = { ...look, measured: part.measured };
    const charge = {
      code: codeOf(terms, part),
      ...{ group, category, taxCode, measured },
      description: describeRate(description, part.rate, terms.rates) + (tiered ? tierWords(terms, part) : ''),
      when: describeWindows(part.rate, terms.rates, usage.calendar),
      from: part.from,
      to: addDays(part.to, -1),
    };
    // 0 + because there is no minus zero kWh.
    const energy: Charge = {
      ...charge,
      quantity: 0 + look.sign * part.energy,
      unit: 'kWh',
      unitPrice,
      factors: look.factors,
    };
    if (flat === undefined) return [energy];
    const factors = shareOfDays(part.share.numerator, part.share.denominator);
    const entered: Charge = {
      ...charge,
      code: `${charge.code}.FLAT`,
      quantity: look.sign,
      unit: 'each',
      unitPrice: flat,
      factors,
    };
    return [energy, entered];
  });
}

/** "USE.PEAK"; a rate of several tiers says which: "USE.PEAK.T2". */
function codeOf({ code }: EnergyTerms, { rate, tier }: TierEnergy): string {
  return rate.tiers.length === 1 ? `${code}.${rate.code}` : `${code}.${rate.code}.T${tier + 1}`;
}

function tierWords({ tierAllowance, tierMode }: EnergyTerms, { tier, bounds }: TierEnergy): string {
  const words = describeTier(tier, bounds, tierAllowance === 'EACH' ? ' a day' : '');
  return tierMode === undefined || tierMode === 'GRADUATED' ? words : words.replace(', ', ', at the price for ');
}
