import type { IntervalSeries } from '../consumption/interval-series.ts';
import { Refusal } from '../kernel/errors.ts';
import { addDays, type Day, daysBetween } from '../units/time.ts';
import type { Days, Measured, RegisterNeed, Usage } from './component.ts';
import { energyByRate, type RateEnergy } from './energy-by-rate.ts';
import { netPerInterval } from './net.ts';
import { hasTiers } from './prove-tiers.ts';
import { type TierPart, tierParts } from './tier-parts.ts';
import { boundsOf, graduate, shareOfBound, type TieredRate, type TierTerms, tierOf } from './tiers.ts';

/** Energy with a price by rate and tier. */
export interface EnergyTerms extends TierTerms {
  code: string;
  /** Read by the rates that name none of their own. */
  register: string;
  optional: boolean;
  /** The register of the other direction, when energy is netted inside each interval. */
  netAgainst: string | undefined;
  rates: TieredRate[];
}

/** The energy of one rate in one tier, over days with one set of bounds. */
export interface TierEnergy extends Days {
  rate: TieredRate;
  /** Index of the tier. */
  tier: number;
  /** The bounds that held, in millionths of kWh; for EACH those of a day. */
  bounds: number[];
  energy: number;
  /** The share of a flat amount: days over the days it is for. */
  share: { numerator: number; denominator: number };
  measured: Measured;
}

/** The registers these terms read. Energy of earlier days in the bill counts where bounds run on. */
export function energyNeeds(terms: EnergyTerms): RegisterNeed[] {
  const { register, optional, netAgainst, rates, tierProration } = terms;
  const span = tierProration === 'NONE' ? 'period' : 'segment';
  const own = rates.map(rate => ({ register: rate.register ?? register, optional, span }) satisfies RegisterNeed);
  return netAgainst === undefined ? own : [...own, { register: netAgainst, optional: true, span }];
}

/** All energy of the segment, by rate and tier: none is lost and none counted twice. */
export function energyByTier(terms: EnergyTerms, usage: Usage): TierEnergy[] {
  if (!hasTiers(terms.rates)) {
    return energyIn(usage, terms, usage).map(({ rate, energy, measured }) => ({
      ...{ from: usage.from, to: usage.to, rate, tier: 0, bounds: [], energy, share: whole, measured },
    }));
  }
  return tierParts(terms, usage).flatMap(part => energyOfPart(part, terms, usage));
}

const whole = { numerator: 1, denominator: 1 };

/** The segment's energy over all rates. */
export function totalOf(terms: EnergyTerms, usage: Usage): number {
  return energyIn(usage, terms, usage).reduce((sum, { energy }) => sum + energy, 0);
}

function energyOfPart(part: TierPart, terms: EnergyTerms, usage: Usage): TierEnergy[] {
  const { from, to, numerator, denominator } = part;
  const found = energyIn(part, terms, usage);
  const boundsByRate = terms.rates.map(({ tiers }) =>
    boundsOf(tiers).map(bound => shareOfBound(bound, numerator, denominator)),
  );
  const filled =
    terms.tierAllowance === 'EACH'
      ? sumDays(daysOf(part).map(day => fill(day, energyIn(day, terms, usage), boundsByRate, undefined, terms, usage)))
      : fill(part, found, boundsByRate, earlierEnergy(part, terms, usage), terms, usage);
  return found.flatMap(({ rate, measured }) => {
    const at = terms.rates.indexOf(rate);
    const bounds = boundsByRate[at]!;
    const parts = filled[at] ?? [];
    return rate.tiers.flatMap((_, tier) => {
      const energy = parts[tier] ?? 0;
      // The first tier stands on paper even when empty, unless another one took everything.
      const isSaid = energy !== 0 || (tier === 0 && parts.every(part => part === 0));
      return isSaid ? [{ from, to, rate, tier, bounds, energy, share: { numerator, denominator }, measured }] : [];
    });
  });
}

/** Per rate, the energy in each of its tiers. */
type Filled = number[][];

function fill(
  days: Days,
  found: RateEnergy<TieredRate>[],
  bounds: number[][],
  earlier: ((rate: TieredRate | undefined) => number) | undefined,
  terms: EnergyTerms,
  usage: Usage,
): Filled {
  const { rates, tierMode = 'GRADUATED', tierScope = 'RATE' } = terms;
  const byComponent = tierScope === 'COMPONENT' || tierMode === 'TABLE_BY_TOTAL';
  if (tierMode === 'GRADUATED' && byComponent)
    return fillInOrder(days, bounds, earlier?.(undefined) ?? 0, terms, usage);
  const total = found.reduce((sum, { energy }) => sum + energy, 0);
  const filled: Filled = rates.map(() => []);
  for (const { rate, energy } of found) {
    const at = rates.indexOf(rate);
    const before = earlier?.(byComponent ? undefined : rate) ?? 0;
    if (tierMode === 'GRADUATED') filled[at] = graduate(energy, before, bounds[at]!);
    else filled[at] = onlyIn(tierOf(before + (byComponent ? total : energy), bounds[at]!), energy, bounds[at]!);
  }
  return filled;
}

