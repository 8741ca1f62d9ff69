import {
  type Condition,
  type Database,
  hasWords,
  type Orders,
  oneOf,
  searchedWords,
  termsOf,
} from '../kernel/database.ts';
import type { Instant, Zone } from '../units/time.ts';
import { MeterWords } from './meter-word-store.ts';

/** A device with a serial at a meter point. */
export interface Meter {
  id: number;
  meterPointId: number;
  identifier: string;
  zone: Zone;
  serial: string;
  /** What the file that named it first said of its readings: J0171 in British flows, '' when no file did. */
  readingType: string;
  /** Dial values that files brought. */
  readingCount: number;
  createdAt: Instant;
}

/** A meter point with what stands there counted. */
export interface CountedMeterPoint {
  id: number;
  identifier: string;
  createdAt: Instant;
  meterCount: number;
  readingCount: number;
}

export interface MeterFilter {
  /** Words, each of which is part of the serial or of the meter point's identifier. */
  search?: string | undefined;
  identifier?: string | undefined;
  meterPointId?: number | undefined;
  readingType?: string | undefined;
  createdFrom?: number | undefined;
}

const meterColumns = `meter.id, meter_point_id AS meterPointId, identifier, zone, serial, reading_type AS readingType,
  meter.reading_count AS readingCount, meter.created_at AS createdAt`;
const meters = 'meter JOIN meter_point ON meter_point.id = meter_point_id';
const meterPointColumns = `id, identifier, created_at AS createdAt, meter_count AS meterCount, reading_count AS readingCount`;

// % keeps SQLite from an index of the column, where the rows are wanted in the order of another.
const conditions: Record<Exclude<keyof MeterFilter, 'search'>, string> = {
  identifier: '%identifier = @identifier',
  meterPointId: '%meter_point_id = @meterPointId',
  readingType: '%reading_type = @readingType',
  createdFrom: '%meter.created_at >= @createdFrom',
};
const orderColumns = {
  identifier: ['identifier', 'serial'],
  serial: ['serial', 'meter.id'],
  readingType: ['reading_type', 'serial', 'meter.id'],
  createdAt: ['meter.created_at', 'meter.id'],
  readingCount: ['meter.reading_count', 'meter.id'],
} as const;
const meterPointOrderColumns = {
  identifier: ['identifier'],
  createdAt: ['created_at', 'id'],
  meterCount: ['meter_count', 'id'],
  readingCount: ['reading_count', 'id'],
} as const;

/** Meters and meter points as lists that can be ordered by what is counted of them. */
export class MeterStore {
  readonly #database: Database;
  readonly words: MeterWords;

  constructor(database: Database) {
    this.#database = database;
    this.words = new MeterWords(database);
  }

  /**
   * Rows far from the beginning are reached from the end, `total` being their number. Where so many fit that fewer are met on the way,
   * they are walked in the order wanted; otherwise those that fit are found and sorted.
   */
  list(
    filter: MeterFilter,
    orders: Orders<keyof typeof orderColumns>,
    limit: number,
    offset = 0,
    total = this.count(filter),
  ): Meter[] {
    const wanted = Math.max(0, Math.min(limit, total - offset));
    if (wanted === 0) return [];
    const fromEnd = offset > total / 2;
    const skipped = fromEnd ? total - offset - wanted : offset;
    const all = this.count();
    const isWalked = ((skipped + wanted) * all) / total < total;
    const { sql, bound } = this.#where(total === all ? {} : filter, isWalked ? '+' : '');
    const terms = termsOf(orders, orderColumns, fromEnd);
    const rows = this.#database
      .prepare<[object], Meter>(
        `SELECT ${meterColumns} FROM ${meters} ${sql} ORDER BY ${terms} LIMIT @limit OFFSET @offset`,
      )
      .all({ ...bound, limit: wanted, offset: skipped });
    return fromEnd ? rows.reverse() : rows;
  }

  count(filter: MeterFilter = {}): number {
    const { sql, bound } = this.#where(filter, '');
    // The meter point is joined for its identifier alone.
    const from = filter.identifier ? meters : 'meter';
    return this.#database
      .prepare<[object], { count: number }>(`SELECT count(*) AS count FROM ${from} ${sql}`)
      .get(bound)!.count;
  }

  #where({ search = '', ...filter }: MeterFilter, plus: string): Condition {
    const all = Object.entries(filter).flatMap(([name, value]) =>
      value === undefined || value === '' ? [] : [conditions[name as keyof typeof conditions].replace('%', plus)],
    );
    const found = search === '' ? undefined : this.words.findAll(searchedWords(search));
    const searched = found && !found.isAll ? oneOf(`${plus}meter.id`, found.ids, 'found') : undefined;
    if (searched) all.push(searched.sql);
    return { sql: all.length > 0 ? `WHERE ${all.join(' AND ')}` : '', bound: { ...filter, ...searched?.bound } };
  }

  find(id: number): Meter | undefined {
    return this.#database.prepare<[number], Meter>(`SELECT ${meterColumns} FROM ${meters} WHERE meter.id = ?`).get(id);
  }

  listReadingTypes(): string[] {
    return this.#database
      .prepare<[], { type: string }>(
        `SELECT DISTINCT reading_type AS type FROM meter WHERE reading_type <> '' ORDER BY 1`,
      )
      .all()
      .map(({ type }) => type);
  }

  listMeterPoints(
    search: string,
    orders: Orders<keyof typeof meterPointOrderColumns>,
    limit: number,
    offset = 0,
  ): CountedMeterPoint[] {
    const where = search === '' ? '' : `WHERE ${hasWords('identifier', 'words')}`;
    return this.#database
      .prepare<[object], CountedMeterPoint>(
        `SELECT ${meterPointColumns} FROM meter_point ${where}
         ORDER BY ${termsOf(orders, meterPointOrderColumns)} LIMIT @limit OFFSET @offset`,
      )
      .all({ words: JSON.stringify(searchedWords(search)), limit, offset });
  }

  countMeterPoints(search = ''): number {
    return this.#database
      .prepare<[object], { count: number }>(
        search === ''
          ? 'SELECT count(*) AS count FROM meter_point'
          : `SELECT count(*) AS count FROM meter_point WHERE ${hasWords('identifier', 'words')}`,
      )
      .get({ words: JSON.stringify(searchedWords(search)) })!.count;
  }

  /** Those of some meter points, by id. */
  countsOf(meterPointIds: readonly number[]): Map<number, CountedMeterPoint> {
    const rows = this.#database
      .prepare<[string], CountedMeterPoint>(
        `SELECT ${meterPointColumns} FROM meter_point WHERE id IN (SELECT value FROM json_each(?))`,
      )
      .all(JSON.stringify(meterPointIds));
    return new Map(rows.map(row => [row.id, row]));
  }

  findMeterPoint(id: number): CountedMeterPoint | undefined {
    return this.#database
      .prepare<[number], CountedMeterPoint>(`SELECT ${meterPointColumns} FROM meter_point WHERE id = ?`)
      .get(id);
  }
}
