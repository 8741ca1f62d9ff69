import { z } from 'zod';
import { assert } from '../kernel/assert.ts';
import type { Rate } from '../units/rate.ts';
import { code, decimalPrice, decimalQuantity, noRate, registerName, type WindowedRate, windows } from './windows.ts';

/** A tier has an upper bound alone, inclusive, so that no fraction of a kWh can fall between two tiers; the last one is open. */
export interface Tier {
  /** Millionths of a unit; undefined for the last. */
  upTo: number | undefined;
  unitPrice: Rate;
  /** Money charged once when the tier is entered. */
  flat: Rate | undefined;
}

const tier = z.strictObject({
  upTo: decimalQuantity.optional(),
  unitPrice: decimalPrice,
  flat: decimalPrice.optional(),
});

// Each tier can be a line of the bill, and proving thousands takes seconds in which no meter is answered.
const tiersMax = 100;

/** Tiers in the order of their bounds. Refuses bounds that descend, a closed last tier, and an open one before it. */
export const tiers = z
  .array(tier)
  .min(1)
  .max(tiersMax)
  .superRefine((list, context) => {
    list.forEach(({ upTo }, at) => {
      const isLast = at === list.length - 1;
      const before = at > 0 ? list[at - 1]!.upTo : undefined;
      const message =
        isLast && upTo !== undefined
          ? 'the last tier must be open: leave out its upTo'
          : !isLast && upTo === undefined
            ? 'only the last tier may be open'
            : upTo !== undefined && upTo <= (before ?? 0)
              ? `the bounds of tiers must ascend${before === undefined ? ' from above 0' : ''}`
              : undefined;
      if (message) context.addIssue({ code: 'custom', path: [at, 'upTo'], message });
    });
  })
  .transform(list => list.map(({ upTo, unitPrice, flat }): Tier => ({ upTo, unitPrice, flat })));

/** A price by clock time, or by the register that is read, in one tier or several. */
export interface TieredRate extends WindowedRate {
  /** CDR's name for it: PEAK, SHOULDER1. */
  type?: string | undefined;
  /** The dial that counts this rate alone (day, night); windows then have nothing to say. */
  register?: string | undefined;
  tiers: Tier[];
}

/** A rate of a plan document: one unitPrice, or tiers. */
const tieredRate = z
  .strictObject({
    code,
    type: code.optional(),
    description: z.string().min(1).optional(),
    windows: windows.optional(),
    register: registerName.optional(),
    unitPrice: decimalPrice.optional(),
    tiers: tiers.optional(),
  })
  .refine(rate => (rate.unitPrice === undefined) !== (rate.tiers === undefined), {
    path: ['unitPrice'],
    message: 'a rate has either a unitPrice or tiers',
  })
  .refine(rate => rate.windows === undefined || rate.register === undefined, {
    path: ['windows'],
    message: 'a rate that reads its own register has no windows: the dial has decided',
  })
  .transform(({ unitPrice, tiers: several, ...rate }): TieredRate => {
    if (several) return { ...rate, tiers: several };
    assert(unitPrice !== undefined, 'refined above');
    return { ...rate, tiers: [{ upTo: undefined, unitPrice, flat: undefined }] };
  });

export const tieredRates = z.array(tieredRate).min(1).max(noRate);

/**
 * How tiers count. tierPeriod: what a bound is for; P1D says with tierAllowance whether each local day has its own (EACH, what is unused
 * is lost) or the days of the bill share theirs (POOLED). tierScope RATE: each rate has bounds of its own; COMPONENT: all rates fill the
 * same tiers, in the order in which the energy flowed. tierMode GRADUATED: each kWh at the price of its tier; ALL_UNITS: all at the price
 * of the tier the quantity reaches; TABLE_BY_TOTAL: every rate at its price in the row that the component's total reaches.
 * tierProration BY_DAYS: a part of a tier period has its share of the bound by days; NONE: the bound is whole and earlier energy of the
 * tier period has used some of it.
 */
export const tierTerms = {
  tierPeriod: z.enum(['P1D', 'P1M', 'P3M', 'P1Y', 'BILL']).optional(),
  tierScope: z.enum(['RATE', 'COMPONENT']).optional(),
  tierMode: z.enum(['GRADUATED', 'ALL_UNITS', 'TABLE_BY_TOTAL']).optional(),
  tierAllowance: z.enum(['EACH', 'POOLED']).optional(),
  tierProration: z.enum(['BY_DAYS', 'NONE']).optional(),
};

export interface TierTerms {
  tierPeriod?: 'P1D' | 'P1M' | 'P3M' | 'P1Y' | 'BILL' | undefined;
  tierScope?: 'RATE' | 'COMPONENT' | undefined;
  tierMode?: 'GRADUATED' | 'ALL_UNITS' | 'TABLE_BY_TOTAL' | undefined;
  tierAllowance?: 'EACH' | 'POOLED' | undefined;
  tierProration?: 'BY_DAYS' | 'NONE' | undefined;
}

/** The bounds of all tiers but the last. */
export function boundsOf(tiers: Tier[]): number[] {
  return tiers.flatMap(({ upTo }) => (upTo === undefined ? [] : [upTo]));
}

/** `bound` × `numerator` / `denominator`, to the nearest millionth, half up. */
export function shareOfBound(bound: number, numerator: number, denominator: number): number {
  const share = (2n * BigInt(bound) * BigInt(numerator) + BigInt(denominator)) / (2n * BigInt(denominator));
  return Number(share);
}

/** How much of `quantity`, which follows `before`, lies in each tier. What is below zero belongs to the first. */
export function graduate(quantity: number, before: number, bounds: number[]): number[] {
  let position = before;
  let rest = quantity;
  const parts = bounds.map(bound => {
    const part = Math.min(rest, Math.max(0, bound - position));
    position += part;
    rest -= part;
    return part;
  });
  return [...parts, rest];
}

/** The tier in which a total lies; a bound belongs to the tier it closes. */
export function tierOf(total: number, bounds: number[]): number {
  const at = bounds.findIndex(bound => total <= bound);
  return at < 0 ? bounds.length : at;
}
