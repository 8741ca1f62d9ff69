import type { Database } from '../kernel/database.ts';
import { BitWriter } from './bits.ts';
import type { DayOfMonth, MonthBlock } from './month-block.ts';
import { daysOf, decodeMonth, encodeMonth, maskOf } from './month-block-codec.ts';
import { firstDayOfMonth, type MonthNumber } from './month-number.ts';
import { type MonthTotal, monthTotals } from './month-totals.ts';
import type { OriginTable } from './origin.ts';
import { qualities, qualityCode } from './reading.ts';
import { daysMax } from './reading-day-id.ts';

// reading_month.id = month × seriesMax + series, reading_month_total.id = reading_month.id × qualitiesMax + quality.
export const seriesMax = 2 ** 32;
const qualitiesMax = 8;
const decodedMax = 2;
// A millisecond.
const seriesAtOnce = 2000;

/** Of the row of a series' month. */
export function monthId(month: MonthNumber, seriesId: number): number {
  return month * seriesMax + seriesId;
}

interface MonthRow {
  id: number;
  count: number;
  days: number;
  block: Uint8Array;
}

/** A row of months, not looked into yet. */
export interface StoredMonth {
  id: number;
  seriesId: number;
  month: MonthNumber;
  count: number;
  totals: MonthTotal[];
  decode: (origins: OriginTable) => readonly DayOfMonth[];
}

/** What a series has in a packed month, of one quality. */
export interface SeriesTotal {
  seriesId: number;
  total: MonthTotal;
}

/** Packed months: a block per series and UTC month, and its totals beside. Knows nothing of the days that stand in front of them. */
export class ReadingMonthStore {
  readonly #database: Database;
  readonly #find;
  readonly #findDays;
  readonly #put;
  readonly #listStored;
  readonly #listTotals;
  readonly #listSeriesOf;
  readonly #listSeriesWithDays;
  readonly #putTotal;
  readonly #removeTotals;
  readonly #writer = new BitWriter(2048);
  /** Months that any series has, ascending: a day of another one is not looked for. */
  #months: MonthNumber[];
  /** What was asked for last: a bill asks for its days twice, and a local month lies in two of UTC. */
  #decoded: { id: number; origins: OriginTable; block: MonthBlock }[] = [];

