import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Sqlite from 'better-sqlite3';
import { DamageFound } from './errors.ts';
import { makeFolder } from './files.ts';
import { sha256 } from './ids.ts';

export type Database = Sqlite.Database;

const migrationsFolder = fileURLToPath(new URL('../../migrations', import.meta.url));

/**
 * Opens the business database at `path` and brings its schema up to date. `alone`: nobody is served by this process meanwhile. Throws
 * DamageFound when the file is not a whole database.
 */
export function openDatabase(path: string, { alone = false } = {}): Database {
  makeFolder(dirname(path));
  const database = open(path);
  // In pages. A commit that fills the log copies it into the database and syncs both: 4 MB took 19 ms, 1 MB takes 6, and nobody is served.
  database.pragma(`wal_autocheckpoint = ${alone ? 256 : 64}`);
  // Copies of pages that a statement of many rows changes are a megabyte, or 90 MB of temporary files.
  if (alone) database.pragma('temp_store = MEMORY');
  // FULL, not NORMAL: in WAL mode NORMAL may lose the last commits in a power cut, and the journal refers to rows made there.
  database.pragma('synchronous = FULL');
  database.pragma('foreign_keys = ON');
  migrate(database, migrationsFolder);
  return database;
}

function open(path: string): Database {
  try {
    const database = new Sqlite(path, { timeout: 10_000 });
    // Heeded for a new file alone. A packed month of half-hours is 2 kB: pages of 4 kB would be half empty.
    database.pragma('page_size = 16384');
    // The first statement is also the first that reads the file.
    database.pragma('journal_mode = WAL');
    // In kB. With the 2 MB it has by itself, a file of a hundred thousand new meters reads and writes each page of their indexes many times.
    database.pragma('cache_size = -32768');
    return database;
  } catch (error) {
    if (!(error instanceof Sqlite.SqliteError)) throw error;
    const damage = new DamageFound(
      `${path} cannot be opened: ${error.message}`,
      'Check that the folder can be written; if the file is damaged, restore data/ and logs/ from one backup, then start again.',
    );
    damage.cause = error;
    throw damage;
  }
}

/**
 * One transaction without a sync, which would block for milliseconds. A power cut may take it back, and then all that came after it as
 * well; the next transaction that is synced makes it durable.
 */
export function commitUnsynced<T>(database: Database, act: () => T): T {
  database.pragma('synchronous = NORMAL');
  try {
    return database.transaction(act).immediate();
  } finally {
    database.pragma('synchronous = FULL');
  }
}

/** One transaction that is on disk when this returns, on a connection that commits without a sync. */
export function commitSynced(database: Database, act: () => void): void {
  database.pragma('synchronous = FULL');
  try {
    database.transaction(act).immediate();
  } finally {
    database.pragma('synchronous = NORMAL');
  }
}

/** What SQLite finds wrong with the file, or undefined. */
export function quickCheck(database: Database): string | undefined {
  const found = database.pragma('quick_check(1)', { simple: true });
  return found === 'ok' ? undefined : String(found);
}

/** Opens a database to look at it and nothing else, beside whoever writes to it. undefined when there is none. */
export function openToRead(path: string): Database | undefined {
  return existsSync(path) ? new Sqlite(path, { readonly: true, timeout: 10_000 }) : undefined;
}

/**
 * A second connection to a database that is open in this process, for a thread that writes rows in the order of their key: with little
 * memory, and without syncs, as commitUnsynced.
 */
export function openBeside(path: string): Database {
  const database = new Sqlite(path, { timeout: 10_000 });
  database.pragma('cache_size = -4096');
  database.pragma('wal_autocheckpoint = 256');
  database.pragma('temp_store = MEMORY');
  database.pragma('synchronous = NORMAL');
  return database;
}

/** For rows whose indexes are in no order: with less, each page of theirs is read and written many times. */
export function widenCache(database: Database): void {
  database.pragma('cache_size = -8192');
}

/** What rows are listed by: a name that a store gives to some of its columns. */
export interface Order<By extends string> {
  by: By;
  descending: boolean;
}

