import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { flushHouse } from '../../src/house.ts';
import { sha256 } from '../../src/kernel/ids.ts';
import { postReadings } from '../../src/readings/post-readings.ts';
import { backup } from '../../src/safekeeping/backup.ts';
import { restore } from '../../src/safekeeping/restore.ts';
import { verify } from '../../src/safekeeping/verify.ts';
import { formatUtc, instant } from '../../src/units/time.ts';
import { type TestHouse, testFolder, testHouse } from '../open-house.ts';
import { cli, createKey, startServer, temporaryHome } from '../server.ts';
import { before } from '../settings/older-home.ts';

const midnight = Date.parse('2026-11-20T00:00:00Z') / 1000;

async function withMeter(): Promise<TestHouse> {
  const test = await testHouse({ at: '2026-11-22T00:00:00Z' });
  test.house.meterPoints.add({ identifier: 'm-1', address: '', zone: test.house.config.zone, origin: 'registered' }, 0);
  return test;
}

/** One reading per second from midnight: the nth shows n. */
async function post({ house }: TestHouse, n: number) {
  const at = formatUtc(instant(midnight + n));
  expect(await postReadings(house, [{ meterPoint: 'm-1', at, value: n }], 1)).toEqual([{ verdict: 'accepted' }]);
}

function known({ house }: TestHouse): number {
  const [series] = house.meterPoints.listSeries(house.meterPoints.get('m-1').id);
  return series ? house.index.list(series.id, instant(0), instant(1e10)).length : 0;
}

