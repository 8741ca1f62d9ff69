import { commitUnsynced, type Database } from '../kernel/database.ts';
import type { ArchiveDue, ArchivePeriod } from './archive-period.ts';

/** Archives that are behind the store. */
export class ArchiveDueStore {
  readonly #database: Database;
  readonly #list;
  readonly #mark;
  readonly #clear;

  constructor(database: Database) {
    this.#database = database;
    this.#list = database.prepare<[], ArchiveDue>('SELECT kind, period, marks FROM archive_due ORDER BY period, kind');
    this.#mark = database.prepare<[ArchivePeriod]>(
      'INSERT INTO archive_due (kind, period) VALUES (@kind, @period) ON CONFLICT DO UPDATE SET marks = marks + 1',
    );
    this.#clear = database.prepare<[string, string, number]>(
      'DELETE FROM archive_due WHERE kind = ? AND period = ? AND marks = ?',
    );
  }

  /** By period. */
  list(): ArchiveDue[] {
    return this.#list.all();
  }

  /** Says that archives are behind, whatever they show. The caller holds a transaction. */
  mark(periods: readonly ArchivePeriod[]): void {
    for (const period of periods) this.#mark.run(period);
  }

  /**
   * Says that archives show what the store held when `due` was listed; one marked again since then stays due. Without a sync: what a power
   * cut takes back is written once more.
   */
  clear(due: readonly ArchiveDue[]): void {
    commitUnsynced(this.#database, () => {
      for (const { kind, period, marks } of due) this.#clear.run(kind, period, marks);
    });
  }
}
