import { z } from 'zod';
import type { FieldProblem } from '../kernel/errors.ts';
import type { Rate } from '../units/rate.ts';
import { addDays, daysBetween } from '../units/time.ts';
import { countDays } from './calendar-parts.ts';
import type { Days, Usage } from './component.ts';
import { graduate, tierOf } from './tiers.ts';
import { decimalPrice, decimalQuantity, registerName } from './windows.ts';

/**
 * Prices of being connected by band. KWH_PER_DAY: the average use per local day decides the one band that holds, a bound belonging to
 * the band it closes; DAYS: the first days of the bill are in the first band, the following ones in the next.
 */
export const bandTerms = {
  bandsBy: z.enum(['KWH_PER_DAY', 'DAYS']).default('KWH_PER_DAY'),
  bandsRegister: registerName.default('IMPORT'),
  bands: z
    .array(z.strictObject({ upTo: decimalQuantity.optional(), amount: decimalPrice }))
    .min(1)
    .optional(),
};

export interface Bands {
  bandsBy: 'KWH_PER_DAY' | 'DAYS';
  bandsRegister: string;
  bands: { upTo?: number | undefined; amount: Rate }[];
}

/** Days at one price. `band` counts from 1; undefined where every day has the same. */
export interface PricedDays extends Days {
  amount: Rate;
  band: number | undefined;
}

/** Pointers relative to the terms. */
export function proveBands({ bands, bandsBy }: Bands): FieldProblem[] {
  return bands.flatMap(({ upTo }, at) => {
    const isLast = at === bands.length - 1;
    const wrong = (message: string) => [{ pointer: `/bands/${at}/upTo`, message }];
    if (isLast) return upTo === undefined ? [] : wrong('the last band must be open: leave out its upTo');
    if (upTo === undefined) return wrong('only the last band may be open');
    if (upTo <= (bands[at - 1]?.upTo ?? 0)) return wrong('the bounds of bands must ascend from above 0');
    if (bandsBy === 'DAYS' && upTo % 1_000_000 !== 0) return wrong('days are whole');
    return [];
  });
}

export function bandedDays(terms: Bands, usage: Usage): PricedDays[] {
  const bounds = terms.bands.flatMap(({ upTo }) => (upTo === undefined ? [] : [upTo]));
  if (terms.bandsBy === 'KWH_PER_DAY') {
    const total = (usage.intervals(terms.bandsRegister)?.energy ?? new Float64Array()).reduce(
      (sum, energy) => sum + energy,
      0,
    );
    const days = countDays(usage);
    const band = tierOf(
      total,
      bounds.map(bound => bound * days),
    );
    return [{ from: usage.from, to: usage.to, amount: terms.bands[band]!.amount, band: undefined }];
  }
  const before = daysBetween(usage.period.from, usage.from);
  let from = usage.from;
  return graduate(
    countDays(usage),
    before,
    bounds.map(bound => bound / 1_000_000),
  ).flatMap((days, band) => {
    if (days === 0) return [];
    const part = { from, to: addDays(from, days), amount: terms.bands[band]!.amount, band: band + 1 };
    from = part.to;
    return [part];
  });
}
