import { z } from 'zod';
import { assert } from '../../kernel/assert.ts';
import { formatKwh, microKwh } from '../../units/energy.ts';
import { addDays } from '../../units/time.ts';
import { calendarParts, countDays } from '../calendar-parts.ts';
import { type Charge, component, type Days, taxedTerms, type Usage } from '../component.ts';
import { countedWhen, countedWindows, proveNames } from '../demand-windows.ts';
import { energyByRate } from '../energy-by-rate.ts';
import { boundsOf, graduate, shareOfBound, type Tier, tiers } from '../tiers.ts';
import { describeTier } from '../when.ts';
import { code, decimalPrice, decimalQuantity, registerName } from '../windows.ts';

const block = z
  .strictObject({
    /** Hours of use of the billing demand: 200 h of 50 kW are 10,000 kWh. Inclusive; the last block is open. */
    upToHours: decimalQuantity.optional(),
    unitPrice: decimalPrice.optional(),
    /** Steps of kWh inside the block, instead of one price. */
    tiers: tiers.optional(),
  })
  .refine(({ unitPrice, tiers }) => (unitPrice === undefined) !== (tiers === undefined), {
    path: ['unitPrice'],
    message: 'a block has either a unitPrice or tiers of kWh',
  })
  .refine(({ tiers }) => !tiers?.some(({ flat }) => flat !== undefined), {
    path: ['tiers'],
    message: 'a step inside a block has no flat amount',
  });

const terms = z.strictObject({
  kind: z.literal('hoursUse'),
  code,
  description: z.string().min(1).default('Hours of use'),
  register: registerName.default('IMPORT'),
  /** The demand component whose billing demand the hours are of. */
  demand: code,
  windows: countedWindows,
  tiers: z.array(block).min(1),
  /** What the blocks are for; a part of it has its share of them by days. BILL goes with a demand measured over the bill. */
  tierPeriod: z.enum(['P1M', 'BILL']).default('P1M'),
  ...taxedTerms,
});
type Terms = z.output<typeof terms>;

/** Energy in blocks of hours of use: kWh per kW of billing demand, so that a steady load pays less for each kWh. */
export const hoursUse = component({
  kind: 'hoursUse',
  title: 'Hours of use',
  terms,
  needs: ({ register }) => [{ register, optional: false }],
  refersTo: ({ demand }) => [{ code: demand, pointer: '/demand', kind: 'demand' }],
  prove: (terms, calendar) => [
    ...terms.tiers.flatMap(({ upToHours }, at) => {
      const message = whyNotInOrder(terms, upToHours, at);
      return message ? [{ pointer: `/tiers/${at}/upToHours`, message }] : [];
    }),
    ...proveNames(terms.windows, calendar),
  ],
  charge: (terms, usage) => partsOf(terms, usage).flatMap(part => chargePart(terms, usage, part)),
  prices: (terms, calendar) =>
    terms.tiers.flatMap((_, at) =>
      stepsOf(terms, at).map(({ unitPrice }, step) => ({
        description: terms.description + blockWords(terms, at) + describeTier(step, boundsOf(stepsOf(terms, at)), ''),
        when: countedWhen(terms.windows, calendar),
        unitPrice,
        per: 'kWh',
        taxCode: terms.tax,
      })),
    ),
});

function whyNotInOrder({ tiers }: Terms, upToHours: number | undefined, at: number): string | undefined {
  if (at === tiers.length - 1)
    return upToHours === undefined ? undefined : 'the last block must be open: leave out its upToHours';
  if (upToHours === undefined) return 'only the last block may be open';
  return upToHours <= (tiers[at - 1]?.upToHours ?? 0) ? 'the bounds of blocks must ascend from above 0' : undefined;
}

/** Days that share blocks, and the period the blocks are for. */
function partsOf({ tierPeriod }: Terms, { from, to, period, monthStartsOn }: Usage): { days: Days; whole: Days }[] {
  if (tierPeriod === 'BILL') return [{ days: { from, to }, whole: period }];
  return calendarParts({ from, to }, 'P1M', monthStartsOn).map(({ whole, ...days }) => ({ days, whole }));
}

function chargePart(terms: Terms, usage: Usage, { days, whole }: { days: Days; whole: Days }): Charge[] {
  const [used, all] = [countDays(days), countDays(whole)];
  const { quantity: billingDemand, unit } = usage.measure(terms.demand, days);
  const found = energyIn(terms, usage, days);
  if (!found) return [];
  const bounds = terms.tiers.flatMap(({ upToHours }) =>
    upToHours === undefined ? [] : [shareOfBound(billingDemand, upToHours * used, 1e6 * all)],
  );
  const blocks = graduate(found.energy, 0, bounds);
  return blocks.flatMap((energy, at) => {
    const steps = stepsOf(terms, at);
    const stepBounds = boundsOf(steps).map(bound => shareOfBound(bound, used, all));
    return graduate(energy, 0, stepBounds).flatMap((quantity, step): Charge[] => {
      if (quantity === 0 && !(found.energy === 0 && at === 0 && step === 0)) return [];
      return [
        {
          code: `${terms.code}.B${at + 1}${steps.length === 1 ? '' : `.T${step + 1}`}`,
          group: 'grid',
          category: 'USAGE',
          description: `${terms.description}${blockWords(terms, at)} of ${formatKwh(microKwh(billingDemand))} ${unit}${describeTier(step, stepBounds, '')}`,
          when: countedWhen(terms.windows, usage.calendar),
          from: days.from,
          to: addDays(days.to, -1),
          quantity,
          unit: 'kWh',
          unitPrice: steps[step]!.unitPrice,
          factors: [],
          taxCode: terms.tax,
          measured: found.measured,
        },
      ];
    });
  });
}

const everything = [{ code: 'ALL' }];

function energyIn({ register, windows }: Terms, usage: Usage, days: Days) {
  const intervals = usage.intervals(register, days);
  assert(intervals, 'rate refuses a site without a register that the plan needs');
  const rates = windows ?? everything;
  return energyByRate(usage, register, rates, intervals).find(({ rate }) => rate === (windows?.[1] ?? everything[0]));
}

function stepsOf({ tiers }: Terms, at: number): Tier[] {
  const { unitPrice, tiers: steps } = tiers[at]!;
  return steps ?? (unitPrice === undefined ? [] : [{ upTo: undefined, unitPrice, flat: undefined }]);
}

/** ", first 200 h", ", 200 to 400 h", ", over 600 h" */
function blockWords({ tiers }: Terms, at: number): string {
  const [low, high] = [tiers[at - 1]?.upToHours, tiers[at]?.upToHours].map(hours =>
    hours === undefined ? undefined : formatKwh(microKwh(hours)),
  );
  if (low === undefined) return high === undefined ? '' : `, first ${high} h`;
  return high === undefined ? `, over ${low} h` : `, ${low} to ${high} h`;
}