describe('a backup', () => {
  it('R11 taken under load holds everything that was acknowledged before it began, and verifies elsewhere', async () => {
    const test = await withMeter();
    let acknowledged = 0;
    let going = true;
    const load = (async () => {
      while (going) {
        await post(test, acknowledged);
        acknowledged += 1;
        if (acknowledged % 40 === 0) await flushHouse(test.house);
      }
    })();
    while (acknowledged < 100) await new Promise(resolve => setTimeout(resolve, 5));
    const before = acknowledged;
    const folder = join(testFolder(), 'backup');
    const report = await backup(test.house, folder);
    const after = acknowledged + 1;
    going = false;
    await load;
    expect(report).toMatchObject({
      folder,
      files: readdirSync(folder, { recursive: true, withFileTypes: true }).filter(e => e.isFile()).length - 1,
    });
    const home = testFolder();
    await restore(folder, home);
    const restored = await testHouse({ at: '2026-11-22T01:00:00Z', home });
    expect(known(restored)).toBeGreaterThanOrEqual(before);
    expect(known(restored)).toBeLessThanOrEqual(after);
    expect((await verify(restored.house)).flatMap(({ damage }) => damage ?? [])).toEqual([]);
    // It goes on where it ended, in the same chain.
    await post(restored, 50_000);
    expect((await verify(restored.house)).flatMap(({ damage }) => damage ?? [])).toEqual([]);
  });

  it('taken while meters are registered knows each one that its journal has readings of', async () => {
    const test = await withMeter();
    const { house } = test;
    let registered = 0;
    const register = async () => {
      const identifier = `new-${registered}`;
      house.meterPoints.add({ identifier, address: '', zone: house.config.zone, origin: 'registered' }, 0);
      const item = { meterPoint: identifier, at: '2026-11-20T00:00:00Z', value: registered };
      expect(await postReadings(house, [item], 1)).toEqual([{ verdict: 'accepted' }]);
      registered += 1;
    };
    while (registered < 3) await register();
    let going = true;
    const load = (async () => {
      while (going) await register();
    })();
    const folder = join(testFolder(), 'backup');
    await backup(house, folder);
    going = false;
    await load;
    const home = testFolder();
    await restore(folder, home);
    const restored = await testHouse({ at: '2026-11-22T01:00:00Z', home });
    expect((await verify(restored.house)).flatMap(({ damage }) => damage ?? [])).toEqual([]);
    const { meterPoints } = restored.house.store.countReadings();
    expect(meterPoints).toBeGreaterThanOrEqual(3);
    expect(meterPoints).toBeLessThanOrEqual(registered);
  });

  it('has no PDF of an invoice that was issued behind what its database knows', async () => {
    const { house, home } = await withMeter();
    vi.spyOn(house.journal, 'barrier').mockImplementationOnce(async act => {
      const moment = await house.journal.barrier(act);
      mkdirSync(join(home, 'data', 'invoices'));
      writeFileSync(join(home, 'data', 'invoices', '2026-000001.pdf'), 'issued just now');
      return moment;
    });
    const folder = join(testFolder(), 'backup');
    await backup(house, folder);
    expect(existsSync(join(home, 'data', 'invoices', '2026-000001.pdf'))).toBe(true);
    expect(existsSync(join(folder, 'data', 'invoices'))).toBe(false);
  });

  it.each([
    ['gone', (path: string) => rmSync(path)],
    ['cut', (path: string) => truncateSync(path, 100)],
  ])('is none when the journal is %s', async (_what, damage) => {
    const test = await withMeter();
    await post(test, 0);
    await post(test, 1);
    damage(join(test.home, 'logs', 'readings-2026-11-22.log'));
    const folder = join(testFolder(), 'backup');
    await expect(backup(test.house, folder)).rejects.toThrow('readings-2026-11-22.log is missing or shorter');
    expect(existsSync(join(folder, 'backup.json'))).toBe(false);
  });

  it('is refused into a folder that is not empty', async () => {
    const test = await withMeter();
    const folder = testFolder();
    writeFileSync(join(folder, 'mine.txt'), 'keep me');
    await expect(backup(test.house, folder)).rejects.toMatchObject({ code: 'backup-folder-taken' });
    expect(readdirSync(folder)).toEqual(['mine.txt']);
  });

  it.each(['mine.txt', 'mine.txt/below/it', 'link-to-nothing'])(
    'is refused at %s, where something else stands',
    async name => {
      const test = await withMeter();
      const folder = testFolder();
      writeFileSync(join(folder, 'mine.txt'), 'keep me');
      symlinkSync(join(folder, 'nothing'), join(folder, 'link-to-nothing'));
      await expect(backup(test.house, join(folder, name))).rejects.toMatchObject({
        code: 'backup-folder-taken',
        message: `${join(folder, name.split('/')[0]!)} is no folder`,
      });
      expect(readdirSync(folder)).toEqual(['link-to-nothing', 'mine.txt']);
      expect(readFileSync(join(folder, 'mine.txt'), 'utf8')).toBe('keep me');
    },
  );
});

