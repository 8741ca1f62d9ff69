import { instant, secondsPerDay } from '../units/time.ts';
import { DayBlock } from './day-block.ts';
import { type DayNumber, dayNumberOf } from './day-number.ts';
import type { DecidedReading, ReadingRun, Withdrawal } from './decided-reading.ts';
import { OriginTable } from './origin.ts';
import { PackedBlocksInMemory } from './packed-blocks-in-memory.ts';
import { covers, type Reading } from './reading.ts';
import { ReadingIndex } from './reading-index.ts';
import type { StoredReadings } from './readings-with-history.ts';
import type { PlacedBlock } from './resident-blocks.ts';
import { UnflushedVersions } from './unflushed-versions.ts';

/** What stands behind a rehearsal. */
export type RealIndex = Pick<ReadingIndex, 'listKnown' | 'listHistory' | 'listDays' | 'spanOf' | 'meetRun'>;

/**
 * The index with the readings of a rehearsal in front, which nobody else sees: an index like the real one, for which that one is the
 * store, so that nothing about it can be otherwise. Series below zero are the rehearsal's own.
 */
export class RehearsedIndex extends ReadingIndex {
  readonly #real: RealIndex;
  /** Series of which something is in front. */
  readonly #touched = new Set<number>();
  readonly #packed: PackedBlocksInMemory;
  /** Rows of history that are packed away with the blocks. */
  readonly #rows: UnflushedVersions;

  constructor(real: RealIndex) {
    const origins = new OriginTable();
    const [packed, rows] = [new PackedBlocksInMemory(origins), new UnflushedVersions()];
    super(storedIn(real, origins, packed, rows), origins);
    this.#real = real;
    this.#packed = packed;
    this.#rows = rows;
  }

  /** What a flush is to the real one: what is in front takes a twentieth of the memory. Fifty thousand readings take some milliseconds. */
  pack(): void {
    const { blocks, versions } = this.freeze();
    for (const rows of versions.values()) for (const row of rows) this.#rows.keep(row);
    for (const { seriesId, day, block } of blocks) this.#packed.put(seriesId, day, block);
    for (const _ of this.release(Number.POSITIVE_INFINITY));
  }

  override apply(decided: DecidedReading): void {
    this.#touched.add(decided.seriesId);
    super.apply(decided);
  }

  override applyRun(run: ReadingRun, receivedAt: number): void {
    this.#touched.add(run.seriesId);
    super.applyRun(run, receivedAt);
  }

  override withdraw(withdrawal: Withdrawal): number {
    this.#touched.add(withdrawal.seriesId);
    return super.withdraw(withdrawal);
  }

  /**
   * An interval that a file replaces by one as long never comes back in a rehearsal, which takes back values of registers alone: of a year
   * of corrected readings, remembering them was most of its memory.
   */
  protected override remembers(superseded: Reading, by: Reading): boolean {
    return superseded.minutes === 0 || !covers(by, superseded);
  }

  /** A file that comes again is compared where its days are packed. */
  override meetRun(run: ReadingRun): ReturnType<ReadingIndex['meetRun']> {
    return this.#touched.has(run.seriesId) || run.seriesId < 0 ? super.meetRun(run) : this.#real.meetRun(run);
  }
}

/** The days and the history of an index as a store of them: copies, with origins of another table, behind what was packed. */
function storedIn(
  real: RealIndex,
  origins: OriginTable,
  packed: PackedBlocksInMemory,
  rows: UnflushedVersions,
): StoredReadings {
  const listReal = (seriesId: number, from: DayNumber, to: DayNumber) => {
    const found: PlacedBlock[] = [];
    if (seriesId < 0) return found;
    const [begin, end] = [instant(from * secondsPerDay), instant((to + 1) * secondsPerDay)];
    for (const { reading, since } of real.listKnown(seriesId, begin, end)) {
      const day = dayNumberOf(reading.at);
      if (found.at(-1)?.day !== day) found.push({ day, block: new DayBlock() });
      const { block } = found.at(-1)!;
      block.append(reading.at - day * secondsPerDay, reading.value, origins.intern(reading), since);
    }
    return found;
  };
  const listBlocks = (seriesId: number, from: DayNumber, to: DayNumber) => {
    const found = listReal(seriesId, from, to).filter(({ day }) => !packed.has(seriesId, day));
    for (const day of packed.listDays(seriesId))
      if (day >= from && day <= to) found.push({ day, block: packed.find(seriesId, day)! });
    return found.sort((a, b) => a.day - b.day);
  };
  return {
    // Of any series the real one may know something.
    lastSeriesId: () => Number.MAX_SAFE_INTEGER,
    findBlock: (seriesId, day) =>
      packed.has(seriesId, day) ? packed.find(seriesId, day) : listReal(seriesId, day, day)[0]?.block,
    listBlocks,
    listSpans: listBlocks,
    listDays: seriesId => {
      const days = seriesId < 0 ? [] : real.listDays(seriesId).filter(day => !packed.has(seriesId, day));
      return [...days, ...packed.listDays(seriesId)].sort((a, b) => a - b);
    },
    days: { framedDays: () => new Uint8Array(0) },
    versions: {
      list: (seriesId, from, to) => [
        ...(seriesId < 0 ? [] : real.listHistory(seriesId, from, to)),
        ...rows.list(seriesId, from, to),
      ],
      listEnds: seriesId => {
        const span = seriesId < 0 ? undefined : real.spanOf(seriesId);
        return span ? [span.from, instant(span.to - 1)] : [];
      },
    },
  };
}
