import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { createApiKey } from '../../src/access/create-api-key.ts';
import { flushHouse } from '../../src/house.ts';
import { importFile } from '../../src/imports/import-file.ts';
import { keepFile } from '../../src/imports/keep-file.ts';
import { decideConflict, listConflicts } from '../../src/readings/conflicts.ts';
import { decodeBlock, encodeBlock } from '../../src/readings/day-block-codec.ts';
import { flush } from '../../src/readings/flush.ts';
import { OriginTable } from '../../src/readings/origin.ts';
import { postReadings } from '../../src/readings/post-readings.ts';
import { rebuildArchives } from '../../src/safekeeping/rebuild-archives.ts';
import { verify } from '../../src/safekeeping/verify.ts';
import { verifyArchives } from '../../src/safekeeping/verify-archives.ts';
import { verifyBooks } from '../../src/safekeeping/verify-books.ts';
import { type Day, instantOfMs } from '../../src/units/time.ts';
import { type TestHouse, testHouse } from '../open-house.ts';

const d0010 =
  'ZHV|0000000001|D0010002|D|UDMS|X|UDMS|20261120093000||||OPER|\r\n026|1200023305967|V|\r\n028|F75A 00802|D|\r\n030|S|20261115000000|56311.0|||T|N|\r\nZPT|0000000001|4||1|20261120093000|\r\n';

/** Two days of a meter, a conflict, an import and some audit entries: something of everything that is verified. */
async function livedIn(): Promise<TestHouse> {
  const test = await testHouse({ at: '2026-11-20T12:00:00Z' });
  const { house, clock } = test;
  createApiKey(house.access, { name: 'a', scopes: ['*'], by: 'test' });
  createApiKey(house.access, { name: 'b', scopes: ['*'], by: 'test' });
  house.meterPoints.add({ identifier: 'm-1', address: '', zone: house.config.zone, origin: 'registered' }, 0);
  await post(test, '2026-11-19T12:00:00Z', '1.5');
  await post(test, '2026-11-20T11:30:00Z', '2.5');
  await postReadings(house, [{ meterPoint: 'm-1', at: '2026-11-20T11:30:00Z', value: '2.6' }], 1);
  await flushHouse(house);
  clock.moveTo('2026-11-21T00:30:00Z');
  await post(test, '2026-11-21T00:00:00Z', '3');
  const { sha256 } = await keepFile(house.importFolder, [Buffer.from(d0010)]);
  const file = { name: 'a.uff', sha256, strict: false, by: 'test' };
  expect(await importFile({ ...house, zone: house.config.zone }, file)).toMatchObject({ counts: { new: 1 } });
  await flushHouse(house);
  return test;
}

async function post({ house }: TestHouse, at: string, value: string) {
  expect(await postReadings(house, [{ meterPoint: 'm-1', at, value }], 1)).toEqual([{ verdict: 'accepted' }]);
}

async function look(test: TestHouse) {
  return [...(await verify(test.house)), ...(await verifyBooks(test.house.database))];
}

async function damageOf(test: TestHouse) {
  return (await look(test)).flatMap(({ name, damage }) => (damage ? [`${name}: ${damage.what}`] : []));
}

