import type { Database } from './database.ts';

export type Cell = string | number | null;

// Rows with a statement, largest first. Each size is prepared once and is another statement, so there are few.
const sizes = [2048, 256, 32, 1];

/**
 * Inserts many rows of a table with few statements: a hundred thousand take a third of the time of as many statements. `shared` are the
 * columns that all rows of a call have the same value in, `own` the others. Called in a transaction, which is to be rolled back when it
 * throws: FAIL, not ABORT, so that SQLite need not copy each page before it changes it.
 */
export class RowStore {
  readonly #database: Database;
  readonly #into: string;
  readonly #shared: readonly string[];
  readonly #own: readonly string[];
  readonly #prepared = new Map<number, ReturnType<Database['prepare']>>();

  constructor(database: Database, table: string, shared: readonly string[], own: readonly string[]) {
    this.#database = database;
    this.#into = `INSERT OR FAIL INTO ${table} (${[...shared, ...own].join(', ')})`;
    this.#shared = shared;
    this.#own = own;
  }

  /** `own` row after row. */
  insert(shared: readonly Cell[], own: readonly Cell[]): void {
    let at = 0;
    for (const rows of sizes) {
      const cells = rows * this.#own.length;
      for (; at + cells <= own.length; at += cells)
        this.#statement(rows).run([...shared, ...own.slice(at, at + cells)]);
    }
  }

  #statement(rows: number): ReturnType<Database['prepare']> {
    const statement = this.#prepared.get(rows) ?? this.#database.prepare(`${this.#into} ${this.#source(rows)}`);
    this.#prepared.set(rows, statement);
    return statement;
  }

  #source(rows: number): string {
    const [shared, own] = [this.#shared, this.#own];
    // One row by itself is for SQLite another case, and the quickest.
    if (rows === 1) return `VALUES ${cellsOf([...shared, ...own])}`;
    const selected = [shared.map((_, at) => `shared.column${at + 1}`), own.map((_, at) => `own.column${at + 1}`)];
    return `SELECT ${selected.flat().join(', ')}
      FROM (VALUES ${cellsOf(shared)}) AS shared CROSS JOIN (VALUES ${Array(rows).fill(cellsOf(own)).join(', ')}) AS own`;
  }
}

function cellsOf(columns: readonly string[]): string {
  return `(${columns.map(() => '?').join(', ')})`;
}
