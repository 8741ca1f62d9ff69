import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DamageFound } from '../../src/kernel/errors.ts';
import { makeFolder } from '../../src/kernel/files.ts';
import { acquireLock } from '../../src/kernel/lock.ts';
import { testFolder } from '../open-house.ts';

describe('folders', () => {
  it('are made with those above them, and left alone when they are there', () => {
    const folder = join(testFolder(), 'a', 'b', 'c');
    makeFolder(folder);
    makeFolder(folder);
    expect(existsSync(folder)).toBe(true);
  });

  // Node's recursive mkdir goes round forever there: the process stood without a word.
  it.skipIf(!existsSync('/proc/self'))('cannot be made in /proc, and that is said instead of tried forever', () => {
    expect(() => makeFolder('/proc/wattledger/data')).toThrow(/ENOENT.*\/proc\/wattledger/);
    expect(() => acquireLock('/proc/wattledger/data/owner.lock')).toThrow(DamageFound);
  });
});
