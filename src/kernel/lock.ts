import { dirname } from 'node:path';
import Sqlite from 'better-sqlite3';
import { DamageFound } from './errors.ts';
import { makeFolder } from './files.ts';

export interface Lock {
  release(): void;
}

/**
 * Takes the lock at `path`, or answers undefined when another process holds it. Node has no flock, so the lock is an exclusive
 * transaction on an empty SQLite file: the kernel lets go of it when the process ends, however it ends. Throws DamageFound where its
 * folder cannot be made.
 */
export function acquireLock(path: string): Lock | undefined {
  makeLockFolder(dirname(path));
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

function makeLockFolder(folder: string): void {
  try {
    makeFolder(folder);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new DamageFound(
      `the folder ${folder} cannot be made (${why})`,
      'Set WATTLEDGER_HOME to a folder in which this user may write.',
    );
  }
}
