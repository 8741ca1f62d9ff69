import { z } from 'zod';
import { addDays, type Day, formatUtc } from '../../units/time.ts';
import { daysFrom, daysLike, labelOf, slotsOf } from './days.ts';
import { choices, isInSeason } from './minutes.ts';
import { basisField, type Check, exact, type NaiveContext, type NaiveLine, nearest, reader } from './naive.ts';

const tierDocument = z.strictObject({
  upTo: z.string().optional(),
  unitPrice: z.string(),
  flat: z.string().optional(),
});
const rateDocument = z.strictObject({
  code: z.string(),
  type: z.string().optional(),
  description: z.string().optional(),
  register: z.string().optional(),
  unitPrice: z.string().optional(),
  tiers: z.array(tierDocument).optional(),
  windows: z
    .array(z.object({ season: z.string().optional(), days: z.string().optional(), from: z.string(), to: z.string() }))
    .optional(),
});
const energyDocument = z.strictObject({
  kind: z.enum(['energy', 'passThrough', 'feedIn']),
  code: z.string(),
  description: z.string().optional(),
  register: z.string().optional(),
  optional: z.boolean().optional(),
  net: z.enum(['PER_INTERVAL', 'GROSS']).default('GROSS'),
  category: z.string().optional(),
  rates: z.array(rateDocument),
  tierPeriod: z.enum(['P1D', 'P1M', 'P3M', 'P1Y', 'BILL']).optional(),
  tierScope: z.enum(['RATE', 'COMPONENT']).default('RATE'),
  tierMode: z.enum(['GRADUATED', 'ALL_UNITS', 'TABLE_BY_TOTAL']).default('GRADUATED'),
  tierAllowance: z.enum(['EACH', 'POOLED']).optional(),
  tierProration: z.enum(['BY_DAYS', 'NONE']).default('BY_DAYS'),
  lossFactor: z.string().nullable().default(null),
  tax: z.string().default('NONE'),
  ...basisField,
});
type EnergyDocument = z.output<typeof energyDocument>;
type RateDocument = z.output<typeof rateDocument>;

export const readEnergy = reader(energyDocument);

/** Energy, slot by slot and minute by minute. A share of a bound is the nearest millionth of a kWh, halves up. */
export const energyCheck: Check = {
  kinds: ['energy', 'passThrough', 'feedIn'],
  hear(document, context, from, to) {
    const component = readEnergy(document);
    if (component) piecesOf(component, from, to, context);
  },
  lines(document, context) {
    const component = readEnergy(document);
    if (!component) return undefined;
    const { from, to } = context.segment;
    const tiered = component.rates.some(({ tiers }) => tiers && (tiers.length > 1 || tiers[0]?.flat !== undefined));
    const label = tiered ? partLabels(component, context) : () => 'all';
    const pieces = piecesOf(component, from, to, context);
    const parts = [...new Set(daysFrom(from, to).map(label))];
    return parts.flatMap(part => {
      const days = daysFrom(from, to).filter(day => label(day) === part);
      return linesOfPart(
        component,
        days,
        pieces.filter(({ day }) => label(day) === part),
        tiered,
        context,
      );
    });
  },
};

interface Piece {
  day: Day;
  rate: RateDocument;
  /** Millionths of a kWh. */
  energy: number;
}

/** All energy of some days in the order in which it flowed; throws where a slot lies across two rates. */
export function piecesOf(component: EnergyDocument, from: Day, to: Day, context: NaiveContext): Piece[] {
  const own = component.register ?? (component.kind === 'feedIn' ? 'EXPORT' : 'IMPORT');
  if (component.rates.some(rate => rate.register !== undefined))
    return component.rates.flatMap(rate =>
      slotsOf(rate.register ?? own, from, to, context.request).map(({ day, energy }) => ({ day, rate, energy })),
    );
  const sentAt = new Map<number, number>();
  if (component.net === 'PER_INTERVAL')
    for (const { at, energy } of slotsOf('EXPORT', from, to, context.request)) sentAt.set(at, energy);
  const slots = slotsOf(own, from, to, context.request);
  const rateAt = choices(component.rates, slots[0]?.seconds ?? 60, context);
  return slots.map(({ at, day, energy }) => {
    const rate = rateAt(at);
    if (!rate) throw new Error(`${component.code}: not one rate in the interval from ${formatUtc(at)}`);
    const left = component.net === 'PER_INTERVAL' ? Math.max(0, energy - (sentAt.get(at) ?? 0)) : energy;
    return { day, rate, energy: left };
  });
}

