import type { Database } from '../kernel/database.ts';
import { BitWriter } from './bits.ts';
import { type DayOfMonth, daysOf, decodeMonth, encodeMonth, maskOf } from './month-block-codec.ts';

import type { MonthNumber } from './month-number.ts';
import { type MonthTotal, monthTotals } from './month-totals.ts';
import type { OriginTable } from './origin.ts';
import { qualities, qualityCode } from './reading.ts';

// reading_month.id = month × seriesMax + series, reading_month_total.id = reading_month.id × qualitiesMax + quality.
export const seriesMax = 2 ** 32;
const qualitiesMax = 8;
const decodedMax = 2;

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
  decode: (origins: OriginTable) => DayOfMonth[];
}

/** Packed months: a block per series and UTC month, and its totals beside. Knows nothing of the days that stand in front of them. */
export class ReadingMonthStore {
  readonly #database: Database;
  readonly #find;
  readonly #findDays;
  readonly #put;
  readonly #listStored;
  readonly #listTotals;
  readonly #putTotal;
  readonly #removeTotals;
  readonly #writer = new BitWriter(2048);
  /** Months that any series has, ascending: a day of another one is not looked for. */
  #months: MonthNumber[];
  /** What was asked for last: a bill asks for its days twice, and a local month lies in two of UTC. */
  #decoded: { id: number; origins: OriginTable; days: DayOfMonth[] }[] = [];

  constructor(database: Database) {
    this.#database = database;
    this.#find = database.prepare<[number], MonthRow>('SELECT id, count, days, block FROM reading_month WHERE id = ?');
    this.#findDays = database.prepare<[number], { days: number }>('SELECT days FROM reading_month WHERE id = ?');
    this.#put = database.prepare<[MonthRow]>(
      `INSERT INTO reading_month (id, count, days, block) VALUES (@id, @count, @days, @block)
       ON CONFLICT (id) DO UPDATE SET count = excluded.count, days = excluded.days, block = excluded.block`,
    );
    this.#listStored = database.prepare<[number, number], MonthRow>(
      'SELECT id, count, days, block FROM reading_month WHERE id > ? ORDER BY id LIMIT ?',
    );
    this.#listTotals = database.prepare<[number, number], { id: number; count: number; energy: number | null }>(
      'SELECT id, count, energy FROM reading_month_total WHERE id >= ? AND id < ? ORDER BY id',
    );
    this.#putTotal = database.prepare('INSERT INTO reading_month_total (id, count, energy) VALUES (?, ?, ?)');
    this.#removeTotals = database.prepare('DELETE FROM reading_month_total WHERE id >= ? AND id < ?');
    this.#months = this.#listMonths();
  }

  get months(): readonly MonthNumber[] {
    return this.#months;
  }

  /** The days of a packed month. They share their memory. */
  find(seriesId: number, month: MonthNumber, origins: OriginTable): DayOfMonth[] | undefined {
    if (!this.#months.includes(month)) return undefined;
    const id = month * seriesMax + seriesId;
    const known = this.#decoded.find(each => each.id === id && each.origins === origins);
    if (known) return known.days;
    const row = this.#find.get(id);
    if (!row) return undefined;
    const days = decodeMonth(row.block, row.days, origins);
    this.#decoded = [{ id, origins, days }, ...this.#decoded.slice(0, decodedMax - 1)];
    return days;
  }

  /** Days of the month, 0 is the first. */
  listDays(seriesId: number, month: MonthNumber): number[] {
    return daysOf(this.#findDays.get(month * seriesMax + seriesId)?.days ?? 0);
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
    const id = month * seriesMax + seriesId;
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

  /** The totals of every series whose month is packed, by series. */
  listTotals(month: MonthNumber): { seriesId: number; total: MonthTotal }[] {
    const from = month * seriesMax * qualitiesMax;
    return this.#listTotals.all(from, from + seriesMax * qualitiesMax).map(({ id, ...total }) => ({
      seriesId: Math.floor(id / qualitiesMax) % seriesMax,
      total: { ...total, quality: qualities[id % qualitiesMax]! },
    }));
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
        .map(total => ({ quality: qualities[total.id % qualitiesMax]!, count: total.count, energy: total.energy })),
      decode: origins => decodeMonth(block, days, origins),
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
