import type { Flow, MeterPoint } from '../accounts/meter-point.ts';
import type { MeterPointFilter } from '../accounts/meter-point-directory-store.ts';
import type { MeterPointStore } from '../accounts/meter-point-store.ts';
import { Slices } from '../kernel/slices.ts';
import { Turns } from '../kernel/turns.ts';
import type { ReadingIndex } from '../readings/reading-index.ts';
import { type MicroKwh, microKwh } from '../units/energy.ts';
import { type LocalDay, localDayOf } from '../units/local-day.ts';
import { addDays, addMonths, type Day, firstDayOf, type Instant, monthOf } from '../units/time.ts';
import { dayStates, type SeriesDays } from './day-energy.ts';
import type { DayTotals } from './day-totals.ts';
import { DaysKnown } from './days-known.ts';

export const usageGroups = ['day', 'month', 'quarter', 'year'] as const;
export type UsageGroup = (typeof usageGroups)[number];

export interface UsageQuestion {
  /** Days on the clock of each meter point; `to` is not included. */
  from: Day;
  to: Day;
  group: UsageGroup;
  /** All of it has to fit. */
  filter: MeterPointFilter;
  /** What the shares are of. */
  by: 'dwellingType' | 'region';
  /** By the readings and the multipliers that were known then. */
  knownAt?: Instant | undefined;
}

/** One point of the line: days from `from` to `to`, not included, cut to the range that was asked for. */
export interface UsagePoint {
  from: Day;
  to: Day;
  /** By flow; undefined where nothing is known. */
  energy: Partial<Record<Flow, MicroKwh>>;
}

export interface Usage {
  points: UsagePoint[];
  totals: Partial<Record<Flow, MicroKwh>>;
  /** Energy from the grid, largest first; '' is what was not told. */
  shares: { name: string; energy: MicroKwh; meterPoints: number }[];
  meterPoints: number;
  /** Days of series of which a part is missing. */
  partDays: number;
}

interface Deps {
  meterPoints: MeterPointStore;
  index: ReadingIndex;
  days: DayTotals;
}

const meterPointsAtOnce = 500;
// What was known once is put together from readings and their history, some milliseconds for these days of a meter point.
const pastDaysAtOnce = 92;

