import type { Database } from '../kernel/database.ts';
import { type Instant, instant } from '../units/time.ts';

export interface ReceptionChange {
  at: Instant;
  receiving: boolean;
  by: string;
}

export class ReceptionStore {
  readonly #last;
  readonly #add;

  constructor(database: Database) {
    this.#last = database.prepare<[], { at: number; receiving: number; by: string }>(
      'SELECT at, receiving, changed_by AS by FROM reception_change ORDER BY id DESC LIMIT 1',
    );
    this.#add = database.prepare<[number, number, string]>(
      'INSERT INTO reception_change (at, receiving, changed_by) VALUES (?, ?, ?)',
    );
  }

  /** The change in force; undefined when there never was one. */
  findLast(): ReceptionChange | undefined {
    const row = this.#last.get();
    return row && { at: instant(row.at), receiving: row.receiving === 1, by: row.by };
  }

  add({ at, receiving, by }: ReceptionChange): void {
    this.#add.run(at, receiving ? 1 : 0, by);
  }
}
