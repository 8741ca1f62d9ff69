import { type Database, hasWords, type Orders, searchedWords, termsOf } from '../kernel/database.ts';
import type { Instant } from '../units/time.ts';

/** An imported file, in the words of the D0010 importer. */
export interface FlowFile {
  id: number;
  filename: string;
  /** The sender's identification of the file, '' when it has none. */
  reference: string;
  /** Readings that were new. */
  recordCount: number;
  importedAt: Instant;
}

interface FlowFileFilter {
  /** Words, each of which is part of the name or the reference. */
  search?: string | undefined;
  filename?: string | undefined;
  /** Inclusive. */
  from?: Instant | undefined;
  /** Exclusive. */
  to?: Instant | undefined;
}

export const flowFileOrders = ['imported_at', 'filename', 'file_reference', 'record_count'] as const;

const orderColumns = {
  imported_at: ['imported_at', 'id'],
  filename: ['filename', 'id'],
  file_reference: ['reference', 'id'],
  record_count: ['record_count', 'id'],
} as const;

// Handed in again under its own name, a file is no second flow file: the importer refused that, and kept none of which nothing was taken.
const taken = ['new', 'identical', 'revised', 'conflicting', 'older', 'quarantined']
  .map(count => `ifnull(report ->> '$.counts.${count}', 0)`)
  .join(' + ');
const flowFiles = `(SELECT id, name AS filename, ifnull(report ->> '$.files[0].reference', '') AS reference,
    report ->> '$.counts.new' AS record_count, started_at AS imported_at
  FROM import_run
  WHERE state = 'finished' AND report IS NOT NULL AND ifnull(report ->> '$.importedBefore.file', '') <> name
    AND (ifnull(report ->> '$.counts.rejected', 0) = 0 OR ${taken} > 0))`;
const columns = 'id, filename, reference, record_count AS recordCount, imported_at AS importedAt';
const matching = `WHERE ${hasWords("filename || ' ' || reference", 'words')}
  AND (@filename IS NULL OR filename = @filename) AND (@from IS NULL OR imported_at >= @from) AND (@to IS NULL OR imported_at < @to)`;

export class FlowFileStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  list(
    filter: FlowFileFilter,
    orders: Orders<(typeof flowFileOrders)[number]>,
    limit: number,
    offset: number,
  ): FlowFile[] {
    return this.#database
      .prepare<[object], FlowFile>(
        `SELECT ${columns} FROM ${flowFiles} ${matching} ORDER BY ${termsOf(orders, orderColumns)} LIMIT @limit OFFSET @offset`,
      )
      .all({ ...parametersOf(filter), limit, offset });
  }

  count(filter: FlowFileFilter = {}): number {
    return this.#database
      .prepare<[object], { count: number }>(`SELECT count(*) AS count FROM ${flowFiles} ${matching}`)
      .get(parametersOf(filter))!.count;
  }

  find(id: number): FlowFile | undefined {
    return this.#database.prepare<[number], FlowFile>(`SELECT ${columns} FROM ${flowFiles} WHERE id = ?`).get(id);
  }
}

function parametersOf({ search = '', filename, from, to }: FlowFileFilter) {
  return {
    words: JSON.stringify(searchedWords(search)),
    filename: filename || null,
    from: from ?? null,
    to: to ?? null,
  };
}
