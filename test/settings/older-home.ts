import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { sha256 } from '../../src/kernel/ids.ts';

const migrations = join(import.meta.dirname, '../../migrations');

/** A database in `folder` as it was before the migration whose name begins so; returns its path. */
export function before(migration: string, folder: string): string {
  const path = join(folder, 'wattledger.db');
  const database = new Sqlite(path);
  database.exec(
    'CREATE TABLE migration (name TEXT PRIMARY KEY, sha256 TEXT NOT NULL, applied_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP) STRICT',
  );
  for (const name of readdirSync(migrations).sort()) {
    if (name >= migration) break;
    const sql = readFileSync(join(migrations, name), 'utf8');
    database.exec(sql);
    database.prepare('INSERT INTO migration (name, sha256) VALUES (?, ?)').run(name, sha256(sql));
  }
  database.close();
  return path;
}
