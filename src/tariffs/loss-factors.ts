import { z } from 'zod';
import { Refusal } from '../kernel/errors.ts';
import { formatRate } from '../units/rate.ts';
import type { Factor, Usage } from './component.ts';
import { type LossFactor, lossFactors } from './facts.ts';

const one = 100_000_000n;

/** By which of the site's loss factors a network charge is multiplied. */
export const lossFactorTerm = z.enum(['DLF', 'MLF', 'DLF*MLF']).nullable().default(null);

/** Throws 'fact-missing' when the site's factor was not handed in: 1 would be a guess. */
export function lossFactorsOf(term: z.output<typeof lossFactorTerm>, { facts }: Usage): Factor[] {
  return lossFactors
    .filter(name => term?.split('*').includes(name))
    .map((name: LossFactor) => {
      const value = facts.lossFactors[name];
      if (value === undefined) throw new Refusal('fact-missing', `the plan needs the site's loss factor ${name}`);
      return { words: `× ${name} ${formatRate(value)}`, numerator: value, denominator: one };
    });
}
