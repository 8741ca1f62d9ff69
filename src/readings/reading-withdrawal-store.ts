import type { Database } from '../kernel/database.ts';
import type { MicroKwh } from '../units/energy.ts';
import type { Instant } from '../units/time.ts';
import type { Reading } from './reading.ts';

/** That a sender took a reading of a register back (D10-10). */
export interface ReadingWithdrawal {
  seriesId: number;
  at: Instant;
  value: MicroKwh;
  /** Of what withdraws; what is newer is said again. */
  versionAt: number;
  /** Row of the `source` table. */
  source: number;
  line: number;
  /** Epoch seconds. */
  receivedAt: number;
}

/** What senders withdrew: kept, because the reading may come after it, or again. */
export class ReadingWithdrawalStore {
  readonly #database: Database;
  readonly #keep;
  readonly #list;
  #isEmpty: boolean;

  constructor(database: Database) {
    this.#database = database;
    this.#keep = database.prepare<[ReadingWithdrawal]>(
      `INSERT INTO reading_withdrawal (series_id, at, value, version_at, source_id, line, received_at)
       VALUES (@seriesId, @at, @value, @versionAt, @source, @line, @receivedAt) ON CONFLICT DO NOTHING`,
    );
    this.#list = database.prepare<[number, number], ReadingWithdrawal>(
      `SELECT series_id AS seriesId, at, value, version_at AS versionAt, source_id AS source, line, received_at AS receivedAt
       FROM reading_withdrawal WHERE series_id = ? AND at = ? ORDER BY id`,
    );
    this.#isEmpty = database.prepare('SELECT 1 FROM reading_withdrawal LIMIT 1').get() === undefined;
  }

  keep(withdrawal: ReadingWithdrawal): void {
    this.#isEmpty = false;
    this.#keep.run(withdrawal);
  }

  /** Those of one instant of a register. */
  list(seriesId: number, at: Instant): ReadingWithdrawal[] {
    // Asked for each reading of a register that a file brings, and most houses know of none.
    return this.#isEmpty ? [] : this.#list.all(seriesId, at);
  }

  /** What came from `sources`. */
  listFrom(sources: readonly number[]): ReadingWithdrawal[] {
    return this.#database
      .prepare<[string], ReadingWithdrawal>(
        `SELECT series_id AS seriesId, at, value, version_at AS versionAt, source_id AS source, line, received_at AS receivedAt
         FROM reading_withdrawal WHERE source_id IN (SELECT value FROM json_each(?)) ORDER BY id`,
      )
      .all(JSON.stringify(sources));
  }

  /** As if `sources` had withdrawn nothing. */
  removeFrom(sources: readonly number[]): void {
    this.#database
      .prepare('DELETE FROM reading_withdrawal WHERE source_id IN (SELECT value FROM json_each(?))')
      .run(JSON.stringify(sources));
  }
}

/** Whether the withdrawal is of this reading: the same value, not said anew since. */
export function isWithdrawnBy(
  { at, value, versionAt }: Pick<Reading, 'at' | 'value' | 'versionAt'>,
  withdrawal: Pick<ReadingWithdrawal, 'at' | 'value' | 'versionAt'>,
): boolean {
  return at === withdrawal.at && value === withdrawal.value && versionAt <= withdrawal.versionAt;
}