export type Orders<By extends string> = readonly [Order<By>, ...Order<By>[]];

/** A column, and by what else those stand that it does not tell apart. */
export type OrderColumns = readonly [string, ...string[]];

/** The terms of ORDER BY. Rows that no order tells apart stand by what else the first one names, in its direction. */
export function termsOf<By extends string>(
  orders: Orders<By>,
  columns: Readonly<Record<By, OrderColumns>>,
  isReversed = false,
): string {
  const [first] = orders;
  const [, ...ties] = columns[first.by];
  const directed = (column: string, { descending }: Order<By>) =>
    `${column} ${descending === isReversed ? 'ASC' : 'DESC'}`;
  return [...orders.map(each => directed(columns[each.by][0], each)), ...ties.map(tie => directed(tie, first))].join(
    ', ',
  );
}

/** "acme 0012" as the words of which each has to be found; commas part them, too. */
export function searchedWords(search: string): string[] {
  return [...new Set(search.split(/[\s,]+/).filter(Boolean))];
}

/** That a text contains every word of `@name`, a JSON list, whatever their case. */
export function hasWords(text: string, name: string): string {
  return `NOT EXISTS (SELECT 1 FROM json_each(@${name}) AS word WHERE instr(lower(${text}), lower(word.value)) = 0)`;
}

/** A condition on a column of ids, with what it is to be bound. */
export interface Condition {
  sql: string;
  bound: Record<string, unknown>;
}

// So many are looked up one by one; of more, each row that comes by is asked whether it is among them.
const lookedUpMax = 500;
// The same ids are asked for when rows are counted and when they are listed.
const known = new WeakMap<readonly number[], Uint8Array>();

/** That a column is one of `ids`, which are few or many. */
export function oneOf(column: string, ids: readonly number[], name: string): Condition {
  if (ids.length <= lookedUpMax)
    return { sql: `${column} IN (SELECT value FROM json_each(@${name}))`, bound: { [name]: JSON.stringify(ids) } };
  // A byte for each id: looking into a list of as many rows takes five times as long.
  return { sql: `substr(@${name}, ${column} + 1, 1) = x'01'`, bound: { [name]: flagsOf(ids) } };
}

function flagsOf(ids: readonly number[]): Uint8Array {
  const flags = known.get(ids) ?? new Uint8Array(ids.reduce((most, id) => Math.max(most, id), 0) + 1);
  if (!known.has(ids)) for (const id of ids) flags[id] = 1;
  known.set(ids, flags);
  return flags;
}

/** What the database at `path` holds at this moment, however others go on writing: until it is closed, it reads that. */
export function openSnapshot(path: string): Database {
  const snapshot = new Sqlite(path, { readonly: true, timeout: 10_000 });
  // Begun by the first look, and not before.
  snapshot.exec('BEGIN; SELECT 1 FROM migration LIMIT 1');
  return snapshot;
}

/** Copies a snapshot to `path`, in slices. */
export async function copyDatabase(snapshot: Database, path: string): Promise<void> {
  await snapshot.backup(path);
}

/** Applies each migration once, in name order; refuses a migration that was edited after it ran. */
function migrate(database: Database, folder: string): void {
  database.exec(
    'CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY, sha256 TEXT NOT NULL, applied_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP) STRICT',
  );
  const names = readdirSync(folder)
    .filter(name => name.endsWith('.sql'))
    .sort();
  const find = database.prepare<[string], { sha256: string }>('SELECT sha256 FROM migration WHERE name = ?');
  // One transaction that takes the write lock first: the CLI and the server may both be starting.
  database
    .transaction(() => {
      for (const name of names) {
        const sql = readFileSync(join(folder, name), 'utf8');
        const applied = find.get(name);
        if (applied) {
          if (applied.sha256 !== sha256(sql))
            throw new Error(`migration ${name} was changed after it had run on this database`);
          continue;
        }
        database.exec(sql);
        database.prepare('INSERT INTO migration (name, sha256) VALUES (?, ?)').run(name, sha256(sql));
      }
    })
    .immediate();
}
