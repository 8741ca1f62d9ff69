import type { MeterPoint, Series } from '../accounts/meter-point.ts';
import type { MeterPointStore } from '../accounts/meter-point-store.ts';
import { Refusal } from '../kernel/errors.ts';
import { Slices } from '../kernel/slices.ts';
import type { ReadingIndex } from '../readings/reading-index.ts';
import type { SourceStore } from '../readings/source-store.ts';
import { type MicroKwh, microKwh } from '../units/energy.ts';
import { type Day, dayOf, type Instant, instant, secondsPerDay } from '../units/time.ts';
import type { ImportRunStore } from './import-run-store.ts';
import { findChannel, findRegister } from './place-records.ts';
import { type ReadRunDeps, readRun } from './read-run.ts';

export interface ReconcileDeps extends ReadRunDeps {
  meterPoints: MeterPointStore;
  index: ReadingIndex;
  sources: SourceStore;
  imports: ImportRunStore;
}

/** A local day of one register or channel as two sources tell it. */
export interface ReconciledDay {
  day: Day;
  /** Of a channel's known intervals; undefined for a register, whose values are no amounts. */
  sumA: MicroKwh | undefined;
  sumB: MicroKwh | undefined;
  same: number;
  differing: number;
  onlyA: number;
  onlyB: number;
  /** The largest difference, b less a, and when. */
  largest: { at: Instant; difference: MicroKwh } | undefined;
}

export interface ReconciledSeries {
  series: Series;
  days: ReconciledDay[];
}

type Told = Map<number, Map<Instant, number>>;

/**
 * Holds what two sources say of a meter point against each other, in [from, to): "import:12" (read from its file once more, so that what
 * was known already counts as well), "key:NAME" (what that key posted and was kept) or "current". Missing values count as not told. In
 * slices. Throws 'source-unknown'.
 */
export async function reconcile(
  deps: ReconcileDeps,
  meterPoint: MeterPoint,
  { a, b, from, to }: { a: string; b: string; from: Instant; to: Instant },
): Promise<ReconciledSeries[]> {
  const toldByA = await toldBy(deps, meterPoint, a, from, to);
  const toldByB = await toldBy(deps, meterPoint, b, from, to);
  return deps.meterPoints
    .listSeries(meterPoint.id)
    .map(series => ({
      series,
      days: daysOf(series, toldByA.get(series.id) ?? new Map(), toldByB.get(series.id) ?? new Map(), meterPoint),
    }))
    .filter(({ days }) => days.length > 0);
}

async function toldBy(
  deps: ReconcileDeps,
  meterPoint: MeterPoint,
  name: string,
  from: Instant,
  to: Instant,
): Promise<Told> {
  const run = /^import:(\d{1,15})$/.exec(name)?.[1];
  if (run) return toldByFile(deps, meterPoint, Number(run), from, to);
  const key = /^key:(.{1,200})$/.exec(name)?.[1];
  const source = key === undefined ? undefined : deps.sources.findByName('api-key', key);
  if (name !== 'current' && source === undefined)
    throw new Refusal('source-unknown', `"${name}" is none of import:RUN, key:NAME and current`);
  return toldByStored(deps, meterPoint, source, from, to);
}

async function toldByFile(
  deps: ReconcileDeps,
  meterPoint: MeterPoint,
  run: number,
  from: Instant,
  to: Instant,
): Promise<Told> {
  const told: Told = new Map();
  const put = (series: Series | undefined, at: Instant, value: number) => {
    if (series?.meterPointId !== meterPoint.id || at < from || at >= to || Number.isNaN(value)) return;
    const known = told.get(series.id) ?? new Map<Instant, number>();
    // Of two in one file the first is current (N12-40).
    if (!known.has(at)) known.set(at, value);
    told.set(series.id, known);
  };
  await readRun(deps, deps.imports.get(run), {
    intervals: ({ channel, startsAt, energies }) => {
      const series = findChannel(deps, channel);
      if (series?.meterPointId !== meterPoint.id) return;
      energies.forEach((value, i) => void put(series, instant(startsAt + i * channel.lengthMinutes * 60), value));
    },
    registerReading: reading => put(findRegister(deps, reading), reading.at, reading.value),
  });
  return told;
}

const windowSeconds = 31 * secondsPerDay;

/** What stands in the readings: all that is current, or what one source brought, replaced or not. */
async function toldByStored(
  { meterPoints, index }: ReconcileDeps,
  meterPoint: MeterPoint,
  source: number | undefined,
  from: Instant,
  to: Instant,
): Promise<Told> {
  const told: Told = new Map();
  const slices = new Slices();
  for (const { id } of meterPoints.listSeries(meterPoint.id)) {
    const known = new Map<Instant, number>();
    told.set(id, known);
    const span = index.spanOf(id);
    const end = Math.min(to, span?.to ?? 0);
    for (let begin = Math.max(from, span?.from ?? 0); begin < end; begin += windowSeconds) {
      const until = instant(Math.min(begin + windowSeconds, end));
      if (source !== undefined) {
        for (const { reading } of index.listHistory(id, instant(begin), instant(until - 1)))
          if (reading.source === source && !Number.isNaN(reading.value)) known.set(reading.at, reading.value);
      }
      index.forEach(id, instant(begin), until, (at, value, origin) => {
        if (Number.isNaN(value) || (source !== undefined && index.origins.sourceOf(origin) !== source)) return;
        known.set(at, value);
      });
      await slices.pause();
    }
  }
  return told;
}

function daysOf(
  series: Series,
  a: Map<Instant, number>,
  b: Map<Instant, number>,
  { zone }: MeterPoint,
): ReconciledDay[] {
  const days = new Map<Day, ReconciledDay>();
  const sum = series.kind === 'channel' ? microKwh(0) : undefined;
  for (const at of [...new Set([...a.keys(), ...b.keys()])].sort((x, y) => x - y)) {
    const day = dayOf(at, zone);
    const found = days.get(day) ?? {
      day,
      sumA: sum,
      sumB: sum,
      same: 0,
      differing: 0,
      onlyA: 0,
      onlyB: 0,
      largest: undefined,
    };
    days.set(day, found);
    const [valueA, valueB] = [a.get(at), b.get(at)];
    if (found.sumA !== undefined) found.sumA = microKwh(found.sumA + (valueA ?? 0));
    if (found.sumB !== undefined) found.sumB = microKwh(found.sumB + (valueB ?? 0));
    if (valueA === undefined) found.onlyB += 1;
    else if (valueB === undefined) found.onlyA += 1;
    else if (valueA === valueB) found.same += 1;
    else {
      found.differing += 1;
      const difference = microKwh(valueB - valueA);
      if (!found.largest || Math.abs(difference) > Math.abs(found.largest.difference))
        found.largest = { at, difference };
    }
  }
  return [...days.values()];
}
