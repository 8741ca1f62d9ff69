import { assert } from '../kernel/assert.ts';
import { DayBlock } from './day-block.ts';
import { type DayNumber, firstNotBefore, hasDay, insertSorted, removeSorted } from './day-number.ts';
import type { ReadingRun } from './decided-reading.ts';
import { runPieces } from './run-pieces.ts';
import { type PackedDays, StandingDays } from './standing-days.ts';

/** A block and the day from which its offsets count. */
export interface PlacedBlock {
  day: DayNumber;
  block: DayBlock;
}

/** Where the index finds what was flushed. */
export interface StoredBlocks {
  /** Days that stand by themselves, not in a packed month, as they are packed. */
  readonly days: PackedDays;
  /** The highest number of a series that has anything stored; 0 when nothing is. */
  lastSeriesId(): number;
  findBlock(seriesId: number, day: DayNumber): DayBlock | undefined;
  listBlocks(seriesId: number, from: DayNumber, to: DayNumber): PlacedBlock[];
  /** The same for who reads from one to the next: a block may go on over days that come after its own, and before `from` and past `to`. */
  listSpans(seriesId: number, from: DayNumber, to: DayNumber): PlacedBlock[];
  listDays(seriesId: number): DayNumber[];
}

export interface ChangedBlock {
  seriesId: number;
  day: DayNumber;
  block: DayBlock;
}

// A step of releasing memory: well below a millisecond.
const releasedAtOnce = 2000;
// Blocks that left memory and are used again: a long import makes as many with every flush, and the collector comes late. 10 MB.
const sparesMax = 12_000;
// Half-hours of a day: smaller ones are made as quickly.
const spareCapacityMin = 48;
const spareCapacityMax = 96;
// Of registers, with a few readings each: as many as a file brings between two flushes. 10 MB.
const smallSparesMax = 10_000;
// Days that are read together where one after the other is looked at.
const glimpsedAhead = 32;

interface SeriesEntry extends SeriesTail {
  /** Blocks held in memory. */
  blocks: Map<DayNumber, DayBlock>;
  /** Every day with a reading, ascending: known from the first time a neighbouring day is asked for. */
  days: DayNumber[] | undefined;
}

/** The end of a series, for whoever has many readings to put there. */
export interface SeriesTail {
  /** The block of the last day that has readings, when it may be changed as it is; undefined when that is to be found out again. */
  last: DayBlock | undefined;
  /** The day of `last`. */
  lastDay: DayNumber;
}

/** The blocks of days: those that are hot in memory, older ones from the store, and which of them the store does not have yet. */
export class ResidentBlocks {
  readonly #stored: StoredBlocks;
  readonly #series = new Map<number, SeriesEntry>();
  /** Blocks ahead of the store, each once, but for those that the flush under way has. */
  #changed: ChangedBlock[] = [];
  #frozen: readonly ChangedBlock[] | undefined;
  /** Counts flushes: a block that was changed in an earlier one and is still ahead of the store is the flush's to store. */
  #flushes = 1;

  /** Empty blocks that nobody refers to. */
  readonly #spares: DayBlock[] = [];
  readonly #smallSpares: DayBlock[] = [];

  /** A later series has nothing in the store: a file with a hundred thousand new meters need not ask for each. */
  #storedUpTo: number;

  /** The last block that was only looked at. */
  #glimpsed: { seriesId: number; blocks: Map<DayNumber, DayBlock> } | undefined;
  readonly #standing: StandingDays;

  constructor(stored: StoredBlocks) {
    this.#stored = stored;
    this.#standing = new StandingDays(stored.days);
    this.#storedUpTo = stored.lastSeriesId();
  }

  /** The block in memory, brought there from the store if need be. */
  resident(seriesId: number, day: DayNumber): DayBlock {
    const entry = this.#entry(seriesId);
    let block = entry.blocks.get(day);
    if (!block) {
      // Most blocks of an import are new, and the days that have any are known: the store need not be asked.
      const isNew = entry.days && !hasDay(entry.days, day);
      const stored = isNew ? undefined : this.#stored.findBlock(seriesId, day);
      block = stored ?? this.#spares.pop() ?? this.#smallSpares.pop() ?? new DayBlock();
      entry.blocks.set(day, block);
    }
    return block;
  }