describe('restoring', () => {
  async function backedUp(): Promise<string> {
    const test = await withMeter();
    for (let n = 0; n < 5; n++) await post(test, n);
    await flushHouse(test.house);
    await post(test, 5);
    const folder = join(testFolder(), 'backup');
    await backup(test.house, folder);
    return folder;
  }

  it.each([
    ['is one byte longer', (path: string) => appendFileSync(path, 'x')],
    ['is gone', (path: string) => rmSync(path)],
    ['has one bit flipped', flipBit],
  ])('names the file that %s, and writes nothing', async (_what, damage) => {
    const folder = await backedUp();
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile() && entry.name !== 'backup.json')
      .map(entry => join(entry.parentPath, entry.name));
    expect(files.length).toBeGreaterThan(3);
    for (const path of files) {
      const whole = readFileSync(path);
      damage(path);
      const home = testFolder();
      await expect(restore(folder, home)).rejects.toThrow(path);
      expect(readdirSync(home)).toEqual([]);
      writeFileSync(path, whole);
    }
    expect(await restore(folder, testFolder())).toMatchObject({ version: 1 });
  });

  function flipBit(path: string) {
    const bytes = readFileSync(path);
    bytes[Math.floor(bytes.length / 2)]! ^= 4;
    writeFileSync(path, bytes);
  }

  it('refuses a backup that was interrupted, and one that would write outside the home', async () => {
    const folder = await backedUp();
    const manifest = readFileSync(join(folder, 'backup.json'), 'utf8');
    rmSync(join(folder, 'backup.json'));
    await expect(restore(folder, testFolder())).rejects.toThrow('there is no backup.json');
    for (const path of ['../x', 'data/../../x', '/etc/x', 'logs//x', 'elsewhere/x']) {
      writeFileSync(join(folder, 'backup.json'), manifest.replace('data/wattledger.db', path));
      await expect(restore(folder, testFolder())).rejects.toThrow('cannot be read');
    }
  });

  it('refuses to write over a home', async () => {
    const folder = await backedUp();
    const home = testFolder();
    mkdirSync(join(home, 'logs'));
    writeFileSync(join(home, 'logs', 'readings-2026-11-20.log'), 'somebody’s');
    await expect(restore(folder, home)).rejects.toMatchObject({ code: 'home-taken' });
  });

  it.each(['archive/daily_2020-01-01.csv', 'data/invoices/2026-000001.pdf'])(
    'does not mix a backup with what another home left: %s',
    async left => {
      const folder = await backedUp();
      const home = testFolder();
      mkdirSync(dirname(join(home, left)), { recursive: true });
      writeFileSync(join(home, left), 'somebody’s');
      await expect(restore(folder, home)).rejects.toMatchObject({ code: 'home-taken' });
      expect(readdirSync(dirname(join(home, left)))).toEqual([basename(left)]);
      rmSync(join(home, left));
      await restore(folder, home);
    },
  );

  it('leaves nothing that opens when it breaks off', async () => {
    const folder = await backedUp();
    const home = testFolder();
    // Where the archives belong nothing can be written.
    symlinkSync(join(home, 'nowhere', 'archive'), join(home, 'archive'));
    await expect(restore(folder, home)).rejects.toThrow(join(home, 'archive'));
    expect(existsSync(join(home, 'data', 'wattledger.db'))).toBe(false);
    rmSync(join(home, 'archive'));
    await expect(testHouse({ home })).rejects.toThrow('older than the readings journal');
    await expect(restore(folder, home)).rejects.toMatchObject({ code: 'home-taken' });
  });
});

