import { commitUnsynced, type Database } from '../kernel/database.ts';

// A few milliseconds of rows.
const settledAtOnce = 256;

/**
 * Rows that the journal has and that SQLite is told of a little later, many in one transaction. No sync is needed: what a power cut takes
 * back is replayed from the journal, and `put` passes over a row that is there already.
 */
export class Settling<T> {
  readonly #database: Database;
  readonly #put: (row: T) => void;
  #waiting: T[] = [];

  constructor(database: Database, put: (row: T) => void) {
    this.#database = database;
    this.#put = put;
  }

  get isSettled(): boolean {
    return this.#waiting.length === 0;
  }

  add(row: T): void {
    this.#waiting.push(row);
    if (this.#waiting.length >= settledAtOnce) this.settle();
  }

  /** Before anybody looks, and before a flush counts; inside somebody's transaction it waits until that is over. */
  settle(): void {
    if (this.#waiting.length === 0 || this.#database.inTransaction) return;
    const rows = this.#waiting;
    commitUnsynced(this.#database, () => {
      for (const row of rows) this.#put(row);
    });
    this.#waiting = [];
  }
}
