import { addDays } from '../../units/time.ts';
import { type DemandPart, demandParts } from '../billing-demand.ts';
import { type Charge, component, type Days, type Usage } from '../component.ts';
import { type DemandTerms, demandTerms, demandTiers, proveDemand } from '../demand-terms.ts';
import { countedWhen } from '../demand-windows.ts';
import { demandTierWords, demandWords } from '../demand-words.ts';
import { type TimePart, timeFactors, timeParts } from '../price-time.ts';
import { boundsOf, graduate } from '../tiers.ts';

const units = { KW: 'kW', KVA: 'kVA' } as const;

/**
 * A price for power: the highest average over the tariff's own demand interval, inside windows, of each measurement period. The peak is
 * one number for the period; a price that changed on the way is charged for its days.
 */
export const demand = component({
  kind: 'demand',
  title: 'Demand charge',
  terms: demandTerms,
  needs: ({ register, reactiveRegister }) =>
    [register, ...(reactiveRegister ? [reactiveRegister] : [])].map(register => ({
      register,
      optional: false,
      span: 'period' as const,
    })),
  prove: proveDemand,
  // Where some days have several billing demands, the highest: nobody can have had more.
  measure: (terms, usage, days) => ({
    quantity: Math.max(0, ...demandParts(terms, usage, days).map(({ billing }) => billing)),
    unit: units[terms.quantity],
  }),
  charge: (terms, usage) =>
    sharedDays(demandParts(terms, usage), terms, usage).flatMap(({ days, parts }) =>
      chargeParts(days, parts, terms, usage),
    ),
  prices: (terms, calendar) =>
    demandTiers(terms).map(({ unitPrice }, tier) => ({
      description: terms.description + demandTierWords(tier, boundsOf(demandTiers(terms)), units[terms.quantity]),
      when: countedWhen(terms.windows, calendar),
      unitPrice,
      per: `${units[terms.quantity]} and ${terms.chargePeriod.toLowerCase()}`,
      taxCode: terms.tax,
    })),
});

/** One line's worth: the days of a peak, or, where every day has its own, the days that share a price. */
function sharedDays(parts: DemandPart[], terms: DemandTerms, usage: Usage): { days: Days; parts: DemandPart[] }[] {
  if (terms.measurementPeriod !== 'DAY') return parts.map(part => ({ days: part, parts: [part] }));
  return priceParts(usage, terms, usage)
    .map(({ from, to }) => ({ days: { from, to }, parts: parts.filter(part => part.from >= from && part.to <= to) }))
    .filter(({ parts }) => parts.length > 0);
}

function chargeParts(days: Days, parts: DemandPart[], terms: DemandTerms, usage: Usage): Charge[] {
  const { code, description, free } = terms;
  const tiers = demandTiers(terms);
  const bounds = boundsOf(tiers);
  const quantities = tiers.map((_, tier) =>
    parts.reduce((sum, { billing }) => sum + graduate(Math.max(0, billing - free), free, bounds)[tier]!, 0),
  );
  const highest = parts.reduce((a, b) => (b.billing > a.billing ? b : a));
  const unit = units[terms.quantity];
  const isDaily = terms.measurementPeriod === 'DAY';
  // A sum of daily peaks counts each for its own day: one day's share of the price.
  return priceParts(isDaily ? highest : days, terms, usage).flatMap(part =>
    quantities.flatMap((quantity, tier): Charge[] => {
      // The first tier stands on paper even when nothing is to pay, for a peak of nothing is an answer too.
      if (quantity === 0 && !(tier === 0 && quantities.every(other => other === 0))) return [];
      const { from, to } = isDaily ? days : part;
      return [
        {
          code: tiers.length === 1 ? code : `${code}.T${tier + 1}`,
          group: 'grid',
          category: 'DEMAND',
          description: `${description}${demandTierWords(tier, bounds, unit)}: ${demandWords(parts, terms, usage)}`,
          when: countedWhen(terms.windows, usage.calendar),
          from,
          to: addDays(to, -1),
          quantity,
          unit,
          unitPrice: tiers[tier]!.unitPrice,
          factors: timeFactors(part),
          taxCode: terms.tax,
          measured: highest.measured,
        },
      ];
    }),
  );
}

function priceParts({ from, to }: Days, { chargePeriod, dayBasis }: DemandTerms, usage: Usage): TimePart[] {
  return timeParts({ per: chargePeriod, dayBasis }, { from, to }, usage);
}
