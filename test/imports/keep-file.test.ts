import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keepFile } from '../../src/imports/keep-file.ts';
import { testFolder } from '../open-house.ts';

const parts = (...texts: string[]) => texts.map(text => Buffer.from(text));

describe('a file that is kept', () => {
  it('stands under its hash, once, however it was cut and whatever was there', async () => {
    const folder = join(testFolder(), 'imports');
    const sha256 = createHash('sha256').update('hello there').digest('hex');
    expect(await keepFile(folder, parts('hello ', 'there'))).toEqual({ sha256, size: 11 });
    expect(await keepFile(folder, parts('hello there'))).toEqual({ sha256, size: 11 });
    expect(readdirSync(folder)).toEqual([sha256]);
    expect(readFileSync(join(folder, sha256), 'utf8')).toBe('hello there');
  });

  it('may come twice at the same time', async () => {
    const folder = testFolder();
    await Promise.all([keepFile(folder, parts('a', 'b')), keepFile(folder, parts('ab'))]);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('leaves nothing when it is too large or its sender stops', async () => {
    const folder = testFolder();
    await expect(keepFile(folder, parts('12345', '67'), { maxBytes: 6 })).rejects.toMatchObject({
      code: 'body-too-large',
    });
    const stopping = (async function* () {
      yield Buffer.from('half');
      throw new Error('the line was cut');
    })();
    await expect(keepFile(folder, stopping)).rejects.toThrow('the line was cut');
    expect(readdirSync(folder)).toEqual([]);
  });
});
