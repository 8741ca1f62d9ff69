import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { MeterPoint, Series } from '../accounts/meter-point.ts';
import type { MeterPointStore } from '../accounts/meter-point-store.ts';
import { Refusal } from '../kernel/errors.ts';
import { Slices } from '../kernel/slices.ts';
import { knownReadings } from '../readings/known-at.ts';
import { type Quality, qualities } from '../readings/reading.ts';
import type { ReadingIndex } from '../readings/reading-index.ts';
import type { SourceStore } from '../readings/source-store.ts';
import { type MicroKwh, microKwh } from '../units/energy.ts';
import { addDays, type Day, dayOf, type Instant, instant, secondsPerDay, startOfDay } from '../units/time.ts';
import type { ImportRunStore } from './import-run-store.ts';
import { findChannel, findRegister } from './place-records.ts';
import { getKnownRun, type ReadRunDeps, readRun } from './read-run.ts';

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

/** What one source says of an instant. */
export interface Said {
  value: MicroKwh;
  quality: Quality;
}

/** An interval or a register's reading of which they say different values, or only one of them says anything. */
export interface Difference {
  at: Instant;
  a: Said | undefined;
  b: Said | undefined;
}

export interface ReconciledSeries {
  series: Series;
  days: ReconciledDay[];
  /** By time, as many as are wanted. */
  differences: Difference[];
}

export interface ReconcileQuestion {
  a: string;
  b: string;
  /** Half-open. */
  from: Instant;
  to: Instant;
  /** Of these, only the time, the channels and the registers that the imports among them speak of: what is stored besides is no difference. */
  whereFilesSpeak?: boolean;
  /** Of each series. */
  differencesMax: number;
  /** What was stored is as it was known then; a file that was handed in later is not there yet. */
  knownAt?: Instant | undefined;
}

/** By series. */
type Told = Map<number, Statements>;
type Statements = Map<Instant, Said>;
type Bounds = Pick<ReconcileQuestion, 'from' | 'to' | 'knownAt'>;

/**
 * Holds what two sources say of a meter point against each other, in [from, to): "import:12" (read from its file once more, so that what
 * was known already counts as well), "key:NAME" or "user:NAME" (what came from them and was kept) or "current". Missing values count as
 * not told. In slices. Throws 'source-unknown', 'import-unknown' and 'import-bytes-gone'.
 */
export async function reconcile(
  deps: ReconcileDeps,
  meterPoint: MeterPoint,
  { a, b, differencesMax, whereFilesSpeak = false, ...asked }: ReconcileQuestion,
): Promise<ReconciledSeries[]> {
  const told = new Map<string, Told>();
  const files = new Set([a, b].filter(name => runOf(name)));
  for (const name of files) told.set(name, await toldBy(deps, meterPoint, name, asked));
  const isBounded = whereFilesSpeak && files.size > 0;
  const bounds = isBounded ? { ...spanOf([...told.values()]), knownAt: asked.knownAt } : asked;
  for (const name of [a, b]) if (!files.has(name)) told.set(name, await toldBy(deps, meterPoint, name, bounds));
  const slices = new Slices();
  const found: ReconciledSeries[] = [];
  for (const series of deps.meterPoints.listSeries(meterPoint.id)) {
    const saidBy = (name: string): Statements => told.get(name)?.get(series.id) ?? new Map();
    const compared = await compare(series, saidBy(a), saidBy(b), meterPoint, differencesMax, slices);
    const isSpokenOf = !isBounded || [...files].some(name => told.get(name)?.has(series.id));
    if (compared.days.length > 0 && isSpokenOf) found.push(compared);
  }
  return found;
}

function runOf(name: string): string | undefined {
  return /^import:(\d{1,15})$/.exec(name)?.[1];
}

/** From the first to the last that is told; no time at all when no file says anything. */
function spanOf(files: Told[]): Bounds {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const told of files)
    for (const said of told.values())
      for (const at of said.keys()) [first, last] = [Math.min(first, at), Math.max(last, at)];
  return first > last ? { from: instant(0), to: instant(0) } : { from: instant(first), to: instant(last + 1) };
}

async function toldBy(deps: ReconcileDeps, meterPoint: MeterPoint, name: string, bounds: Bounds): Promise<Told> {
  const run = runOf(name);
  if (run) return toldByFile(deps, meterPoint, Number(run), bounds);
  const [, kind, reference = ''] = /^(key|user):(.{1,200})$/.exec(name) ?? [];
  const source = kind && deps.sources.findByName(kind === 'key' ? 'api-key' : 'user', reference);
  if (name === 'current') return toldByStored(deps, meterPoint, undefined, bounds);
  if (typeof source === 'number') return toldByStored(deps, meterPoint, source, bounds);
  throw new Refusal('source-unknown', `"${name}" is none of import:RUN, key:NAME, user:NAME and current`);
}

