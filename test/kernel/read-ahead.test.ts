import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readAhead } from '../../src/kernel/read-ahead.ts';
import { testFolder } from '../open-house.ts';

describe('reading ahead', () => {
  it.each([0, 1, 256 * 1024 - 1, 256 * 1024, 256 * 1024 + 1, 1_000_000])(
    'gives all of %d bytes in order',
    async size => {
      const [path, bytes] = [join(testFolder(), 'file'), randomBytes(size)];
      writeFileSync(path, bytes);
      const parts: Buffer[] = [];
      for await (const part of readAhead(path)) parts.push(Buffer.from(part));
      expect(Buffer.concat(parts).equals(bytes)).toBe(true);
    },
  );

  it('leaves a portion alone until the next one is asked for, and may be ended early', async () => {
    const [path, bytes] = [join(testFolder(), 'file'), randomBytes(1_000_000)];
    writeFileSync(path, bytes);
    for await (const part of readAhead(path)) {
      await new Promise(resolve => setTimeout(resolve, 20));
      expect(bytes.subarray(0, part.length).equals(part)).toBe(true);
      break;
    }
  });

  it('says when there is no such file', async () => {
    await expect(readAhead(join(testFolder(), 'none')).next()).rejects.toThrow('ENOENT');
  });
});
