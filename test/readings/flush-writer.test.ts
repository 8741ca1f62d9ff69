import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, vi } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { closeHouse, type House, openHouse } from '../../src/house.ts';
import { StoppedClock } from '../../src/kernel/clock.ts';
import { createLog } from '../../src/kernel/log.ts';
import { decideRun } from '../../src/readings/decide.ts';
import { FlushWriter } from '../../src/readings/flush-writer.ts';
import { OriginTable } from '../../src/readings/origin.ts';
import { instant, instantOfMs } from '../../src/units/time.ts';
import { testFolder } from '../open-house.ts';

const midnight = instant(Date.UTC(2020, 0, 1) / 1000);
const days = 1200;

function open(home: string, alone: boolean): House {
  return openHouse({
    config: readConfig({ WATTLEDGER_HOME: home, TIME_ZONE: 'Australia/Sydney' }),
    clock: new StoppedClock('2026-11-21T10:10:00Z'),
    log: createLog('silent'),
    onStorageFailure: error => {
      throw error;
    },
    alone,
  });
}

/** Days of half-hours of two channels, with gaps, of several qualities, more than one flush on this thread would take. */
function take(house: House): number {
  const now = instantOfMs(house.clock.now());
  const series = ['E1', 'B1'].map((code, at) => {
    const meterPoint = house.meterPoints.find('6001000017') ?? addMeterPoint(house);
    const flow = at === 0 ? ('from-grid' as const) : ('to-grid' as const);
    const made = { kind: 'channel' as const, code, flow, unit: 'kWh', intervalMinutes: 30, serial: '' };
    return house.meterPoints.addSeries({ ...made, meterPointId: meterPoint.id }, now);
  });
  for (let day = 0; day < days; day++) {
    for (const [at, each] of series.entries()) {
      const values = Float64Array.from({ length: 48 }, (_, slot) =>
        (day + slot) % 97 === 0 ? Number.NaN : (slot + 1 + day * at) * 1000 + at,
      );
      const qualities = Uint8Array.from({ length: 48 }, (_, slot) => (day % 10 === 0 && slot > 30 ? 3 : 0));
      const startsAt = instant(midnight + day * 86_400 - 10 * 3600);
      const run = {
        seriesId: each.id,
        startsAt,
        minutes: 30,
        values,
        qualities,
        source: 1,
        line: day + 1,
        lineStep: 0,
      };
      expect(decideRun(house, each, { ...run, versionAt: instant(midnight + day) }, now)).toBe('accepted');
    }
  }
  return series[0]!.id;
}

function addMeterPoint(house: House) {
  return house.meterPoints.add({ identifier: '6001000017', address: '', zone: house.config.zone, origin: 'import' }, 0);
}

function stored(home: string) {
  const database = new Database(join(home, 'data', 'wattledger.db'), { readonly: true });
  try {
    return {
      blocks: database.prepare('SELECT id, count, block FROM reading_day ORDER BY id').all(),
      due: database.prepare('SELECT kind, period FROM archive_due ORDER BY kind, period').all(),
      position: database.prepare('SELECT * FROM journal_position').all(),
    };
  } finally {
    database.close();
  }
}

describe('a flush on a thread of its own', () => {
  it('writes what a flush on this one writes', async () => {
    const [home, served] = [testFolder(), testFolder()];
    const house = open(home, true);
    const seriesId = take(house);
    const flushing = house.flush();
    // The index answers for what is under way.
    expect(house.index.list(seriesId, midnight, instant(midnight + 3600))).toHaveLength(2);
    const written = await flushing;
    await closeHouse(house, { archives: false });
    const servedHouse = open(served, false);
    take(servedHouse);
    expect(written).toBe(await servedHouse.flush());
    expect(written).toBeGreaterThan(2 * days);
    await closeHouse(servedHouse, { archives: false });
    expect(stored(home)).toEqual(stored(served));
  });

  it('that fails is told with the reason, counts nothing, and is made good by the next one', async () => {
    const home = testFolder();
    const house = open(home, true);
    const seriesId = take(house);
    house.database.exec(
      `CREATE TRIGGER refused BEFORE INSERT ON reading_day WHEN NEW.id % 7 = 0 BEGIN SELECT RAISE(ABORT, 'not this one'); END`,
    );
    await expect(house.flush()).rejects.toMatchObject({ message: 'not this one', code: 'SQLITE_CONSTRAINT_TRIGGER' });
    expect(stored(home)).toEqual({ blocks: [], due: [], position: [] });
    house.database.exec('DROP TRIGGER refused');
    expect(await house.flush()).toBeGreaterThan(2 * days);
    expect(house.store.flushes.settled).toBe(true);
    expect(house.index.list(seriesId, instant(0), instant(1e10))).toHaveLength(days * 48);
    await closeHouse(house, { archives: false });
    const again = open(home, true);
    expect(again.recovery.readings).toBe(0);
    expect(again.index.list(seriesId, instant(0), instant(1e10))).toHaveLength(days * 48);
    await closeHouse(again, { archives: false });
  });

  it('that has nothing to write lets go of what was only looked at', async () => {
    const home = testFolder();
    const house = open(home, true);
    const seriesId = take(house);
    await closeHouse(house, { archives: false });
    const again = open(home, true);
    const look = () => again.index.listDays(seriesId).length;
    expect(look()).toBeGreaterThan(days);
    const asked = vi.spyOn(again.store, 'listDays');
    look();
    expect(asked).not.toHaveBeenCalled();
    expect(await again.flush()).toBe(0);
    expect(look()).toBeGreaterThan(days);
    expect(asked).toHaveBeenCalledTimes(1);
    await closeHouse(again, { archives: false });
  });

  it('whose thread cannot begin is told so', async () => {
    const writer = new FlushWriter(join(testFolder(), 'nowhere', 'wattledger.db'));
    const nothing = { day: '', offset: 0, sequence: 0, checksum: 0 };
    const write = () => writer.write([], new OriginTable(), nothing, []);
    await expect(write()).rejects.toThrow('directory does not exist');
    await expect(write()).rejects.toThrow('directory does not exist');
    await writer.close();
  });
});
