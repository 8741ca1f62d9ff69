import { addDays, type Day } from '../../units/time.ts';
import { daysFrom, daysLike, labelOf } from './days.ts';
import { isInSeason } from './minutes.ts';
import { type Check, exact, type NaiveContext, type NaiveLine, nearest, remembered } from './naive.ts';
import { type DemandDocument, daysAround, figure, greater, lesser, millionths, readDemand } from './peaks.ts';

/** Demand charges: every day of the segment asks anew what its billing demand is, and adds its own part of the price. */
export const demandCheck: Check = {
  kinds: ['demand'],
  lines(document, context) {
    const demand = readDemand(document);
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
  if (chargePeriod === 'YEAR' && dayBasis !== 'CALENDAR_MONTH') return [1n, BigInt(daysLike(day, 'P1Y', 1)) * million];
  const inMonth = BigInt(daysLike(day, 'P1M', startsOn));
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
export function billingOn(day: Day, demand: DemandDocument, context: NaiveContext): bigint | undefined {
  const startsOn = context.request.monthStartsOn ?? 1;
  const key = `${demand.code} ${periodOf(day, demand, context)} ${labelOf(day, 'P1M', startsOn)}`;
  const known = billed.get(context) ?? new Map<string, { billing: bigint | undefined }>();
  billed.set(context, known);
  return remembered(known, key, () => ({ billing: billingOf(day, demand, context) })).billing;
}

// Asked again for every day of a month, and always the same.
const billed = new WeakMap<NaiveContext, Map<string, { billing: bigint | undefined }>>();

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
