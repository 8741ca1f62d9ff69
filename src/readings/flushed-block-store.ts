import type { Database } from '../kernel/database.ts';
import { ArchiveDueStore } from './archive-due-store.ts';
import type { ArchivePeriod } from './archive-period.ts';
import type { JournalPosition } from './journal.ts';

/** What every flush writes: blocks, the archives that are behind them, and the journal's position, with which they count. */
export class FlushedBlockStore {
  readonly #put;
  readonly #putPosition;
  readonly #archivesDue: ArchiveDueStore;

  constructor(database: Database) {
    this.#put = database.prepare<[number, number, Uint8Array]>(
      'INSERT INTO reading_day (id, count, block) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET count = excluded.count, block = excluded.block',
    );
    this.#putPosition = database.prepare<[Readonly<JournalPosition>]>(
      `INSERT INTO journal_position (one, day, offset, sequence, checksum, version_id)
       VALUES (1, @day, @offset, @sequence, @checksum, (SELECT ifnull(max(id), 0) FROM reading_version))
       ON CONFLICT (one) DO UPDATE SET day = excluded.day, offset = excluded.offset, sequence = excluded.sequence,
         checksum = excluded.checksum, version_id = excluded.version_id`,
    );
    this.#archivesDue = new ArchiveDueStore(database);
  }

  /** `id` as in reading-day-id.ts. The caller holds a transaction. */
  put(id: number, count: number, block: Uint8Array): void {
    this.#put.run(id, count, block);
  }

  /** From here on the store holds everything the journal holds up to `position`. The caller holds a transaction. */
  count(position: Readonly<JournalPosition>, due: readonly ArchivePeriod[]): void {
    this.#archivesDue.mark(due);
    this.#putPosition.run(position);
  }
}
