import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isZip } from '../../src/imports/detect.ts';
import { nem12 } from '../../src/imports/formats/nem12.ts';
import type { ImportProblem } from '../../src/imports/problem.ts';
import { readZip, zipLimits } from '../../src/imports/zip.ts';
import { collectEvents, tolerant } from './collect-events.ts';
import { makeZip } from './make-zip.ts';

const small = { ...zipLimits, membersMax: 3, bytesMax: 1000, ratioMax: 10, ratioFreeBytes: 100 };

/** Reads a whole archive: each member's name and text, and the problems. */
async function readAll(
  source: string | Buffer,
  limits = zipLimits,
): Promise<{ members: [string, string][]; problems: ImportProblem[] }> {
  const members: [string, string][] = [];
  const problems: ImportProblem[] = [];
  for await (const { member, chunks } of readZip(source, 'july.zip', problem => problems.push(problem), limits)) {
    const parts: Uint8Array[] = [];
    for await (const chunk of chunks) parts.push(chunk);
    members.push([member, Buffer.concat(parts).toString()]);
  }
  return { members, problems };
}

describe('a zip', () => {
  it('gives its members one after the other, named archive!member', async () => {
    const zip = makeZip([
      { name: 'NEM12#1#A#B.csv', content: 'one' },
      { name: 'folder/', content: '', method: 0 },
      { name: 'folder/NEM12#2#A#B', content: 'two', method: 0 },
      { name: '__MACOSX/folder/._x', content: 'clutter' },
    ]);
    expect(isZip(zip)).toBe(true);
    const { members, problems } = await readAll(zip);
    expect(members).toEqual([
      ['july.zip!NEM12#1#A#B.csv', 'one'],
      ['july.zip!folder/NEM12#2#A#B', 'two'],
    ]);
    expect(problems).toEqual([]);
  });

  it('is read from a file as well, and may have no member', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'zip-'));
    try {
      writeFileSync(join(folder, 'a.zip'), makeZip([{ name: 'a', content: 'from disk' }]));
      expect((await readAll(join(folder, 'a.zip'))).members).toEqual([['july.zip!a', 'from disk']]);
    } finally {
      rmSync(folder, { recursive: true });
    }
    expect((await readAll(makeZip([]))).members).toEqual([]);
  });

  it('gives problems the name of the member they are in', async () => {
    const zip = makeZip([{ name: 'x.csv', content: '100,NEM12,202607010900,A,B\r\n300,20260630,1\r\n900\r\n' }]);
    for await (const { member, chunks } of readZip(zip, 'july.zip', () => {})) {
      const parts: Uint8Array[] = [];
      for await (const chunk of chunks) parts.push(chunk);
      const { problems } = collectEvents(nem12, parts, { ...tolerant, member });
      expect(problems).toEqual([expect.objectContaining({ member: 'july.zip!x.csv', line: 2, rule: 'N12-9' })]);
    }
  });

  it('keeps going past a member that cannot be opened', async () => {
    const zip = makeZip([
      { name: 'secret.csv', content: 'x', flags: 1, method: 8 },
      { name: 'odd.csv', content: 'x', method: 14 },
      { name: 'plain.csv', content: 'ok' },
    ]);
    const { members, problems } = await readAll(zip);
    expect(members).toEqual([['july.zip!plain.csv', 'ok']]);
    expect(problems).toEqual([
      expect.objectContaining({
        member: 'july.zip!secret.csv',
        rule: 'N12-3',
        message: 'the member is protected by a password',
      }),
      expect.objectContaining({ member: 'july.zip!odd.csv', rule: 'N12-3', action: 'rejected' }),
    ]);
  });

  it('may be left before its end', async () => {
    const zip = makeZip(Array.from({ length: 50 }, (_, at) => ({ name: `m${at}`, content: 'x' })));
    for await (const { name } of readZip(zip, 'july.zip', () => {})) {
      expect(name).toBe('m0');
      break;
    }
  });
});

describe('a zip is refused', () => {
  const many = Array.from({ length: 4 }, (_, at) => ({ name: `m${at}`, content: 'x' }));
  it.each([
    ['too many members', makeZip(many), 'archive-unsafe'],
    ['too much inside', makeZip([{ name: 'a', content: 'ab'.repeat(600), method: 0 }]), 'archive-unsafe'],
    [
      'too much together',
      makeZip([
        { name: 'a', content: 'x'.repeat(600), method: 0 },
        { name: 'b', content: 'y'.repeat(600), method: 0 },
      ]),
      'archive-unsafe',
    ],
    ['a bomb', makeZip([{ name: 'a', content: '0'.repeat(900) }]), 'archive-unsafe'],
    ['a size that lies', makeZip([{ name: 'a', content: '0'.repeat(90_000), claimedSize: 90 }]), 'archive-damaged'],
    ['a checksum that lies', makeZip([{ name: 'a', content: 'x', claimedCrc: 1 }]), 'archive-damaged'],
    ['a name that climbs out', makeZip([{ name: '../../etc/passwd', content: 'x' }]), 'archive-damaged'],
    ['an absolute name', makeZip([{ name: '/etc/passwd', content: 'x' }]), 'archive-damaged'],
    ['its end cut off', makeZip(many).subarray(0, 60), 'archive-damaged'],
    ['nothing of a zip', Buffer.from('hello'), 'archive-damaged'],
  ])('for %s', async (_what, zip, code) => {
    await expect(readAll(zip, small)).rejects.toMatchObject({ code });
  });

  it('when any one byte of it is damaged, or it is read right: never another content', async () => {
    const content = '100,NEM12,202607010900,A,B\r\n900\r\n';
    const zip = makeZip([{ name: 'a.csv', content }]);
    for (let at = 0; at < zip.length; at++) {
      const damaged = Buffer.from(zip);
      damaged[at]! ^= 0x11;
      const outcome = await readAll(damaged).catch((error: unknown) => error);
      if (outcome instanceof Error) expect(outcome).toMatchObject({ name: 'Refusal' });
      else for (const [, text] of (outcome as Awaited<ReturnType<typeof readAll>>).members) expect(text).toBe(content);
    }
  });
});
