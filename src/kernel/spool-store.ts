import Sqlite, { type Statement } from 'better-sqlite3';

// What is read again at once is still in memory.
const cacheKb = 4096;

/**
 * Bytes that are put aside for a while, in a file without a name that SQLite makes where temporary files go: it is gone with the process,
 * however that ends.
 */
export class Spool {
  readonly #database = new Sqlite('');
  readonly #insert: Statement<[Uint8Array]>;
  readonly #find: Statement<[number], Buffer>;

  constructor() {
    this.#database.pragma('journal_mode = OFF');
    this.#database.pragma('synchronous = OFF');
    this.#database.pragma(`cache_size = -${cacheKb}`);
    this.#database.exec('CREATE TABLE part (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL)');
    this.#insert = this.#database.prepare('INSERT INTO part (bytes) VALUES (?)');
    this.#find = this.#database.prepare<[number], Buffer>('SELECT bytes FROM part WHERE id = ?').pluck();
    // One that is never committed: nothing has to outlive the process.
    this.#database.exec('BEGIN');
  }

  /** The number by which the bytes are found again. */
  put(bytes: Uint8Array): number {
    return Number(this.#insert.run(bytes).lastInsertRowid);
  }

  get(part: number): Buffer {
    return this.#find.get(part)!;
  }

  close(): void {
    this.#database.close();
  }
}
