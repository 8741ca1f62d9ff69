import { commitUnsynced, type Database } from '../kernel/database.ts';
import type { Instant } from '../units/time.ts';
import type { Quality, Reading } from './reading.ts';

/** The words a sender gave with a quality (N12-23, N12-24). */
export interface ReasonWords {
  /** Two digits of the metrology procedure, '' when none. */
  method: string;
  reasonCode: string;
  reasonText: string;
}

/** What is said of the readings in [fromAt, toAt) that came with this version and quality. */
export interface ReadingReason extends ReasonWords {
  seriesId: number;
  fromAt: number;
  toAt: number;
  versionAt: number;
  quality: Quality;
}

/** Why readings are estimated, substituted or final, beside the readings themselves: most have no such words. */
export class ReadingReasonStore {
  readonly #database: Database;
  readonly #keep;
  readonly #list;

  constructor(database: Database) {
    this.#database = database;
    this.#keep = database.prepare<[ReadingReason]>(
      `INSERT INTO reading_reason (series_id, from_at, to_at, version_at, quality, method, reason_code, reason_text)
       VALUES (@seriesId, @fromAt, @toAt, @versionAt, @quality, @method, @reasonCode, @reasonText) ON CONFLICT DO NOTHING`,
    );
    this.#list = database.prepare<[number, number, number], ReadingReason>(
      `SELECT series_id AS seriesId, from_at AS fromAt, to_at AS toAt, version_at AS versionAt, quality, method,
         reason_code AS reasonCode, reason_text AS reasonText
       FROM reading_reason WHERE series_id = ? AND from_at < ? AND to_at > ? ORDER BY id`,
    );
  }

  keep(reason: ReadingReason): void {
    this.#keep.run(reason);
  }

  /** In a transaction that a power cut may take back, together with all that is committed after it. */
  keepUnsynced(reasons: readonly ReadingReason[]): void {
    commitUnsynced(this.#database, () => {
      for (const reason of reasons) this.#keep.run(reason);
    });
  }

  /** Of a series, in [from, to), as they came. */
  list(seriesId: number, from: Instant, to: Instant): ReadingReason[] {
    return this.#list.all(seriesId, to, from);
  }
}

/** What was said of a reading; undefined when nothing was. */
export function reasonOf(
  reasons: readonly ReadingReason[],
  { at, versionAt, quality }: Reading,
): ReadingReason | undefined {
  return reasons.find(
    reason => reason.fromAt <= at && at < reason.toAt && reason.versionAt === versionAt && reason.quality === quality,
  );
}
