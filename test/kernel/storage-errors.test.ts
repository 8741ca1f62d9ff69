import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import { storageRefusal } from '../../src/kernel/storage-errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'wattledger-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('an error of the disk', () => {
  it.each([
    ['ENOSPC', 'storage-full'],
    ['EDQUOT', 'storage-full'],
    ['SQLITE_FULL', 'storage-full'],
    ['EIO', 'storage-failed'],
    ['EROFS', 'storage-failed'],
    ['SQLITE_IOERR_WRITE', 'storage-failed'],
    ['SQLITE_IOERR_SHMSIZE', 'storage-failed'],
    ['SQLITE_READONLY_DBMOVED', 'storage-failed'],
  ])('%s is %s, with its cause', (code, refusal) => {
    const error = Object.assign(new Error('no'), { code });
    expect(storageRefusal(error)).toMatchObject({ code: refusal, cause: error });
  });

  it.each(['SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_BUSY', 'ENOENT', 'FST_ERR_BAD_URL', ''])('%s is not one', code => {
    expect(storageRefusal(Object.assign(new Error('no'), { code }))).toBeUndefined();
  });

  it('is what SQLite says when a database may grow no more', () => {
    const database = new Sqlite(join(folder, 'small.sqlite'));
    database.pragma('max_page_count = 4');
    database.exec('CREATE TABLE note (text TEXT)');
    const fill = () => database.prepare('INSERT INTO note VALUES (?)').run('x'.repeat(100_000));
    let caught: unknown;
    try {
      fill();
    } catch (error) {
      caught = error;
    }
    expect(storageRefusal(caught)).toMatchObject({ code: 'storage-full' });
    database.close();
  });
});