function onlyIn(tier: number, energy: number, bounds: number[]): number[] {
  return [...bounds, 0].map((_, at) => (at === tier ? energy : 0));
}

/** All rates fill the same tiers: each interval's energy goes to the tiers that the component's running total passes through. */
function fillInOrder(days: Days, bounds: number[][], before: number, terms: EnergyTerms, usage: Usage): Filled {
  const intervals = sourceOf(days, terms, usage);
  const filled: Filled = bounds.map(list => [...list, 0].map(() => 0));
  if (!intervals) return filled;
  const { rateOf } = usage.slotRates(terms.rates, intervals);
  let position = before;
  intervals.energy.forEach((energy, slot) => {
    const rate = rateOf[slot]!;
    graduate(energy, position, bounds[rate]!).forEach((part, tier) => {
      filled[rate]![tier]! += part;
    });
    position += energy;
  });
  return filled;
}

function sumDays(days: Filled[]): Filled {
  return days.reduce((sum, day) =>
    day.map((parts, at) =>
      parts.length === 0 ? (sum[at] ?? []) : parts.map((part, tier) => part + (sum[at]?.[tier] ?? 0)),
    ),
  );
}

function daysOf({ from, to }: Days): Days[] {
  return Array.from({ length: daysBetween(from, to) }, (_, at) => ({
    from: addDays(from, at),
    to: addDays(from, at + 1),
  }));
}

/** By rate, over any days of the bill. */
function energyIn(days: Days, terms: EnergyTerms, usage: Usage): RateEnergy<TieredRate>[] {
  const { rates, register } = terms;
  if (!rates.some(rate => rate.register !== undefined)) {
    const intervals = sourceOf(days, terms, usage);
    return intervals ? energyByRate(usage, register, rates, intervals) : [];
  }
  return rates.flatMap((rate, bucket) => {
    const dial = rate.register ?? register;
    const intervals = usage.intervals(dial, { from: days.from, to: days.to });
    if (!intervals) return [];
    return energyByRate(usage, dial, alone(rate), intervals).map(found => ({
      ...found,
      measured: { ...found.measured, bucket },
    }));
  });
}

// One list per rate for ever, for compiled windows are cached by the list's identity.
const lists = new WeakMap<TieredRate, TieredRate[]>();

function alone(rate: TieredRate): TieredRate[] {
  let list = lists.get(rate);
  if (!list) {
    list = [rate];
    lists.set(rate, list);
  }
  return list;
}

function sourceOf({ from, to }: Days, { register, netAgainst }: EnergyTerms, usage: Usage): IntervalSeries | undefined {
  const own = usage.intervals(register, { from, to });
  const other = netAgainst === undefined ? undefined : usage.intervals(netAgainst, { from, to });
  return own && other ? netPerInterval(own, other) : own;
}

/** What has already used the bounds: earlier days of this bill, and before it what the caller knows. */
function earlierEnergy(
  part: TierPart,
  terms: EnergyTerms,
  usage: Usage,
): ((rate: TieredRate | undefined) => number) | undefined {
  const { countsFrom } = part;
  if (countsFrom === undefined) return undefined;
  const billFrom = usage.period.from;
  const inBill = countsFrom < billFrom ? billFrom : countsFrom;
  const found = inBill < part.from ? energyIn({ from: inBill, to: part.from }, terms, usage) : [];
  return rate => {
    const here = found
      .filter(each => rate === undefined || each.rate === rate)
      .reduce((sum, { energy }) => sum + energy, 0);
    return here + (countsFrom < billFrom ? knownBefore(countsFrom, billFrom, terms, rate, usage) : 0);
  };
}

function knownBefore(
  from: Day,
  to: Day,
  { code }: EnergyTerms,
  rate: TieredRate | undefined,
  { facts }: Usage,
): number {
  const name = rate ? `${code}.${rate.code}` : code;
  const known = facts.energies.filter(earlier => earlier.code === name && earlier.from >= from && earlier.to <= to);
  const days = known.reduce((sum, earlier) => sum + daysBetween(earlier.from, earlier.to), 0);
  if (days !== daysBetween(from, to))
    throw new Refusal(
      'fact-missing',
      `the tiers of ${name} count from ${from}, and the energy from then up to ${to} was given for ${days} of ${daysBetween(from, to)} days`,
    );
  return known.reduce((sum, { energy }) => sum + energy, 0);
}
