import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { PlacedSeries } from '../../src/accounts/all-series-store.ts';
import type { House } from '../../src/house.ts';
import { Slices } from '../../src/kernel/slices.ts';
import { compact } from '../../src/readings/compact.ts';
import { DayBlock } from '../../src/readings/day-block.ts';
import { dayNumberOf } from '../../src/readings/day-number.ts';
import { decide } from '../../src/readings/decide.ts';
import { flush } from '../../src/readings/flush.ts';
import { firstDayOfMonth, formatMonth, monthNumberOf } from '../../src/readings/month-number.ts';
import { verifyStore } from '../../src/safekeeping/verify-store.ts';
import { microKwh } from '../../src/units/energy.ts';
import { instant, instantOfMs, type Month, parseDay, secondsPerDay } from '../../src/units/time.ts';
import { openBenchHouse } from './fleet.ts';

/** A month of a fleet; bytes are per reading. */
export interface StorageResult {
  readings: number;
  dayBytes: number;
  monthBytes: number;
  monthReadMicroseconds: number;
  /** The same months once more: their pages are in memory and the code is compiled. */
  monthReadAgainMicroseconds: number;
  totalsMs: number;
  compact: Watched;
  archive: Watched;
  verify: Watched;
  flushedReadings: number;
  flush: Watched;
  /** Half an hour of every meter: a row for each reading. */
  waveFlush: Watched;
  /** The same readings coming in, without a flush. */
  quiet: Watched;
  /** Slices that do nothing, for ten seconds: what the machine itself does to whoever runs on it. */
  nothing: Watched;
}

const slotsPerDay = 48;
const nothingMs = 10_000;

/** What the database holds before the month is in it. */
async function prepare(house: House): Promise<number> {
  const { first, end } = monthOfBench(house);
  const empty = usedBytes(house);
  // The journal has something, as it has when anything is flushed.
  await takeWave(house, first - 1, 0, 1);
  fill(house, first, end);
  return empty;
}

function monthOfBench({ clock }: House) {
  const month = monthNumberOf(dayNumberOf(instantOfMs(clock.now()))) - 2;
  return { month, first: firstDayOfMonth(month), end: firstDayOfMonth(month + 1) };
}

/** Thirty days that end with today's, so that a running house has something to show. */
async function fillLastDays(house: House): Promise<number> {
  const today = dayNumberOf(instantOfMs(house.clock.now()));
  await takeWave(house, today - 30, 0, 1);
  fill(house, today - 29, today + 1);
  return 30;
}

async function weigh(house: House, empty: number): Promise<StorageResult> {
  const { store, archiver, config } = house;
  const { month, first, end } = monthOfBench(house);
  const series = house.meterPoints.allSeries.list();
  const readings = series.length * (end - first) * slotsPerDay;
  const dayBytes = (usedBytes(house) - empty) / readings;
  const packing = await watched(() => compact(house));
  const monthBytes = (usedBytes(house) - empty) / readings;
  // As consumption reads it: all values, times, origins and since when each is current.
  const readMonths = () =>
    Array.from({ length: 2000 }, (_, at) => series[(at * 7919) % series.length]!.id).map(id =>
      timed(() => store.listSpans(id, first, end - 1)),
    );
  const [reads, readsAgain] = [readMonths(), readMonths()];
  const totals = Array.from({ length: 9 }, () => timed(() => store.listMonthTotals(month)));
  const name = formatMonth(month) as Month;
  const days = Array.from({ length: end - first }, (_, at) => parseDay(`${name}-${String(at + 1).padStart(2, '0')}`)!);
  const archiving = await watched(() =>
    archiver.rebuild([{ kind: 'month', period: name }, ...days.map(period => ({ kind: 'day' as const, period }))]),
  );
  const verifying = await watched(() => verifyStore(house));
  const today = dayNumberOf(instantOfMs(house.clock.now()));
  const flushedReadings = await takeDay(house, today - 1);
  const quiet = await watchedUnderLoad(house, today, () => setTimeout(500));
  const nothing = await watched(doNothing);
  const flushNow = () => flush({ ...house, zone: config.zone });
  const flushing = await watchedUnderLoad(house, today, flushNow);
  await takeWave(house, today, 0);
  const waveFlushing = await watchedUnderLoad(house, today, flushNow);
  return {
    readings,
    dayBytes,
    monthBytes,
    monthReadMicroseconds: median(reads) * 1000,
    monthReadAgainMicroseconds: median(readsAgain) * 1000,
    totalsMs: median(totals),
    compact: packing,
    archive: archiving,
    verify: verifying,
    flushedReadings,
    flush: flushing,
    waveFlush: waveFlushing,
    quiet,
    nothing,
  };
}

