import type { Database } from '../kernel/database.ts';
import { microKwh } from '../units/energy.ts';
import { type Instant, instant } from '../units/time.ts';
import type { ReadingVersion } from './decided-reading.ts';
import type { Quality } from './reading.ts';

interface VersionRow {
  seriesId: number;
  at: number;
  value: number | null;
  minutes: number;
  quality: Quality;
  source: number;
  line: number;
  versionAt: number;
  receivedAt: number;
  endedAt: number;
  outcome: ReadingVersion['outcome'];
}

interface EndedVersion extends Pick<ReadingVersion, 'seriesId' | 'endedAt'> {
  id: number;
  at: Instant;
}

/** What was noted of readings that are not current. */
export class ReadingVersionStore {
  readonly #database: Database;
  readonly #putVersion;
  readonly #list;
  readonly #ends;
  readonly #listEnded;

  constructor(database: Database) {
    this.#database = database;
    this.#putVersion = database.prepare(
      `INSERT INTO reading_version (series_id, at, value, minutes, quality, source_id, line, version_at, received_at, ended_at, outcome)
       VALUES (@seriesId, @at, @value, @minutes, @quality, @source, @line, @versionAt, @receivedAt, @endedAt, @outcome)`,
    );
    this.#list = database.prepare<[number, number, number], VersionRow>(
      `SELECT series_id AS seriesId, at, value, minutes, quality, source_id AS source, line, version_at AS versionAt,
         received_at AS receivedAt, ended_at AS endedAt, outcome
       FROM reading_version WHERE series_id = ? AND at BETWEEN ? AND ? ORDER BY at, id`,
    );
    this.#ends = database.prepare<[number], { first: number | null; last: number | null }>(
      'SELECT min(at) AS first, max(at) AS last FROM reading_version WHERE series_id = ?',
    );
    this.#listEnded = database.prepare<[number, number], EndedVersion>(
      `SELECT id, series_id AS seriesId, at, ended_at AS endedAt FROM reading_version WHERE id > ? AND ended_at > 0
       ORDER BY id LIMIT ?`,
    );
  }

  /** Inside the caller's transaction. */
  add(versions: readonly ReadingVersion[]): void {
    for (const { reading, ...version } of versions) {
      this.#putVersion.run({ ...version, ...reading, value: Number.isNaN(reading.value) ? null : reading.value });
    }
  }

  /** Rows of history from `from` to `to`, both inclusive, by time and then as they came. */
  list(seriesId: number, from: Instant, to: Instant): ReadingVersion[] {
    return this.#list.all(seriesId, from, to).map(versionOf);
  }

  /** Conflicts as they came, decided or not, the newest first: of these series, or of all. */
  listConflicts(
    seriesIds: readonly number[] | undefined,
    before: number,
    limit: number,
  ): { id: number; conflict: ReadingVersion }[] {
    const among = seriesIds ? 'AND series_id IN (SELECT value FROM json_each(@seriesIds))' : '';
    return this.#database
      .prepare<[object], VersionRow & { id: number }>(
        `SELECT id, series_id AS seriesId, at, value, minutes, quality, source_id AS source, line, version_at AS versionAt,
           received_at AS receivedAt, ended_at AS endedAt, outcome
         FROM reading_version WHERE outcome = 'conflict' AND id < @before ${among} ORDER BY id DESC LIMIT @limit`,
      )
      .all({ before, limit, ...(seriesIds && { seriesIds: JSON.stringify(seriesIds) }) })
      .map(({ id, ...row }) => ({ id, conflict: versionOf(row) }));
  }

  /** Of rows after the row `after`, those that say when a reading ended, at most `limit`. */
  listEnded(after: number, limit: number): EndedVersion[] {
    return this.#listEnded.all(after, limit);
  }

  /** The first and the last instant that has a history; none when there is no history. */
  listEnds(seriesId: number): Instant[] {
    const { first, last } = this.#ends.get(seriesId)!;
    return first === null || last === null ? [] : [instant(first), instant(last)];
  }
}

function versionOf({ seriesId, receivedAt, endedAt, outcome, ...reading }: VersionRow): ReadingVersion {
  const value = microKwh(reading.value ?? Number.NaN);
  return { seriesId, receivedAt, endedAt, outcome, reading: { ...reading, at: instant(reading.at), value } };
}