/** Days with the same label share their bounds. */
function partLabels(component: EnergyDocument, context: NaiveContext): (day: Day) => string {
  const { tierPeriod, tierProration, rates } = component;
  const period = periodLabel(component, context);
  const seasonal = rates.some(rate => rate.windows?.some(window => window.season !== undefined));
  if (!seasonal || (tierProration === 'NONE' && tierPeriod !== 'P1D')) return period;
  const seasonOn = (day: Day) => Object.keys(context.plan.seasons).find(name => isInSeason(name, day, context.plan));
  const stretch = new Map<Day, number>();
  let count = 0;
  for (const day of daysFrom(context.segment.from, context.segment.to)) {
    if (day > context.segment.from && seasonOn(day) !== seasonOn(addDays(day, -1))) count += 1;
    stretch.set(day, count);
  }
  return day => `${period(day)} ${stretch.get(day)}`;
}

function periodLabel({ tierPeriod = 'BILL' }: EnergyDocument, { request }: NaiveContext): (day: Day) => string {
  if (tierPeriod === 'P1D' || tierPeriod === 'BILL') return () => 'all';
  return day => labelOf(day, tierPeriod, request.monthStartsOn ?? 1);
}

function linesOfPart(
  component: EnergyDocument,
  days: Day[],
  pieces: Piece[],
  tiered: boolean,
  context: NaiveContext,
): NaiveLine[] {
  const from = days[0]!;
  const [share, whole] = tiered ? shareOf(component, days, context) : [1n, 1n];
  const filled = new Map<RateDocument, number[]>();
  const groups =
    component.tierAllowance === 'EACH' ? days.map(day => pieces.filter(piece => piece.day === day)) : [pieces];
  for (const group of groups) fill(filled, group, component, share, whole, from, context);
  return component.rates.flatMap(rate => {
    const amounts = filled.get(rate);
    if (!amounts) return [];
    const tiers = tiersOf(rate);
    return amounts.flatMap((energy, tier) => {
      const isSaid = energy !== 0 || (tier === 0 && amounts.every(each => each === 0));
      if (!isSaid) return [];
      const code = `${component.code}.${rate.code}${tiers.length > 1 ? `.T${tier + 1}` : ''}`;
      const { unitPrice, flat } = tiers[tier]!;
      const signed = component.kind === 'feedIn' ? -BigInt(energy) : BigInt(energy);
      const line = lineOf(component, code, from, unitPrice, signed, context);
      if (flat === undefined) return [line];
      const entered = {
        ...line,
        code: `${code}.FLAT`,
        units: component.kind === 'feedIn' ? -1n : 1n,
        price: exact(flat),
      };
      return [line, { ...entered, times: share, over: whole, energy: undefined }];
    });
  });
}

function tiersOf({ tiers, unitPrice }: RateDocument) {
  return tiers ?? [{ upTo: undefined, unitPrice: unitPrice!, flat: undefined }];
}

/** By how much a bound is multiplied and divided for these days. */
function shareOf(
  { tierPeriod, tierAllowance, tierProration }: EnergyDocument,
  days: Day[],
  context: NaiveContext,
): [bigint, bigint] {
  if (tierPeriod === 'P1D') return [tierAllowance === 'POOLED' ? BigInt(days.length) : 1n, 1n];
  if (tierProration === 'NONE') return [1n, 1n];
  const { period, request } = context;
  const all =
    tierPeriod === 'BILL'
      ? daysFrom(period.from, period.to).length
      : daysLike(days[0]!, tierPeriod ?? '', request.monthStartsOn ?? 1);
  return [BigInt(days.length), BigInt(all)];
}

