import { z } from 'zod';
import { addDays, type Day, formatUtc, type Instant, instant } from '../../units/time.ts';
import {
  basisField,
  type Check,
  daysFrom,
  daysLike,
  exact,
  isInSeason,
  labelOf,
  type NaiveContext,
  type NaiveLine,
  nearest,
  ratesAt,
  slotsOf,
  type WindowDocument,
} from './naive.ts';

const windowDocument = z.strictObject({
  season: z.string().optional(),
  days: z.string().optional(),
  from: z.string(),
  to: z.string(),
});
const tierDocument = z.strictObject({ upTo: z.string().optional(), unitPrice: z.string() });
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
type DemandDocument = z.output<typeof demandDocument>;

/** Demand charges: every day of the segment asks anew what its billing demand is, and adds its own part of the price. */
export const demandCheck: Check = {
  kinds: ['demand'],
  lines(document, context) {
    const { data: demand } = demandDocument.safeParse(document);
    if (!demand) return undefined;
    const stretches = new Map<string, NaiveLine[]>();
    for (const day of daysFrom(context.segment.from, context.segment.to)) {
      const billing = billingOn(day, demand, context);
      if (billing !== undefined) addDay(stretches, day, billing, demand, context);
    }
    // A tier of nothing is left out, but the first one stands where all are.
    return [...stretches.values()].flatMap(tiers => {
      const found = tiers.filter(({ units }) => units !== 0n);
      return found.length > 0 ? found : tiers.slice(0, 1);
    });
  },
};

/** Adds a day to the lines, one per tier, of the days that share its peak and its division of the price. */
function addDay(
  stretches: Map<string, NaiveLine[]>,
  day: Day,
  billing: bigint,
  demand: DemandDocument,
  context: NaiveContext,
): void {
  const tiers = demand.tiers ?? [{ upTo: undefined, unitPrice: demand.unitPrice! }];
  const [times, over] = partOfPrice(day, demand, context);
  const sums = demand.measurementPeriod === 'DAY';
  const key = `${sums ? '' : periodOf(day, demand, context)} ${divisionOf(day, demand, context)}`;
  const lines = stretches.get(key) ?? tiers.map(({ unitPrice }, tier) => lineOf(tier, unitPrice));
  stretches.set(key, lines);
  lines.forEach((line, tier) => {
    // One kW after another: those above the tier's floor and above the free ones, up to its top.
    const floor = tier === 0 ? 0n : millionths(tiers[tier - 1]!.upTo!);
    const bottom = greater(floor, millionths(demand.free));
    const { upTo } = tiers[tier]!;
    const top = upTo === undefined ? billing : lesser(billing, millionths(upTo));
    const units = top > bottom ? top - bottom : 0n;
    line.units = sums ? line.units + units : units;
    line.times = sums ? times : line.times + times;
    line.energy = line.units;
  });

  function lineOf(tier: number, unitPrice: string): NaiveLine {
    const code = tiers.length === 1 ? demand.code : `${demand.code}.T${tier + 1}`;
    const from = sums ? firstOfDivision(day, demand, context) : day;
    const basis = demand.taxBasis ?? context.plan.taxBasis;
    const line = { code, from, category: 'DEMAND', units: 0n, price: exact(unitPrice), times: 0n, over };
    return { ...line, taxCode: demand.tax, basis, energy: undefined };
  }
}

/** What a day takes of the price: [times, over], with millionths of a kW taken out. */
function partOfPrice(
  day: Day,
  { chargePeriod, dayBasis }: DemandDocument,
  { request }: NaiveContext,
): [bigint, bigint] {
  const million = 1_000_000n;
  const startsOn = request.monthStartsOn ?? 1;
  const months = chargePeriod === 'MONTH' ? 12n : 1n;
  if (chargePeriod === 'DAY') return [1n, million];
  if (dayBasis === '365') return [months, 365n * million];
  if (dayBasis === '365.25' || dayBasis === '12/365.25') return [100n * months, 36_525n * million];
  if (chargePeriod === 'YEAR' && dayBasis !== 'CALENDAR_MONTH')
    return [1n, BigInt(daysLike(day, each => labelOf(each, 'P1Y', 1))) * million];
  const inMonth = BigInt(daysLike(day, each => labelOf(each, 'P1M', startsOn)));
  return [1n, inMonth * (chargePeriod === 'YEAR' ? 12n : 1n) * million];
}

