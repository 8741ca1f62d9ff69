import { assert } from '../kernel/assert.ts';
import { type MicroKwh, microKwh } from '../units/energy.ts';
import { type Instant, instant, secondsPerDay } from '../units/time.ts';
import { DayBlock } from './day-block.ts';
import type { ConflictDecision, DecidedReading, ReadingRun, ReadingVersion, Withdrawal } from './decided-reading.ts';
import type { Surroundings } from './judge.ts';
import type { OriginTable } from './origin.ts';
import type { Reading } from './reading.ts';
import { type KnownReading, rewind, standingVersions } from './reading-history.ts';

/** Days since 1970-01-01, UTC. */
export type DayNumber = number;

export function dayNumberOf(at: Instant): DayNumber {
  return Math.floor(at / secondsPerDay);
}

/** Where the index finds what was flushed. */
export interface StoredBlocks {
  /** The highest number of a series that has anything stored; 0 when nothing is. */
  lastSeriesId(): number;
  findBlock(seriesId: number, day: DayNumber): DayBlock | undefined;
  listBlocks(seriesId: number, from: DayNumber, to: DayNumber): { day: DayNumber; block: DayBlock }[];
  listDays(seriesId: number): DayNumber[];
  /** The history from `from` to `to`, both inclusive. */
  listVersions(seriesId: number, from: Instant, to: Instant): ReadingVersion[];
  /** The first and the last instant that has a history; none when there is no history. */
  listVersionEnds(seriesId: number): Instant[];
}

export interface ChangedBlock {
  seriesId: number;
  day: DayNumber;
  block: DayBlock;
}

/** What a flush takes to the store, as it was at one position of the journal. */
export interface FrozenReadings {
  blocks: readonly ChangedBlock[];
  /** By series. */
  versions: Map<number, ReadingVersion[]>;
}

// A step of releasing memory: well below a millisecond.
const releasedAtOnce = 2000;
// Blocks that left memory and are used again: a long import makes as many with every flush, and the collector comes late. 10 MB.
const sparesMax = 12_000;
// Half-hours of a day: smaller ones are made as quickly.
const spareCapacityMin = 48;
const spareCapacityMax = 96;

interface SeriesEntry {
  /** Blocks held in memory. */
  blocks: Map<DayNumber, DayBlock>;
  /** Every day with a reading, ascending: known from the first time a neighbouring day is asked for. */
  days: DayNumber[] | undefined;
}

/**
 * The current reading of every instant: what is hot stands in memory, older days come from the store when they are asked for, and
 * both answer as one. Synchronous throughout, so that a check and the act it permits happen in the same tick.
 */
export class ReadingIndex {
  readonly origins: OriginTable;
  readonly #stored: StoredBlocks;
  readonly #series = new Map<number, SeriesEntry>();
  /** Not in the store yet, by series. */
  #versions = new Map<number, ReadingVersion[]>();
  /** Blocks ahead of the store, each once, but for those that the flush under way has. */
  #changed: ChangedBlock[] = [];
  /** Counts flushes: a block that was changed in an earlier one and is still ahead of the store is the flush's to store. */
  #flushes = 1;
  #frozen: FrozenReadings | undefined;
  #watcher: (changed: readonly ChangedBlock[]) => void = () => undefined;

  /** Empty blocks that nobody refers to. */
  readonly #spares: DayBlock[] = [];

  /** A later series has nothing in the store: a file with a hundred thousand new meters need not ask for each. */
  #storedUpTo: number;

  /** The last block that was only looked at. */
  #glimpsed: { seriesId: number; day: DayNumber; block: DayBlock } | undefined;

  constructor(stored: StoredBlocks, origins: OriginTable) {
    this.#stored = stored;
    this.#storedUpTo = stored.lastSeriesId();
    this.origins = origins;
  }

  find(seriesId: number, at: Instant): Reading | undefined {
    const day = dayNumberOf(at);
    const block = this.#resident(seriesId, day);
    const position = block.search(at - day * secondsPerDay);
    return block.has(position, at - day * secondsPerDay) ? this.#reading(day, block, position) : undefined;
  }

