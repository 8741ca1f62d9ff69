import type { Database } from '../kernel/database.ts';
import type { Instant, Zone } from '../units/time.ts';

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
  /** Part of the serial or of the meter point's identifier. */
  search?: string | undefined;
  identifier?: string | undefined;
  meterPointId?: number | undefined;
  readingType?: string | undefined;
  createdFrom?: number | undefined;
}

interface Order<By> {
  by: By;
  descending: boolean;
}

// The index of meter_search is made of pieces of three characters: a shorter part cannot be looked up in it.
const indexedMin = 3;
const meterColumns = `meter.id, meter_point_id AS meterPointId, identifier, zone, serial, reading_type AS readingType,
  meter.reading_count AS readingCount, meter.created_at AS createdAt`;
const meters = 'meter JOIN meter_point ON meter_point.id = meter_point_id';
const meterPointColumns = `id, identifier, created_at AS createdAt, meter_count AS meterCount, reading_count AS readingCount`;

const conditions: Record<Exclude<keyof MeterFilter, 'search'>, string> = {
  identifier: 'identifier = @identifier',
  meterPointId: 'meter_point_id = @meterPointId',
  readingType: 'reading_type = @readingType',
  createdFrom: 'meter.created_at >= @createdFrom',
};
const orderColumns = {
  identifier: 'identifier %, serial %',
  serial: 'serial %, meter.id %',
  readingType: 'reading_type %, serial %, meter.id %',
  createdAt: 'meter.created_at %, meter.id %',
  readingCount: 'meter.reading_count %, meter.id %',
};
const meterPointOrderColumns = {
  identifier: 'identifier %',
  createdAt: 'created_at %, id %',
  meterCount: 'meter_count %, id %',
  readingCount: 'reading_count %, id %',
};

/** Meters and meter points as lists that can be ordered by what is counted of them. */
export class MeterStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Rows far from the beginning are reached from the end, when `total` says how many there are. */
  list(filter: MeterFilter, order: Order<keyof typeof orderColumns>, limit: number, offset = 0, total = 0): Meter[] {
    const wanted = Math.max(0, Math.min(limit, total - offset));
    const fromEnd = offset > total / 2 && wanted > 0;
    const direction = { ...order, descending: order.descending !== fromEnd };
    const rows = this.#database
      .prepare<[object], Meter>(
        `SELECT ${meterColumns} FROM ${meters} ${whereOf(filter)} ORDER BY ${termsOf(orderColumns[order.by], direction)} LIMIT @limit OFFSET @offset`,
      )
      .all({
        ...filter,
        ...searched(filter.search ?? ''),
        limit: fromEnd ? wanted : limit,
        offset: fromEnd ? total - offset - wanted : offset,
      });
    return fromEnd ? rows.reverse() : rows;
  }

  count(filter: MeterFilter = {}): number {
    const where = whereOf(filter);
    const from = where === '' ? 'meter' : meters;
    return this.#database
      .prepare<[object], { count: number }>(`SELECT count(*) AS count FROM ${from} ${where}`)
      .get({ ...filter, ...searched(filter.search ?? '') })!.count;
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
    order: Order<keyof typeof meterPointOrderColumns>,
    limit: number,
    offset = 0,
  ): CountedMeterPoint[] {
    const where = search === '' ? '' : 'WHERE instr(lower(identifier), lower(@search)) > 0';
    return this.#database
      .prepare<[object], CountedMeterPoint>(
        `SELECT ${meterPointColumns} FROM meter_point ${where}
         ORDER BY ${termsOf(meterPointOrderColumns[order.by], order)} LIMIT @limit OFFSET @offset`,
      )
      .all({ search, limit, offset });
  }

  countMeterPoints(search = ''): number {
    return this.#database
      .prepare<[object], { count: number }>(
        search === ''
          ? 'SELECT count(*) AS count FROM meter_point'
          : 'SELECT count(*) AS count FROM meter_point WHERE instr(lower(identifier), lower(@search)) > 0',
      )
      .get({ search })!.count;
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

function whereOf({ search = '', ...filter }: MeterFilter): string {
  const asked = Object.entries(filter).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [conditions[name as keyof typeof conditions]],
  );
  if (search !== '') asked.push(meterSearch('meter.id', search));
  return asked.length > 0 ? `WHERE ${asked.join(' AND ')}` : '';
}

function termsOf(columns: string, { descending }: Order<string>): string {
  return columns.replaceAll('%', descending ? 'DESC' : 'ASC');
}

/**
 * A condition on a column of meter ids: those whose meter point or serial contains `search`, whatever its case. Bind what `searched`
 * gives. The index takes new meters in a little later: those after the last one in it are looked through.
 */
export function meterSearch(column: string, search: string): string {
  const indexed = [...search].length >= indexedMin;
  const lookedThrough = `SELECT meter.id FROM meter JOIN meter_point ON meter_point.id = meter_point_id
    WHERE instr(lower(identifier || ' ' || serial), lower(@search)) > 0`;
  return indexed
    ? `${column} IN (SELECT rowid FROM meter_search WHERE words MATCH @phrase
         UNION ALL ${lookedThrough} AND meter.id > (${lastIndexedMeter}))`
    : `${column} IN (${lookedThrough})`;
}

/** The last meter that meter_search has: its rows are added in order. */
export const lastIndexedMeter = 'SELECT ifnull(max(id), 0) FROM meter_search_docsize';

/** As one phrase, so that nothing in it is an operator. */
export function searched(search: string): { search: string; phrase: string } {
  return { search, phrase: `"${search.replaceAll('"', '""')}"` };
}
