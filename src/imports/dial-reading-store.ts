import { lastIndexedMeter, meterSearch, searched } from '../accounts/meter-store.ts';
import { commitUnsynced, type Database } from '../kernel/database.ts';
import type { Reading } from '../readings/reading.ts';
import { type Instant, secondsPerDay } from '../units/time.ts';
import type { DialReading, DialReadingFilter, DialReadingOrder, DialReadingSummary } from './dial-reading.ts';

const columns = `dial_reading.id, dial_reading.meter_id AS meterId, meter.serial, meter.reading_type AS readingType,
  dial_reading.meter_point_id AS meterPointId, meter_point.identifier, meter_point.zone, register, series.unit, at, value, quality,
  run_id AS runId, import_run.name AS fileName, line, received_at AS receivedAt`;
const joined = `dial_reading JOIN meter ON meter.id = dial_reading.meter_id JOIN meter_point ON meter_point.id = dial_reading.meter_point_id
  JOIN series ON series.id = series_id JOIN import_run ON import_run.id = run_id`;

const orderColumns = { at: 'at', value: 'value', receivedAt: 'received_at' } as const;

const conditions: Record<Exclude<keyof DialReadingFilter, 'search'>, string> = {
  identifier:
    'meter_id IN (SELECT id FROM meter WHERE meter_point_id = (SELECT id FROM meter_point WHERE identifier = @identifier))',
  serial: 'meter_id IN (SELECT id FROM meter WHERE serial = @serial)',
  readingType: 'reading_type = @readingType',
  meterId: 'meter_id = @meterId',
  meterPointId: 'meter_id IN (SELECT id FROM meter WHERE meter_point_id = @meterPointId)',
  runId: 'run_id = @runId',
  fileName: 'run_id IN (SELECT id FROM import_run WHERE name = @fileName)',
  register: 'register = @register',
  quality: 'quality = @quality',
  from: 'at >= @from',
  to: 'at < @to',
};

export interface DueDay {
  seriesId: number;
  /** Since 1970-01-01, UTC. */
  day: number;
}

/** Dial values that came in files, as rows: see migrations/022-dial-reading.sql. */
export class DialReadingStore {
  readonly #database: Database;
  readonly #listDue;
  readonly #listOf;
  readonly #remove;
  readonly #put;
  readonly #done;
  readonly #indexMeters;