  /** The reading at `at`; the nearest ones before and after it, on whatever days, when there is none. */
  around(seriesId: number, at: Instant): Omit<Surroundings, 'kind'> {
    const day = dayNumberOf(at);
    const offset = at - day * secondsPerDay;
    const block = this.#resident(seriesId, day);
    const position = block.search(offset);
    if (block.has(position, offset))
      return { existing: this.#reading(day, block, position), before: undefined, after: undefined };
    return {
      existing: undefined,
      before: position > 0 ? this.#reading(day, block, position - 1) : this.#lastBefore(seriesId, day),
      after: position < block.count ? this.#reading(day, block, position) : this.#firstAfter(seriesId, day),
    };
  }

  /**
   * Whether all that is known of a channel ends at `at` or earlier: what a meter in order sends next meets nothing. false is also the
   * answer when the store would have to be asked.
   */
  endsBy(seriesId: number, at: Instant): boolean {
    const entry = this.#series.get(seriesId);
    const lastDay = entry?.days?.at(-1);
    if (!entry || lastDay === undefined || lastDay * secondsPerDay > at) return false;
    const block = entry.blocks.get(lastDay);
    if (!block || block.count === 0) return false;
    const last = block.count - 1;
    return (
      lastDay * secondsPerDay + block.offset[last]! < at &&
      lastDay * secondsPerDay + block.offset[last]! + this.origins.minutesOf(block.origin[last]!) * 60 <= at
    );
  }

  /** The nearest reading before `at`, on whatever day. */
  before(seriesId: number, at: Instant): Reading | undefined {
    const day = dayNumberOf(at);
    const block = this.#resident(seriesId, day);
    const position = block.search(at - day * secondsPerDay);
    return position > 0 ? this.#reading(day, block, position - 1) : this.#lastBefore(seriesId, day);
  }

  /** The nearest reading after `at`, on whatever day. */
  after(seriesId: number, at: Instant): Reading | undefined {
    const day = dayNumberOf(at);
    const block = this.#resident(seriesId, day);
    const position = block.search(at + 1 - day * secondsPerDay);
    return position < block.count ? this.#reading(day, block, position) : this.#firstAfter(seriesId, day);
  }

  /** Takes in what was decided, as it happens or replayed from the journal. */
  apply({ seriesId, reading, receivedAt, outcome }: DecidedReading): void {
    if (outcome === 'conflict' || outcome === 'older') {
      this.#keepVersion({ seriesId, reading, receivedAt, endedAt: 0, outcome });
      return;
    }
    if (outcome !== 'accepted') {
      const superseded = this.findKnown(seriesId, reading.at);
      assert(superseded, 'a reading that revises or confirms has one to revise or confirm');
      this.#supersede(seriesId, superseded, receivedAt);
    }
    this.#put(seriesId, reading, receivedAt);
  }

  /**
   * Takes back what imports said in a part of a series, as it happens or replayed from the journal: an instant that they speak of stands
   * as if neither they nor those that are to be read again had said anything. Returns how many instants changed.
   */
  withdraw({ seriesId, from, to, withdrawnAt, undone, rewound }: Withdrawal): number {
    const [gone, unheard] = [new Set(undone), new Set([...undone, ...rewound])];
    const instants = this.listFrom(seriesId, from, to, gone);
    for (const { at, known, history } of instants) {
      const { current, rows } = rewind(seriesId, known, history, unheard, withdrawnAt);
      for (const row of rows) this.#keepVersion(row);
      if (current) {
        if (current !== known) this.#put(seriesId, current.reading, current.since);
      } else if (known) this.#remove(seriesId, at);
    }
    return instants.length;
  }

  /** Takes in what somebody decided about a conflict, as it happens or replayed from the journal. */
  decideConflict({ seriesId, reading, receivedAt, decidedAt, takes }: ConflictDecision): void {
    const outcome = takes ? 'closed' : 'declined';
    this.#keepVersion({ seriesId, reading, receivedAt, endedAt: decidedAt, outcome });
    if (!takes) return;
    for (const overlapped of this.listOverlapped(seriesId, reading)) {
      this.#supersede(seriesId, overlapped, decidedAt);
      if (overlapped.reading.at !== reading.at) this.#remove(seriesId, overlapped.reading.at);
    }
    this.#put(seriesId, reading, decidedAt);
  }

  /** The current readings that cannot be current beside `reading`: of the same instant, or of an interval over the same minutes. */
  listOverlapped(seriesId: number, { at, minutes }: Reading): KnownReading[] {
    const until = instant(Math.max(at + minutes * 60, at + 1));
    const before = this.before(seriesId, at);
    const reaches = before && before.at + before.minutes * 60 > at ? [before] : [];
    return [...reaches, ...this.list(seriesId, at, until)].map(({ at: each }) => this.findKnown(seriesId, each)!);
  }

  /** Instants in [from, to) where any of `sources` speaks, be it the current reading or one that stands beside; by time. */
  listFrom(
    seriesId: number,
    from: Instant,
    to: Instant,
    sources: ReadonlySet<number>,
  ): { at: Instant; known: KnownReading | undefined; history: ReadingVersion[] }[] {
    const histories = Map.groupBy(this.listHistory(seriesId, from, instant(to - 1)), ({ reading }) => reading.at);
    const found = new Set<Instant>();
    this.forEach(seriesId, from, to, (at, _value, origin) => {
      if (sources.has(this.origins.sourceOf(origin))) found.add(at);
    });
    for (const [at, history] of histories)
      if (standingVersions(history).some(({ reading }) => sources.has(reading.source))) found.add(at);
    return [...found]
      .sort((a, b) => a - b)
      .map(at => ({ at, known: this.findKnown(seriesId, at), history: histories.get(at) ?? [] }));
  }

  /** The current reading at `at` with the second since which it is current. */
  findKnown(seriesId: number, at: Instant): KnownReading | undefined {
    const day = dayNumberOf(at);
    const block = this.#glimpse(seriesId, day);
    const position = block?.search(at - day * secondsPerDay) ?? 0;
    if (!block?.has(position, at - day * secondsPerDay)) return undefined;
    return { reading: this.#reading(day, block, position), since: block.since[position]! };
  }

  /** The readings in [from, to) with the second since which each is current, by time. */
  listKnown(seriesId: number, from: Instant, to: Instant): KnownReading[] {
    const found: KnownReading[] = [];
    if (to <= from) return found;
    for (const { day, block } of this.#blocks(seriesId, dayNumberOf(from), dayNumberOf(instant(to - 1)))) {
      for (let i = block.search(Math.max(0, from - day * secondsPerDay)); i < block.count; i++) {
        const reading = this.#reading(day, block, i);
        if (reading.at >= to) break;
        found.push({ reading, since: block.since[i]! });
      }
    }
    return found;
  }

  /** Half-open; outside it nothing was ever known of the series. */
  spanOf(seriesId: number): { from: Instant; to: Instant } | undefined {
    const days = this.#days(seriesId);
    const unflushed = [...(this.#frozen?.versions.get(seriesId) ?? []), ...(this.#versions.get(seriesId) ?? [])];
    const ever = [
      ...(days.length > 0 ? [days[0]! * secondsPerDay, (days.at(-1)! + 1) * secondsPerDay - 1] : []),
      ...this.#stored.listVersionEnds(seriesId),
      ...unflushed.map(({ reading }) => reading.at),
    ];
    if (ever.length === 0) return undefined;
    const low = (a: number, b: number) => Math.min(a, b);
    const high = (a: number, b: number) => Math.max(a, b);
    return { from: instant(ever.reduce(low)), to: instant(ever.reduce(high) + 1) };
  }

  #supersede(seriesId: number, { reading, since }: KnownReading, endedAt: number): void {
    this.#keepVersion({ seriesId, reading, receivedAt: since, endedAt, outcome: 'superseded' });
  }

  #put(seriesId: number, reading: Reading, since: number): void {
    const day = dayNumberOf(reading.at);
    const origin = this.origins.intern(reading);
    this.#changeable(seriesId, day).put(reading.at - day * secondsPerDay, reading.value, origin, since);
  }

  #remove(seriesId: number, at: Instant): void {
    const day = dayNumberOf(at);
    const block = this.#changeable(seriesId, day);
    block.remove(block.search(at - day * secondsPerDay));
    const { days } = this.#entry(seriesId);
    if (days && block.count === 0) days.splice(firstNotBefore(days, day), 1);
  }

  /**
   * What stands where a run of a channel is to go. 'free': nothing, and no neighbour reaches in. 'known': each of its readings, with
   * its value and no older a version. 'mixed': anything else, be it that the first of it is known and the rest is not.
   */
  meetRun(run: ReadingRun): 'free' | 'known' | 'mixed' {
    const { seriesId, startsAt, minutes, values, versionAt } = run;
    const end = startsAt + values.length * minutes * 60;
    let known = 0;
    for (const { day, offset, step, from, to } of piecesOf(run)) {
      const block = this.#glimpse(seriesId, day);
      const position = block ? block.search(offset) : 0;
      const standing = block ? block.search(Math.min(end - day * secondsPerDay, secondsPerDay)) - position : 0;
      if (!block || standing === 0) {
        if (known > 0) return 'mixed';
        continue;
      }
      if (known < from || standing !== to - from) return 'mixed';
      for (let at = 0; at < standing; at++) {
        const isKnown =
          block.offset[position + at] === offset + at * step &&
          Object.is(block.value[position + at], values[from + at]) &&
          this.origins.versionOf(block.origin[position + at]!) >= versionAt;
        if (!isKnown) return 'mixed';
      }
      known = to;
    }
    if (known > 0) return known === values.length ? 'known' : 'mixed';
    return this.#endBefore(seriesId, startsAt) <= startsAt && this.#startAfter(seriesId, startsAt) >= end
      ? 'free'
      : 'mixed';
  }

  /** Takes in a run whose place is free, as it happens or replayed from the journal. */
  applyRun(run: ReadingRun, receivedAt: number): void {
    const { seriesId, minutes, values, qualities: codes, source, line, lineStep, versionAt } = run;
    for (const { day, offset, step, from, to } of piecesOf(run)) {
      const block = this.#changeable(seriesId, day);
      for (let begin = from; begin < to; ) {
        let end = begin + 1;
        if (lineStep === 0) while (end < to && codes[end] === codes[begin]) end += 1;
        const origin = this.origins.internParts(minutes, codes[begin]!, source, line + begin * lineStep, versionAt);
        block.putRun(offset + (begin - from) * step, step, values, begin, end, origin, receivedAt);
        begin = end;
      }
    }
  }

  /** Calls `visit` for each reading in [from, to), by time. */
  forEach(
    seriesId: number,
    from: Instant,
    to: Instant,
    visit: (at: Instant, value: MicroKwh, origin: number) => void,
  ): void {
    if (to <= from) return;
    visitBlocks(this.#blocks(seriesId, dayNumberOf(from), dayNumberOf(instant(to - 1))), from, to, visit);
  }

  /** The readings in [from, to), at most `limit`, by time; days beyond the limit are not read. */
  list(seriesId: number, from: Instant, to: Instant, limit = Number.POSITIVE_INFINITY): Reading[] {
    const readings: Reading[] = [];
    for (const day of this.#days(seriesId)) {
      if (day < dayNumberOf(from) || readings.length >= limit) continue;
      if (day * secondsPerDay >= to) break;
      const block = this.#read(seriesId, day);
      for (
        let i = block.search(Math.max(0, from - day * secondsPerDay));
        i < block.count && readings.length < limit;
        i++
      ) {
        const reading = this.#reading(day, block, i);
        if (reading.at >= to) break;
        readings.push(reading);
      }
    }
    return readings;
  }

  /** Versions that stand beside the current readings, from `from` to `to`, both inclusive. */
  listVersions(seriesId: number, from: Instant, to: Instant): ReadingVersion[] {
    return standingVersions(this.listHistory(seriesId, from, to));
  }

  /** Everything that was noted of readings that are not current, from `from` to `to`, both inclusive, in the order of events for each. */
  listHistory(seriesId: number, from: Instant, to: Instant): ReadingVersion[] {
    const unflushed = [...(this.#frozen?.versions.get(seriesId) ?? []), ...(this.#versions.get(seriesId) ?? [])];
    return [
      ...this.#stored.listVersions(seriesId, from, to),
      ...unflushed.filter(({ reading }) => reading.at >= from && reading.at <= to),
    ];
  }

  /** Rows of history that the store does not have yet, the newest of a series last. */
  *eachUnflushed(): Generator<ReadingVersion> {
    for (const versions of [this.#frozen?.versions, this.#versions])
      for (const kept of versions?.values() ?? []) yield* kept;
  }

  /** Days of `seriesId` that have a reading, ascending. */
  listDays(seriesId: number): readonly DayNumber[] {
    return this.#days(seriesId);
  }

  /** Tells whoever keeps sums of readings which blocks changed: at each freeze those since the one before. */
  watch(watcher: (changed: readonly ChangedBlock[]) => void): void {
    this.#watcher = watcher;
  }

  /** Blocks that changed since the last freeze, or may have. */
  listChanged(): readonly ChangedBlock[] {
    return this.#changed;
  }

  /**
   * What the store does not hold yet, held as it is now, however large it is, in no time: a block that is changed while it is frozen is
   * copied first. Ends with `release` or `thaw`; one at a time.
   */
  freeze(): FrozenReadings {
    assert(!this.#frozen, 'two flushes never overlap');
    this.#frozen = { blocks: this.#changed, versions: this.#versions };
    this.#watcher(this.#changed);
    this.#changed = [];
    this.#versions = new Map();
    this.#flushes += 1;
    return this.#frozen;
  }

  /** The store holds the frozen versions of this series, and answers for them from now on. */
  versionsStored(seriesId: number): void {
    this.#frozen?.versions.delete(seriesId);
  }

  /** The store holds everything frozen; days before `keepFrom` leave memory, some blocks at each step. */
  *release(keepFrom: DayNumber): Generator<void> {
    for (const [at, { seriesId, day, block }] of this.#frozen?.blocks.entries() ?? []) {
      if (this.#series.get(seriesId)?.blocks.get(day) === block) block.changedIn = 0;
      if (seriesId > this.#storedUpTo) this.#storedUpTo = seriesId;
      if (at % releasedAtOnce === 0) yield;
    }
    this.#frozen = undefined;
    let at = 0;
    for (const [seriesId, entry] of this.#series) {
      for (const [day, block] of entry.blocks) {
        if (day >= keepFrom || block.changedIn !== 0) continue;
        entry.blocks.delete(day);
        this.#spare(block);
      }
      if (entry.blocks.size === 0) this.#series.delete(seriesId);
      if (++at % releasedAtOnce === 0) yield;
    }
  }

  #spare(block: DayBlock): void {
    const { length } = block.offset;
    if (length < spareCapacityMin || length > spareCapacityMax || this.#spares.length === sparesMax) return;
    block.count = 0;
    this.#spares.push(block);
  }

  /** The store may not hold what was frozen: the next flush takes it again, with what came since. */
  thaw(): void {
    if (!this.#frozen) return;
    const { blocks, versions } = this.#frozen;
    this.#frozen = undefined;
    for (const changed of blocks) {
      const { seriesId, day, block } = changed;
      if (block.changedIn === 0 || this.#series.get(seriesId)?.blocks.get(day) !== block) continue;
      block.changedIn = this.#flushes;
      this.#changed.push(changed);
    }
    for (const [seriesId, kept] of versions)
      this.#versions.set(seriesId, [...kept, ...(this.#versions.get(seriesId) ?? [])]);
  }

  #keepVersion(version: ReadingVersion): void {
    const kept = this.#versions.get(version.seriesId);
    if (kept) kept.push(version);
    else this.#versions.set(version.seriesId, [version]);
  }

  #reading(day: DayNumber, block: DayBlock, position: number): Reading {
    const origin = this.origins.get(block.origin[position]!);
    return {
      at: instant(day * secondsPerDay + block.offset[position]!),
      value: microKwh(block.value[position]!),
      minutes: origin.minutes,
      quality: origin.quality,
      source: origin.source,
      line: origin.line,
      versionAt: origin.versionAt,
    };
  }

  #entry(seriesId: number): SeriesEntry {
    let entry = this.#series.get(seriesId);
    if (!entry) {
      entry = { blocks: new Map(), days: seriesId > this.#storedUpTo ? [] : undefined };
      this.#series.set(seriesId, entry);
    }
    return entry;
  }

  /** The block in memory, brought there from the store if need be. */
  #resident(seriesId: number, day: DayNumber): DayBlock {
    const entry = this.#entry(seriesId);
    let block = entry.blocks.get(day);
    if (!block) {
      // Most blocks of an import are new, and the days that have any are known: the store need not be asked.
      const isNew = entry.days && !hasDay(entry.days, day);
      block = (isNew ? undefined : this.#stored.findBlock(seriesId, day)) ?? this.#spares.pop() ?? new DayBlock();
      entry.blocks.set(day, block);
    }
    return block;
  }

  #changeable(seriesId: number, day: DayNumber): DayBlock {
    if (this.#glimpsed?.seriesId === seriesId && this.#glimpsed.day === day) this.#glimpsed = undefined;
    let block = this.#resident(seriesId, day);
    const { blocks, days } = this.#entry(seriesId);
    if (block.changedIn !== this.#flushes) {
      if (block.changedIn > 0) {
        block = block.copy();
        blocks.set(day, block);
      }
      block.changedIn = this.#flushes;
      this.#changed.push({ seriesId, day, block });
    }
    if (days && block.count === 0) insertSorted(days, day);
    return block;
  }

  /** The block of a day that has readings, to look at: one that comes from the store does not stay in memory. */
  #glimpse(seriesId: number, day: DayNumber): DayBlock | undefined {
    const resident = this.#series.get(seriesId)?.blocks.get(day);
    if (resident) return resident;
    // A run of a market's day lies in two UTC days, and the next run in the second of them and a third.
    if (this.#glimpsed?.seriesId === seriesId && this.#glimpsed.day === day) return this.#glimpsed.block;
    if (!hasDay(this.#days(seriesId), day)) return undefined;
    const block = this.#stored.findBlock(seriesId, day);
    if (block) this.#glimpsed = { seriesId, day, block };
    return block;
  }

  /** When the last interval that begins before `at` ends; the beginning of time when there is none. */
  #endBefore(seriesId: number, at: Instant): number {
    const day = dayNumberOf(at);
    const block = this.#glimpse(seriesId, day);
    const position = block ? block.search(at - day * secondsPerDay) - 1 : -1;
    if (block && position >= 0)
      return day * secondsPerDay + block.offset[position]! + this.origins.minutesOf(block.origin[position]!) * 60;
    const before = this.#lastBefore(seriesId, day);
    return before ? before.at + before.minutes * 60 : Number.NEGATIVE_INFINITY;
  }

  /** When the first reading after `at` stands; the end of time when there is none. */
  #startAfter(seriesId: number, at: Instant): number {
    const day = dayNumberOf(at);
    const block = this.#glimpse(seriesId, day);
    const position = block ? block.search(at + 1 - day * secondsPerDay) : 0;
    if (block && position < block.count) return day * secondsPerDay + block.offset[position]!;
    return this.#firstAfter(seriesId, day)?.at ?? Number.POSITIVE_INFINITY;
  }

  #read(seriesId: number, day: DayNumber): DayBlock {
    const block = this.#series.get(seriesId)?.blocks.get(day) ?? this.#stored.findBlock(seriesId, day);
    assert(block && block.count > 0, 'a day listed as having readings has a block');
    return block;
  }

  #lastBefore(seriesId: number, day: DayNumber): Reading | undefined {
    const days = this.#days(seriesId);
    const earlier = days[firstNotBefore(days, day) - 1];
    if (earlier === undefined) return undefined;
    const block = this.#read(seriesId, earlier);
    return this.#reading(earlier, block, block.count - 1);
  }

  #firstAfter(seriesId: number, day: DayNumber): Reading | undefined {
    const days = this.#days(seriesId);
    const later = days[firstNotBefore(days, day + 1)];
    return later === undefined ? undefined : this.#reading(later, this.#read(seriesId, later), 0);
  }

  #days(seriesId: number): DayNumber[] {
    const entry = this.#entry(seriesId);
    if (!entry.days) {
      entry.days = this.#stored.listDays(seriesId);
      for (const [day, block] of entry.blocks) {
        if (block.changedIn === 0) continue;
        if (block.count > 0) insertSorted(entry.days, day);
        else if (hasDay(entry.days, day)) entry.days.splice(firstNotBefore(entry.days, day), 1);
      }
    }
    return entry.days;
  }

  #blocks(seriesId: number, from: DayNumber, to: DayNumber): { day: DayNumber; block: DayBlock }[] {
    const stored = this.#stored.listBlocks(seriesId, from, to);
    const entry = this.#series.get(seriesId);
    const changed = [];
    for (const [day, block] of entry?.blocks ?? []) {
      if (block.changedIn > 0 && day >= from && day <= to) changed.push({ day, block });
    }
    if (changed.length === 0) return stored;
    const ahead = new Set(changed.map(({ day }) => day));
    return [...stored.filter(({ day }) => !ahead.has(day)), ...changed].sort((a, b) => a.day - b.day);
  }
}

export type Visit = (at: Instant, value: MicroKwh, origin: number) => void;

/** Calls `visit` for each reading of the blocks, which are in order, that lies in [from, to). */
export function visitBlocks(
  blocks: { day: DayNumber; block: DayBlock }[],
  from: Instant,
  to: Instant,
  visit: Visit,
): void {
  for (const { day, block } of blocks) {
    const base = day * secondsPerDay;
    for (let i = block.search(Math.max(0, from - base)); i < block.count; i++) {
      const at = instant(base + block.offset[i]!);
      if (at >= to) return;
      visit(at, microKwh(block.value[i]!), block.origin[i]!);
    }
  }
}

/** The part of a run that begins on one UTC day: readings [from, to), the first of them `offset` seconds into the day. */
interface RunPiece {
  day: DayNumber;
  offset: number;
  step: number;
  from: number;
  to: number;
}

function* piecesOf({ startsAt, minutes, values }: ReadingRun): Generator<RunPiece> {
  const step = minutes * 60;
  for (let from = 0; from < values.length; ) {
    const at = startsAt + from * step;
    const day = Math.floor(at / secondsPerDay);
    const offset = at - day * secondsPerDay;
    const to = Math.min(values.length, from + Math.ceil((secondsPerDay - offset) / step));
    yield { day, offset, step, from, to };
    from = to;
  }
}

function hasDay(days: readonly DayNumber[], day: DayNumber): boolean {
  return days[firstNotBefore(days, day)] === day;
}

function insertSorted(days: DayNumber[], day: DayNumber): void {
  const at = firstNotBefore(days, day);
  if (days[at] !== day) days.splice(at, 0, day);
}

/** Position of the first of the ascending `days` that is not before `day`; their number when all are. */
function firstNotBefore(days: readonly DayNumber[], day: DayNumber): number {
  let low = 0;
  let high = days.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (days[middle]! < day) low = middle + 1;
    else high = middle;
  }
  return low;
}
