import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { closeHouse, type House, openHouse } from '../../src/house.ts';
import { importToEnd } from '../../src/imports/import-to-end.ts';
import { listDialReadings } from '../../src/imports/list-dial-readings.ts';
import { StoppedClock } from '../../src/kernel/clock.ts';
import { createLog } from '../../src/kernel/log.ts';
import { isMpan } from '../../src/units/identifiers.ts';
import { testFolder } from '../open-house.ts';
import { dtcFile } from './dtc-file.ts';

// More than two slices of five thousand registers, whose rows a command has written by a thread while it decides the slice before.
const many = 11_000;

function open(home: string, alone: boolean, environment: Record<string, string> = {}): House {
  return openHouse({
    config: readConfig({ WATTLEDGER_HOME: home, TIME_ZONE: 'Europe/London', ...environment }),
    clock: new StoppedClock('2026-11-21T10:10:00Z'),
    log: createLog('silent'),
    onStorageFailure: error => {
      throw error;
    },
    alone,
  });
}

function mpan(at: number): string {
  const core = `12${String((at * 7_919_191) % 10_000_000_000).padStart(10, '0')}`;
  return Array.from({ length: 10 }, (_, digit) => `${core}${digit}`).find(isMpan)!;
}

function reading(at: number, register: string, value: number, { type = 'R', status = 'V', day = 1 } = {}): string[] {
  const taken = `202601${String(day).padStart(2, '0')}000000`;
  return [`026|${mpan(at)}|${status}|`, `028|S${at}|${type}|`, `030|${register}|${taken}|${value.toFixed(1)}|||T|N|`];
}

/** Registers that are new, of meter points that are known, that come back a slice later, and what goes with none of them. */
const first = dtcFile('D0010002', Array.from({ length: 50 }, (_, at) => reading(at * 200, 'S', 10)).flat());
const second = dtcFile(
  'D0010002',
  Array.from({ length: many }, (_, at): string[] => {
    if (at === 5101) return reading(4000, 'NT', 5);
    if (at === 5201) return [...reading(30, 'S', 130, { type: 'W' }), ...reading(77_777, 'S', 1, { type: 'W' })];
    if (at % 1000 === 3) return reading(at, 'S', 7, { status: 'F' });
    if (at % 1000 === 999) return [...reading(at, 'S', 30), ...reading(at - 900, 'S', 5, { day: 2 })];
    if (at > 10_000) return reading(at - 6000, 'S', 200 + at, { day: 3 });
    const both = at % 6 === 5;
    return [...reading(at, both ? 'DY' : 'S', 100 + at), ...(both ? [`030|NT|20260101000000|${at}.5|||T|N|`] : [])];
  }).flat(),
);

async function importAs(house: House, name: string, content: string) {
  const queue = house.importQueue;
  const kept = await queue.keep(
    (async function* () {
      yield Buffer.from(content);
    })(),
    { dryRun: false },
  );
  const order = { name, strict: false, profile: '', meterPoint: '', importedBy: 'test', ...kept };
  const { counts, problems, meterPointsCreated, channels } = await importToEnd(queue, queue.order(order).id, () => {});
  return { counts, problems, meterPointsCreated, channels: [...channels] };
}

function rowsOf(home: string) {
  const database = new Database(join(home, 'data', 'wattledger.db'), { readonly: true });
  const rows = (table: string, what = '*') => database.prepare(`SELECT ${what} FROM ${table} ORDER BY 1, 2`).all();
  try {
    return {
      meterPoints: rows('meter_point'),
      meters: rows('meter'),
      series: rows('series'),
      blocks: rows('reading_day').map(row => JSON.stringify(row)),
      versions: rows('reading_version'),
      // Numbered as their days were met, a flush more or less.
      dials: rows('dial_reading', 'series_id, at, meter_id, meter_point_id, run_id, line, register, value, quality'),
      archives: rows('archive_due', 'kind, period'),
    };
  } finally {
    database.close();
  }
}

describe('registers whose rows a thread writes', () => {
  it('come to what they come to when each slice is written before it is decided', async () => {
    const seen = [];
    for (const alone of [true, false]) {
      const home = testFolder();
      const house = open(home, alone);
      const reports = [await importAs(house, 'first', first), await importAs(house, 'second', second)];
      const again = await importAs(house, 'again', second);
      await house.flush();
      await listDialReadings(house);
      await closeHouse(house, { archives: false });
      seen.push({ reports, again: again.counts, rows: rowsOf(home) });
    }
    expect(seen[0]).toEqual(seen[1]);
    const { counts, problems } = seen[0]!.reports[1]!;
    expect(counts.new).toBeGreaterThan(many);
    expect(counts).toMatchObject({ revised: 1 });
    expect(new Set(problems.map(({ rule }) => rule))).toEqual(new Set(['D10-10', 'D10-11', 'D10-18', 'N12-36']));
  });

  it('are journalled by nobody when the thread cannot write them, and are all there the next time', async () => {
    const home = testFolder();
    const house = open(home, true);
    house.database.exec(
      `CREATE TRIGGER refused BEFORE INSERT ON series WHEN NEW.id > 7000 BEGIN SELECT RAISE(ABORT, 'not this one'); END`,
    );
    await expect(importAs(house, 'second', second)).rejects.toThrow('not this one');
    const stood = house.meterPoints.allSeries.list().map(({ id }) => id);
    expect(Math.max(...stood)).toBeLessThanOrEqual(7000);
    await house.journal.durable();
    expect(house.index.listDays(7001)).toEqual([]);
    house.database.exec('DROP TRIGGER refused');
    const { counts } = await importAs(house, 'second', second);
    expect(counts.identical).toBeGreaterThan(1000);
    await closeHouse(house, { archives: false });
    const opened = open(home, true);
    expect(opened.recovery.readings).toBe(0);
    const { readings } = opened.store.countReadings();
    expect(readings).toBe(counts.new + counts.identical - counts.revised);
    await closeHouse(opened, { archives: false });
  });

  it('overtake nothing that waits in quarantine for one of them', async () => {
    const home = testFolder();
    const rules = { READING_RULES: 'meter-point-unknown-in-file=quarantine' };
    const careful = open(home, true, rules);
    expect((await importAs(careful, 'first', first)).counts).toMatchObject({ new: 0, quarantined: 50 });
    await closeHouse(careful, { archives: false });
    const house = open(home, true);
    await importAs(house, 'second', second);
    await house.registrations.idle();
    expect(house.quarantine.isEmpty).toBe(true);
    await listDialReadings(house);
    await closeHouse(house, { archives: false });
    const { meterPoints, dials } = rowsOf(home);
    expect(dials.length).toBeGreaterThan(meterPoints.length);
  });
});
