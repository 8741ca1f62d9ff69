import { z } from 'zod';
import { formatRate, type Rate } from '../../units/rate.ts';
import { addRates, zeroRate } from './decimals.ts';
import type { SourceObject } from './source-object.ts';

/** One tier of one period. */
export interface UrdbTier {
  source: SourceObject;
  /** rate and adj together. */
  price: Rate;
  /** The upper bound; undefined when the tier is open. */
  max: string | undefined;
  unit: string | undefined;
  sell: Rate | undefined;
}

/** Periods of tiers. */
export type UrdbStructure = UrdbTier[][];

// Writers without an "infinite" write a number from here up; 1e38 is too much for a quantity.
const openFrom = 1e9;

export function structureOf(source: SourceObject, name: string): UrdbStructure | undefined {
  const said = source.has(name);
  const value = source.raw(name);
  if (!said) return undefined;
  const { data, error } = z.array(z.array(z.unknown()).min(1)).safeParse(value);
  if (error) {
    source.refuse(name, 'must be a list of periods, each a list of tiers');
    return undefined;
  }
  return data.map((tiers, period) =>
    tiers.map((tier, at) => tierOf(source, `${source.at(name)}/${period}/${at}`, tier)),
  );
}

/** The tiers as a plan document has them: bounds ascend and the last is open. */
export function tiersOf(tiers: UrdbTier[], price: (tier: UrdbTier) => Rate): { upTo?: string; unitPrice: string }[] {
  return tiers.map((tier, at) => {
    const isLast = at === tiers.length - 1;
    if (!isLast && tier.max === undefined) tier.source.refuse('max', 'only the last tier may be open');
    if (isLast && tier.max !== undefined)
      tier.source.note('max', `taken as open: nothing is said of what follows ${tier.max}`);
    return { ...(!isLast && tier.max !== undefined && { upTo: tier.max }), unitPrice: formatRate(price(tier)) };
  });
}

function tierOf(parent: SourceObject, pointer: string, value: unknown): UrdbTier {
  const source = parent.part(value, pointer);
  const rate = source.price('rate') ?? zeroRate;
  return {
    source,
    price: addRates(rate, source.price('adj') ?? zeroRate),
    max: Number(source.raw('max')) >= openFrom ? undefined : source.quantity('max'),
    unit: source.text('unit'),
    sell: source.price('sell'),
  };
}
