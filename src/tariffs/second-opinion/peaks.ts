import { z } from 'zod';
import { addDays, type Day, formatUtc, type Instant, instant } from '../../units/time.ts';
import { daysFrom, slotsOf } from './days.ts';
import { choices, type WindowDocument, type Windowed } from './minutes.ts';
import { basisField, exact, type NaiveContext, nearest, reader } from './naive.ts';

export const windowDocument = z.strictObject({
  season: z.string().optional(),
  days: z.string().optional(),
  from: z.string(),
  to: z.string(),
});
export const tierDocument = z.strictObject({ upTo: z.string().optional(), unitPrice: z.string() });
const demandDocument = z.strictObject({
  kind: z.literal('demand'),
  code: z.string(),
  description: z.string().optional(),
  register: z.string().default('IMPORT'),
  reactiveRegister: z.string().optional(),
  quantity: z.enum(['KW', 'KVA']).default('KW'),
  interval: z.string().default('PT30M'),
  windows: z.array(windowDocument).optional(),
  emptyWindow: z.enum(['SKIP', 'ZERO']).default('SKIP'),
  peak: z
    .strictObject({ fn: z.enum(['MAX', 'AVG_OF_N']), n: z.number().optional(), isolation: z.string().optional() })
    .default({ fn: 'MAX' }),
  measurementPeriod: z.enum(['DAY', 'MONTH', 'BILL', 'ROLLING_12M', 'TARIFF_PERIOD']).default('MONTH'),
  min: z.string().default('0'),
  free: z.string().default('0'),
  unitPrice: z.string().optional(),
  tiers: z.array(tierDocument).optional(),
  ratchet: z
    .strictObject({
      percent: z.string(),
      months: z.array(z.number()).default([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
      lookbackMonths: z.number().default(11),
      floor: z.string().default('0'),
    })
    .optional(),
  chargePeriod: z.enum(['DAY', 'MONTH', 'YEAR']).default('MONTH'),
  dayBasis: z.string().optional(),
  carry: z.string().optional(),
  tax: z.string(),
  ...basisField,
});
export type DemandDocument = z.output<typeof demandDocument>;

export const readDemand = reader(demandDocument);

/** One figure for some days: the highest demand, or the average of the highest; undefined where no window is open. */
export function figure(days: Day[], demand: DemandDocument, context: NaiveContext): bigint | undefined {
  const { fn, n = 1, isolation } = demand.peak;
  const isOpen = opening(demand.windows, minutesOf(demand.interval), context);
  const found = days.map(day => demandsOn(day, demand, isOpen, context)).filter(({ length }) => length > 0);
  if (found.length === 0) return undefined;
  if (fn === 'MAX') return BigInt(Math.max(...found.flat()));
  const counted = isolation === 'PER_DAY' ? found.map(demands => Math.max(...demands)) : found.flat();
  const taken = counted.sort((a, b) => b - a).slice(0, n);
  return nearest(BigInt(taken.reduce((sum, kw) => sum + kw, 0)), BigInt(taken.length), true);
}

/** The demands of a local day inside the windows, in millionths of kW or kVA. */
function demandsOn(day: Day, demand: DemandDocument, isOpen: Opening, context: NaiveContext): number[] {
  const { code, interval, register, reactiveRegister } = demand;
  const reactive = reactiveRegister ? demandIntervals(day, reactiveRegister, interval, context) : undefined;
  const demands: number[] = [];
  for (const { at, kw } of demandIntervals(day, register, interval, context)) {
    const open = isOpen(at);
    if (open === undefined) throw new Error(`${code}: a window cuts the interval from ${formatUtc(at)}`);
    if (!open) continue;
    const other = reactive?.find(each => each.at === at)?.kw;
    demands.push(other === undefined ? kw : Number(root(BigInt(kw) ** 2n + BigInt(other) ** 2n)));
  }
  return demands;
}

/** Millionths of a kW over the demand interval that begins there. */
interface Power {
  at: Instant;
  kw: number;
}

/** The mean power of each demand interval of a local day: the day is cut from its midnight on. */
export function demandIntervals(day: Day, register: string, interval: string, { request }: NaiveContext): Power[] {
  const slots = slotsOf(register, day, addDays(day, 1), request);
  const midnight = slots[0]?.at ?? 0;
  const seconds = 60 * minutesOf(interval);
  const perHour = 3600 / seconds;
  const powers: Power[] = [];
  for (const { at, energy } of slots) {
    const start = instant(at - ((at - midnight) % seconds));
    const last = powers.at(-1);
    if (last?.at === start) last.kw += energy * perHour;
    else powers.push({ at: start, kw: energy * perHour });
  }
  return powers;
}

/** Whether windows are open from an instant on; undefined where they are for a part of the time. */
type Opening = (at: Instant) => boolean | undefined;

/** Over so many minutes. */
export function opening(windows: WindowDocument[] | undefined, minutes: number, context: NaiveContext): Opening {
  if (!windows) return () => true;
  const open = { windows };
  const choiceAt = choices<Windowed>([open, {}], 60 * minutes, context);
  return at => {
    const choice = choiceAt(at);
    return choice && choice === open;
  };
}

function minutesOf(interval: string): number {
  return interval === 'PT1H' ? 60 : Number(interval.replace(/\D/g, ''));
}

/** The whole number nearest to the root, found by halving. */
function root(square: bigint): bigint {
  let [low, high] = [0n, 1n];
  while (high * high <= square) high *= 2n;
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (middle * middle <= square) low = middle;
    else high = middle;
  }
  return square - low * low > low ? low + 1n : low;
}

export function millionths(text: string): bigint {
  return exact(text) / 100n;
}

export function greater(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

export function lesser(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

/** The days of the bill around the segment on which the plan has a component of this code. */
export function daysAround(code: string, { segment, request }: NaiveContext): Day[] {
  const has = request.segments.map(({ version }) => version.plan.components.some(each => each.code === code));
  const own = request.segments.indexOf(segment);
  const reachable = request.segments.filter((_, at) =>
    has.slice(Math.min(at, own), Math.max(at, own) + 1).every(Boolean),
  );
  return reachable.flatMap(({ from, to }) => daysFrom(from, to));
}
