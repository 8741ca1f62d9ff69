import { z } from 'zod';
import { addDays } from '../../units/time.ts';
import { component, taxedTerms } from '../component.ts';
import { fractionTerm, percentFactor } from '../fractions.ts';
import { code, decimalPrice } from '../windows.ts';

/** Renewable certificates bought for a share of what was used. The quantity stays as metered: the share is a factor, never rounded. */
export const greenPower = component({
  kind: 'greenPower',
  title: 'Green power',
  terms: z.strictObject({
    kind: z.literal('greenPower'),
    code,
    description: z.string().min(1).default('Green power'),
    /** A fraction: "0.20" is 20 % of the energy. */
    percentOfKwh: fractionTerm,
    unitPrice: decimalPrice,
    /** The energy components whose use counts, by code. */
    of: z.array(z.string()).min(1).default(['USE']),
    /** The quantity is rounded as usage is, which is not at all. */
    rounding: z.literal('AS_USAGE').default('AS_USAGE'),
    ...taxedTerms,
  }),
  refersTo: ({ of }) => of.map((code, at) => ({ code, pointer: `/of/${at}` })),
  charge: ({ of, percentOfKwh, ...terms }, usage) => [
    {
      code: terms.code,
      group: 'other',
      category: 'GREEN',
      description: terms.description,
      when: '',
      from: usage.from,
      to: addDays(usage.to, -1),
      quantity: of.reduce((sum, code) => sum + usage.measure(code).quantity, 0),
      unit: 'kWh',
      unitPrice: terms.unitPrice,
      factors: [percentFactor(percentOfKwh)],
      taxCode: terms.tax,
      measured: undefined,
    },
  ],
  prices: ({ description, unitPrice, tax }) => [{ description, when: '', unitPrice, per: 'kWh', taxCode: tax }],
});
