import { commitUnsynced, type Database } from '../kernel/database.ts';
import { Turns } from '../kernel/turns.ts';
import { ArchiveDueStore } from './archive-due-store.ts';
import { DayBlock } from './day-block.ts';
import { decodeBlock } from './day-block-codec.ts';
import type { DayNumber } from './day-number.ts';
import { FlushStore } from './flush-store.ts';
import type { MonthBlock } from './month-block.ts';
import { firstDayOfMonth, type MonthNumber, monthNumberOf } from './month-number.ts';
import { monthTotals } from './month-totals.ts';
import { OriginTable } from './origin.ts';
import { daysMax } from './reading-day-id.ts';
import { ReadingDayStore } from './reading-day-store.ts';
import { monthId, ReadingMonthStore, type SeriesTotal, seriesMax } from './reading-month-store.ts';
import { ReadingVersionStore } from './reading-version-store.ts';
import type { StoredReadings } from './readings-with-history.ts';
import type { PlacedBlock } from './resident-blocks.ts';

const spareCapacity = 48;

interface PlacedMonth {
  /** Its days. */
  first: DayNumber;
  end: DayNumber;
  month: MonthBlock;
}

// Ids of rows are positive.
const noRow = -1;

/**
 * Flushed readings in SQLite, as they are read: months that are packed, and the days in front of them, which are newer. The parts that
 * are written are its own stores.
 */
export class ReadingStore implements StoredReadings {
  /** For work in slices that changes blocks: one at a time. */
  readonly turns = new Turns();
  readonly versions: ReadingVersionStore;
  readonly flushes: FlushStore;
  readonly days: ReadingDayStore;
  readonly months: ReadingMonthStore;
  readonly archivesDue: ArchiveDueStore;
  readonly #database: Database;
  readonly #origins: OriginTable;
  readonly #listDaysAndMonths;

  constructor(database: Database, origins: OriginTable) {
    this.#database = database;
    this.#origins = origins;
    this.versions = new ReadingVersionStore(database);
    this.flushes = new FlushStore(database, origins, this.versions);
    this.days = new ReadingDayStore(database);
    this.months = new ReadingMonthStore(database);
    this.archivesDue = new ArchiveDueStore(database);
    this.#listDaysAndMonths = database
      .prepare<[number, number, number, number], [id: number, days: number | null, block: Uint8Array]>(
        `SELECT * FROM (SELECT id, NULL, block FROM reading_day WHERE id BETWEEN ? AND ? ORDER BY id)
         UNION ALL SELECT id, days, block FROM reading_month WHERE id = ?
         UNION ALL SELECT id, days, block FROM reading_month WHERE id = ?`,
      )
      .raw();
  }

  findBlock(seriesId: number, day: DayNumber, origins = this.#origins): DayBlock | undefined {
    const block = this.days.find(seriesId, day, origins);
    if (block) return block;
    const month = monthNumberOf(day);
    const packed = this.months.find(seriesId, month, origins);
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
    const numbers = this.#packedMonths(from, to);
    const months: PlacedMonth[] = [];
    const take = (number: MonthNumber, month: MonthBlock | undefined) => {
      if (month) months.push({ first: firstDayOfMonth(number), end: firstDayOfMonth(number + 1), month });
    };
    const [first, last] = [numbers[0], numbers.at(-1)];
    if (first === undefined || last === undefined || numbers.length > 2) {
      for (const number of numbers) take(number, this.months.find(seriesId, number, origins));
      return { days: this.days.list(seriesId, { from, to }, origins, spares), months };
    }
    // A local month lies in two of UTC. Half of what a small statement costs is taking and giving back the locks of the file.
    const [low, high] = [seriesId * daysMax + from, seriesId * daysMax + to];
    const other = last === first ? noRow : monthId(last, seriesId);
    const days: PlacedBlock[] = [];
    for (const [id, mask, bytes] of this.#listDaysAndMonths.all(low, high, monthId(first, seriesId), other)) {
      if (mask === null) days.push({ day: id % daysMax, block: decodeBlock(bytes, origins, spares[days.length]) });
      else take(Math.floor(id / seriesMax), this.months.open(id, mask, bytes, origins));
    }
    return { days, months };
  }

  listDays(seriesId: number): DayNumber[] {
    const days = this.days.listDays(seriesId);
    const packed = this.months.months.flatMap(month =>
      this.months.listDays(seriesId, month).map(day => ({ day: firstDayOfMonth(month) + day, count: 1 })),
    );
    // A day whose readings were all withdrawn stands empty in front of a packed one.
    return inFront(days, packed).flatMap(({ day, count }) => (count > 0 ? day : []));
  }

  lastSeriesId(): number {
    return Math.max(this.days.lastSeriesId(), this.months.lastSeriesId());
  }

  #packedMonths(from: DayNumber, to: DayNumber): MonthNumber[] {
    const [first, last] = [monthNumberOf(from), monthNumberOf(to)];
    return this.months.months.filter(month => month >= first && month <= last);
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
    commitUnsynced(this.#database, () => {
      do {
        const seriesId = seriesIds[packed++]!;
        const days = this.listBlocks(seriesId, first, last, origins, spares)
          .filter(({ block }) => block.count > 0)
          .map(({ day, block }) => ({ day: day - first, block }));
        this.months.put(seriesId, month, days, origins);
        this.days.remove(seriesId, first, last);
      } while (packed < seriesIds.length && slice.hasRoom);
    });
    return packed;
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

  /** UTC days of any series that have a reading, in no order and more than once. */
  *eachDays(): Generator<DayNumber[]> {
    for (const seriesId of this.days.eachSeriesId())
      yield this.days.listDays(seriesId).flatMap(({ day, count }) => (count > 0 ? day : []));
    for (const { month, days } of this.months.eachDays()) yield days.map(day => firstDayOfMonth(month) + day);
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
    for (const seriesId of this.days.eachSeriesId()) {
      for (const { day } of this.days.listDays(seriesId, firstDayOfMonth(last + 1))) {
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