describe('on the command line', () => {
  it('keeps the days of the zone that was backed up, whatever is set where it is restored, and says which they are', async () => {
    const test = await testHouse({ at: '2026-11-22T00:00:00Z', zone: 'Australia/Adelaide' });
    const { house } = test;
    house.meterPoints.add({ identifier: 'm-1', address: '', zone: house.config.zone, origin: 'registered' }, 0);
    // 20:00 in UTC, and the next day already where the backup was taken.
    await post(test, 72_000);
    await flushHouse(house);
    const folder = join(testFolder(), 'backup');
    await backup(house, folder);
    const elsewhere = temporaryHome();
    const restored = await cli(elsewhere, ['restore', folder, '--verify']);
    const sound = { code: 0, stdout: expect.stringMatching(/✓ archives: [12] archives/) };
    expect(restored).toMatchObject({
      ...sound,
      stderr: expect.stringContaining('days are those of Australia/Adelaide'),
    });
    expect(await cli(elsewhere, ['verify'])).toMatchObject(sound);
    const zoned = { TIME_ZONE: 'Australia/Adelaide' };
    const again = await cli(temporaryHome(), ['restore', folder, '--verify'], zoned);
    expect(again).toMatchObject({ ...sound, stderr: expect.not.stringContaining('Australia') });
    const other = { TIME_ZONE: 'Europe/London' };
    const abroad = temporaryHome();
    expect(await cli(abroad, ['restore', folder, '--verify'], other)).toMatchObject({
      ...sound,
      stderr: expect.stringContaining('TIME_ZONE=Europe/London will be refused'),
    });
    expect(await cli(abroad, ['verify'], other)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('has days of Australia/Adelaide'),
    });
  });

  it('takes the zone of an older backup from its manifest', async () => {
    const folder = join(testFolder(), 'backup');
    mkdirSync(join(folder, 'data'), { recursive: true });
    const database = before('034', join(folder, 'data'));
    const bytes = readFileSync(database);
    const files = [{ path: 'data/wattledger.db', bytes: bytes.length, sha256: sha256(bytes) }];
    const journal = { day: '2026-11-20', offset: 0, sequence: 0, checksum: 0 };
    const manifest = { version: 1, takenAt: '2026-11-20T00:00:00Z', zone: 'Australia/Adelaide', journal, files };
    writeFileSync(join(folder, 'backup.json'), JSON.stringify(manifest));
    const home = temporaryHome();
    expect(await cli(home, ['restore', folder])).toMatchObject({ code: 0 });
    const { house } = await testHouse({ home, environment: { TIME_ZONE: 'Australia/Adelaide' } });
    expect(house.config.zone).toBe('Australia/Adelaide');
    await expect(cli(home, ['home'])).resolves.toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^TIME_ZONE=Australia\/Adelaide +since 2026-11-20T00:00:00Z \(backup\)$/m),
    });
  });

  it('backs up a running server, restores elsewhere with --verify, and says exit 3 to damage', async () => {
    const home = temporaryHome();
    const server = await startServer(home);
    const key = await createKey(home);
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const send = (path: string, body: object) =>
      fetch(server.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    expect((await send('/v1/meter-points', { identifier: 'm-1' })).status).toBe(201);
    expect((await send('/v1/readings', { meterPoint: 'm-1', at: '2026-01-01T00:00:00Z', value: '7' })).status).toBe(
      200,
    );

    const folder = join(temporaryHome(), 'backup');
    const taken = await cli(home, ['backup', folder, '--json']);
    expect(taken).toMatchObject({ code: 0 });
    expect(JSON.parse(taken.stdout)).toMatchObject({ folder });
    expect(await cli(home, ['backup', folder])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('not empty'),
    });
    expect(await cli(home, ['verify'])).toMatchObject({ code: 0, stdout: expect.stringContaining('is sound') });
    await server.stop();

    const elsewhere = temporaryHome();
    const restored = await cli(home, ['restore', folder, '--home', elsewhere, '--verify']);
    expect(restored).toMatchObject({ code: 0, stdout: expect.stringContaining('1 readings, each found in the store') });
    expect(existsSync(join(elsewhere, 'archive', 'monthly_2026-01.csv'))).toBe(true);
    expect(await cli(home, ['restore', folder, '--home', elsewhere])).toMatchObject({ code: 1 });

    writeFileSync(join(elsewhere, 'archive', 'monthly_2026-01.csv'), 'meter_id,timestamp,reading\r\n');
    const damaged = await cli(elsewhere, ['verify', '--json']);
    expect(damaged.code).toBe(3);
    expect(JSON.parse(damaged.stdout)).toMatchObject({ sound: false });
    const rebuilt = await cli(elsewhere, ['archive', 'rebuild', '--month', '2026-01']);
    expect(rebuilt).toMatchObject({ code: 0, stdout: 'monthly_2026-01.csv\n' });
    expect(await cli(elsewhere, ['verify'])).toMatchObject({ code: 0 });
    expect(await cli(elsewhere, ['archive', 'rebuild'])).toMatchObject({ code: 2 });
    const database = join(elsewhere, 'data', 'wattledger.db');
    const whole = readFileSync(database);
    writeFileSync(database, Buffer.from(whole).fill(0x5a, 4096, whole.length - 4096));
    const broken = await cli(elsewhere, ['verify']);
    expect(broken).toMatchObject({ code: 3, stdout: expect.stringMatching(/^✗ database: /) });
    writeFileSync(database, whole);
    expect(await cli(elsewhere, ['maintain', 'both', '--json'])).toMatchObject({ code: 0 });
  });
});