/** Days with the same name are divided by the same number of days. */
function divisionOf(day: Day, { chargePeriod, dayBasis }: DemandDocument, { request }: NaiveContext): string {
  if (chargePeriod === 'DAY' || ['365', '365.25', '12/365.25'].includes(dayBasis ?? '')) return '';
  if (chargePeriod === 'YEAR' && dayBasis !== 'CALENDAR_MONTH') return labelOf(day, 'P1Y', 1);
  return labelOf(day, 'P1M', request.monthStartsOn ?? 1);
}

function firstOfDivision(day: Day, demand: DemandDocument, context: NaiveContext): Day {
  const same = (each: Day) => divisionOf(each, demand, context) === divisionOf(day, demand, context);
  return daysFrom(context.segment.from, context.segment.to).find(same)!;
}

/** Days with the same name share one peak. */
function periodOf(day: Day, { measurementPeriod }: DemandDocument, { plan, request }: NaiveContext): string {
  if (measurementPeriod === 'BILL') return 'bill';
  if (measurementPeriod === 'DAY') return day;
  if (measurementPeriod !== 'TARIFF_PERIOD') return labelOf(day, 'P1M', request.monthStartsOn ?? 1);
  return seasonStart(day, plan);
}

/** The first day of the season a day is in. */
function seasonStart(day: Day, plan: NaiveContext['plan']): Day {
  const name = Object.keys(plan.seasons).find(season => isInSeason(season, day, plan))!;
  let start = day;
  while (start.slice(5) !== plan.seasons[name]![0] && isInSeason(name, addDays(start, -1), plan))
    start = addDays(start, -1);
  return start;
}

/** The billing demand of a day's measurement period, in millionths; undefined where nothing is to be charged. */
function billingOn(day: Day, demand: DemandDocument, context: NaiveContext): bigint | undefined {
  const startsOn = context.request.monthStartsOn ?? 1;
  const key = `${demand.code} ${periodOf(day, demand, context)} ${labelOf(day, 'P1M', startsOn)}`;
  return remember(context, key, () => billingOf(day, demand, context));
}

function billingOf(day: Day, demand: DemandDocument, context: NaiveContext): bigint | undefined {
  const { segment, period, request, plan } = context;
  const month = (of: Day) => labelOf(of, 'P1M', request.monthStartsOn ?? 1);
  const name = periodOf(day, demand, context);
  const around = daysAround(demand.code, context);
  const found = figure(
    around.filter(each => periodOf(each, demand, context) === name),
    demand,
    context,
  );
  const facts = (request.facts?.peaks ?? []).filter(({ code }) => code === demand.code);
  const known = facts.map(({ month, quantity }) => ({ month: String(month), peak: BigInt(quantity) }));
  for (const label of new Set(around.map(month).filter(label => label < month(day)))) {
    const peak = figure(
      around.filter(each => month(each) === label),
      demand,
      context,
    );
    if (peak !== undefined) known.push({ month: label, peak });
  }
  const oldest = (back: number) => month(shiftMonths(day, -back, request.monthStartsOn ?? 1));
  const alsoCounts = (label: string) => {
    if (demand.measurementPeriod === 'ROLLING_12M') return label >= oldest(11) && label <= month(day);
    if (demand.measurementPeriod === 'TARIFF_PERIOD') {
      const start = seasonStart(day, plan);
      return start < period.from && label >= month(start) && label <= month(addDays(period.from, -1));
    }
    return demand.carry !== undefined && label === month(day) && month(addDays(period.from, -1)) === label;
  };
  const carried = known.filter(({ month }) => alsoCounts(month)).map(({ peak }) => peak);
  if (found === undefined && carried.length === 0 && demand.emptyWindow === 'SKIP') return undefined;
  let billing = [found ?? 0n, ...carried].reduce(greater);
  if (demand.ratchet) {
    const { percent, months, lookbackMonths, floor } = demand.ratchet;
    const from = month(demand.measurementPeriod === 'BILL' ? segment.from : day);
    const since = month(
      shiftMonths(
        demand.measurementPeriod === 'BILL' ? segment.from : day,
        -lookbackMonths,
        request.monthStartsOn ?? 1,
      ),
    );
    for (const { month: label, peak } of known)
      if (label < from && label >= since && months.includes(Number(label.slice(5))))
        billing = greater(billing, nearest(peak * exact(percent), 100_000_000n, true));
    billing = greater(billing, millionths(floor));
  }
  return greater(billing, millionths(demand.min));
}

/** The 15th of the price's month so many months away: only its name is asked for. */
function shiftMonths(day: Day, count: number, startsOn: number): Day {
  let at = addDays(`${labelOf(day, 'P1M', startsOn)}-15` as Day, startsOn - 1);
  for (let step = 0; step < Math.abs(count); step++) {
    const label = labelOf(at, 'P1M', startsOn);
    while (labelOf(at, 'P1M', startsOn) === label) at = addDays(at, Math.sign(count));
  }
  return at;
}

