import { formatRate, type Rate } from '../units/rate.ts';
import type { Factor } from './component.ts';
import { decimalPrice } from './windows.ts';

const one = 100_000_000n;

/** A share as CDR writes it: "0.10" is 10 %. A share above one would be a percentage in the wrong unit. */
export const fractionTerm = decimalPrice.refine(
  share => share >= 0n && share <= one,
  'must be a fraction from 0 to 1: ten percent is "0.10"',
);

/** "× 10 %" */
export function percentFactor(share: Rate): Factor {
  return { words: `× ${formatRate((share * 100n) as Rate)} %`, numerator: share, denominator: one };
}