describe('verify', () => {
  it('waits for the archive of a day whose only readings were taken back, until its turn has come', async () => {
    const test = await testHouse({ at: '2026-11-15T12:00:00Z' });
    const { house } = test;
    const call = async (url: string, payload: string | object) => {
      const headers = { authorization: test.authorization(), 'content-type': 'application/octet-stream' };
      const answer = await test.app.inject({
        method: 'POST',
        url,
        payload,
        headers: typeof payload === 'string' ? headers : { authorization: headers.authorization },
      });
      expect(answer.statusCode).toBe(200);
    };
    await call('/v1/imports?wait=true', d0010);
    // As at every shutdown: the running day is written, too.
    await rebuildArchives(house, { day: '2026-11-15' as Day });
    await call('/v1/imports/1/undo', { reason: 'of another site' });
    await flushHouse(house);
    expect(house.archiver.has('daily_2026-11-15.csv')).toBe(true);
    expect(await damageOf(test)).toEqual([]);
    house.database.prepare('DELETE FROM archive_due').run();
    expect(await damageOf(test)).toEqual([
      'archives: archive/daily_2026-11-15.csv shows readings that the store does not hold',
    ]);
  });

  it('counts a day once that came late and stands in front of its packed month', async () => {
    const test = await testHouse({ at: '2026-11-20T12:00:00Z' });
    const { house } = test;
    house.meterPoints.add({ identifier: 'm-1', address: '', zone: house.config.zone, origin: 'registered' }, 0);
    await post(test, '2026-10-05T00:00:00Z', '1');
    await post(test, '2026-10-06T00:00:00Z', '3');
    await house.maintenance.start(['monthly'], 'test');
    await post(test, '2026-10-05T12:00:00Z', '2');
    await flushHouse(house);
    const counted = () => look(test).then(checks => checks.find(({ name }) => name === 'store')?.checked);
    expect(await counted()).toBe('1 blocks, 1 months, 3 readings');
    await house.maintenance.start(['monthly'], 'test');
    expect(await counted()).toBe('0 blocks, 1 months, 3 readings');
  });

  it('finds nothing in a home that nobody touched, and says what it looked at', async () => {
    const test = await livedIn();
    const checks = await look(test);
    expect(checks.map(({ name, checked }) => `${name}: ${checked}`)).toEqual([
      'journal: 2 files, 5 groups, 5 readings, each found in the store',
      'store: 4 blocks, 0 months, 4 readings',
      expect.stringMatching(/^archives: 3 archives, rendered again from the store; \d more are not due yet$/),
      'imported files: 1 files',
      'database: every page and index',
      'ledger: 0 transactions',
      'audit trail: every entry follows the one before',
    ]);
    expect(await damageOf(test)).toEqual([]);
  });

  it('finds every single flipped bit of the journal', async () => {
    const test = await livedIn();
    const path = join(test.home, 'logs', 'readings-2026-11-20.log');
    const whole = readFileSync(path);
    for (let at = 0; at < whole.length; at += 7) {
      const altered = Buffer.from(whole);
      altered[at]! ^= 1 << (at % 8);
      writeFileSync(path, altered);
      expect(await damageOf(test)).toEqual([expect.stringMatching(/^journal: .*readings-2026-11-20\.log is damaged/)]);
    }
    writeFileSync(path, whole);
    expect(await damageOf(test)).toEqual([]);
  });

  it('passes over zeros that were written ahead and that a crash at the end of a day has left, and over nothing else', async () => {
    const test = await livedIn();
    const path = join(test.home, 'logs', 'readings-2026-11-20.log');
    const whole = readFileSync(path);
    const filled = Buffer.concat([whole, Buffer.alloc(65_536)]);
    writeFileSync(path, filled);
    expect(await damageOf(test)).toEqual([]);
    filled[whole.length + 5000] = 1;
    writeFileSync(path, filled);
    expect(await damageOf(test)).toEqual([expect.stringContaining(`damaged at byte ${whole.length}`)]);
  });

  it('finds a journal file that is gone, and one that was put in the place of another', async () => {
    const test = await livedIn();
    const path = join(test.home, 'logs', 'readings-2026-11-20.log');
    const aside = join(test.home, 'aside');
    copyFileSync(path, aside);
    rmSync(path);
    // What is left is a chain in itself: that its beginning is gone shows in the number of its first group.
    expect(await damageOf(test)).toEqual([expect.stringMatching(/^journal: .* group 4 does not follow group 0$/)]);
    const next = join(test.home, 'logs', 'readings-2026-11-21.log');
    copyFileSync(next, path);
    expect(await damageOf(test)).toEqual([expect.stringContaining('its first line is not that of a journal')]);
    copyFileSync(aside, path);
    expect(await damageOf(test)).toEqual([]);
  });

  it('finds a reading of the journal that the store does not have, and one it has with another value', async () => {
    const test = await livedIn();
    const { database } = test.house;
    const row = database.prepare('SELECT * FROM reading_day ORDER BY id LIMIT 1').get() as {
      id: number;
      block: Buffer;
    };
    database.prepare('DELETE FROM reading_day WHERE id = ?').run(row.id);
    expect(await damageOf(test)).toEqual([
      expect.stringMatching(
        /^journal: the reading of series 1 at 2026-11-19T12:00:00Z, accepted in .* is not in the store/,
      ),
      expect.stringContaining('archives: archive/daily_2026-11-19.csv'),
    ]);
    const other = database.prepare('SELECT * FROM reading_day ORDER BY id LIMIT 1').get() as typeof row;
    database.prepare('INSERT INTO reading_day (id, count, block) VALUES (?, 1, ?)').run(row.id, other.block);
    expect((await damageOf(test))[0]).toContain('2026-11-19T12:00:00Z');
    database.prepare('UPDATE reading_day SET block = ? WHERE id = ?').run(row.block, row.id);
    expect(await damageOf(test)).toEqual([]);
  });

  it.each(['version_at', 'minutes', 'quality', 'source_id', 'line', 'received_at'])(
    'finds a reading that stands beside another with a different %s than it came with',
    async column => {
      const test = await livedIn();
      const { database } = test.house;
      expect(database.prepare(`UPDATE reading_version SET ${column} = ${column} + 1`).run().changes).toBe(1);
      expect(await damageOf(test)).toEqual([
        expect.stringMatching(
          /^journal: the reading of series 1 at 2026-11-20T11:30:00Z, conflict in .* is not in the store as it was kept/,
        ),
      ]);
    },
  );

  it('finds a reading that is current since another second than it came in', async () => {
    const test = await livedIn();
    const { database } = test.house;
    type Row = { id: number; block: Buffer };
    const row = database.prepare<[], Row>('SELECT id, block FROM reading_day ORDER BY id LIMIT 1').get()!;
    const origins = new OriginTable();
    const block = decodeBlock(row.block, origins);
    block.since[0]! ^= 1 << 9;
    const altered = encodeBlock(block, origins);
    expect(altered).toHaveLength(row.block.length);
    database.prepare('UPDATE reading_day SET block = ? WHERE id = ?').run(altered, row.id);
    expect(await damageOf(test)).toEqual([
      expect.stringMatching(/^journal: the reading of series 1 at 2026-11-19T12:00:00Z, accepted in .* as it was kept/),
    ]);
  });

  it('finds a reading that ended, as the store says, when nothing came', async () => {
    const test = await livedIn();
    const { house, clock } = test;
    clock.moveTo('2026-11-21T09:00:00Z');
    const { conflicts } = listConflicts(house, { limit: 1 });
    await decideConflict(house, conflicts[0]!.id, 'take');
    await flushHouse(house);
    expect(await damageOf(test)).toEqual([]);
    const ended = 'FROM reading_version WHERE ended_at > 0 ORDER BY id';
    const ids = house.database.prepare<[], number>(`SELECT id ${ended}`).pluck().all();
    // What was replaced, and what waited.
    expect(ids).toHaveLength(2);
    const flip = house.database.prepare('UPDATE reading_version SET ended_at = ended_at - 64 WHERE id = ?');
    const restore = house.database.prepare(
      `UPDATE reading_version SET ended_at = ${instantOfMs(clock.now())} WHERE id = ?`,
    );
    for (const id of ids) {
      flip.run(id);
      expect(await damageOf(test)).toEqual([
        expect.stringMatching(
          /^journal: the store says that a reading of series 1 at 2026-11-20T11:30:00Z ended at epoch second \d+,/,
        ),
      ]);
      restore.run(id);
    }
    expect(await damageOf(test)).toEqual([]);
  });

  it.each([
    ['an archive that has to be written again', ['2026-11-19T13:00:00Z', '2026-11-19T00:00:00Z']],
    ['archives of days that had no readings', ['2026-11-18T13:00:00Z', '2026-10-18T00:00:00Z']],
  ])('does not take a flush that is half written for damage: %s', async (_what, starts) => {
    const test = await livedIn();
    const { house } = test;
    for (const meterPoint of ['m-2', 'm-3']) {
      house.meterPoints.add({ identifier: meterPoint, address: '', zone: house.config.zone, origin: 'registered' }, 0);
      const items = starts.map(start => ({ meterPoint, start, energy: '0.5' }));
      expect(await postReadings(house, items, 1)).toEqual([{ verdict: 'accepted' }, { verdict: 'accepted' }]);
    }
    const waits = Promise.withResolvers<void>();
    let verified: Promise<string> | undefined;
    // A slice a block; behind the first of them it looks, and finds what it finds or waits for this flush to end.
    const pause = async () => {
      if (verified) return;
      verified = verifyArchives(house.archiver);
      vi.spyOn(house.store.turns, 'take').mockImplementationOnce(act => {
        const turn = house.store.turns.take(act);
        waits.resolve();
        return turn;
      });
      await Promise.race([verified, waits.promise]);
    };
    await flush({ ...house, zone: house.config.zone }, { weightAtOnce: 1, pause });
    expect(await verified).toMatch(/not due yet|archives, rendered again/);
    expect(await damageOf(test)).toEqual([]);
  });

  it('finds a block that cannot be decoded, one whose row counts wrongly, and one of nobody', async () => {
    const test = await livedIn();
    const { database } = test.house;
    const row = database.prepare('SELECT * FROM reading_day ORDER BY id LIMIT 1').get() as {
      id: number;
      block: Buffer;
    };
    database.prepare('UPDATE reading_day SET count = 7 WHERE id = ?').run(row.id);
    expect(await damageOf(test)).toEqual([
      'store: the block of m-1 1 on 2026-11-19 is damaged: it holds 1 readings and its row says 7',
    ]);
    database.prepare('UPDATE reading_day SET count = 1, block = ? WHERE id = ?').run(Buffer.from([9, 9, 9]), row.id);
    expect(await damageOf(test)).toEqual(
      expect.arrayContaining([expect.stringContaining('store: the block of m-1 1 on 2026-11-19 is damaged')]),
    );
    database.prepare('UPDATE reading_day SET block = ? WHERE id = ?').run(row.block, row.id);
    database.prepare('INSERT INTO reading_day (id, count, block) VALUES (?, 1, ?)').run(99 * 131_072 + 5, row.block);
    expect(await damageOf(test)).toEqual([expect.stringContaining('the block of series 99')]);
  });

  it('finds an archive that was changed or lost; rebuilding makes the same bytes again', async () => {
    const test = await livedIn();
    const folder = join(test.home, 'archive');
    const before = readFileSync(join(folder, 'daily_2026-11-20.csv'), 'utf8');
    writeFileSync(join(folder, 'daily_2026-11-20.csv'), before.replace('2.5', '2.6'));
    expect(await damageOf(test)).toEqual(['archives: archive/daily_2026-11-20.csv was changed after it was written']);
    rmSync(join(folder, 'manifest.json'));
    expect(await damageOf(test)).toEqual(['archives: archive/daily_2026-11-20.csv does not show what the store holds']);
    rmSync(join(folder, 'daily_2026-11-20.csv'));
    expect(await damageOf(test)).toEqual(['archives: archive/daily_2026-11-20.csv is missing']);
    expect(await rebuildArchives(test.house, { day: '2026-11-20' as Day })).toEqual(['daily_2026-11-20.csv']);
    expect(readFileSync(join(folder, 'daily_2026-11-20.csv'), 'utf8')).toBe(before);
    expect(await damageOf(test)).toEqual([]);
    writeFileSync(join(folder, 'manifest.json'), '{"version":1');
    expect(await damageOf(test)).toEqual(['archives: archive/manifest.json cannot be read']);
    await rebuildArchives(test.house, {});
    const manifest = readFileSync(join(folder, 'manifest.json'), 'utf8');
    writeFileSync(join(folder, 'manifest.json'), manifest.replace('daily_2026-11-20', 'daily_2026-11-00'));
    expect(await damageOf(test)).toEqual([
      'archives: archive/manifest.json names daily_2026-11-00.csv, which is no archive',
    ]);
    await rebuildArchives(test.house, {});
    expect(readFileSync(join(folder, 'manifest.json'), 'utf8')).toBe(manifest);
    writeFileSync(join(folder, 'manifest.json'), manifest.replace(/"bytes": (\d)/, '"bytes": 9$1'));
    expect(await damageOf(test)).toEqual([expect.stringContaining('was changed after it was written')]);
    for (const name of readdirSync(folder)) rmSync(join(folder, name));
    expect(await rebuildArchives(test.house, {})).toEqual([
      'daily_2026-11-15.csv',
      'daily_2026-11-19.csv',
      'daily_2026-11-20.csv',
      'daily_2026-11-21.csv',
      'monthly_2026-11.csv',
    ]);
    expect(readFileSync(join(folder, 'daily_2026-11-20.csv'), 'utf8')).toBe(before);
  });

  it('takes an archive that was written with the columns of before for what it is, and finds what was changed in it', async () => {
    const test = await livedIn();
    const path = join(test.home, 'archive', 'daily_2026-11-20.csv');
    const now = readFileSync(path, 'utf8');
    const before = now.replaceAll(/,[^,\r\n]*,[^,\r\n]*(?=\r\n)/g, '');
    expect(before).toMatch(/^meter_id,timestamp,reading,kind,code,unit,quality\r\n.*,register,1,kWh,actual\r\n/);
    // As if this version had never written one.
    rmSync(join(test.home, 'archive', 'manifest.json'));
    writeFileSync(path, before);
    expect(await damageOf(test)).toEqual([]);
    writeFileSync(path, before.replace('2.5', '2.6'));
    expect(await damageOf(test)).toEqual(['archives: archive/daily_2026-11-20.csv does not show what the store holds']);
    await rebuildArchives(test.house, { day: '2026-11-20' as Day });
    expect(readFileSync(path, 'utf8')).toBe(now);
  });

  it('finds an imported file, a ledger entry and an audit entry that were changed', async () => {
    const test = await livedIn();
    const { database, config } = test.house;
    const [name] = readdirSync(join(config.home, 'data', 'imports'));
    writeFileSync(join(config.home, 'data', 'imports', name!), d0010.replace('56311', '56312'));
    expect(await damageOf(test)).toEqual([`imported files: data/imports/${name} is not the file that was imported`]);
    writeFileSync(join(config.home, 'data', 'imports', name!), d0010);
    database.exec('DROP TRIGGER audit_entry_never_changes');
    database.prepare(`UPDATE audit_entry SET who = 'nobody' WHERE id = 2`).run();
    expect(await damageOf(test)).toEqual(['audit trail: entry 2 of the audit trail does not follow the one before']);
  });
});
