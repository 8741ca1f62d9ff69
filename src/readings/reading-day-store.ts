import type { Database } from '../kernel/database.ts';
import type { DayBlock } from './day-block.ts';
import { decodeBlock } from './day-block-codec.ts';
import type { DayNumber } from './day-number.ts';
import { firstDayOfMonth, type MonthNumber, monthNumberOf } from './month-number.ts';
import type { OriginTable } from './origin.ts';
import { daysMax } from './reading-day-id.ts';
import type { PlacedBlock } from './resident-blocks.ts';
import type { PackedDays } from './standing-days.ts';

const noDays = new Uint8Array(0);
// Two milliseconds.
const seriesAtOnce = 1000;

/** A row of blocks, not looked into yet. */
export interface StoredBlock {
  id: number;
  seriesId: number;
  day: DayNumber;
  count: number;
  decode: (origins: OriginTable) => DayBlock;
}

/** A day and how many readings its row says it has: 0 where all of them were withdrawn. */
export interface StoredDay {
  day: DayNumber;
  count: number;
}

/** Days that are not packed: a bit-packed block per series and UTC day. Knows nothing of the months they stand in front of. */
export class ReadingDayStore implements PackedDays {
  readonly #find;
  readonly #list;
  readonly #framed;
  readonly #listDays;
  readonly #next;
  readonly #last;
  readonly #listSeriesSince;
  readonly #listStored;
  readonly #remove;

  constructor(database: Database) {
    this.#find = database.prepare<[number], { block: Uint8Array }>('SELECT block FROM reading_day WHERE id = ?');
    this.#list = database
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
    this.#listDays = database.prepare<[number, number], { id: number; count: number }>(
      'SELECT id, count FROM reading_day WHERE id BETWEEN ? AND ? ORDER BY id',
    );
    this.#next = database.prepare<[number, number], { id: number | null }>(
      'SELECT min(id) AS id FROM reading_day WHERE id BETWEEN ? AND ?',
    );
    this.#last = database.prepare<[], { id: number | null }>('SELECT max(id) AS id FROM reading_day');
    // From one series to the next with a look-up each, instead of through all rows.
    this.#listSeriesSince = database
      .prepare<[number, number], [seriesId: number, last: number]>(
        `WITH RECURSIVE each(series_id) AS (
           SELECT min(id) / ${daysMax} FROM reading_day WHERE id >= ?
           UNION ALL
           SELECT (SELECT min(id) / ${daysMax} FROM reading_day WHERE id >= (each.series_id + 1) * ${daysMax}) FROM each
           WHERE each.series_id IS NOT NULL LIMIT ${seriesAtOnce}
         )
         SELECT series_id, ifnull((SELECT max(id) % ${daysMax} FROM reading_day
           WHERE id BETWEEN series_id * ${daysMax} + ? AND (series_id + 1) * ${daysMax} - 1), -1) FROM each WHERE series_id IS NOT NULL`,
      )
      .raw();
    this.#listStored = database.prepare<[number, number], { id: number; count: number; block: Uint8Array }>(
      'SELECT id, count, block FROM reading_day WHERE id > ? ORDER BY id LIMIT ?',
    );
    this.#remove = database.prepare<[number, number]>('DELETE FROM reading_day WHERE id BETWEEN ? AND ?');
  }

  find(seriesId: number, day: DayNumber, origins: OriginTable): DayBlock | undefined {
    const row = this.#find.get(seriesId * daysMax + day);
    return row && decodeBlock(row.block, origins);
  }

  /** From `from` to `to`, both inclusive, ascending; put into `spares` as far as these go. */
  list(
    seriesId: number,
    { from, to }: { from: DayNumber; to: DayNumber },
    origins: OriginTable,
    spares: readonly DayBlock[] = [],
  ): PlacedBlock[] {
    return this.#list
      .all(seriesId * daysMax + from, seriesId * daysMax + to)
      .map(([id, bytes], at) => ({ day: id % daysMax, block: decodeBlock(bytes, origins, spares[at]) }));
  }

  framedDays(seriesId: number, from: DayNumber, to: DayNumber): Uint8Array {
    const first = seriesId * daysMax + from;
    return this.#framed.get(first, first, seriesId * daysMax + to) ?? noDays;
  }

  /** Days of a series before `before`, ascending. */
  listDays(seriesId: number, before: DayNumber = daysMax): StoredDay[] {
    return this.#listDays
      .all(seriesId * daysMax, seriesId * daysMax + before - 1)
      .map(({ id, count }) => ({ day: id % daysMax, count }));
  }

  /** UTC months of `seriesId` that end before `before` and have days. */
  listMonths(seriesId: number, before: DayNumber): MonthNumber[] {
    const months: MonthNumber[] = [];
    // From one month to the next with a look-up each, instead of through all rows.
    for (let from = 0; ; ) {
      const { id } = this.#next.get(seriesId * daysMax + from, seriesId * daysMax + before - 1)!;
      if (id === null) return months;
      const month = monthNumberOf(id % daysMax);
      from = firstDayOfMonth(month + 1);
      if (from > before) return months;
      months.push(month);
    }
  }

  /** Series that have any day, ascending, one after the other: between two, others may be served. */
  *eachSeriesId(): Generator<number> {
    for (let from = 0; ; ) {
      const { id } = this.#next.get(from, Number.MAX_SAFE_INTEGER)!;
      if (id === null) return;
      const seriesId = Math.floor(id / daysMax);
      yield seriesId;
      from = (seriesId + 1) * daysMax;
    }
  }

  /** Series that have `day` or a later one, ascending, in parts: between two, others may be served. */
  *eachSeriesSince(day: DayNumber): Generator<number[]> {
    for (let from = 0; ; ) {
      const met = this.#listSeriesSince.all(from, day);
      yield met.flatMap(([seriesId, last]) => (last >= day ? seriesId : []));
      if (met.length < seriesAtOnce) return;
      from = (met.at(-1)![0] + 1) * daysMax;
    }
  }

  /** 0 when there is none. */
  lastSeriesId(): number {
    return Math.floor((this.#last.get()!.id ?? 0) / daysMax);
  }

  /** Blocks as they are stored, after the row `after`, at most `limit`. */
  listStored(after: number, limit: number): StoredBlock[] {
    return this.#listStored.all(after, limit).map(({ id, count, block }) => ({
      id,
      seriesId: Math.floor(id / daysMax),
      day: id % daysMax,
      count,
      decode: origins => decodeBlock(block, origins),
    }));
  }

  /** From `from` to `to`, both inclusive. The caller holds a transaction. */
  remove(seriesId: number, from: DayNumber, to: DayNumber): void {
    this.#remove.run(seriesId * daysMax + from, seriesId * daysMax + to);
  }
}