  /** The same, to be changed: a block that the flush under way has is copied first. */
  changeable(seriesId: number, day: DayNumber): DayBlock {
    if (this.#glimpsed?.seriesId === seriesId) this.#glimpsed = undefined;
    if (this.#standing.seriesId === seriesId) this.#standing.forget();
    let block = this.resident(seriesId, day);
    const entry = this.#entry(seriesId);
    const { blocks, days } = entry;
    if (block.changedIn !== this.#flushes) {
      if (block.changedIn > 0) {
        block = block.copy();
        blocks.set(day, block);
        entry.last = undefined;
      }
      block.changedIn = this.#flushes;
      this.#changed.push({ seriesId, day, block });
    }
    if (days && block.count === 0) {
      // An array that grows makes room for seventeen, and a register that a file names has one day.
      if (days.length === 0) entry.days = [day];
      else insertSorted(days, day);
      entry.last = undefined;
    }
    return block;
  }

  /**
   * The end of a series. `last` is changeable as long as its `changedIn` is `flushes`, and the last one as long as it is there: whatever
   * takes it away, or puts a later one behind it, takes it out of this.
   */
  tail(seriesId: number): SeriesTail {
    const entry = this.#entry(seriesId);
    const known = this.lastInMemory(seriesId);
    entry.last = known?.block.changedIn === this.#flushes ? known.block : undefined;
    entry.lastDay = known?.day ?? 0;
    return entry;
  }

  isUnheardOf(seriesId: number): boolean {
    return seriesId > this.#storedUpTo && !this.#series.has(seriesId);
  }

  get flushes(): number {
    return this.#flushes;
  }

  /** The last reading of a block was removed. */
  emptied(seriesId: number, day: DayNumber): void {
    const entry = this.#entry(seriesId);
    entry.last = undefined;
    if (entry.days) removeSorted(entry.days, day);
  }

  /** The block of a day that has readings, to look at: one that comes from the store does not stay in memory. */
  glimpse(seriesId: number, day: DayNumber): DayBlock | undefined {
    const resident = this.#series.get(seriesId)?.blocks.get(day);
    if (resident) return resident;
    const glimpsed = this.#glimpsed?.seriesId === seriesId ? this.#glimpsed.blocks : undefined;
    const known = glimpsed?.get(day);
    if (known) return known;
    if (!hasDay(this.days(seriesId), day)) return undefined;
    // Whoever looks at the day after the last one goes on, as a file does that comes again: a month is read as quickly as three days.
    const before = glimpsed?.get(day - 1);
    const found = before ? this.#stored.listBlocks(seriesId, day, day + glimpsedAhead - 1) : [];
    const blocks = new Map(found.map(each => [each.day, each.block]));
    // A run of a market's day lies in two UTC days, and the next run in the second of them and a third.
    if (before) blocks.set(day - 1, before);
    const block = blocks.get(day) ?? this.#stored.findBlock(seriesId, day);
    if (block) this.#glimpsed = { seriesId, blocks: blocks.set(day, block) };
    return block;
  }

  /** Whether each reading of a run is stored and current. false is also the answer when that is not found out at a glance. */
  holdStored(run: ReadingRun): boolean {
    const { seriesId } = run;
    if (seriesId > this.#storedUpTo) return false;
    const pieces = runPieces(run);
    const resident = this.#series.get(seriesId)?.blocks;
    if (resident && pieces.some(({ day }) => resident.has(day))) return false;
    return this.#standing.hold(run, pieces);
  }

  /** The block of a day that is listed as having readings. */
  read(seriesId: number, day: DayNumber): DayBlock {
    const block = this.#series.get(seriesId)?.blocks.get(day) ?? this.#stored.findBlock(seriesId, day);
    assert(block && block.count > 0, 'a day listed as having readings has a block');
    return block;
  }

  /** The block of a day that has readings, when it is in memory. */
  inMemory(seriesId: number, day: DayNumber): DayBlock | undefined {
    return this.#series.get(seriesId)?.blocks.get(day);
  }

  /** The last day and its block, when both are in memory. */
  lastInMemory(seriesId: number): { day: DayNumber; block: DayBlock } | undefined {
    const entry = this.#series.get(seriesId);
    const day = entry?.days?.at(-1);
    if (!entry || day === undefined) return undefined;
    const block = entry.blocks.get(day);
    return block && block.count > 0 ? { day, block } : undefined;
  }

  /** Days that have a reading, ascending. */
  days(seriesId: number): readonly DayNumber[] {
    const entry = this.#entry(seriesId);
    if (!entry.days) {
      entry.days = this.#stored.listDays(seriesId);
      for (const [day, block] of entry.blocks) {
        if (block.changedIn === 0) continue;
        if (block.count > 0) insertSorted(entry.days, day);
        else removeSorted(entry.days, day);
      }
    }
    return entry.days;
  }

  /**
   * Blocks with the days from `from` to `to`, both inclusive, ascending; they are to be read. One may go on over the days after its own,
   * and have days before `from` and after `to`.
   */
  list(seriesId: number, from: DayNumber, to: DayNumber): PlacedBlock[] {
    const entry = this.#series.get(seriesId);
    const changed: PlacedBlock[] = [];
    for (const [day, block] of entry?.blocks ?? []) {
      if (block.changedIn > 0 && day >= from && day <= to) changed.push({ day, block });
    }
    if (changed.length === 0) return this.#stored.listSpans(seriesId, from, to);
    const ahead = new Set(changed.map(({ day }) => day));
    // What nobody stored, nobody need look for: of a series that sends by itself, all days of this month.
    if (entry?.days && firstOther(entry.days, from, to, ahead) === undefined) return changed.sort(byDay);
    const stored = this.#stored.listBlocks(seriesId, from, to).filter(({ day }) => !ahead.has(day));
    return [...stored, ...changed].sort(byDay);
  }

  /** Blocks that changed since the last freeze, or may have. */
  listChanged(): readonly ChangedBlock[] {
    return this.#changed;
  }

  /** Blocks that the store may not hold as they are: those, and what a flush is writing. */
  listUnflushed(): readonly (readonly ChangedBlock[])[] {
    return [this.#changed, this.#frozen ?? []];
  }

  /** What the store does not hold, for a flush, in no time; it ends with `release` or `thaw`. */
  freeze(): readonly ChangedBlock[] {
    assert(!this.#frozen, 'two flushes never overlap');
    this.#frozen = this.#changed;
    this.#changed = [];
    this.#flushes += 1;
    return this.#frozen;
  }

  /** The store holds everything frozen; days before `keepFrom` leave memory, some blocks at each step. */
  *release(keepFrom: DayNumber): Generator<void> {
    // What was looked at in the store before the flush is not what stands there now.
    this.#glimpsed = undefined;
    this.#standing.forget();
    let released = 0;
    for (const { seriesId, day, block } of this.#frozen ?? []) {
      if (this.#series.get(seriesId)?.blocks.get(day) === block) block.changedIn = 0;
      if (seriesId > this.#storedUpTo) this.#storedUpTo = seriesId;
      if (++released % releasedAtOnce === 0) yield;
    }
    this.#frozen = undefined;
    let at = 0;
    for (const [seriesId, entry] of this.#series) {
      for (const [day, block] of entry.blocks) {
        if (day >= keepFrom || block.changedIn !== 0) continue;
        entry.blocks.delete(day);
        entry.last = undefined;
        this.#spare(block);
      }
      if (entry.blocks.size === 0) this.#series.delete(seriesId);
      if (++at % releasedAtOnce === 0) yield;
    }
  }

  #spare(block: DayBlock): void {
    const { length } = block.offset;
    const isSmall = length < spareCapacityMin;
    const [spares, most] = isSmall ? [this.#smallSpares, smallSparesMax] : [this.#spares, sparesMax];
    if (length === 0 || length > spareCapacityMax || spares.length === most) return;
    block.count = 0;
    spares.push(block);
  }

  /** The store may not hold what was frozen: the next flush takes it again, with what came since. */
  thaw(): void {
    const blocks = this.#frozen ?? [];
    this.#frozen = undefined;
    for (const changed of blocks) {
      const { seriesId, day, block } = changed;
      if (block.changedIn === 0 || this.#series.get(seriesId)?.blocks.get(day) !== block) continue;
      block.changedIn = this.#flushes;
      this.#changed.push(changed);
    }
  }

  #entry(seriesId: number): SeriesEntry {
    let entry = this.#series.get(seriesId);
    if (!entry) {
      const days = seriesId > this.#storedUpTo ? [] : undefined;
      entry = { blocks: new Map(), days, last: undefined, lastDay: 0 };
      this.#series.set(seriesId, entry);
    }
    return entry;
  }
}

function byDay(a: PlacedBlock, b: PlacedBlock): number {
  return a.day - b.day;
}

/** The first of the ascending `days` from `from` to `to` that is not one of `known`. */
function firstOther(
  days: readonly DayNumber[],
  from: DayNumber,
  to: DayNumber,
  known: ReadonlySet<DayNumber>,
): DayNumber | undefined {
  for (let at = firstNotBefore(days, from); at < days.length && days[at]! <= to; at++)
    if (!known.has(days[at]!)) return days[at];
  return undefined;
}
