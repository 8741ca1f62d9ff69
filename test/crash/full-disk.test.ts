import { execFileSync, spawnSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { cli, createKey, startServer } from '../server.ts';
import { nem12File } from '../trade-files.ts';
import { campaign } from './campaign.ts';
import { ready } from './load.ts';

const place = mkdtempSync(join(tmpdir(), 'wattledger-full-'));
const disk = join(place, 'mounted');
mkdirSync(disk);
const canMount =
  process.getuid?.() === 0 && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', disk]).status === 0;
if (!canMount) console.warn('SKIPPED: a disk of 16 MB cannot be mounted here, so none can be filled');

afterAll(() => {
  if (canMount) execFileSync('umount', ['-l', disk]);
  rmSync(place, { recursive: true, force: true });
});

const halfHour = 1800;
const begin = Date.parse('2026-01-01T00:00:00Z') / 1000;

/** R5 of the safety notes. */
describe.skipIf(!canMount)('a disk that is full', () => {
  it(`says so, acknowledges nothing it cannot keep, and goes on when there is room: ${campaign.fills} times`, async () => {
    const home = join(disk, 'home');
    const key = await createKey(home);
    const server = await startServer(home, { FLUSH_SECONDS: '1', DISK_FREE_MIN_MB: '1' });
    await ready(server);
    const call = async (path: string, body?: unknown) => {
      const answer = await fetch(`${server.url}${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return { status: answer.status, code: ((await answer.json()) as { code?: string }).code };
    };
    expect(await call('/v1/meter-points', { identifier: 'full-1' })).toMatchObject({ status: 201 });
    const acknowledged = new Set<number>();
    let slot = 0;
    /** A thousand readings: more than the page that may still have room. */
    const post = async () => {
      const starts = Array.from({ length: 1000 }, (_, at) => begin - (slot + at) * halfHour);
      slot += starts.length;
      const answer = await call(
        '/v1/readings',
        starts.map(start => ({ meterPoint: 'full-1', start, energy: '0.123456' })),
      );
      if (answer.status === 200) for (const start of starts) acknowledged.add(start);
      return answer;
    };
    for (let round = 0; round < campaign.fills; round++) {
      expect(await post()).toMatchObject({ status: 200 });
      fill(join(disk, 'ballast'));
      const answers = [];
      for (let posts = 0; posts < 5; posts++) answers.push(await post());
      expect(answers.filter(({ status }) => status !== 200).map(({ status, code }) => `${status} ${code}`)).toContain(
        '507 storage-full',
      );
      expect(answers.filter(({ status }) => status !== 200 && status !== 507)).toEqual([]);
      expect(await call('/readyz')).toMatchObject({ status: 503 });
      expect((await call('/v1/accounts', { number: `F-${round}`, name: 'Full Example' })).status).toBe(507);
      // What was taken before can be read all the while.
      expect(await call('/v1/meter-points/full-1/readings?limit=10')).toMatchObject({ status: 200 });
      rmSync(join(disk, 'ballast'));
      expect(await call('/readyz')).toMatchObject({ status: 200 });
      expect(await post()).toMatchObject({ status: 200 });
    }
    await server.kill9();
    const again = await startServer(home, { DISK_FREE_MIN_MB: '0' });
    await ready(again);
    const answer = await fetch(`${again.url}/v1/meter-points/full-1/readings?limit=25000`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const { data } = (await answer.json()) as { data: { start: string }[] };
    const known = new Set(data.map(({ start }) => Date.parse(start) / 1000));
    expect([...acknowledged].filter(start => !known.has(start))).toEqual([]);
    expect(await again.stop()).toBe(0);
    expect(await cli(home, ['verify'])).toMatchObject({ code: 0 });
    rmSync(home, { recursive: true });
  }, 600_000);

  it('lets an upload and a watched file wait, and goes on with both by itself when there is room', async () => {
    const home = join(disk, 'waiting');
    const key = await createKey(home);
    const folder = join(place, 'in');
    mkdirSync(folder);
    const server = await startServer(home, { DISK_FREE_MIN_MB: '1', WATTLEDGER_WATCH: folder, LOG_LEVEL: 'warn' });
    await ready(server);
    const headers = { authorization: `Bearer ${key}` };
    const stateOf = async (id: number) => {
      const answer = await fetch(`${server.url}/v1/imports/${id}`, { headers });
      return (await answer.json()) as {
        state: string;
        takenUpAgain: number;
        counts: Record<string, number>;
      };
    };
    const nmis = Array.from({ length: 10 }, (_, at) => String(6_001_000_100 + at));
    const large = nem12File(nmis, 90);
    // Room for the file's bytes and not for its readings.
    const ballast = join(disk, 'ballast');
    fill(ballast);
    truncateSync(ballast, statSync(ballast).size - large.length - 300_000);
    const sent = await fetch(`${server.url}/v1/imports?name=large.csv`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'text/csv' },
      body: large,
    });
    expect(sent.status).toBe(202);
    const { id } = ((await sent.json()) as { imports: [{ id: number }] }).imports[0];
    await until(async () => server.output().includes('broke off'));
    fill(join(disk, 'more'));
    writeFileSync(join(folder, 'small.csv'), nem12File(['2001000016'], 3));
    await new Promise(resolve => setTimeout(resolve, 5000));
    expect(['waiting', 'running', 'interrupted']).toContain((await stateOf(id)).state);
    expect(readdirSync(folder)).toContain('small.csv');
    for (const name of ['ballast', 'more']) rmSync(join(disk, name));
    await until(async () => (await stateOf(id)).state === 'finished');
    const { takenUpAgain, counts } = await stateOf(id);
    expect({ takenUpAgain, counts }).toMatchObject({ takenUpAgain: 0, counts: { rejected: 0, conflicting: 0 } });
    expect(counts.new! + counts.identical!).toBe(nmis.length * 90 * 48);
    await until(async () => !readdirSync(folder).includes('small.csv'));
    expect(readdirSync(join(folder, 'processed'))).toContain('small.csv');
    expect(await server.stop()).toBe(0);
    expect(await cli(home, ['verify'])).toMatchObject({ code: 0 });
    rmSync(home, { recursive: true });
  }, 600_000);

  it('ends an import with 3 and says why; nothing is wrong with the file', async () => {
    const nmis = Array.from({ length: 80 }, (_, at) => String(6_001_000_100 + at));
    const file = join(place, 'large.nem12');
    writeFileSync(file, nem12File(nmis, 365));
    const { code, stderr } = await cli(join(disk, 'importing'), ['import', file]);
    expect({ code, stderr }).toMatchObject({ code: 3, stderr: expect.stringMatching(/no room|full/) });
  });
});

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise(resolve => setTimeout(resolve, 200));
}

/** Writes until the disk takes no byte more. */
function fill(path: string): void {
  const file = openSync(path, 'w');
  for (let size = 1024 * 1024; size >= 1; ) {
    try {
      writeSync(file, Buffer.alloc(size));
    } catch {
      size = Math.floor(size / 2);
    }
  }
  closeSync(file);
}
