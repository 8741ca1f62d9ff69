import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { closeHouse, openHouse } from '../../src/house.ts';
import { StoppedClock } from '../../src/kernel/clock.ts';
import { sha256 } from '../../src/kernel/ids.ts';
import { createLog } from '../../src/kernel/log.ts';
import { isMpan } from '../../src/units/identifiers.ts';
import { instant } from '../../src/units/time.ts';
import { dtcFile } from '../imports/dtc-file.ts';
import { cli, mainFile, nodeOfProject, temporaryHome } from '../server.ts';
import { nem12File } from '../trade-files.ts';
import { campaign } from './campaign.ts';
import { pause } from './load.ts';

// Each of them meets another flush, until all of the file is in the store.
const homes = Math.ceil(campaign.kills / 6);
// Several flushes, each large enough for the thread that writes them.
const nmis = Array.from({ length: 18 }, (_, at) => String(6_001_000_300 + at));
const days = 365;
const killsMax = 8;
const registers = 12_000;
const readings = nmis.length * days * 48;

/** How many days the store has that count. */
function storedDays(home: string): number {
  const path = join(home, 'data', 'wattledger.db');
  if (!existsSync(path)) return 0;
  const database = new Database(path, { readonly: true });
  try {
    // Some are killed before there are tables.
    const tables = database.prepare(`SELECT name FROM sqlite_schema WHERE name = 'reading_day'`).all();
    if (tables.length === 0) return 0;
    return database.prepare<[], { days: number }>('SELECT count(*) AS days FROM reading_day').get()!.days;
  } finally {
    database.close();
  }
}

/** One line a channel. */
async function readingsOf(home: string): Promise<string[]> {
  const house = openHouse({
    config: readConfig({ WATTLEDGER_HOME: home, TIME_ZONE: 'UTC' }),
    clock: new StoppedClock('2026-11-21T10:10:00Z'),
    log: createLog('silent'),
    onStorageFailure: error => {
      throw error;
    },
  });
  const found = house.meterPoints.allSeries.list().map(({ id, meterPointId }) => {
    const { identifier } = house.meterPoints.getById(meterPointId);
    expect(house.index.listVersions(id, instant(0), instant(1e10))).toEqual([]);
    const all = house.index.list(id, instant(0), instant(1e10));
    const shown = all.map(each => `${each.at} ${each.value} ${each.quality} ${each.versionAt} ${each.line}`);
    return `${identifier}: ${shown.length} readings, ${sha256(shown.join())}`;
  });
  await closeHouse(house);
  return found.sort();
}

it('a command that imports and is killed, be it while its thread writes a flush, has every reading once in the end', async () => {
  const other = temporaryHome();
  const path = join(other, 'year.csv');
  writeFileSync(path, nem12File(nmis, days));
  expect(await cli(other, ['import', path])).toMatchObject({ code: 0 });
  const [all, expected] = [storedDays(other), await readingsOf(other)];
  let within = 0;
  for (let at = 0; at < homes; at++) {
    const home = temporaryHome();
    let kills = 0;
    for (let stored = 0; stored < all && kills < killsMax; kills++) {
      await killAfterFlush(home, path, stored);
      stored = storedDays(home);
      if (stored > 0 && stored < all) within += 1;
    }
    const last = await cli(home, ['import', path, '--json']);
    expect(last, last.stderr).toMatchObject({ code: 0 });
    const { counts } = JSON.parse(last.stdout);
    expect(counts.new + counts.identical).toBe(readings);
    expect(counts).toMatchObject({ revised: 0, conflicting: 0, older: 0, rejected: 0 });
    const verified = await cli(home, ['verify']);
    expect(verified, verified.stdout + verified.stderr).toMatchObject({ code: 0 });
    expect(await readingsOf(home)).toEqual(expected);
    console.log(`killed ${kills} times, ${within} kills so far with a part of the file in the store`);
  }
  expect(within).toBeGreaterThan(0);
}, 600_000);

it('a command that names registers and is killed has no reading of one that does not stand there, and all of them once in the end', async () => {
  const other = temporaryHome();
  const path = join(other, 'registers.txt');
  writeFileSync(path, manyRegisters());
  expect(await cli(other, ['import', path])).toMatchObject({ code: 0 });
  const [all, expected] = [storedDays(other), await readingsOf(other)];
  expect(expected).toHaveLength(registers);
  const home = temporaryHome();
  let kills = 0;
  for (let stored = 0; stored < all && kills < killsMax; kills++) {
    await killAfterFlush(home, path, stored);
    stored = storedDays(home);
    // It would be refused as older than its journal.
    const verified = await cli(home, ['verify']);
    expect(verified, verified.stdout + verified.stderr).toMatchObject({ code: 0 });
  }
  const last = await cli(home, ['import', path, '--json']);
  expect(last, last.stderr).toMatchObject({ code: 0 });
  const { counts } = JSON.parse(last.stdout);
  expect(counts.new + counts.identical).toBe(registers);
  expect(counts).toMatchObject({ revised: 0, conflicting: 0, older: 0, rejected: 0 });
  expect(await readingsOf(home)).toEqual(expected);
  console.log(`killed ${kills} times`);
}, 600_000);

/** Several slices, of two registers for every third meter. */
function manyRegisters(): string {
  const meters = (registers * 3) / 4;
  const groups = Array.from({ length: meters }, (_, at) => {
    const core = `13${String((at * 7_919_191) % 10_000_000_000).padStart(10, '0')}`;
    const identifier = Array.from({ length: 10 }, (_, digit) => `${core}${digit}`).find(isMpan)!;
    const reading = (register: string, value: number) => `030|${register}|20260101000000|${value}.5|||T|N|`;
    const both = at % 3 === 0 ? [reading('DY', at), reading('NT', at + 1)] : [reading('S', at)];
    return [`026|${identifier}|V|`, `028|S${at}|R|`, ...both];
  });
  return dtcFile('D0010002', groups.flat());
}

/** Begins to import, and kills the process soon after it stored more than `stored` days, or once it has ended. */
async function killAfterFlush(home: string, path: string, stored: number): Promise<void> {
  const command = spawn(nodeOfProject, [mainFile, 'import', path], {
    env: { ...process.env, WATTLEDGER_HOME: home },
    stdio: 'ignore',
  });
  const ended = once(command, 'exit');
  while (command.exitCode === null && storedDays(home) <= stored) await pause(2);
  await pause(Math.random() * 60);
  command.kill('SIGKILL');
  await ended;
}