/** Usage of many meter points over many days, from day totals, in slices: others are served meanwhile. One question at a time. */
export class UsageAnalysis {
  readonly #deps: Deps;
  readonly #turns = new Turns();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  answer(question: UsageQuestion): Promise<Usage> {
    return this.#turns.take(() => this.#answer(question));
  }

  async #answer(question: UsageQuestion): Promise<Usage> {
    const points = pointsOf(question).map((point): UsagePoint => ({ ...point, energy: {} }));
    const sums = new Map<Flow, Float64Array>();
    const shares = new Map<string, { energy: number; meterPoints: number }>();
    const usage = { meterPoints: 0, partDays: 0 };
    const [from, to] = [localDayOf(question.from), localDayOf(question.to)];
    const pointOf = new Uint32Array(to - from);
    points.forEach((point, at) => {
      pointOf.fill(at, localDayOf(point.from) - from, localDayOf(point.to) - from);
    });
    for await (const { meterPoint, days, begin, end: until } of this.#each(question)) {
      let fromGrid = 0;
      for (const { series, first, energy, state } of days) {
        const sum = sumOf(sums, series.flow, points.length);
        const end = Math.min(until, first + energy.length);
        for (let day = Math.max(begin, first); day < end; day++) {
          if (state[day - first]! < dayStates.part) continue;
          const value = energy[day - first]!;
          const at = pointOf[day - from]!;
          sum[at] = Number.isNaN(sum[at]) ? value : sum[at]! + value;
          if (series.flow === 'from-grid') fromGrid += value;
          if (state[day - first] === dayStates.part) usage.partDays += 1;
        }
      }
      const another = begin === from ? 1 : 0;
      usage.meterPoints += another;
      const name = meterPoint[question.by];
      const share = shares.get(name) ?? { energy: 0, meterPoints: 0 };
      shares.set(name, { energy: share.energy + fromGrid, meterPoints: share.meterPoints + another });
    }
    for (const [flow, sum] of sums) {
      if (sum.every(Number.isNaN)) sums.delete(flow);
      sum.forEach((value, at) => {
        if (!Number.isNaN(value)) points[at]!.energy[flow] = microKwh(value);
      });
    }
    const totals = Array.from(sums, ([flow, sum]) => [flow, microKwh(sum.reduce((all, one) => all + (one || 0), 0))]);
    const named = Array.from(shares, ([name, share]) => ({ ...share, name, energy: microKwh(share.energy) }));
    return {
      ...usage,
      points,
      totals: Object.fromEntries(totals),
      shares: named.sort((a, b) => b.energy - a.energy || (a.name < b.name ? -1 : 1)),
    };
  }

  /** A row per meter point, flow and point of the line, for a file. */
  async *rows(question: UsageQuestion): AsyncGenerator<{ meterPoint: MeterPoint; flow: Flow; points: UsagePoint[] }> {
    const points = pointsOf(question);
    const to = localDayOf(question.to);
    let flows = new Map<Flow, UsagePoint[]>();
    for await (const { meterPoint, days, begin, end: until } of this.#each(question)) {
      for (const { series, first, energy, state } of days) {
        const mine = flows.get(series.flow) ?? points.map((point): UsagePoint => ({ ...point, energy: {} }));
        flows.set(series.flow, mine);
        for (const point of mine) {
          const end = Math.min(localDayOf(point.to), until, first + energy.length);
          for (let day = Math.max(localDayOf(point.from), begin, first); day < end; day++) {
            if (state[day - first]! < dayStates.part) continue;
            point.energy[series.flow] = microKwh((point.energy[series.flow] ?? 0) + energy[day - first]!);
          }
        }
      }
      if (until < to) continue;
      for (const [flow, mine] of flows) yield { meterPoint, flow, points: mine };
      flows = new Map();
    }
  }

  /** Meter points with their days from `begin` to `end`, not included: all that were asked for at once, those of the past in parts. */
  async *#each({ filter, knownAt, ...asked }: UsageQuestion): AsyncGenerator<SomeDays> {
    const slices = new Slices();
    const [from, to] = [localDayOf(asked.from), localDayOf(asked.to)];
    if (knownAt === undefined) for (const _noted of this.#deps.days.takeNote()) await slices.pause();
    const days = knownAt === undefined ? this.#deps.days : new DaysKnown(this.#deps, knownAt);
    const daysAtOnce = knownAt === undefined ? to - from : pastDaysAtOnce;
    for (let after = ''; ; ) {
      const some = this.#deps.meterPoints.directory.list({ ...filter, after, limit: meterPointsAtOnce });
      for (const meterPoint of some) {
        for (let begin = from; begin < to; begin += daysAtOnce) {
          const end = Math.min(to, begin + daysAtOnce);
          yield { meterPoint, days: days.of(meterPoint, begin, end), begin, end };
          await slices.pause();
        }
      }
      if (some.length < meterPointsAtOnce) return;
      after = some.at(-1)!.identifier;
    }
  }
}

/** The points of the line: days, months, quarters or years of the calendar, cut to what was asked for. */
export function pointsOf({ from, to, group }: Pick<UsageQuestion, 'from' | 'to' | 'group'>): { from: Day; to: Day }[] {
  const points: { from: Day; to: Day }[] = [];
  for (let day = from; day < to; ) {
    const end = endOfGroup(day, group);
    const next = end < to ? end : to;
    points.push({ from: day, to: next });
    day = next;
  }
  return points;
}

interface SomeDays {
  meterPoint: MeterPoint;
  days: SeriesDays[];
  begin: LocalDay;
  end: LocalDay;
}

const monthsOf = { month: 1, quarter: 3, year: 12 };

function endOfGroup(day: Day, group: UsageGroup): Day {
  if (group === 'day') return addDays(day, 1);
  const months = monthsOf[group];
  const month = Number(day.slice(5, 7)) - 1;
  return firstDayOf(addMonths(monthOf(day), months - (month % months)));
}

function sumOf(sums: Map<Flow, Float64Array>, flow: Flow, length: number): Float64Array {
  let sum = sums.get(flow);
  if (!sum) {
    sum = new Float64Array(length).fill(Number.NaN);
    sums.set(flow, sum);
  }
  return sum;
}
