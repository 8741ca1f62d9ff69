import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Sqlite from 'better-sqlite3';

export interface Lock {
  release(): void;
}

/**
 * Takes the lock at `path`, or answers undefined when another process holds it. Node has no flock, so the lock is an exclusive
 * transaction on an empty SQLite file: the kernel lets go of it when the process ends, however it ends.
 */
export function acquireLock(path: string): Lock | undefined {
  mkdirSync(dirname(path), { recursive: true });
  const file = new Sqlite(path, { timeout: 0 });
  try {
    file.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    file.close();
    if (error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_BUSY')) return undefined;
    throw error;
  }
  return { release: () => void file.close() };
}
