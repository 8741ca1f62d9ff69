import { assert } from '../kernel/assert.ts';
import type { Database } from '../kernel/database.ts';
import type { NumberSeries } from './numbering.ts';

export class NumberingStore {
  readonly #database: Database;
  readonly #take;

  constructor(database: Database) {
    this.#database = database;
    this.#take = database.prepare<[string], { count: number }>(
      `INSERT INTO invoice_series (code, next) VALUES (?, 2) ON CONFLICT DO UPDATE SET next = next + 1 RETURNING next - 1 AS count`,
    );
  }

  /** The next number of a series. It comes back when the transaction it was taken in does not commit, so there is never a hole. */
  take(series: NumberSeries): string {
    assert(this.#database.inTransaction, 'a number is taken in the transaction that uses it');
    const { count } = this.#take.get(series.code)!;
    return series.print(count);
  }
}