  constructor(database: Database) {
    this.#database = database;
    this.#listDue = database.prepare<[number], DueDay>('SELECT series_id AS seriesId, day FROM dial_due LIMIT ?');
    this.#listOf = database.prepare<[string], { id: number; seriesId: number; at: number }>(
      `SELECT dial_reading.id, series_id AS seriesId, at FROM json_each(?) AS due CROSS JOIN dial_reading
         ON series_id = due.value ->> 0 AND at >= (due.value ->> 1) * ${secondsPerDay} AND at < ((due.value ->> 1) + 1) * ${secondsPerDay}`,
    );
    this.#remove = database.prepare<[string]>('DELETE FROM dial_reading WHERE id IN (SELECT value FROM json_each(?))');
    this.#put = database.prepare<[string]>(
      `INSERT INTO dial_reading (series_id, meter_id, meter_point_id, run_id, line, register, at, value, quality, received_at,
         reading_type)
       SELECT series.id, meter_id, series.meter_point_id, import_run.id, told.value ->> 2, code, told.value ->> 3, told.value ->> 4,
         told.value ->> 5, import_run.started_at, meter.reading_type
       FROM json_each(?) AS told CROSS JOIN series ON series.id = told.value ->> 0 JOIN meter ON meter.id = meter_id
         JOIN import_run ON import_run.id = told.value ->> 1 WHERE true
       ON CONFLICT (series_id, at) DO UPDATE SET run_id = excluded.run_id, line = excluded.line, value = excluded.value,
         quality = excluded.quality, received_at = excluded.received_at
       WHERE (run_id, line, value, quality) <> (excluded.run_id, excluded.line, excluded.value, excluded.quality)`,
    );
    this.#done = database.prepare<[string]>(
      'DELETE FROM dial_due WHERE (series_id, day) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?))',
    );
    this.#indexMeters = database.prepare<[number]>(
      `INSERT INTO meter_search (rowid, words)
       SELECT meter.id, identifier || ' ' || serial FROM meter JOIN meter_point ON meter_point.id = meter_point_id
       WHERE meter.id > (${lastIndexedMeter}) ORDER BY meter.id LIMIT ?`,
    );
  }

  listDue(limit: number): DueDay[] {
    return this.#listDue.all(limit);
  }

  /**
   * The rows of some days become what `readingsOf` says of each, with the runs that brought them. In one transaction, and a statement for
   * all of them: see migrations/030-bulk-dial-reading.sql. What a power cut takes back is due again.
   */
  replace(days: readonly DueDay[], readingsOf: (day: DueDay) => { reading: Reading; runId: number }[]): void {
    const due = JSON.stringify(days.map(({ seriesId, day }) => [seriesId, day]));
    const rows: unknown[] = [];
    const kept = new Set<string>();
    for (const each of days)
      for (const { reading, runId } of readingsOf(each)) {
        const { line, at, value, quality } = reading;
        rows.push([each.seriesId, runId, line, at, value, quality]);
        kept.add(`${each.seriesId} ${at}`);
      }
    commitUnsynced(this.#database, () => {
      const gone = this.#listOf.all(due).filter(({ seriesId, at }) => !kept.has(`${seriesId} ${at}`));
      if (gone.length > 0) this.#remove.run(JSON.stringify(gone.map(({ id }) => id)));
      this.#put.run(JSON.stringify(rows));
      this.#done.run(due);
    });
  }

  /** Takes some of the meters into meter_search that are not in it; returns how many. */
  indexMeters(limit: number): number {
    return commitUnsynced(this.#database, () => this.#indexMeters.run(limit).changes);
  }

  /** Rows far from the beginning are reached from the end, `total` being their number, so that at most half of an index is walked. */
  list(
    filter: DialReadingFilter,
    { by, descending }: DialReadingOrder,
    { limit, offset = 0, total }: { limit: number; offset?: number; total: number },
  ): DialReading[] {
    const fromEnd = offset > total / 2;
    const wanted = Math.max(0, Math.min(limit, total - offset));
    const direction = descending === fromEnd ? 'ASC' : 'DESC';
    const column = orderColumns[by];
    const rows = this.#database
      .prepare<[object], DialReading>(
        `SELECT ${columns} FROM (SELECT id AS wanted FROM dial_reading ${whereOf(filter)}
           ORDER BY ${column} ${direction}, id ${direction} LIMIT @limit OFFSET @offset)
         CROSS JOIN ${joined} WHERE dial_reading.id = wanted ORDER BY ${column} ${direction}, dial_reading.id ${direction}`,
      )
      .all({ ...parametersOf(filter), limit: wanted, offset: fromEnd ? total - offset - wanted : offset });
    return fromEnd ? rows.reverse() : rows;
  }

  count(filter: DialReadingFilter = {}): number {
    const where = whereOf(filter);
    // All of them are counted by meter point already.
    const sql =
      where === ''
        ? 'SELECT ifnull(sum(reading_count), 0) AS count FROM meter_point'
        : `SELECT count(*) AS count FROM dial_reading ${where}`;
    return this.#database.prepare<[object], { count: number }>(sql).get(parametersOf(filter))!.count;
  }

  find(id: number): DialReading | undefined {
    return this.#database
      .prepare<[number], DialReading>(`SELECT ${columns} FROM ${joined} WHERE dial_reading.id = ?`)
      .get(id);
  }

  summary(filter: DialReadingFilter): DialReadingSummary {
    const where = whereOf(filter);
    const some = <Row>(sql: string) => this.#database.prepare<[object], Row>(sql).all(parametersOf(filter));
    const [totals] = some<Pick<DialReadingSummary, 'meterPoints' | 'meters'>>(
      // Without a filter the counted columns answer, which looks at each meter instead of at each reading.
      where === ''
        ? `SELECT (SELECT count(*) FROM meter WHERE reading_count > 0) AS meters,
             (SELECT count(*) FROM meter_point WHERE reading_count > 0) AS meterPoints`
        : `SELECT count(DISTINCT meter_id) AS meters, count(DISTINCT meter_point_id) AS meterPoints FROM dial_reading ${where}`,
    );
    // Each by itself, so that SQLite takes them from the ends of the index.
    const [{ earliest } = { earliest: null }] = some<{ earliest: Instant | null }>(
      `SELECT min(at) AS earliest FROM dial_reading ${where}`,
    );
    const [{ latest } = { latest: null }] = some<{ latest: Instant | null }>(
      `SELECT max(at) AS latest FROM dial_reading ${where}`,
    );
    const qualities = some<DialReadingSummary['qualities'][number]>(
      `SELECT quality, count(*) AS count FROM dial_reading ${where} GROUP BY quality ORDER BY quality`,
    );
    const readings = qualities.reduce((sum, { count }) => sum + count, 0);
    return { ...totals!, readings, earliest, latest, qualities };
  }

  /** The first instant at or after `at` that has a reading. */
  findNext(at: Instant): Instant | undefined {
    const row = this.#database
      .prepare<[number], { at: Instant | null }>('SELECT min(at) AS at FROM dial_reading WHERE at >= ?')
      .get(at);
    return row?.at ?? undefined;
  }

  /** Register ids that have readings. */
  listRegisters(): string[] {
    const next = this.#database.prepare<[string], { register: string | null }>(
      'SELECT min(register) AS register FROM dial_reading WHERE register > ?',
    );
    const registers: string[] = [];
    // From one to the next with a look-up each, instead of through all rows.
    for (let last = next.get('')!.register; last !== null; last = next.get(last)!.register) registers.push(last);
    return registers;
  }
}

// Meters and files are few beside readings, so they are searched and the readings found through them.
function searchOf(search: string): string {
  return `(${meterSearch('meter_id', search)}
    OR run_id IN (SELECT id FROM import_run WHERE instr(lower(name), lower(@search)) > 0))`;
}

function whereOf({ search = '', ...filter }: DialReadingFilter): string {
  const asked = Object.entries(filter).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [conditions[name as keyof typeof conditions]],
  );
  if (search !== '') asked.push(searchOf(search));
  return asked.length > 0 ? `WHERE ${asked.join(' AND ')}` : '';
}

function parametersOf(filter: DialReadingFilter) {
  return { ...filter, ...searched(filter.search ?? '') };
}