/** The days of the bill around the segment on which the plan has a component of this code. */
function daysAround(code: string, { segment, request }: NaiveContext): Day[] {
  const has = request.segments.map(({ version }) => version.plan.components.some(each => each.code === code));
  const own = request.segments.indexOf(segment);
  const reachable = request.segments.filter((_, at) =>
    has.slice(Math.min(at, own), Math.max(at, own) + 1).every(Boolean),
  );
  return reachable.flatMap(({ from, to }) => daysFrom(from, to));
}

/** One figure for some days: the highest demand, or the average of the highest; undefined where no window is open. */
function figure(days: Day[], demand: DemandDocument, context: NaiveContext): bigint | undefined {
  const all = days.flatMap(day => demandsOn(day, demand, context).map(kw => ({ day, kw })));
  if (all.length === 0) return undefined;
  const { fn, n = 1, isolation } = demand.peak;
  const ranked = all.sort((a, b) => (a.kw < b.kw ? 1 : a.kw > b.kw ? -1 : 0));
  const counted =
    isolation === 'PER_DAY'
      ? ranked.filter(({ day }, at) => ranked.findIndex(other => other.day === day) === at)
      : ranked;
  const taken = counted.slice(0, fn === 'MAX' ? 1 : n);
  return nearest(
    taken.reduce((sum, { kw }) => sum + kw, 0n),
    BigInt(taken.length),
    true,
  );
}

// Asked again for every day of a month, and always the same.
const remembered = new WeakMap<NaiveContext, Map<string, unknown>>();

function remember<T>(context: NaiveContext, key: string, find: () => T): T {
  const known = remembered.get(context) ?? new Map<string, unknown>();
  remembered.set(context, known);
  if (!known.has(key)) known.set(key, find());
  return known.get(key) as T;
}

/** The demands of a local day inside the windows: the day is cut from its midnight into demand intervals, minute by minute. */
function demandsOn(day: Day, demand: DemandDocument, context: NaiveContext): bigint[] {
  return remember(context, `${demand.code} on ${day}`, () => {
    const real = sumsOn(day, demand.register, demand, context);
    const reactive = demand.reactiveRegister ? sumsOn(day, demand.reactiveRegister, demand, context) : undefined;
    const perHour = 60n / BigInt(minutesOf(demand.interval));
    return real
      .filter(({ at }) => isOpen(at, demand, context))
      .map(({ at, sum }) => {
        const other = reactive?.find(each => each.at === at)?.sum;
        return other === undefined ? sum * perHour : root((sum * perHour) ** 2n + (other * perHour) ** 2n);
      });
  });
}

function sumsOn(day: Day, register: string, { interval }: { interval: string }, { request }: NaiveContext) {
  const slots = slotsOf(register, day, addDays(day, 1), request);
  const midnight = slots[0]?.at ?? 0;
  const seconds = 60 * minutesOf(interval);
  const sums = new Map<number, bigint>();
  for (const { at, energy } of slots) {
    const start = midnight + Math.floor((at - midnight) / seconds) * seconds;
    sums.set(start, (sums.get(start) ?? 0n) + energy);
  }
  return [...sums].map(([at, sum]) => ({ at: instant(at), sum }));
}

/** Every minute of a demand interval must say the same. */
function isOpen(at: Instant, { windows, interval, code }: DemandDocument, context: NaiveContext): boolean {
  if (!windows) return true;
  const minutes = Array.from({ length: minutesOf(interval) }, (_, minute) =>
    isInWindow(instant(at + 60 * minute), windows, context),
  );
  if (minutes.includes(true) && minutes.includes(false))
    throw new Error(`${code}: a window cuts the interval from ${formatUtc(at)}`);
  return minutes[0]!;
}

