import type { Database } from '../kernel/database.ts';
import { Turns } from '../kernel/turns.ts';
import type { ArchiveDue, ArchivePeriod } from './archive-period.ts';
import { BitWriter } from './bits.ts';
import { DayBlock } from './day-block.ts';
import { decodeBlock, encodeBlock } from './day-block-codec.ts';
import type { DayNumber } from './day-number.ts';
import type { ReadingVersion } from './decided-reading.ts';
import { DialDueStore } from './dial-due-store.ts';
import { FlushedBlockStore } from './flushed-block-store.ts';
import type { JournalPosition } from './journal.ts';
import type { MonthBlock } from './month-block.ts';
import { firstDayOfMonth, type MonthNumber, monthNumberOf } from './month-number.ts';
import { monthTotals } from './month-totals.ts';
import { OriginTable } from './origin.ts';
import { daysMax } from './reading-day-id.ts';
import type { FrozenReadings } from './reading-index.ts';
import { monthId, ReadingMonthStore, type SeriesTotal, seriesMax } from './reading-month-store.ts';
import { ReadingVersionStore } from './reading-version-store.ts';
import type { StoredReadings } from './readings-with-history.ts';
import type { ChangedBlock, PlacedBlock } from './resident-blocks.ts';

const forgottenAtOnce = 2000;
const spareCapacity = 48;

interface PlacedMonth {
  /** Its days. */
  first: DayNumber;
  end: DayNumber;
  month: MonthBlock;
}

// Ids of rows are positive.
const noRow = -1;
const noDays = new Uint8Array(0);

/** A row of blocks, not looked into yet. */
export interface StoredBlock {
  id: number;
  seriesId: number;
  day: DayNumber;
  count: number;
  decode: (origins: OriginTable) => DayBlock;
}

/** Flushed readings in SQLite: one bit-packed block per series and UTC day, and the versions that are not current. */
export class ReadingStore implements StoredReadings {
  /** Brings what the journal has beside readings into the database, before a position counts. */
  beforeCount: () => void = () => undefined;
  /** For work in slices that changes blocks: one at a time. */
  readonly turns = new Turns();
  readonly months: ReadingMonthStore;
  readonly versions: ReadingVersionStore;
  /** Told of the blocks of a flush while what they replace still stands. */
  onPut: (blocks: readonly ChangedBlock[]) => void = () => undefined;
  readonly #database: Database;
  readonly #origins: OriginTable;
  readonly #dialDue: DialDueStore;
  readonly #findBlock;
  readonly #listBlocks;
  readonly #framed;
  readonly #listAll;
  readonly #listDays;
  readonly #nextDay;
  readonly #removeDays;
  readonly #flushed;
  readonly #keepForUndo;
  readonly #forgetUndo;