/** Straight into the store: how readings come in has a bench of its own. */
function fill({ store, meterPoints, sources, index, journal }: House, first: number, end: number): void {
  const source = sources.idOf('import', 'bench');
  for (const { id } of meterPoints.allSeries.list()) {
    const blocks = [];
    for (let day = first; day < end; day++) {
      // A line of the file for each day, as in NEM12.
      const line = id * 40 + day - first;
      const origin = index.origins.intern({ minutes: 30, quality: 'actual', source, line, versionAt: 1_700_000_000 });
      const block = new DayBlock();
      for (let slot = 0; slot < slotsPerDay; slot++) block.put(slot * 1800, energyOf(id, slot), origin);
      blocks.push({ seriesId: id, day, block });
    }
    store.flushes.putBlocks(blocks);
  }
  store.flushes.count(journal.position, []);
  while (store.flushes.forgetUndo());
}

function energyOf(seriesId: number, slot: number) {
  return microKwh((100 + ((seriesId * 7 + slot * 13) % 900)) * 1000);
}

async function takeDay(house: House, day: number): Promise<number> {
  const series = house.meterPoints.allSeries.list();
  for (let slot = 0; slot < slotsPerDay; slot++) await takeWave(house, day, slot);
  return series.length * slotsPerDay;
}

async function takeWave(house: House, day: number, slot: number, most = Number.POSITIVE_INFINITY): Promise<void> {
  const source = house.sources.idOf('import', 'bench');
  const now = instantOfMs(house.clock.now());
  const at = instant(day * secondsPerDay + slot * 1800);
  for (const each of house.meterPoints.allSeries.list().slice(0, most)) {
    const value = energyOf(each.id, slot);
    decide(house, each, { at, value, minutes: 30, quality: 'actual', source, line: 0, versionAt: 0 }, now);
  }
  await house.journal.durable();
}

const sendersOf = new WeakMap<House, PlacedSeries[]>();

/** Listing ten thousand takes 20 ms: not while somebody is watched. */
function senders(house: House): PlacedSeries[] {
  const known = sendersOf.get(house) ?? house.meterPoints.allSeries.list();
  sendersOf.set(house, known);
  return known;
}

/** `act` while a hundred meters at a time send again and again: its longest block and theirs. */
export function watchedUnderLoad(house: House, day: number, act: () => Promise<unknown>): Promise<Watched> {
  senders(house);
  return watched(() => underLoad(house, day, act));
}

async function underLoad<T>(house: House, day: number, act: () => Promise<T>): Promise<T> {
  const series = senders(house);
  const now = instantOfMs(house.clock.now());
  const source = house.sources.idOf('import', 'bench');
  let done = false;
  const acting = act().finally(() => {
    done = true;
  });
  for (let sent = 0; !done; sent += 100) {
    for (let i = sent; i < sent + 100; i++) {
      const each = series[i % series.length]!;
      const slot = Math.floor(i / series.length) % slotsPerDay;
      const at = instant((day - 2) * secondsPerDay + slot * 1800);
      const reading = { at, value: energyOf(each.id, slot), minutes: 30, quality: 'actual' as const };
      decide(house, each, { ...reading, source, line: 0, versionAt: 0 }, now);
    }
    await house.journal.durable();
    await setImmediate();
  }
  return acting;
}

export interface Watched {
  ms: number;
  /** The longest time nobody else was served. */
  blockMs: number;
  /** The most of this thread's own time between two turns: what a neighbour or a slow disk takes is not in it. */
  blockCpuMs: number;
}

export async function watched(act: () => Promise<unknown>): Promise<Watched> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  // Its first tick only sets the watch.
  await setTimeout(20);
  delay.reset();
  let blockCpuMs = 0;
  let before = cpuMs();
  const turns = setInterval(() => {
    const now = cpuMs();
    blockCpuMs = Math.max(blockCpuMs, now - before);
    before = now;
  }, 1);
  const begun = performance.now();
  await act();
  const ms = performance.now() - begun;
  // The delay is only seen by the next tick of its timer.
  await setTimeout(20);
  clearInterval(turns);
  delay.disable();
  return { ms, blockMs: delay.max / 1e6, blockCpuMs };
}

async function doNothing(): Promise<void> {
  const slices = new Slices();
  for (const end = performance.now() + nothingMs; performance.now() < end; ) await slices.pause();
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function timed(act: () => unknown): number {
  const begun = performance.now();
  act();
  return performance.now() - begun;
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

/** What packing frees in the file is used again and not given back. */
function usedBytes({ database }: House): number {
  const [pages, free, size] = ['page_count', 'freelist_count', 'page_size'].map(name =>
    Number(database.pragma(name, { simple: true })),
  );
  return (pages! - free!) * size!;
}

if (import.meta.main) {
  const [home, then, empty] = process.argv.slice(2);
  const house = openBenchHouse(home!);
  // In a process of its own: the collector stops whoever makes a month of readings for what they left behind.
  const result =
    then === 'prepare'
      ? await prepare(house)
      : then === 'last-days'
        ? await fillLastDays(house)
        : await weigh(house, Number(empty));
  await house.journal.close();
  house.database.close();
  process.stdout.write(JSON.stringify(result));
}