function isInWindow(at: Instant, windows: WindowDocument[], context: NaiveContext): boolean {
  const choices: { inside: boolean; windows: WindowDocument[] | undefined }[] = [
    { inside: true, windows },
    { inside: false, windows: undefined },
  ];
  return ratesAt(at, choices, context)[0]!.inside;
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

function millionths(text: string): bigint {
  return exact(text) / 100n;
}

function greater(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function lesser(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

const hoursDocument = z.strictObject({
  kind: z.literal('hoursUse'),
  code: z.string(),
  description: z.string().optional(),
  register: z.string().default('IMPORT'),
  demand: z.string(),
  windows: z.array(windowDocument).optional(),
  tiers: z.array(
    z.strictObject({
      upToHours: z.string().optional(),
      unitPrice: z.string().optional(),
      tiers: z.array(tierDocument).optional(),
    }),
  ),
  tierPeriod: z.enum(['P1M', 'BILL']).default('P1M'),
  tax: z.string(),
  ...basisField,
});

/** Hours of use: the kWh of a part, laid on top of each other, against the hours of its demand. */
export const hoursUseCheck: Check = {
  kinds: ['hoursUse'],
  lines(document, context) {
    const { data: hours } = hoursDocument.safeParse(document);
    const { data: demand } = demandDocument.safeParse(
      context.plan.components.find(({ code }) => code === hours?.demand),
    );
    if (!hours || !demand) return undefined;
    const { segment, period, request, plan } = context;
    const label = (day: Day) =>
      hours.tierPeriod === 'BILL' ? 'bill' : labelOf(day, 'P1M', request.monthStartsOn ?? 1);
    const days = daysFrom(segment.from, segment.to);
    return [...new Set(days.map(label))].flatMap(name => {
      const part = days.filter(day => label(day) === name);
      const whole = hours.tierPeriod === 'BILL' ? daysFrom(period.from, period.to).length : daysLike(part[0]!, label);
      const share = (bound: bigint) => nearest(bound * BigInt(part.length), BigInt(whole), true);
      const slots = slotsOf(hours.register, part[0]!, addDays(part.at(-1)!, 1), request).filter(
        ({ at }) => !hours.windows || isInWindow(at, hours.windows, context),
      );
      if (slots.length === 0) return [];
      const billing = part.map(day => billingOn(day, demand, context) ?? 0n).reduce(greater);
      const total = slots.reduce((sum, { energy }) => sum + energy, 0n);
      const line = (code: string, units: bigint, price: string): NaiveLine => ({
        ...{
          code,
          from: part[0]!,
          category: 'USAGE',
          units,
          price: exact(price),
          times: 1n,
          over: 1_000_000n,
          energy: units,
        },
        taxCode: hours.tax,
        basis: hours.taxBasis ?? plan.taxBasis,
      });
      let below = 0n;
      const lines = hours.tiers.flatMap(({ upToHours, unitPrice, tiers }, block) => {
        // Hours are millionths as well, so their product with kW is too large a million times.
        const bound =
          upToHours === undefined
            ? total
            : nearest(billing * millionths(upToHours) * BigInt(part.length), BigInt(whole) * 1_000_000n, true);
        const top = greater(below, lesser(total, bound));
        const steps = tiers ?? [{ upTo: undefined, unitPrice: unitPrice! }];
        const found = steps.map((step, at) => {
          const low = at === 0 ? 0n : share(millionths(steps[at - 1]!.upTo!));
          const high = step.upTo === undefined ? top - below : lesser(top - below, share(millionths(step.upTo)));
          const code = `${hours.code}.B${block + 1}${steps.length === 1 ? '' : `.T${at + 1}`}`;
          return line(code, greater(0n, high - low), step.unitPrice);
        });
        below = top;
        return found;
      });
      return total === 0n ? lines.slice(0, 1) : lines.filter(({ units }) => units !== 0n);
    });
  },
};

const coincidentDocument = z.strictObject({
  kind: z.literal('coincident'),
  code: z.string(),
  description: z.string().optional(),
  register: z.string().default('IMPORT'),
  events: z.string(),
  interval: z.string().default('PT30M'),
  unitPrice: z.string(),
  per: z.string().optional(),
  tax: z.string(),
  ...basisField,
});

/** Coincident peaks: each demand interval of the bill is asked whether an event was on. */
export const coincidentCheck: Check = {
  kinds: ['coincident'],
  lines(document, context) {
    const { data: charge } = coincidentDocument.safeParse(document);
    if (!charge) return undefined;
    const { segment, request, plan } = context;
    const list = request.facts?.events?.find(({ name }) => name === charge.events)?.periods ?? [];
    const perHour = 60n / BigInt(minutesOf(charge.interval));
    let peak: { day: Day; kw: bigint } | undefined;
    for (const day of daysAround(charge.code, context))
      for (const { at, sum } of sumsOn(day, charge.register, charge, context))
        if (list.some(({ from, to }) => at >= from && at < to) && (!peak || sum * perHour > peak.kw))
          peak = { day, kw: sum * perHour };
    if (!peak || peak.day < segment.from || peak.day >= segment.to) return [];
    return [
      {
        ...{
          code: charge.code,
          from: segment.from,
          category: 'DEMAND',
          units: peak.kw,
          price: exact(charge.unitPrice),
        },
        ...{
          times: 1n,
          over: 1_000_000n,
          energy: peak.kw,
          taxCode: charge.tax,
          basis: charge.taxBasis ?? plan.taxBasis,
        },
      },
    ];
  },
};