async function toldByFile(
  deps: ReconcileDeps,
  meterPoint: MeterPoint,
  run: number,
  { from, to, knownAt }: Bounds,
): Promise<Told> {
  const told: Told = new Map();
  const put = (series: Series | undefined, at: Instant, value: number, quality: Quality) => {
    if (series?.meterPointId !== meterPoint.id || at < from || at >= to || Number.isNaN(value)) return;
    const known = told.get(series.id) ?? new Map<Instant, Said>();
    // Of two in one file the first is current (N12-40).
    if (!known.has(at)) known.set(at, { value: microKwh(value), quality });
    told.set(series.id, known);
  };
  const file = getKnownRun(deps, run, knownAt);
  if (!existsSync(join(deps.importFolder, file.sha256)))
    throw new Refusal('import-bytes-gone', `the bytes of import ${run} are not in the folder of imports any more`);
  await readRun(deps, file, {
    intervals: ({ channel, startsAt, energies, qualities: codes }) => {
      const series = findChannel(deps, channel);
      if (series?.meterPointId !== meterPoint.id) return;
      energies.forEach((value, i) => {
        put(series, instant(startsAt + i * channel.lengthMinutes * 60), value, qualities[codes[i]!]!);
      });
    },
    registerReading: reading => put(findRegister(deps, reading), reading.at, reading.value, reading.quality),
  });
  return told;
}

const windowSeconds = 31 * secondsPerDay;
// Half a millisecond.
const timesAtOnce = 1000;

/** What stands in the readings, or stood there then: all that is current, or what one source had brought, replaced or not. */
async function toldByStored(
  { meterPoints, index }: ReconcileDeps,
  meterPoint: MeterPoint,
  source: number | undefined,
  { from, to, knownAt }: Bounds,
): Promise<Told> {
  const current = knownReadings(index, knownAt);
  const hadCome = (receivedAt: number) => knownAt === undefined || receivedAt <= knownAt;
  const told: Told = new Map();
  const slices = new Slices();
  for (const { id } of meterPoints.listSeries(meterPoint.id)) {
    const known = new Map<Instant, Said>();
    told.set(id, known);
    const span = index.spanOf(id);
    const end = Math.min(to, span?.to ?? 0);
    for (let begin = Math.max(from, span?.from ?? 0); begin < end; begin += windowSeconds) {
      const until = instant(Math.min(begin + windowSeconds, end));
      if (source !== undefined) {
        for (const { reading, receivedAt } of index.listHistory(id, instant(begin), instant(until - 1)))
          if (reading.source === source && !Number.isNaN(reading.value) && hadCome(receivedAt))
            known.set(reading.at, reading);
      }
      current.forEach(id, instant(begin), until, (at, value, origin) => {
        if (Number.isNaN(value) || (source !== undefined && index.origins.sourceOf(origin) !== source)) return;
        known.set(at, { value, quality: index.origins.get(origin).quality });
      });
      await slices.pause();
    }
  }
  return told;
}

async function compare(
  series: Series,
  a: Statements,
  b: Statements,
  { zone }: MeterPoint,
  differencesMax: number,
  slices: Slices,
): Promise<ReconciledSeries> {
  const days: ReconciledDay[] = [];
  const differences: Difference[] = [];
  const sum = series.kind === 'channel' ? microKwh(0) : undefined;
  const counts = { same: 0, differing: 0, onlyA: 0, onlyB: 0 };
  const times = Float64Array.from(new Set([...a.keys(), ...b.keys()])).sort();
  let day: ReconciledDay | undefined;
  let dayEndsAt = Number.NEGATIVE_INFINITY;
  for (const [position, time] of times.entries()) {
    if (position % timesAtOnce === 0) await slices.pause();
    const at = instant(time);
    if (day === undefined || at >= dayEndsAt) {
      const name = dayOf(at, zone);
      dayEndsAt = startOfDay(addDays(name, 1), zone);
      day = { day: name, sumA: sum, sumB: sum, ...counts, largest: undefined };
      days.push(day);
    }
    const [saidA, saidB] = [a.get(at), b.get(at)];
    add(day, at, saidA?.value, saidB?.value);
    if (saidA?.value !== saidB?.value && differences.length < differencesMax)
      differences.push({ at, a: saidA, b: saidB });
  }
  return { series, days, differences };
}

function add(found: ReconciledDay, at: Instant, a: MicroKwh | undefined, b: MicroKwh | undefined): void {
  if (found.sumA !== undefined) found.sumA = microKwh(found.sumA + (a ?? 0));
  if (found.sumB !== undefined) found.sumB = microKwh(found.sumB + (b ?? 0));
  if (a === undefined) found.onlyB += 1;
  else if (b === undefined) found.onlyA += 1;
  else if (a === b) found.same += 1;
  else {
    found.differing += 1;
    const difference = microKwh(b - a);
    if (!found.largest || Math.abs(difference) > Math.abs(found.largest.difference)) found.largest = { at, difference };
  }
}
