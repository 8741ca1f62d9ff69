import type { Rate } from '../units/rate.ts';

/** Kilowatts up to `upTo` (micro-kW, inclusive; undefined is open) cost `unitPrice` each, those below the tier its own. */
export interface DemandTier {
  upTo: number | undefined;
  unitPrice: Rate;
}

export interface TierShare {
  /** Index of the tier. */
  tier: number;
  /** Micro-kW, above 0 except in the only share of a demand of nothing. */
  demand: number;
}

/**
 * Cuts a billing demand into its tiers, each kW at the price of the tier it lies in. The first `free` micro-kW cost nothing and belong to
 * no share; the tiers' bounds count from zero all the same.
 */
export function shareByTier(billing: number, tiers: DemandTier[], free: number): TierShare[] {
  const shares: TierShare[] = [];
  let below = free;
  tiers.forEach(({ upTo }, tier) => {
    const top = Math.min(billing, upTo ?? billing);
    if (top > below) shares.push({ tier, demand: top - below });
    below = Math.max(below, top);
  });
  return shares.length > 0 ? shares : [{ tier: 0, demand: 0 }];
}
