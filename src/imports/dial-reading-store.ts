import { MeterWords } from '../accounts/meter-word-store.ts';
import { type Condition, commitUnsynced, type Database, oneOf, searchedWords, termsOf } from '../kernel/database.ts';
import type { Quality, Reading } from '../readings/reading.ts';
import { type Instant, secondsPerDay } from '../units/time.ts';
import type { DialReading, DialReadingFilter, DialReadingOrders, DialReadingSummary } from './dial-reading.ts';

const columns = `dial_reading.id, dial_reading.meter_id AS meterId, meter.serial, meter.reading_type AS readingType,
  dial_reading.meter_point_id AS meterPointId, meter_point.identifier, meter_point.zone, register, series.unit, at, value, quality,
  run_id AS runId, import_run.name AS fileName, line, received_at AS receivedAt`;
const joined = `dial_reading JOIN meter ON meter.id = dial_reading.meter_id JOIN meter_point ON meter_point.id = dial_reading.meter_point_id
  JOIN series ON series.id = series_id JOIN import_run ON import_run.id = run_id`;

const orderColumns = {
  at: ['at', 'dial_reading.id'],
  value: ['value', 'dial_reading.id'],
  receivedAt: ['received_at', 'dial_reading.id'],
} as const;

// % keeps SQLite from an index of the column, where the rows are wanted in the order of another.
const conditions: Record<Exclude<keyof DialReadingFilter, 'search' | 'from' | 'to'>, string> = {
  identifier:
    '%meter_id IN (SELECT id FROM meter WHERE meter_point_id = (SELECT id FROM meter_point WHERE identifier = @identifier))',
  serial: '%meter_id IN (SELECT id FROM meter WHERE serial = @serial)',
  readingType: '%reading_type = @readingType',
  meterId: '%meter_id = @meterId',
  meterPointId: '%meter_id IN (SELECT id FROM meter WHERE meter_point_id = @meterPointId)',
  runId: '%run_id = @runId',
  fileName: '%run_id IN (SELECT id FROM import_run WHERE name = @fileName)',
  register: '%register = @register',
  quality: '%quality = @quality',
};
const timeConditions = { from: '%at >= @from', to: '%at < @to' };

// Before, readings did not note since when they are known, and count as known always.
const notedSince = `(SELECT unixepoch(applied_at) FROM migration WHERE name = '023-reading-history.sql')`;

export interface DueDay {
  seriesId: number;
  /** Since 1970-01-01, UTC. */
  day: number;
}

/** Of some rows; a meter stands there as often as it has any. */
export interface DialReadingPart extends Pick<DialReadingSummary, 'earliest' | 'latest' | 'qualities'> {
  meterIds: number[];
}

/** A register on a walk over all of them. */
export interface WalkedRegister {
  seriesId: number;
  meterId: number;
  /** 0 where what was known is those of its rows whose runs were over by then: all others came later, and nothing ever changed. */
  mayDiffer: 0 | 1;
}

type Ends = Pick<DialReadingSummary, 'earliest' | 'latest'>;

export interface DialDay extends DueDay {
  rows: { reading: Reading; runId: number }[];
}

/** Dial values that came in files, as rows: see migrations/022-dial-reading.sql. */
export class DialReadingStore {
  readonly #database: Database;
  readonly words: MeterWords;
  readonly #listDue;
  readonly #listOf;
  readonly #listIds;
  readonly #listRegisters;
  readonly #remove;
  readonly #put;
  readonly #addCounts;
  readonly #done;
  readonly #countMeters;
  readonly #countMeterPoints;
  readonly #counted;

