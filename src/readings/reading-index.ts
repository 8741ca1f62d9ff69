import { assert } from '../kernel/assert.ts';
import { microKwh } from '../units/energy.ts';
import { type Instant, instant, secondsPerDay } from '../units/time.ts';
import { CurrentReadings } from './current-readings.ts';
import type { DayBlock } from './day-block.ts';
import { type DayNumber, dayNumberOf, firstNotBefore } from './day-number.ts';
import type { ConflictDecision, DecidedReading, ReadingRun, ReadingVersion, Withdrawal } from './decided-reading.ts';
import type { OriginTable } from './origin.ts';
import type { Reading } from './reading.ts';
import { groupsOf, type KnownInstant, type KnownReading, rewind, standingVersions } from './reading-history.ts';
import { type ChangedBlock, ResidentBlocks, type SeriesTail, type StoredBlocks } from './resident-blocks.ts';
import { runPieces } from './run-pieces.ts';
import { UnflushedVersions } from './unflushed-versions.ts';
import type { WaitingReadings } from './waiting-readings.ts';

// No interval that stands beside another is longer than a day.
const longestSeconds = secondsPerDay;

export type PlainOutcome = 'put' | 'put-elsewhere' | 'known' | 'unclear';

/** What a flush takes to the store, as it was at one position of the journal. */
export interface FrozenReadings {
  blocks: readonly ChangedBlock[];
  /** By series. */
  versions: Map<number, ReadingVersion[]>;
}

/**
 * The current reading of every instant: what is hot stands in memory, older days come from the store when they are asked for, and
 * both answer as one. Synchronous throughout, so that a check and the act it permits happen in the same tick.
 */
export class ReadingIndex extends CurrentReadings {
  readonly #stored: StoredBlocks;
  readonly #versions = new UnflushedVersions();
  #watcher: (changed: readonly ChangedBlock[]) => void = () => undefined;

  constructor(stored: StoredBlocks, origins: OriginTable) {
    super(new ResidentBlocks(stored), origins);
    this.#stored = stored;
  }