  constructor(database: Database, origins: OriginTable) {
    this.#database = database;
    this.#origins = origins;
    this.months = new ReadingMonthStore(database);
    this.#dialDue = new DialDueStore(database, origins);
    this.versions = new ReadingVersionStore(database);
    this.#findBlock = database.prepare<[number], { block: Uint8Array }>('SELECT block FROM reading_day WHERE id = ?');
    this.#listBlocks = database
      .prepare<[number, number], [id: number, block: Uint8Array]>(
        'SELECT id, block FROM reading_day WHERE id BETWEEN ? AND ? ORDER BY id',
      )
      .raw();
    // One array for all of them: an array for each takes three times as long as the rows.
    this.#framed = database
      .prepare<[number, number, number], Uint8Array | null>(
        `SELECT CAST(group_concat(unhex(printf('%08x%08x', id - ?, length(block))) || block, '') AS BLOB)
         FROM reading_day WHERE id BETWEEN ? AND ?`,
      )
      .pluck();
    this.#listAll = database
      .prepare<[number, number, number, number], [id: number, days: number | null, block: Uint8Array]>(
        `SELECT * FROM (SELECT id, NULL, block FROM reading_day WHERE id BETWEEN ? AND ? ORDER BY id)
         UNION ALL SELECT id, days, block FROM reading_month WHERE id = ?
         UNION ALL SELECT id, days, block FROM reading_month WHERE id = ?`,
      )
      .raw();
    this.#listDays = database.prepare<[number, number], { id: number; count: number }>(
      'SELECT id, count FROM reading_day WHERE id BETWEEN ? AND ? ORDER BY id',
    );
    this.#nextDay = database.prepare<[number, number], { id: number | null }>(
      'SELECT min(id) AS id FROM reading_day WHERE id BETWEEN ? AND ?',
    );
    this.#removeDays = database.prepare<[number, number]>('DELETE FROM reading_day WHERE id BETWEEN ? AND ?');
    this.#flushed = new FlushedBlockStore(database);
    this.#keepForUndo = database.prepare<[number, number]>(
      `INSERT INTO reading_undo (id, sequence, count, block)
       SELECT changed.id, changed.sequence, reading_day.count, reading_day.block
       FROM (SELECT ? AS id, ? AS sequence) AS changed LEFT JOIN reading_day ON reading_day.id = changed.id WHERE true
       ON CONFLICT (id) DO UPDATE SET sequence = excluded.sequence, count = excluded.count, block = excluded.block
       WHERE reading_undo.sequence <> excluded.sequence`,
    );
    this.#forgetUndo = database.prepare(
      `DELETE FROM reading_undo WHERE id IN (SELECT id FROM reading_undo LIMIT ${forgottenAtOnce})
       AND sequence <> (SELECT sequence FROM journal_position)`,
    );
    database.transaction(() => this.#undo()).immediate();
  }

  /** Puts back what a flush had written when the process ended: the journal has it, and is replayed over what stood there before. */
  #undo(): void {
    const { sequence, versionId } = this.#counted();
    this.#database
      .prepare('DELETE FROM reading_day WHERE id IN (SELECT id FROM reading_undo WHERE sequence = ? AND block IS NULL)')
      .run(sequence);
    this.#database
      .prepare(
        `INSERT INTO reading_day (id, count, block)
         SELECT id, count, block FROM reading_undo WHERE sequence = ? AND block IS NOT NULL
         ON CONFLICT (id) DO UPDATE SET count = excluded.count, block = excluded.block`,
      )
      .run(sequence);
    this.#dialDue.markUndone(sequence);
    this.#database.prepare('DELETE FROM reading_undo').run();
    this.#database.prepare('DELETE FROM reading_version WHERE id > ?').run(versionId);
  }

  #counted(): { sequence: number; versionId: number } {
    const none = { sequence: 0, versionId: 0 };
    return (
      this.#database.prepare<[], typeof none>('SELECT sequence, version_id AS versionId FROM journal_position').get() ??
      none
    );
  }

  findBlock(seriesId: number, day: DayNumber): DayBlock | undefined {
    const row = this.#findBlock.get(seriesId * daysMax + day);
    if (row) return decodeBlock(row.block, this.#origins);
    const month = monthNumberOf(day);
    const packed = this.months.find(seriesId, month, this.#origins);
    return packed?.days.find(each => firstDayOfMonth(month) + each.day === day)?.block.copy();
  }

  /**
   * Blocks of the days from `from` to `to`, both inclusive, ascending. Those of a packed month share their memory: they are to be read.
   * The others are put into `spares`, as far as these go.
   */
  listBlocks(
    seriesId: number,
    from: DayNumber,
    to: DayNumber,
    origins = this.#origins,
    spares: readonly DayBlock[] = [],
  ): PlacedBlock[] {
    const { days, months } = this.#listRows(seriesId, from, to, origins, spares);
    return inFront(days, daysOfMonths(months, from, to));
  }

  /** Days that stand by themselves, not in a packed month, as PackedDays has them. */
  framedDays(seriesId: number, from: DayNumber, to: DayNumber): Uint8Array {
    const first = seriesId * daysMax + from;
    return this.#framed.get(first, first, seriesId * daysMax + to) ?? noDays;
  }

  /**
   * The same for who reads from one day to the next: a packed month comes as one block, which begins and ends with the month, unless a
   * day stands in front of it.
   */
  listSpans(seriesId: number, from: DayNumber, to: DayNumber, origins = this.#origins): PlacedBlock[] {
    const { days, months } = this.#listRows(seriesId, from, to, origins, []);
    const last = months.at(-1);
    if (last && days[0] && days[0].day < last.end) return inFront(days, daysOfMonths(months, from, to));
    return [...months.map(({ first, month }) => ({ day: first, block: month.all })), ...days];
  }

  #listRows(seriesId: number, from: DayNumber, to: DayNumber, origins: OriginTable, spares: readonly DayBlock[]) {
    const [low, high] = [seriesId * daysMax + from, seriesId * daysMax + to];
    const numbers = this.#packedMonths(from, to);
    const days: PlacedBlock[] = [];
    const months: PlacedMonth[] = [];
    const takeDay = (id: number, bytes: Uint8Array) => {
      days.push({ day: id % daysMax, block: decodeBlock(bytes, origins, spares[days.length]) });
    };
    const take = (number: MonthNumber, month: MonthBlock | undefined) => {
      if (month) months.push({ first: firstDayOfMonth(number), end: firstDayOfMonth(number + 1), month });
    };
    const [first, last] = [numbers[0], numbers.at(-1)];
    if (first === undefined || last === undefined || numbers.length > 2) {
      for (const [id, block] of this.#listBlocks.all(low, high)) takeDay(id, block);
      for (const number of numbers) take(number, this.months.find(seriesId, number, origins));
      return { days, months };
    }
    // A local month lies in two of UTC. Half of what a small statement costs is taking and giving back the locks of the file.
    const other = last === first ? noRow : monthId(last, seriesId);
    for (const [id, mask, block] of this.#listAll.all(low, high, monthId(first, seriesId), other)) {
      if (mask === null) takeDay(id, block);
      else take(Math.floor(id / seriesMax), this.months.open(id, mask, block, origins));
    }
    return { days, months };
  }

  listDays(seriesId: number): DayNumber[] {
    const days = this.#listDaysOf(seriesId);
    const packed = this.months.months.flatMap(month =>
      this.months.listDays(seriesId, month).map(day => ({ day: firstDayOfMonth(month) + day, count: 1 })),
    );
    // A day whose readings were all withdrawn stands empty in front of a packed one.
    return inFront(days, packed).flatMap(({ day, count }) => (count > 0 ? day : []));
  }

  lastSeriesId(): number {
    const { last } = this.#database
      .prepare<[], { last: number }>('SELECT ifnull(max(id), 0) AS last FROM reading_day')
      .get()!;
    return Math.max(Math.floor(last / daysMax), this.months.lastSeriesId());
  }

  #packedMonths(from: DayNumber, to: DayNumber): MonthNumber[] {
    const [first, last] = [monthNumberOf(from), monthNumberOf(to)];
    return this.months.months.filter(month => month >= first && month <= last);
  }

  /** UTC months of `seriesId` that end before `before` and have days that are not packed yet. */
  listUnpacked(seriesId: number, before: DayNumber): MonthNumber[] {
    const months: MonthNumber[] = [];
    // From one month to the next with a look-up each, instead of through all rows.
    for (let from = 0; ; ) {
      const { id } = this.#nextDay.get(seriesId * daysMax + from, seriesId * daysMax + before - 1)!;
      if (id === null) return months;
      const month = monthNumberOf(id % daysMax);
      from = firstDayOfMonth(month + 1);
      if (from > before) return months;
      months.push(month);
    }
  }

  /**
   * Packs the days of a month of series, and what was packed before, in one transaction: of the first of these, as many as there is room
   * for. Returns how many. No answer changes.
   */
  pack(month: MonthNumber, seriesIds: readonly number[], slice: { hasRoom: boolean }): number {
    const [first, last] = [firstDayOfMonth(month), firstDayOfMonth(month + 1) - 1];
    // Of their own: the house's table would keep the origins of everything that is ever packed.
    const origins = new OriginTable();
    // As many days as a month has, of half-hours: a block each for every series is what the collector would stop everybody for.
    const spares = Array.from({ length: last - first + 1 }, () => new DayBlock(spareCapacity));
    let packed = 0;
    this.#inSlice(() => {
      do {
        const seriesId = seriesIds[packed++]!;
        const days = this.listBlocks(seriesId, first, last, origins, spares)
          .filter(({ block }) => block.count > 0)
          .map(({ day, block }) => ({ day: day - first, block }));
        this.months.put(seriesId, month, days, origins);
        this.#removeDays.run(seriesId * daysMax + first, seriesId * daysMax + last);
      } while (packed < seriesIds.length && slice.hasRoom);
    });
    return packed;
  }

  /** Whether every block counts: false after a flush that failed, which the next one makes good. */
  get settled(): boolean {
    const { sequence } = this.#counted();
    return this.#database.prepare('SELECT 1 FROM reading_undo WHERE sequence = ? LIMIT 1').get(sequence) === undefined;
  }

  /**
   * The totals of a UTC month of every series that has it packed, by series: from beside the blocks, and from the blocks themselves
   * where a later reading stands in front of one.
   */
  listMonthTotals(month: MonthNumber): SeriesTotal[] {
    const totals = this.months.listTotals(month);
    const late = new Set(this.months.listSeriesWithDays(month));
    if (late.size === 0) return totals;
    const [first, last] = [firstDayOfMonth(month), firstDayOfMonth(month + 1) - 1];
    const recounted = [...late].flatMap(seriesId => {
      const days = this.listBlocks(seriesId, first, last).map(({ day, block }) => ({ day: day - first, block }));
      return monthTotals(days, this.#origins).map(total => ({ seriesId, total }));
    });
    return [...totals.filter(({ seriesId }) => !late.has(seriesId)), ...recounted].sort(
      (a, b) => a.seriesId - b.seriesId,
    );
  }

  /** One slice of a flush, in a transaction. It counts when `count` has run; until then the next opening undoes it. */
  putBlocks(blocks: readonly ChangedBlock[]): void {
    this.onPut(blocks);
    const rows = blocks.map(({ seriesId, day, block }) => ({
      id: seriesId * daysMax + day,
      count: block.count,
      bytes: encodeBlock(block, this.#origins),
    }));
    this.#inSlice(() => {
      const { sequence } = this.#counted();
      for (const { id, count, bytes } of rows) {
        this.#keepForUndo.run(id, sequence);
        this.#flushed.put(id, count, bytes);
      }
      this.#dialDue.mark(blocks);
    });
  }

  /** Before a whole flush is written. */
  announce(blocks: readonly ChangedBlock[]): void {
    this.onPut(blocks);
    this.beforeCount();
  }

  /** A whole flush in one transaction, which counts with it. */
  putAtOnce({ blocks, versions }: FrozenReadings, position: Readonly<JournalPosition>, due: ArchivePeriod[]): void {
    this.announce(blocks);
    this.#inSlice(() => {
      for (const kept of versions.values()) this.versions.add(kept);
      // Binding copies the bytes, so one writer is enough for all.
      const writer = new BitWriter();
      for (const { seriesId, day, block } of blocks) {
        writer.clear();
        this.#flushed.put(seriesId * daysMax + day, block.count, encodeBlock(block, this.#origins, writer));
      }
      this.#dialDue.mark(blocks);
      this.#flushed.count(position, due);
    });
  }

  /** As putBlocks, for versions kept beside the current readings. */
  addVersions(versions: readonly ReadingVersion[]): void {
    this.#inSlice(() => this.versions.add(versions));
  }

  // Without a sync, which would block for milliseconds. A power cut may take the last of these back, in the order in which they were
  // made: the position with them, and the journal still has what follows it.
  #inSlice(act: () => void): void {
    this.#database.pragma('synchronous = NORMAL');
    try {
      this.#database.transaction(act).immediate();
    } finally {
      this.#database.pragma('synchronous = FULL');
    }
  }

  /** From here on the store holds everything the journal holds up to `position`: what was put and added counts. */
  count(position: Readonly<JournalPosition>, due: ArchivePeriod[]): void {
    this.beforeCount();
    this.#inSlice(() => this.#flushed.count(position, due));
  }

  /** Removes some of what was kept for undoing a flush that counts; false when nothing was left. */
  forgetUndo(): boolean {
    let forgotten = 0;
    this.#inSlice(() => {
      forgotten = this.#forgetUndo.run().changes;
    });
    return forgotten > 0;
  }

  findPosition(): JournalPosition | undefined {
    return this.#database
      .prepare<[], JournalPosition>('SELECT day, offset, sequence, checksum FROM journal_position')
      .get();
  }

  /** Archives that are behind the store, by period. */
  listDue(): ArchiveDue[] {
    return this.#database
      .prepare<[], ArchiveDue>('SELECT kind, period, marks FROM archive_due ORDER BY period, kind')
      .all();
  }

  /** Says that archives are behind, whatever they show. The caller holds a transaction. */
  markDue(periods: readonly ArchivePeriod[]): void {
    const mark = this.#database.prepare<[ArchivePeriod]>(
      'INSERT INTO archive_due (kind, period) VALUES (@kind, @period) ON CONFLICT DO UPDATE SET marks = marks + 1',
    );
    for (const period of periods) mark.run(period);
  }

  /** Says that archives show what the store held when `due` was listed; one marked again since then stays due. */
  clearDue(due: readonly ArchiveDue[]): void {
    this.#inSlice(() => {
      const clear = this.#database.prepare<[string, string, number]>(
        'DELETE FROM archive_due WHERE kind = ? AND period = ? AND marks = ?',
      );
      for (const { kind, period, marks } of due) clear.run(kind, period, marks);
    });
  }

  /** Blocks as they are stored, after the row `after`, at most `limit`. */
  listStored(after: number, limit: number): StoredBlock[] {
    return this.#database
      .prepare<[number, number], { id: number; count: number; block: Uint8Array }>(
        'SELECT id, count, block FROM reading_day WHERE id > ? ORDER BY id LIMIT ?',
      )
      .all(after, limit)
      .map(({ id, count, block }) => ({
        id,
        seriesId: Math.floor(id / daysMax),
        day: id % daysMax,
        count,
        decode: origins => decodeBlock(block, origins),
      }));
  }

  /** Series that have any day that is not packed, ascending, one after the other: between two, others may be served. */
  *eachSeriesWithDays(): Generator<number> {
    const next = this.#database.prepare<[number], { id: number | null }>(
      'SELECT min(id) AS id FROM reading_day WHERE id >= ?',
    );
    for (let from = 0; ; ) {
      const { id } = next.get(from)!;
      if (id === null) return;
      const seriesId = Math.floor(id / daysMax);
      yield seriesId;
      from = (seriesId + 1) * daysMax;
    }
  }

  /** UTC days of any series that have a reading, in no order and more than once. */
  *eachDays(): Generator<DayNumber[]> {
    for (const seriesId of this.eachSeriesWithDays())
      yield this.#listDaysOf(seriesId).flatMap(({ day, count }) => (count > 0 ? day : []));
    for (const { month, days } of this.months.eachDays()) yield days.map(day => firstDayOfMonth(month) + day);
  }

  #listDaysOf(seriesId: number): { day: DayNumber; count: number }[] {
    return this.#listDays
      .all(seriesId * daysMax, seriesId * daysMax + daysMax - 1)
      .map(({ id, count }) => ({ day: id % daysMax, count }));
  }

  /** Current readings that are flushed, and the meter points that have any. */
  countReadings(): { meterPoints: number; readings: number } {
    const { meterPoints, readings } = this.#database
      .prepare<[], { meterPoints: number; readings: number }>(
        `SELECT count(DISTINCT series.meter_point_id) AS meterPoints, ifnull(sum(count), 0) AS readings
         FROM (SELECT id / ${daysMax} AS series_id, count FROM reading_day
               UNION ALL SELECT id % ${seriesMax}, count FROM reading_month) JOIN series ON series.id = series_id`,
      )
      .get()!;
    return { meterPoints, readings: readings - this.#countHidden() };
  }

  /** Packed readings of days that stand in front of them. */
  #countHidden(): number {
    const months = new Set(this.months.months);
    const last = this.months.months.at(-1);
    if (last === undefined) return 0;
    let hidden = 0;
    for (const seriesId of this.eachSeriesWithDays()) {
      const from = seriesId * daysMax;
      for (const { id } of this.#listDays.all(from, from + firstDayOfMonth(last + 1) - 1)) {
        const day = id % daysMax;
        const month = monthNumberOf(day);
        if (!months.has(month)) continue;
        const packed = this.months.find(seriesId, month, this.#origins);
        hidden += packed?.days.find(each => firstDayOfMonth(month) + each.day === day)?.block.count ?? 0;
      }
    }
    return hidden;
  }
}

function daysOfMonths(months: readonly PlacedMonth[], from: DayNumber, to: DayNumber): PlacedBlock[] {
  return months
    .flatMap(({ first, month }) => month.days.map(({ day, block }) => ({ day: first + day, block })))
    .filter(({ day }) => day >= from && day <= to);
}

/** All of `days` and those of `packed` that it does not have; both ascending, as is what comes out. */
function inFront<T extends { day: DayNumber }>(days: T[], packed: T[]): T[] {
  if (packed.length === 0) return days;
  if (days.length === 0) return packed;
  const ahead = new Set(days.map(({ day }) => day));
  return [...days, ...packed.filter(({ day }) => !ahead.has(day))].sort((a, b) => a.day - b.day);
}
