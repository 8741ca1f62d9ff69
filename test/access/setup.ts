import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { type Access, openAccess } from '../../src/access/access.ts';
import { StoppedClock } from '../../src/kernel/clock.ts';
import { type Database, openDatabase } from '../../src/kernel/database.ts';

export interface TestAccess extends Access {
  clock: StoppedClock;
  database: Database;
  /** A second connection to the same file, as the CLI is beside the server. */
  otherProcess(): Access;
}

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

/** Access on a new database in a temporary folder, with the clock standing at 2026-11-21T10:00Z. */
export function testAccess(): TestAccess {
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-access-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  const open = () => {
    const database = openDatabase(join(folder, 'test.db'));
    cleanups.push(() => database.close());
    return database;
  };
  const clock = new StoppedClock('2026-11-21T10:00:00Z');
  const database = open();
  return { ...openAccess(database, clock), clock, database, otherProcess: () => openAccess(open(), clock) };
}
