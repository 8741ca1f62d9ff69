import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { closeHouse, openHouse } from '../../src/house.ts';
import { StoppedClock } from '../../src/kernel/clock.ts';
import { createLog } from '../../src/kernel/log.ts';
import { instant } from '../../src/units/time.ts';
import { cli, createKey, type RunningServer, startServer, temporaryHome } from '../server.ts';
import { campaign } from './campaign.ts';
import { pause, ready } from './load.ts';

const environment = { FLUSH_SECONDS: '1', DISK_FREE_MIN_MB: '0' };
const days = 60;
const kills = Math.min(campaign.kills, 20);

/** A NEM12 file of half-hours: `meters` meter points from number `first` on, `days` days from 1 July 2026 on. */
function nem12(first: number, meters: number, watts: number, stamp: string): string {
  const midnight = Date.UTC(2026, 6, 1);
  const lines = Array.from({ length: meters }, (_, meter) => [
    `200,60010${String(first + meter).padStart(5, '0')},E1,1,E1,,METER1,KWH,30,`,
    ...Array.from({ length: days }, (_each, day) => {
      const date = new Date(midnight + day * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '');
      const values = Array.from({ length: 48 }, (_slot, slot) => ((watts + slot + day + meter) / 1000).toFixed(3));
      return `300,${date},${values.join(',')},A,,,${stamp},`;
    }),
  ]);
  return ['100,NEM12,202609010000,MDP,RETAILER', ...lines.flat(), '900', ''].join('\r\n');
}

// The second one replaces some of the first, brings meters of its own, and is replaced and met by the third.
const files = {
  first: nem12(0, 12, 100, '20260901000000'),
  undone: nem12(6, 14, 200, '20260902000000'),
  later: nem12(10, 8, 300, '20260902000000'),
};

async function homeWith(names: readonly (keyof typeof files)[]): Promise<string> {
  const home = temporaryHome();
  for (const name of names) {
    const path = join(home, `${name}.csv`);
    writeFileSync(path, files[name]);
    const { code, stderr } = await cli(home, ['import', path]);
    // Conflicts are warnings.
    expect(code, stderr).toBe(0);
  }
  return home;
}

async function readingsOf(home: string): Promise<Map<string, string[]>> {
  const house = openHouse({
    config: readConfig({ WATTLEDGER_HOME: home, TIME_ZONE: 'UTC' }),
    clock: new StoppedClock('2026-11-21T10:10:00Z'),
    log: createLog('silent'),
    onStorageFailure: error => {
      throw error;
    },
  });
  const found = house.meterPoints.allSeries.list().map(({ id, meterPointId }): [string, string[]] => {
    const readings = house.index.list(id, instant(0), instant(1e10));
    const shown = readings.map(each => `${each.at} ${each.value} ${each.quality} ${each.versionAt} ${each.line}`);
    return [house.meterPoints.getById(meterPointId).identifier, shown];
  });
  await closeHouse(house);
  // A meter point that only the undone file spoke of stays, with nothing on it.
  return new Map(found.filter(([, readings]) => readings.length > 0));
}

it(`leaves what the other files alone leave, when the process is killed ${kills} times while an import is taken back`, async () => {
  const [home, other] = [await homeWith(['first', 'undone', 'later']), await homeWith(['first', 'later'])];
  const key = await createKey(home);
  const ask = async ({ url }: RunningServer, method: string, path: string) => {
    const answer = await fetch(url + path, { method, headers: { authorization: `Bearer ${key}` } });
    return JSON.parse(await answer.text());
  };
  let server = await startServer(home, environment);
  await ready(server);
  const database = new Database(join(home, 'data', 'wattledger.db'), { readonly: true });
  const undo = database.prepare<[], { finishedAt: number | null }>('SELECT finished_at AS finishedAt FROM import_undo');
  const foretold = await ask(server, 'POST', '/v1/imports/2/undo?dry_run=true');
  // The answer does not come: the process dies first.
  const asked = ask(server, 'POST', '/v1/imports/2/undo').catch(() => undefined);
  await expect.poll(() => undo.get(), { timeout: 60_000, interval: 5 }).toBeTruthy();
  let met = 0;
  for (let kill = 0; kill < kills; kill++) {
    // The first at once: on a quick machine the undo is over soon.
    if (kill > 0) await pause(Math.random() * 250);
    if (undo.get()?.finishedAt === null) met += 1;
    await server.kill9();
    server = await startServer(home, environment);
    // Some are killed before they are ready.
    if (kill % 3 !== 2) await ready(server);
  }
  await asked;
  await ready(server);
  console.log(`${met} of ${kills} kills met an undo under way`);
  expect(met).toBeGreaterThan(0);
  expect(await ask(server, 'POST', '/v1/imports/2/undo')).toMatchObject({ code: 'import-undone' });
  await expect.poll(() => undo.get()?.finishedAt, { timeout: 120_000, interval: 200 }).toBeTruthy();
  const [{ report }] = database.prepare<[], { report: string }>('SELECT report FROM import_undo').all() as [
    { report: string },
  ];
  // Of all attempts together.
  const { gone, returned, beside, readAgain } = JSON.parse(report);
  expect(foretold).toMatchObject({ gone, returned, beside, readAgain });
  database.close();
  expect(await server.stop()).toBe(0);
  const verified = await cli(home, ['verify']);
  expect(verified, verified.stdout + verified.stderr).toMatchObject({ code: 0 });
  expect(await readingsOf(home)).toEqual(await readingsOf(other));
}, 600_000);