  /** Takes in what was decided, as it happens or replayed from the journal. */
  apply({ seriesId, reading, receivedAt, outcome }: DecidedReading): void {
    if (outcome === 'conflict' || outcome === 'older') {
      this.#versions.keep({ seriesId, reading, receivedAt, endedAt: 0, outcome });
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
    const around = this.edgesOf(seriesId, from, to);
    const groups = this.listFrom(seriesId, from, to, gone);
    for (const instants of groups) {
      const { current, rows } = rewind(seriesId, instants, unheard, withdrawnAt, around);
      for (const row of rows) this.#versions.keep(row);
      for (const { at, known } of instants) {
        const now = current.get(at);
        if (now && now !== known) this.#put(seriesId, now.reading, now.since);
        else if (known && !now) this.#remove(seriesId, at);
      }
    }
    return groups.flat().length;
  }

  /** Takes in what somebody decided about a conflict, as it happens or replayed from the journal. */
  decideConflict({ seriesId, reading, receivedAt, decidedAt, takes }: ConflictDecision): void {
    const outcome = takes ? 'closed' : 'declined';
    this.#versions.keep({ seriesId, reading, receivedAt, endedAt: decidedAt, outcome });
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

  /**
   * Instants in [from, to) where any of `sources` speaks, be it the current reading or one that stands beside, each with those whose
   * readings reach into its own, by time: what stands beside may do so because of an interval that begins elsewhere.
   */
  listFrom(seriesId: number, from: Instant, to: Instant, sources: ReadonlySet<number>): KnownInstant[][] {
    const histories = Map.groupBy(this.listHistory(seriesId, from, instant(to - 1)), ({ reading }) => reading.at);
    const ends = new Map<Instant, number>();
    const speaking = new Set<Instant>();
    this.forEach(seriesId, from, to, (at, _value, origin) => {
      if (sources.has(this.origins.sourceOf(origin))) speaking.add(at);
      else if (histories.size === 0) return;
      ends.set(at, at + this.origins.minutesOf(origin) * 60);
    });
    for (const [at, history] of histories) {
      for (const { reading } of standingVersions(history)) {
        if (sources.has(reading.source)) speaking.add(at);
        ends.set(at, Math.max(ends.get(at) ?? at, at + reading.minutes * 60));
      }
    }
    return groupsOf(ends)
      .filter(group => group.some(at => speaking.has(at)))
      .map(group => group.map(at => ({ at, known: this.findKnown(seriesId, at), history: histories.get(at) ?? [] })));
  }

  /** The current readings next to [from, to), one on either side where there is one. */
  edgesOf(seriesId: number, from: Instant, to: Instant): Reading[] {
    return [this.before(seriesId, from), this.after(seriesId, instant(to - 1))].filter(
      reading => reading !== undefined,
    );
  }

  /** The latest instant not after `at` across which no reading reaches that is current or stands beside. */
  cutBefore(seriesId: number, at: Instant): Instant {
    for (let cut = at; ; ) {
      const before = this.before(seriesId, cut);
      const beside = this.listVersions(seriesId, instant(cut - longestSeconds), instant(cut - 1));
      const reaching = [...(before ? [before] : []), ...beside.map(({ reading }) => reading)].filter(
        reading => reading.at + reading.minutes * 60 > cut,
      );
      if (reaching.length === 0) return cut;
      cut = reaching.reduce((first, { at: begin }) => (begin < first ? begin : first), cut);
    }
  }

  /** Where the next reading of a series goes, for `putPlain`. */
  tailOf(seriesId: number): SeriesTail {
    return this.blocks.tail(seriesId);
  }

  /**
   * Keeps a reading at whose instant nothing stands and that plainly fits between those around it, as nearly all do: 'put', or
   * 'put-elsewhere' when `tail` is to be asked for again. 'known': it stands there with its value. 'unclear': nothing was done, and the
   * rules have to judge it. `minutes` is 0 for a register that has one dial for ever; the reading has no version. Most come behind
   * everything that is known of their series, and of those that do not most are of a wave that another one overtook.
   */
  putPlain(
    seriesId: number,
    tail: SeriesTail,
    at: Instant,
    value: number,
    minutes: number,
    origin: number,
    since: number,
  ): PlainOutcome {
    const { last, lastDay } = tail;
    const offset = at - lastDay * secondsPerDay;
    const position = last ? last.count - 1 : -1;
    const isNext =
      last?.changedIn === this.blocks.flushes &&
      position >= 0 &&
      offset < secondsPerDay &&
      last.offset[position]! < offset &&
      this.#endsBy(last, position, offset, value, minutes);
    if (!isNext) return this.#putAmong(seriesId, at, value, minutes, origin, since);
    last.append(offset, value, origin, since);
    return 'put';
  }

  /** The same wherever the instant is, as far as what is around it stands in memory. */
  #putAmong(
    seriesId: number,
    at: Instant,
    value: number,
    minutes: number,
    origin: number,
    since: number,
  ): PlainOutcome {
    const day = dayNumberOf(at);
    const offset = at - day * secondsPerDay;
    const days = this.blocks.days(seriesId);
    const place = firstNotBefore(days, day);
    const hasDay = days[place] === day;
    const block = hasDay ? this.blocks.inMemory(seriesId, day) : undefined;
    if (hasDay && !block) return 'unclear';
    const position = block?.search(offset) ?? 0;
    if (block?.has(position, offset)) return block.value[position] === value ? 'known' : 'unclear';
    const dayBefore = days[place - 1];
    const isStepOn =
      block && position > 0
        ? this.#endsBy(block, position - 1, offset, value, minutes)
        : dayBefore === undefined || this.#dayEndsBy(seriesId, dayBefore, at, value, minutes);
    if (!isStepOn) return 'unclear';
    const dayAfter = days[hasDay ? place + 1 : place];
    const isStepBefore =
      block && position < block.count
        ? beginsFrom(block, position, offset, value, minutes)
        : dayAfter === undefined || this.#dayBeginsFrom(seriesId, dayAfter, at, value, minutes);
    if (!isStepBefore) return 'unclear';
    this.blocks.changeable(seriesId, day).insert(position, offset, value, origin, since);
    return 'put-elsewhere';
  }

  /** Whether what stands at a position of a block lets a later one at `offset` stand behind it. */
  #endsBy(block: DayBlock, position: number, offset: number, value: number, minutes: number): boolean {
    return minutes > 0
      ? block.offset[position]! + this.origins.minutesOf(block.origin[position]!) * 60 <= offset
      : block.value[position]! <= value;
  }

