import { assert } from '../kernel/assert.ts';
import { microKwh } from '../units/energy.ts';
import { type Instant, instant, secondsPerDay } from '../units/time.ts';
import type { DayBlock } from './day-block.ts';
import { type DayNumber, dayNumberOf } from './day-number.ts';
import type { ConflictDecision, DecidedReading, ReadingRun, ReadingVersion, Withdrawal } from './decided-reading.ts';
import type { OriginTable } from './origin.ts';
import { PlainPlacement } from './plain-placement.ts';
import { covers, endOf, overlap, type Reading } from './reading.ts';
import { type KnownInstant, type KnownReading, rewind } from './reading-history.ts';
import { longestSeconds, ReadingsWithHistory, type StoredReadings } from './readings-with-history.ts';
import type { ChangedBlock } from './resident-blocks.ts';
import { runPieces } from './run-pieces.ts';
import type { WaitingReadings } from './waiting-readings.ts';

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
export class ReadingIndex extends ReadingsWithHistory {
  /** For readings that meet nothing, and of which no object is made. */
  readonly plain: PlainPlacement;
  #watcher: (changed: readonly ChangedBlock[]) => void = () => undefined;

  constructor(stored: StoredReadings, origins: OriginTable) {
    super(stored, origins);
    this.plain = new PlainPlacement(this.blocks, origins);
  }

  /** Takes in what was decided, as it happens or replayed from the journal. */
  apply({ seriesId, reading, receivedAt, outcome }: DecidedReading): void {
    if (outcome === 'conflict' || outcome === 'older') {
      this.unflushed.keep({ seriesId, reading, receivedAt, endedAt: 0, outcome });
      return;
    }
    if (outcome !== 'accepted') {
      const superseded = this.findKnown(seriesId, reading.at);
      assert(superseded, 'a reading that revises or confirms has one to revise or confirm');
      this.#replace(seriesId, [superseded], reading, receivedAt);
    } else this.#put(seriesId, reading, receivedAt);
  }

  /**
   * Takes back what imports said in a part of a series, as it happens or replayed from the journal: an instant that they speak of stands
   * as if neither they nor those that are to be read again had said anything. Returns how many instants changed.
   */
  withdraw({ seriesId, from, to, withdrawnAt, undone, rewound }: Withdrawal): number {
    const [gone, unheard] = [new Set(undone), new Set([...undone, ...rewound])];
    const around = this.edgesOf(seriesId, from, to);
    const groups = this.listFrom(seriesId, from, to, gone);
    for (const instants of groups) this.#judgeAnew(seriesId, instants, unheard, withdrawnAt, around);
    return groups.flat().length;
  }

  /** Takes in what somebody decided about a conflict, as it happens or replayed from the journal. */
  decideConflict({ seriesId, reading, receivedAt, decidedAt, takes }: ConflictDecision): void {
    const outcome = takes ? 'closed' : 'declined';
    this.unflushed.keep({ seriesId, reading, receivedAt, endedAt: decidedAt, outcome });
    if (takes) this.#replace(seriesId, this.listOverlapped(seriesId, reading), reading, decidedAt);
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

  /** Those, and what a flush is writing. */
  listUnflushed(): readonly (readonly ChangedBlock[])[] {
    return this.blocks.listUnflushed();
  }

  /**
   * What the store does not hold yet, held as it is now, however large it is, in no time: a block that is changed while it is frozen is
   * copied first. Ends with `release` or `thaw`; one at a time.
   */
  freeze(): FrozenReadings {
    const frozen = { blocks: this.blocks.freeze(), versions: this.unflushed.freeze() };
    this.#watcher(frozen.blocks);
    return frozen;
  }

  /** The store holds the first `count` of the frozen versions of this series that it did not hold yet, and answers for them from now on. */
  versionsStored(seriesId: number, count: number): void {
    this.unflushed.stored(seriesId, count);
  }

  /** The store holds everything frozen; days before `keepFrom` leave memory, some blocks at each step. */
  *release(keepFrom: DayNumber): Generator<void> {
    this.unflushed.release();
    yield* this.blocks.release(keepFrom);
  }

  /** The store may not hold what was frozen: the next flush takes it again, with what came since. */
  thaw(): void {
    this.blocks.thaw();
    this.unflushed.thaw();
  }

  /** Whether a reading is kept that another one took the place of. */
  protected remembers(_superseded: Reading, _by: Reading): boolean {
    return true;
  }

  /** What stood beside because one of `superseded` covered it is current where `reading` does not cover it in turn. */
  #replace(seriesId: number, superseded: readonly KnownReading[], reading: Reading, now: number): void {
    for (const { reading: old, since } of superseded) {
      if (this.remembers(old, reading))
        this.unflushed.keep({ seriesId, reading: old, receivedAt: since, endedAt: now, outcome: 'superseded' });
      if (old.at !== reading.at) this.#remove(seriesId, old.at);
    }
    this.#put(seriesId, reading, now);
    const wider = superseded.map(known => known.reading).filter(old => !covers(reading, old));
    if (wider.length === 0 || !this.#hasBeside(seriesId, wider, reading)) return;
    const from = this.cutBefore(seriesId, startOf(wider));
    const to = instant(Math.max(...wider.map(endOf)));
    const uncovered = this.listAmong(seriesId, from, to, new Set(wider.map(({ at }) => at)));
    const around = this.edgesOf(seriesId, from, to);
    for (const instants of uncovered) this.#judgeAnew(seriesId, instants, nobody, now, around);
  }

  /** Whether anything was noted over minutes of `wider` that `reading` leaves free: nothing was of nearly all. */
  #hasBeside(seriesId: number, wider: readonly Reading[], reading: Reading): boolean {
    const start = startOf(wider);
    const from = start < reading.at ? start - longestSeconds : endOf(reading);
    const history = this.listHistory(seriesId, instant(from), instant(Math.max(...wider.map(endOf)) - 1));
    return history.some(({ reading: beside }) => !overlap(beside, reading) && wider.some(old => overlap(beside, old)));
  }

  /** What stood beside is judged as if `unheard` had said nothing, and stands where nothing does then. */
  #judgeAnew(
    seriesId: number,
    instants: readonly KnownInstant[],
    unheard: ReadonlySet<number>,
    now: number,
    around: readonly Reading[],
  ): void {
    const { current, rows } = rewind(seriesId, instants, unheard, now, around);
    for (const row of rows) this.unflushed.keep(row);
    for (const { at, known } of instants) {
      const next = current.get(at);
      if (next && next !== known) this.#put(seriesId, next.reading, next.since);
      else if (known && !next) this.#remove(seriesId, at);
    }
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

const nobody: ReadonlySet<number> = new Set();

function startOf(readings: readonly Reading[]): Instant {
  return readings.reduce((first, { at }) => (at < first ? at : first), readings[0]!.at);
}

/** Whether an instant is of the day that ends at `endsAt`. */
function isIn(at: number, endsAt: number): boolean {
  return at < endsAt && at >= endsAt - secondsPerDay;
}