  constructor(database: Database) {
    this.#database = database;
    this.#find = database
      .prepare<[number], [days: number, block: Uint8Array]>('SELECT days, block FROM reading_month WHERE id = ?')
      .raw();
    this.#findDays = database.prepare<[number], { days: number }>('SELECT days FROM reading_month WHERE id = ?');
    this.#put = database.prepare<[MonthRow]>(
      `INSERT INTO reading_month (id, count, days, block) VALUES (@id, @count, @days, @block)
       ON CONFLICT (id) DO UPDATE SET count = excluded.count, days = excluded.days, block = excluded.block`,
    );
    this.#listStored = database.prepare<[number, number], MonthRow>(
      'SELECT id, count, days, block FROM reading_month WHERE id > ? ORDER BY id LIMIT ?',
    );
    this.#listSeriesOf = database
      .prepare<[number, number], number>(
        `SELECT id % ${seriesMax} FROM reading_month WHERE id > ? AND id < ? ORDER BY id LIMIT ${seriesAtOnce}`,
      )
      .pluck();
    this.#listTotals = database
      .prepare<[number, number], [id: number, count: number, energy: number | null]>(
        'SELECT id, count, energy FROM reading_month_total WHERE id >= ? AND id < ? ORDER BY id',
      )
      .raw();
    // For each series with totals one look at where its days would be: in one statement, a tenth of what ten thousand take.
    this.#listSeriesWithDays = database
      .prepare<[number, number, number, number], number>(
        `SELECT DISTINCT total.id / ${qualitiesMax} % ${seriesMax} AS series_id FROM reading_month_total AS total
         WHERE total.id >= ? AND total.id < ? AND EXISTS (
           SELECT 1 FROM reading_day WHERE reading_day.id BETWEEN total.id / ${qualitiesMax} % ${seriesMax} * ${daysMax} + ?
             AND total.id / ${qualitiesMax} % ${seriesMax} * ${daysMax} + ?)`,
      )
      .pluck();
    this.#putTotal = database.prepare('INSERT INTO reading_month_total (id, count, energy) VALUES (?, ?, ?)');
    this.#removeTotals = database.prepare('DELETE FROM reading_month_total WHERE id >= ? AND id < ?');
    this.#months = this.#listMonths();
  }

  get months(): readonly MonthNumber[] {
    return this.#months;
  }

  /** A packed month, to be read. */
  find(seriesId: number, month: MonthNumber, origins: OriginTable): MonthBlock | undefined {
    if (!this.#months.includes(month)) return undefined;
    const id = monthId(month, seriesId);
    const known = this.#known(id, origins);
    if (known) return known;
    const row = this.#find.get(id);
    return row && this.#decode(id, ...row, origins);
  }

  /** The same for who has read the row: which days there are, and the block. */
  open(id: number, dayMask: number, block: Uint8Array, origins: OriginTable): MonthBlock {
    return this.#known(id, origins) ?? this.#decode(id, dayMask, block, origins);
  }

  #known(id: number, origins: OriginTable): MonthBlock | undefined {
    return this.#decoded.find(each => each.id === id && each.origins === origins)?.block;
  }

  #decode(id: number, dayMask: number, bytes: Uint8Array, origins: OriginTable): MonthBlock {
    const block = decodeMonth(bytes, dayMask, origins);
    this.#decoded = [{ id, origins, block }, ...this.#decoded.slice(0, decodedMax - 1)];
    return block;
  }

  /** Days of the month, 0 is the first. */
  listDays(seriesId: number, month: MonthNumber): number[] {
    return daysOf(this.#findDays.get(monthId(month, seriesId))?.days ?? 0);
  }

  /** The days of every packed month, in no order that matters. */
  *eachDays(): Generator<{ month: MonthNumber; days: number[] }> {
    const distinct = this.#database.prepare<[number, number], { days: number }>(
      'SELECT DISTINCT days FROM (SELECT days FROM reading_month WHERE id >= ? AND id < ?)',
    );
    for (const month of this.#months) {
      for (const { days } of distinct.all(month * seriesMax, (month + 1) * seriesMax))
        yield { month, days: daysOf(days) };
    }
  }

  /** Replaces what was there. The caller holds a transaction. */
  put(seriesId: number, month: MonthNumber, days: readonly DayOfMonth[], origins: OriginTable): void {
    const id = monthId(month, seriesId);
    const count = days.reduce((sum, { block }) => sum + block.count, 0);
    this.#writer.clear();
    // Binding copies the bytes, so one writer is enough for all.
    this.#put.run({ id, count, days: maskOf(days), block: encodeMonth(days, origins, this.#writer) });
    this.#decoded = [];
    this.#removeTotals.run(id * qualitiesMax, (id + 1) * qualitiesMax);
    for (const { quality, count: of, energy } of monthTotals(days, origins))
      this.#putTotal.run(id * qualitiesMax + qualityCode(quality), of, energy);
    if (!this.#months.includes(month)) this.#months = [...this.#months, month].sort((a, b) => a - b);
  }

  lastSeriesId(): number {
    const find = this.#database.prepare<[number, number], { last: number | null }>(
      'SELECT max(id) AS last FROM reading_month WHERE id BETWEEN ? AND ?',
    );
    const lasts = this.months.map(
      month => (find.get(month * seriesMax, (month + 1) * seriesMax - 1)?.last ?? 0) % seriesMax,
    );
    return lasts.reduce((most, each) => Math.max(most, each), 0);
  }

  /** Series that have the month packed, ascending, in parts. */
  *eachSeriesOf(month: MonthNumber): Generator<number[]> {
    for (let after = monthId(month, 0) - 1; ; ) {
      const some = this.#listSeriesOf.all(after, monthId(month + 1, 0));
      yield some;
      if (some.length < seriesAtOnce) return;
      after = monthId(month, some.at(-1)!);
    }
  }

  /** The totals of every series whose month is packed, by series. */
  listTotals(month: MonthNumber): SeriesTotal[] {
    const from = month * seriesMax * qualitiesMax;
    return this.#listTotals.all(from, from + seriesMax * qualitiesMax).map(([id, count, energy]) => ({
      seriesId: Math.floor(id / qualitiesMax) % seriesMax,
      total: { quality: qualities[id % qualitiesMax]!, count, energy },
    }));
  }

  /** Series with totals of the month of which a day stands in front of it. */
  listSeriesWithDays(month: MonthNumber): number[] {
    const from = month * seriesMax * qualitiesMax;
    const [first, last] = [firstDayOfMonth(month), firstDayOfMonth(month + 1) - 1];
    return this.#listSeriesWithDays.all(from, from + seriesMax * qualitiesMax, first, last);
  }

  /** Months as they are stored, after the row `after`, at most `limit`. */
  listStored(after: number, limit: number): StoredMonth[] {
    return this.#listStored.all(after, limit).map(({ id, count, days, block }) => ({
      id,
      seriesId: id % seriesMax,
      month: Math.floor(id / seriesMax),
      count,
      totals: this.#listTotals
        .all(id * qualitiesMax, (id + 1) * qualitiesMax)
        .map(([of, total, energy]) => ({ quality: qualities[of % qualitiesMax]!, count: total, energy })),
      decode: origins => decodeMonth(block, days, origins).days,
    }));
  }

  // From one month to the next with a look-up each, instead of through all rows.
  #listMonths(): MonthNumber[] {
    const next = this.#database.prepare<[number], { id: number | null }>(
      'SELECT min(id) AS id FROM reading_month WHERE id >= ?',
    );
    const months: MonthNumber[] = [];
    for (let from = 0; ; from = (months.at(-1)! + 1) * seriesMax) {
      const id = next.get(from)!.id;
      if (id === null) return months;
      months.push(Math.floor(id / seriesMax));
    }
  }
}
