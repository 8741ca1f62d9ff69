import type { MicroKwh } from '../units/energy.ts';
import type { Rate } from '../units/rate.ts';
import type { Day, Month, Period } from '../units/time.ts';

/**
 * What a bill needs to know from outside its period and its readings. The caller gathers it; rating looks nothing up. A plan that
 * asks for a fact that was not handed in is refused with 'fact-missing', for a fact unknown is not a fact of zero.
 */
export interface Facts {
  /** Distribution and marginal loss factor of the site: 1.0523 is 105230000n. */
  lossFactors: Partial<Record<LossFactor, Rate>>;
  /** Quantities a site's contract names, in millionths: { CONTRACT_KW: 132_000_000 }. */
  quantities: Record<string, number>;
  /**
   * Highest demands of earlier months, for ratchets and rolling peaks: all there are, so that a month without one binds nobody.
   * undefined when nobody has looked.
   */
  peaks: EarlierPeak[] | undefined;
  /** Energy billed before this period by components whose tiers run on: a tier of a year knows what the year has used. */
  energies: EarlierEnergy[];
  /** Named lists of intervals: coincident peaks, critical days. */
  events: EventList[];
  /** Fees that fell due in the period. */
  fees: FeeDue[];
  /** Concessions the customer holds. */
  concessions: ConcessionHeld[];
}

export const lossFactors = ['DLF', 'MLF'] as const;
export type LossFactor = (typeof lossFactors)[number];

export interface EarlierPeak {
  /** The component's code: "DEM". */
  code: string;
  month: Month;
  /** Millionths of kW or kVA, before ratchet, free and minimum quantities. */
  quantity: number;
}

export interface EarlierEnergy {
  /** The component's code, "USE", or with the rate's, "USE.PEAK", where tiers run per rate. */
  code: string;
  /** Local days, half-open: the part of the tier period before the bill. */
  from: Day;
  to: Day;
  energy: MicroKwh;
}

export interface EventList {
  name: string;
  periods: Period[];
}

export interface FeeDue {
  /** The fee's code in the plan: "LATE". */
  code: string;
  on: Day;
  /** "Reminder of 3 July", printed beside the fee. */
  reason?: string;
}

export interface ConcessionHeld {
  /** The concession's code in the plan's concessionsEligible. */
  code: string;
  /** Local days, half-open. */
  from: Day;
  to?: Day;
  /** Decimal money, for a concession whose amount is set from case to case (VARIABLE). */
  amount?: string;
}

export const noFacts: Facts = {
  lossFactors: {},
  quantities: {},
  peaks: undefined,
  energies: [],
  events: [],
  fees: [],
  concessions: [],
};
