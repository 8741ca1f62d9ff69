import { z } from 'zod';
import { calendarParts } from '../tariffs/calendar-parts.ts';
import type { EarlierEnergy, EarlierPeak } from '../tariffs/facts.ts';
import { averageDemand } from '../tariffs/peaks.ts';
import type { PlanVersion } from '../tariffs/plan.ts';
import type { ChargeLine } from '../tariffs/rated-bill.ts';
import type { Segment } from '../tariffs/segments.ts';
import { microKwh } from '../units/energy.ts';
import { addDays, dayOf, type Instant, type Month, monthOf, type Zone } from '../units/time.ts';

/** What later bills are told of one that was issued: the peaks it measured and the energy it charged. */
export interface BilledFacts {
  peaks: EarlierPeak[];
  energies: EarlierEnergy[];
}

/** `monthStartsOn` as in the bill's RateRequest: a peak of 3 July belongs to June where months begin on the 7th. */
export function billedFacts(
  lines: ChargeLine[],
  segments: Segment[],
  { zone, monthStartsOn = 1 }: { zone: Zone; monthStartsOn?: number | undefined },
): BilledFacts {
  return { peaks: peaksOf(lines, zone, monthStartsOn), energies: energiesOf(lines, segments) };
}

/** The highest demand of each component and month; an average where the plan bills one. */
export function peaksOf(lines: ChargeLine[], zone: Zone, monthStartsOn = 1): EarlierPeak[] {
  const highest = new Map<string, EarlierPeak>();
  for (const { code: lineCode, trace } of lines) {
    // A line's code is its component's, with the tier's or rate's after a point.
    const code = lineCode.split('.')[0]!;
    const counted = trace.measured?.peaks ?? [];
    for (const [month, peaks] of Map.groupBy(counted, ({ at }) => priceMonth(at, zone, monthStartsOn))) {
      const quantity = averageDemand(peaks.map(({ at, quantity: demand }) => ({ at, demand })));
      const known = highest.get(`${code} ${month}`);
      if (!known || quantity > known.quantity) highest.set(`${code} ${month}`, { code, month, quantity });
    }
  }
  return [...highest.values()];
}

/** Months of the price are named after the calendar month in which they begin. */
function priceMonth(at: Instant, zone: Zone, monthStartsOn: number): Month {
  const day = dayOf(at, zone);
  return monthOf(calendarParts({ from: day, to: addDays(day, 1) }, 'P1M', monthStartsOn)[0]!.whole.from);
}

/** The energy of every component with rates, over all of them and by rate, for each run of days the bill has its lines for. */
function energiesOf(lines: ChargeLine[], segments: Segment[]): EarlierEnergy[] {
  return segments.flatMap(segment =>
    ratesOf(segment.version).flatMap(({ code, rates }) => {
      const names = rates.map(rate => `${code}.${rate}`);
      const own = lines.filter(
        line => line.unit === 'kWh' && line.trace.segment.from === segment.from && names.some(name => isOf(name, line)),
      );
      const runs = Map.groupBy(own, ({ from, to }) => `${from} ${to}`);
      return [...runs.values()].flatMap(run => {
        const days = { from: run[0]!.from, to: addDays(run[0]!.to, 1) };
        const byRate = names.map(name => ({
          code: name,
          ...days,
          energy: energyOf(run.filter(line => isOf(name, line))),
        }));
        return [{ code, ...days, energy: energyOf(run) }, ...byRate];
      });
    }),
  );
}

/** "USE.PEAK" and its tiers: "USE.PEAK.T2". */
function isOf(name: string, { code }: ChargeLine): boolean {
  return code === name || code.startsWith(`${name}.`);
}

/** Energy to the grid stands on paper with a minus; tiers count it as it flowed. */
function energyOf(lines: ChargeLine[]) {
  return microKwh(lines.reduce((sum, { kind, quantity }) => sum + (kind === 'feedIn' ? 0 - quantity : quantity), 0));
}

/** A component whose energy is counted by rates, which tiers of a later bill may have to know of. */
export interface RatedComponent {
  code: string;
  rates: string[];
  /** Whether what was billed before moves a price of it. */
  hasTiers: boolean;
}

const parts = z.looseObject({
  components: z.array(
    z.looseObject({
      kind: z.string(),
      code: z.string(),
      rates: z.array(z.looseObject({ code: z.string(), tiers: z.array(z.unknown()).optional() })).optional(),
    }),
  ),
});
const known = new WeakMap<PlanVersion, RatedComponent[]>();

/** The components of a plan version that have rates of energy; read from its document once. */
export function ratesOf(version: PlanVersion): RatedComponent[] {
  let found = known.get(version);
  if (!found) {
    const { components } = parts.parse(version.plan.document);
    found = components.flatMap(({ code, rates }) =>
      rates
        ? [{ code, rates: rates.map(rate => rate.code), hasTiers: rates.some(({ tiers }) => tiers !== undefined) }]
        : [],
    );
    known.set(version, found);
  }
  return found;
}