function fill(
  filled: Map<RateDocument, number[]>,
  pieces: Piece[],
  component: EnergyDocument,
  share: bigint,
  whole: bigint,
  from: Day,
  context: NaiveContext,
): void {
  const { tierMode, tierScope, rates } = component;
  const together = tierScope === 'COMPONENT' || tierMode === 'TABLE_BY_TOTAL';
  const nameOf = (rate: RateDocument) => (together ? '' : rate.code);
  // One price each: nothing to fill.
  if (rates.every(rate => tiersOf(rate).length === 1)) {
    for (const { rate, energy } of pieces) {
      const amounts = filled.get(rate);
      if (amounts) amounts[0]! += energy;
      else filled.set(rate, [energy]);
    }
    return;
  }
  const limitsOf = new Map(rates.map(rate => [rate, boundsOf(rate, share, whole)]));
  const used = new Map<string, number>();
  for (const rate of rates) used.set(nameOf(rate), usedBefore(component, together ? undefined : rate, from, context));
  const totals = new Map(used);
  for (const { rate, energy } of pieces) totals.set(nameOf(rate), totals.get(nameOf(rate))! + energy);
  for (const { rate, energy } of pieces) {
    const limits = limitsOf.get(rate)!;
    const amounts = filled.get(rate) ?? [...limits, 0].map(() => 0);
    filled.set(rate, amounts);
    if (tierMode !== 'GRADUATED') {
      const at = limits.findIndex(limit => totals.get(nameOf(rate))! <= limit);
      amounts[at < 0 ? limits.length : at]! += energy;
      continue;
    }
    // One kWh is in the tier that begins where the bounds before it end.
    const start = used.get(nameOf(rate))!;
    const end = start + energy;
    for (let tier = 0; tier <= limits.length; tier++) {
      const top = Math.min(end, limits[tier] ?? end);
      const bottom = Math.max(start, limits[tier - 1] ?? start);
      if (top > bottom || (energy < 0 && tier === 0)) amounts[tier]! += top - bottom;
    }
    used.set(nameOf(rate), end);
  }
}

function boundsOf(rate: RateDocument, share: bigint, whole: bigint): number[] {
  return tiersOf(rate).flatMap(({ upTo }) =>
    upTo === undefined ? [] : [Number(nearest((exact(upTo) / 100n) * share, whole, true))],
  );
}

/** Where bounds run on: the energy of the tier period before these days, from the facts and from this bill. */
function usedBefore(
  component: EnergyDocument,
  rate: RateDocument | undefined,
  from: Day,
  context: NaiveContext,
): number {
  const { tierPeriod, tierProration, code } = component;
  if (tierPeriod === undefined || tierPeriod === 'P1D' || tierProration !== 'NONE') return 0;
  const label = periodLabel(component, context);
  const { period, request } = context;
  const here = piecesOf(component, period.from, from, context).filter(
    piece => label(piece.day) === label(from) && (rate === undefined || piece.rate === rate),
  );
  const name = rate ? `${code}.${rate.code}` : code;
  const known = (request.facts?.energies ?? []).filter(
    fact => tierPeriod !== 'BILL' && fact.code === name && fact.to <= period.from && label(fact.from) === label(from),
  );
  return [...here, ...known].reduce((sum, { energy }) => sum + energy, 0);
}

function lineOf(
  { kind, tax, taxBasis, lossFactor, category, register }: EnergyDocument,
  code: string,
  from: Day,
  price: string,
  energy: bigint,
  { plan, request }: NaiveContext,
): NaiveLine {
  const factors = (lossFactor ?? '').split('*').filter(name => name !== '');
  const categories = { energy: 'USAGE', passThrough: 'NETWORK', feedIn: 'FEED_IN' };
  return {
    code,
    from,
    category: category ?? (kind === 'energy' && register === 'CONTROLLED_LOAD' ? 'CONTROLLED_LOAD' : categories[kind]),
    units: energy,
    price: exact(price),
    times: factors.reduce((product, name) => product * (lossFactorOf(name, request.facts) ?? 0n), 1n),
    over: 1_000_000n * 100_000_000n ** BigInt(factors.length),
    taxCode: tax,
    basis: taxBasis ?? plan.taxBasis,
    energy,
  };
}

function lossFactorOf(name: string, facts: NaiveContext['request']['facts']): bigint | undefined {
  return name === 'DLF' ? facts?.lossFactors?.DLF : facts?.lossFactors?.MLF;
}
