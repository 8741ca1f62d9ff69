import type { FieldProblem } from '../kernel/errors.ts';
import type { TieredRate, TierTerms } from './tiers.ts';

/** What the schema cannot see of tiers: a period nobody named, an allowance per day that might be meant in two ways, fields without tiers. */
export function proveTiers(terms: TierTerms & { rates: TieredRate[] }): FieldProblem[] {
  const { rates, tierPeriod, tierAllowance, tierProration, tierMode = 'GRADUATED', tierScope = 'RATE' } = terms;
  const problems: FieldProblem[] = [];
  const wrong = (pointer: string, message: string) => problems.push({ pointer, message });
  if (!hasTiers(rates)) {
    for (const field of ['tierPeriod', 'tierScope', 'tierMode', 'tierAllowance', 'tierProration'] as const)
      if (terms[field] !== undefined) wrong(`/${field}`, 'no rate of this component has tiers');
    return problems;
  }
  if (!tierPeriod) wrong('/tierPeriod', 'must say what the bounds of the tiers are for: P1D, P1M, P3M, P1Y or BILL');
  if (tierPeriod === 'P1D' && !tierAllowance)
    wrong('/tierAllowance', 'must say whether each day has its own bound (EACH) or the days share theirs (POOLED)');
  if (tierPeriod !== 'P1D' && tierAllowance) wrong('/tierAllowance', 'only bounds per day (P1D) are EACH or POOLED');
  if (tierPeriod === 'P1D' && tierProration) wrong('/tierProration', 'a bound per day needs no share by days');
  const fillsInOrder = tierMode === 'GRADUATED' && tierScope === 'COMPONENT';
  if (fillsInOrder && rates.some(rate => rate.register !== undefined))
    wrong('/tierScope', 'dials do not tell which of their energy flowed first, so they cannot fill the same tiers');
  if (rates.some(({ tiers }) => tiers.some(tier => tier.flat !== undefined))) {
    if (tierProration === 'NONE')
      wrong('/tierProration', 'a flat amount per tier needs bounds that begin anew: BY_DAYS');
    if (tierPeriod === 'P1D') wrong('/tierPeriod', 'a flat amount per tier is not for a day');
    if (tierScope === 'COMPONENT' && rates.length > 1)
      wrong('/tierScope', 'a flat amount per tier is one per rate; with COMPONENT nobody knows whose');
  }
  return problems;
}

/** Whether any rate depends on how much there is. */
export function hasTiers(rates: TieredRate[]): boolean {
  return rates.some(({ tiers }) => tiers.length > 1 || tiers.some(tier => tier.flat !== undefined));
}