  #dayEndsBy(seriesId: number, day: DayNumber, at: Instant, value: number, minutes: number): boolean {
    const block = this.blocks.inMemory(seriesId, day);
    return block !== undefined && this.#endsBy(block, block.count - 1, at - day * secondsPerDay, value, minutes);
  }

  #dayBeginsFrom(seriesId: number, day: DayNumber, at: Instant, value: number, minutes: number): boolean {
    const block = this.blocks.inMemory(seriesId, day);
    return block !== undefined && beginsFrom(block, 0, at - day * secondsPerDay, value, minutes);
  }

  /** Takes in what waits of a series: accepted readings that are replayed from the journal, in their order. */
  applyWaiting(waiting: WaitingReadings, seriesId: number): void {
    let block: DayBlock | undefined;
    let endsAt = 0;
    let day = 0;
    for (let row = waiting.take(seriesId); row >= 0; row = waiting.next(row)) {
      const at = waiting.at(row);
      if (!block || !isIn(at, endsAt)) {
        day = Math.floor(at / secondsPerDay);
        endsAt = (day + 1) * secondsPerDay;
        let more = 0;
        for (let ahead = row; ahead >= 0 && isIn(waiting.at(ahead), endsAt); ahead = waiting.next(ahead)) more += 1;
        block = this.blocks.changeable(seriesId, day);
        block.reserve(more);
      }
      block.put(at - day * secondsPerDay, microKwh(waiting.value(row)), waiting.origin(row), waiting.since(row));
    }
  }

  /** Takes in a run whose place is free, as it happens or replayed from the journal. */
  applyRun(run: ReadingRun, receivedAt: number): void {
    const { seriesId, minutes, values, qualities: codes, source, line, lineStep, versionAt } = run;
    for (const { day, offset, step, from, to } of runPieces(run)) {
      const block = this.blocks.changeable(seriesId, day);
      for (let begin = from; begin < to; ) {
        let end = begin + 1;
        if (lineStep === 0) while (end < to && codes[end] === codes[begin]) end += 1;
        const origin = this.origins.internParts(minutes, codes[begin]!, source, line + begin * lineStep, versionAt);
        block.putRun(offset + (begin - from) * step, step, values, begin, end, origin, receivedAt);
        begin = end;
      }
    }
  }

  /** Half-open; outside it nothing was ever known of the series. */
  spanOf(seriesId: number): { from: Instant; to: Instant } | undefined {
    const days = this.blocks.days(seriesId);
    const unflushed = this.#versions.listOf(seriesId);
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

  /** Versions that stand beside the current readings, from `from` to `to`, both inclusive. */
  listVersions(seriesId: number, from: Instant, to: Instant): ReadingVersion[] {
    return standingVersions(this.listHistory(seriesId, from, to));
  }

  /** Everything that was noted of readings that are not current, from `from` to `to`, both inclusive, in the order of events for each. */
  listHistory(seriesId: number, from: Instant, to: Instant): ReadingVersion[] {
    const unflushed = this.#versions.listOf(seriesId);
    return [
      ...this.#stored.listVersions(seriesId, from, to),
      ...unflushed.filter(({ reading }) => reading.at >= from && reading.at <= to),
    ];
  }

  /** Rows of history that the store does not have yet, the newest of a series last. */
  *eachUnflushed(): Generator<ReadingVersion> {
    yield* this.#versions.each();
  }

  /** Days of `seriesId` that have a reading, ascending. */
  listDays(seriesId: number): readonly DayNumber[] {
    return this.blocks.days(seriesId);
  }

  /** Tells whoever keeps sums of readings which blocks changed: at each freeze those since the one before. */
  watch(watcher: (changed: readonly ChangedBlock[]) => void): void {
    this.#watcher = watcher;
  }

  /** Blocks that changed since the last freeze, or may have. */
  listChanged(): readonly ChangedBlock[] {
    return this.blocks.listChanged();
  }

  /**
   * What the store does not hold yet, held as it is now, however large it is, in no time: a block that is changed while it is frozen is
   * copied first. Ends with `release` or `thaw`; one at a time.
   */
  freeze(): FrozenReadings {
    const frozen = { blocks: this.blocks.freeze(), versions: this.#versions.freeze() };
    this.#watcher(frozen.blocks);
    return frozen;
  }

  /** The store holds the frozen versions of this series, and answers for them from now on. */
  versionsStored(seriesId: number): void {
    this.#versions.stored(seriesId);
  }

  /** The store holds everything frozen; days before `keepFrom` leave memory, some blocks at each step. */
  *release(keepFrom: DayNumber): Generator<void> {
    this.#versions.release();
    yield* this.blocks.release(keepFrom);
  }

  /** The store may not hold what was frozen: the next flush takes it again, with what came since. */
  thaw(): void {
    this.blocks.thaw();
    this.#versions.thaw();
  }

  #supersede(seriesId: number, { reading, since }: KnownReading, endedAt: number): void {
    this.#versions.keep({ seriesId, reading, receivedAt: since, endedAt, outcome: 'superseded' });
  }

  #put(seriesId: number, reading: Reading, since: number): void {
    const day = dayNumberOf(reading.at);
    const origin = this.origins.intern(reading);
    this.blocks.changeable(seriesId, day).put(reading.at - day * secondsPerDay, reading.value, origin, since);
  }

  #remove(seriesId: number, at: Instant): void {
    const day = dayNumberOf(at);
    const block = this.blocks.changeable(seriesId, day);
    block.remove(block.search(at - day * secondsPerDay));
    if (block.count === 0) this.blocks.emptied(seriesId, day);
  }
}

/** Whether what stands at a position of a block lets an earlier one at `offset` stand before it. */
function beginsFrom(block: DayBlock, position: number, offset: number, value: number, minutes: number): boolean {
  return minutes > 0 ? offset + minutes * 60 <= block.offset[position]! : value <= block.value[position]!;
}

/** Whether an instant is of the day that ends at `endsAt`. */
function isIn(at: number, endsAt: number): boolean {
  return at < endsAt && at >= endsAt - secondsPerDay;
}
