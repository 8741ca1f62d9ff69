import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Database, openDatabase } from '../../src/kernel/database.ts';

/** A home folder that goes away with the test. */
export function temporaryHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'wattledger-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  return home;
}

export function temporaryDatabase(home = temporaryHome()): Database {
  const database = openDatabase(databasePath(home));
  onTestFinished(() => {
    database.close();
  });
  return database;
}

export function databasePath(home: string): string {
  return join(home, 'data', 'wattledger.sqlite');
}
