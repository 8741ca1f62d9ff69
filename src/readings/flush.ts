import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../kernel/clock.ts';
import { instantOfMs, type Zone } from '../units/time.ts';
import { archivePeriodsOf } from './archive-period.ts';
import { dayNumberOf } from './day-number.ts';
import type { ReadingVersion } from './decided-reading.ts';
import type { FlushWriter } from './flush-writer.ts';
import type { Journal } from './journal.ts';
import type { FrozenReadings, ReadingIndex } from './reading-index.ts';
import type { ReadingStore } from './reading-store.ts';
import type { ChangedBlock } from './resident-blocks.ts';

export interface FlushDeps {
  journal: Journal;
  index: ReadingIndex;
  store: ReadingStore;
  clock: Clock;
  zone: Zone;
  /** Writes large flushes on a thread of its own, in a process that serves nobody. */
  writer?: FlushWriter | undefined;
}

export interface FlushPace {
  /** A reading weighs one. */
  weightAtOnce: number;
  /** Lets everybody else in. */
  pause: () => Promise<void>;
}

// Some milliseconds of processor, and as many where the rows change what was billed.
const unhurried: FlushPace = { weightAtOnce: 3_000, pause: () => setImmediate() };
/** For a process that serves nobody: one transaction, however much it is. */
export const atOnce: FlushPace = { weightAtOnce: Number.POSITIVE_INFINITY, pause: () => setImmediate() };
// What costs is the row and the page it is on, not the readings in it: half an hour of ten thousand meters is as many rows as their day.
const rowWeight = 50;
const versionWeight = 10;
// Starting the thread takes as long as writing a thousand days of half-hours. What one portion of a file brings is half of that and more.
const threadWeightMin = 50_000;
// Yesterday stays in memory: meters that were offline over midnight still send for it.
const hotDays = 1;

/**
 * Moves what the journal holds into the store and returns the blocks written. Readings are taken in meanwhile: at the barrier everything
 * changed is frozen together with the journal's position, which takes no time, and is written after it in short transactions. The last
 * one moves the position, and with it all of them count.
 *
 * A crash before it must leave the store as it was, because replay is not idempotent: over a block that is newer than the position a
 * revision would set aside the reading it brought itself. So each slice keeps what it replaces (reading_undo) until the flush counts.
 * Staging the new blocks and moving them afterwards would write every block twice; the old ones are few, as most blocks are new.
 * What fits into one slice is one transaction with the position, and has nothing to undo.
 * Versions go first: a reading that was replaced is at every moment the current one or among the versions.
 */
export function flush(deps: FlushDeps, pace = unhurried): Promise<number> {
  const { journal, index, store, clock, zone, writer } = deps;
  return store.turns.take(async () => {
    const { frozen, position } = await journal.barrier(at => ({ frozen: index.freeze(), position: { ...at } }));
    const written = frozen.blocks.length;
    const keepFrom = dayNumberOf(instantOfMs(clock.now())) - hotDays;
    if (written === 0 && frozen.versions.size === 0) {
      // What was only looked at leaves memory all the same.
      for (const _ of index.release(keepFrom)) await pace.pause();
      return 0;
    }
    const weight = weightOf(frozen);
    const isAtOnce = weight <= pace.weightAtOnce;
    // Versions are few, and the store answers for them from memory until it has them.
    const isForThread = isAtOnce && weight >= threadWeightMin && frozen.versions.size === 0;
    const thread = isForThread ? writer : undefined;
    try {
      if (isAtOnce) {
        const due = archivePeriodsOf(new Set(frozen.blocks.map(({ day }) => day)), zone);
        if (thread) {
          store.flushes.announce(frozen.blocks);
          await thread.write(frozen.blocks, index.origins, position, due);
        } else store.flushes.putAtOnce(frozen, position, due);
      } else {
        const days = await writeFrozen(frozen, index, store, pace);
        store.flushes.count(position, archivePeriodsOf(days, zone));
      }
      for (const _ of index.release(keepFrom)) await pace.pause();
      await pace.pause();
      // Of a flush by the thread there is nothing, and to look would wait for what the thread writes next.
      while (!thread && store.flushes.forgetUndo()) await pace.pause();
    } catch (error) {
      index.thaw();
      throw error;
    }
    return written;
  });
}

function weightOf({ blocks, versions }: FrozenReadings): number {
  let weight = 0;
  for (const each of blocks) weight += weightOfBlock(each);
  for (const kept of versions.values()) weight += kept.length * versionWeight;
  return weight;
}

function weightOfBlock({ block }: ChangedBlock): number {
  return rowWeight + block.count;
}

// Milliseconds of this thread's processor: a slice that takes less is followed by a larger one.
const sliceMsMin = 3;
const sliceMsMax = 5;
const growth = 1.5;
const shareMax = 16;

/** How much fits into a slice: rows on the same pages cost a tenth of rows that have a page each, and nobody knows before. */
class SliceShare {
  weight: number;
  readonly #least: number;

  constructor(least: number) {
    this.weight = least;
    this.#least = least;
  }

  measure(act: () => void): void {
    const begun = process.threadCpuUsage();
    act();
    const { user, system } = process.threadCpuUsage(begun);
    const ms = (user + system) / 1000;
    if (ms < sliceMsMin) this.weight = Math.min(this.weight * growth, this.#least * shareMax);
    else if (ms > sliceMsMax) this.weight = Math.max(this.weight / 2, this.#least);
  }
}

/** Returns the days written. */
async function writeFrozen(
  { blocks, versions }: FrozenReadings,
  index: ReadingIndex,
  store: ReadingStore,
  { weightAtOnce, pause }: FlushPace,
): Promise<Set<number>> {
  const versionsAtOnce = Math.max(1, Math.floor(weightAtOnce / versionWeight));
  for (const slice of slicesOf(
    partsOf(versions, versionsAtOnce),
    ([, some]) => some.length,
    () => versionsAtOnce,
  )) {
    store.flushes.addVersions(slice.flatMap(([, some]): ReadingVersion[] => some));
    for (const [seriesId, { length }] of slice) index.versionsStored(seriesId, length);
    await pause();
  }
  const days = new Set<number>();
  const share = new SliceShare(weightAtOnce);
  for (const slice of slicesOf(blocks, weightOfBlock, () => share.weight)) {
    share.measure(() => store.flushes.putBlocks(slice));
    for (const { day } of slice) days.add(day);
    await pause();
  }
  return days;
}

/** Each with its series, and of one that has many no more than fit: an import that is undone leaves a channel as many as it had readings. */
function* partsOf(versions: FrozenReadings['versions'], most: number): Generator<[number, ReadingVersion[]]> {
  for (const [seriesId, kept] of versions) {
    // What is stored meanwhile leaves `kept`.
    const all = kept.slice();
    for (let at = 0; at < all.length; at += most) yield [seriesId, all.slice(at, at + most)];
  }
}

function* slicesOf<T>(items: Iterable<T>, weigh: (item: T) => number, most: () => number): Generator<T[]> {
  let slice: T[] = [];
  let weight = 0;
  for (const item of items) {
    slice.push(item);
    weight += weigh(item);
    if (weight < most()) continue;
    yield slice;
    [slice, weight] = [[], 0];
  }
  if (slice.length > 0) yield slice;
}