  constructor(database: Database, words = new MeterWords(database)) {
    this.#database = database;
    this.words = words;
    this.#listDue = database.prepare<[number], DueDay>(
      'SELECT series_id AS seriesId, day FROM dial_due ORDER BY day, series_id LIMIT ?',
    );
    this.#listOf = database.prepare<[string], { id: number; seriesId: number; at: number }>(
      `SELECT dial_reading.id, series_id AS seriesId, at FROM json_each(?) AS due CROSS JOIN dial_reading
         ON series_id = due.value ->> 0 AND at >= (due.value ->> 1) * ${secondsPerDay} AND at < ((due.value ->> 1) + 1) * ${secondsPerDay}`,
    );
    this.#listIds = database.prepare<[number], { at: number; id: number }>(
      'SELECT at, id FROM dial_reading WHERE series_id = ?',
    );
    this.#listRegisters = database.prepare<[object], WalkedRegister>(
      `SELECT id AS seriesId, meter_id AS meterId,
         EXISTS (SELECT 1 FROM reading_version WHERE series_id = series.id) OR EXISTS (
           SELECT 1 FROM dial_reading JOIN import_run ON import_run.id = run_id
           WHERE series_id = series.id AND ifnull(finished_at, @knownAt + 1) > @knownAt AND started_at <= max(@knownAt, ${notedSince})
         ) AS mayDiffer
       FROM series WHERE id > @after AND kind = 'register' AND meter_id IS NOT NULL ORDER BY id LIMIT @limit`,
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
      'DELETE FROM dial_due WHERE (day, series_id) IN (SELECT value ->> 1, value ->> 0 FROM json_each(?))',
    );
    this.#addCounts = database.prepare<[string]>(
      `INSERT INTO dial_count_due (meter_id, added)
       SELECT meter_id, sum(told.value ->> 1) FROM json_each(?) AS told CROSS JOIN series ON series.id = told.value ->> 0 GROUP BY meter_id
       ON CONFLICT DO UPDATE SET added = added + excluded.added`,
    );
    const someCounted = 'SELECT meter_id, added FROM dial_count_due ORDER BY meter_id LIMIT ?';
    this.#countMeters = database.prepare<[number]>(
      `UPDATE meter SET reading_count = reading_count + added FROM (${someCounted}) AS counted WHERE id = counted.meter_id`,
    );
    this.#countMeterPoints = database.prepare<[number]>(
      `UPDATE meter_point SET reading_count = reading_count + added
       FROM (SELECT meter_point_id, sum(added) AS added FROM (${someCounted}) AS counted JOIN meter ON meter.id = counted.meter_id
         GROUP BY meter_point_id) AS counted WHERE id = counted.meter_point_id`,
    );
    this.#counted = database.prepare<[number]>(
      `DELETE FROM dial_count_due WHERE meter_id IN (SELECT meter_id FROM (${someCounted}))`,
    );
  }

  /** Of a series, by time. */
  listIds(seriesId: number): Map<number, number> {
    return new Map(this.#listIds.all(seriesId).map(({ at, id }) => [at, id]));
  }

  listDue(limit: number): DueDay[] {
    return this.#listDue.all(limit);
  }

  /**
   * The rows of some days become what is told of each, with the runs that brought them. In one transaction, and a statement for all of
   * them: see migrations/030-bulk-dial-reading.sql. What a power cut takes back is due again.
   */
  replace(days: readonly DialDay[]): void {
    const due = JSON.stringify(days.map(({ seriesId, day }) => [seriesId, day]));
    const rows: unknown[] = [];
    const kept = new Set<string>();
    const added = new Map<number, number>();
    for (const { seriesId, rows: own } of days)
      for (const { reading, runId } of own) {
        const { line, at, value, quality } = reading;
        rows.push([seriesId, runId, line, at, value, quality]);
        kept.add(`${seriesId} ${at}`);
        added.set(seriesId, (added.get(seriesId) ?? 0) + 1);
      }
    commitUnsynced(this.#database, () => {
      const gone: number[] = [];
      for (const { id, seriesId, at } of this.#listOf.all(due))
        if (kept.has(`${seriesId} ${at}`)) added.set(seriesId, added.get(seriesId)! - 1);
        else gone.push(id);
      if (gone.length > 0) this.#remove.run(JSON.stringify(gone));
      this.#put.run(JSON.stringify(rows));
      this.#addCounts.run(JSON.stringify([...added].filter(([, count]) => count > 0)));
      this.#done.run(due);
    });
  }

  /** Counts new rows of some meters, in reading_count; whether there were any. */
  countNew(metersMax: number): boolean {
    return commitUnsynced(this.#database, () => {
      this.#countMeterPoints.run(metersMax);
      this.#countMeters.run(metersMax);
      return this.#counted.run(metersMax).changes > 0;
    });
  }

  /**
   * Rows far from the beginning are reached from the end, `total` being their number. Where so many fit that fewer are met on the way, the
   * rows are walked in the order wanted; otherwise those that fit are found and sorted. Those that no order tells apart stand as they came.
   */
  list(
    filter: DialReadingFilter,
    orders: DialReadingOrders,
    { limit, offset = 0, total }: { limit: number; offset?: number; total: number },
  ): DialReading[] {
    const wanted = Math.max(0, Math.min(limit, total - offset));
    if (wanted === 0) return [];
    const fromEnd = offset > total / 2;
    const skipped = fromEnd ? total - offset - wanted : offset;
    const terms = termsOf(orders, orderColumns, fromEnd);
    const { lastId } = this;
    const isWalked = ((skipped + wanted) * lastId) / total < total;
    // What all rows fit need not be asked of each: they are counted off in the index alone.
    const { sql, bound } = this.#where(total === lastId ? {} : filter, isWalked ? orders[0].by : undefined);
    const rows = this.#database
      .prepare<[object], DialReading>(
        `SELECT ${columns} FROM (SELECT id AS wanted FROM dial_reading ${sql}
           ORDER BY ${terms} LIMIT @limit OFFSET @offset)
         CROSS JOIN ${joined} WHERE dial_reading.id = wanted ORDER BY ${terms}`,
      )
      .all({ ...bound, limit: wanted, offset: skipped });
    return fromEnd ? rows.reverse() : rows;
  }

  /** The next registers by id that stand in a meter with a serial. */
  listRegistersAfter(seriesId: number, knownAt: Instant, limit: number): WalkedRegister[] {
    return this.#listRegisters.all({ after: seriesId, knownAt, limit });
  }

  /** What fits of some registers by runs that were over at `knownAt`, by time for each. */
  listOfSeries(seriesIds: readonly number[], filter: DialReadingFilter, knownAt: Instant): DialReading[] {
    const { sql, bound } = this.#where(filter, 'at');
    return this.#database
      .prepare<[object], DialReading>(
        `SELECT ${columns} FROM (SELECT dial_reading.id AS wanted FROM json_each(@seriesIds) AS walked
           CROSS JOIN dial_reading ON series_id = walked.value ${sql})
         CROSS JOIN ${joined} WHERE dial_reading.id = wanted AND finished_at <= @knownAt ORDER BY series_id, at`,
      )
      .all({ ...bound, knownAt, seriesIds: JSON.stringify(seriesIds) });
  }

  count(filter: DialReadingFilter = {}): number {
    const { sql, bound } = this.#where(filter);
    // All of them are counted by meter point already.
    return this.#database
      .prepare<[object], { count: number }>(
        sql === ''
          ? 'SELECT ifnull(sum(reading_count), 0) AS count FROM meter_point'
          : `SELECT count(*) AS count FROM dial_reading ${sql}`,
      )
      .get(bound)!.count;
  }

  find(id: number): DialReading | undefined {
    return this.#database
      .prepare<[number], DialReading>(`SELECT ${columns} FROM ${joined} WHERE dial_reading.id = ?`)
      .get(id);
  }

  get lastId(): number {
    return this.#database.prepare<[], { id: number }>('SELECT ifnull(max(id), 0) AS id FROM dial_reading').get()!.id;
  }

  /** What fits, `among` the rows with these ids: told when so many fit that they are looked at one after the other. */
  summarize(filter: DialReadingFilter, among?: { after: number; upTo: number }): DialReadingPart {
    const qualities = this.#listFrom<Quality>('quality');
    const sums = qualities.map((_, at) => `ifnull(sum(quality = @q${at}), 0) AS q${at}`);
    const { sql, bound } = this.#where(filter);
    const from = among
      ? `dial_reading NOT INDEXED ${sql || 'WHERE true'} AND id > @after AND id <= @upTo`
      : `dial_reading ${sql}`;
    const row = this.#database
      .prepare<[object], Record<`q${number}`, number> & Ends & { meterIds: string }>(
        `SELECT ${[...sums, 'min(at) AS earliest', 'max(at) AS latest'].join(', ')}, json_group_array(meter_id) AS meterIds FROM ${from}`,
      )
      .get({ ...bound, ...among, ...Object.fromEntries(qualities.map((quality, at) => [`q${at}`, quality])) })!;
    const counts = qualities.map((quality, at) => ({ quality, count: row[`q${at}`]! }));
    return { earliest: row.earliest, latest: row.latest, qualities: counts, meterIds: parseIds(row.meterIds) };
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
    return this.#listFrom<string>('register');
  }

  /** What stands in a column, from one to the next with a look-up each instead of through all rows. */
  #listFrom<Value extends string>(column: 'register' | 'quality'): Value[] {
    const next = this.#database.prepare<[string], { value: Value | null }>(
      `SELECT min(${column}) AS value FROM dial_reading WHERE ${column} > ?`,
    );
    const values: Value[] = [];
    for (let last = next.get('')!.value; last !== null; last = next.get(last)!.value) values.push(last);
    return values;
  }

  /** With the order that rows are walked in, no other index is used. */
  #where({ search = '', from, to, ...filter }: DialReadingFilter, walked?: keyof typeof orderColumns): Condition {
    const asked = Object.entries(filter).flatMap(([name, value]) =>
      value === undefined || value === '' ? [] : [conditions[name as keyof typeof conditions]],
    );
    const plus = walked === undefined ? '' : '+';
    const all = asked.map(condition => condition.replace('%', plus));
    if (from !== undefined) all.push(timeConditions.from.replace('%', walked === 'at' ? '' : plus));
    if (to !== undefined) all.push(timeConditions.to.replace('%', walked === 'at' ? '' : plus));
    const found = searchedWords(search).flatMap((word, at) => this.#found(word, plus, at) ?? []);
    all.push(...found.map(({ sql }) => sql));
    const bound = Object.assign({ ...filter, from, to }, ...found.map(condition => condition.bound));
    return { sql: all.length > 0 ? `WHERE ${all.join(' AND ')}` : '', bound };
  }

  /** Meters and files are few beside readings, so they are searched and the readings found through them; undefined for all. */
  #found(word: string, plus: string, at: number): Condition | undefined {
    const meters = this.words.find(word);
    if (meters.isAll) return undefined;
    const runs = this.#database
      .prepare<[string], { id: number }>('SELECT id FROM import_run WHERE instr(lower(name), lower(?)) > 0')
      .all(word);
    const ofMeters = oneOf(`${plus}meter_id`, meters.ids, `metersFound${at}`);
    if (runs.length === 0) return ofMeters;
    const ofRuns = oneOf(
      `${plus}run_id`,
      runs.map(({ id }) => id),
      `runsFound${at}`,
    );
    if (meters.ids.length === 0) return ofRuns;
    return { sql: `(${ofMeters.sql} OR ${ofRuns.sql})`, bound: { ...ofMeters.bound, ...ofRuns.bound } };
  }
}

function parseIds(json: string): number[] {
  return JSON.parse(json);
}
