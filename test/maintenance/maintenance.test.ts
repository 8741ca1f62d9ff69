import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dueMaintenance } from '../../src/maintenance/maintenance-run.ts';
import { postReadings } from '../../src/readings/post-readings.ts';
import { type Day, instantOfMs, type Month, type Zone } from '../../src/units/time.ts';
import { type TestHouse, testHouse } from '../open-house.ts';

const adelaide = 'Australia/Adelaide' as Zone;
const at = (text: string) => instantOfMs(Date.parse(text));

describe('what is due', () => {
  it.each([
    // done                      now in Adelaide               due
    ['2026-10-31', '2026-10', '2026-11-02T00:00:00+10:30', '2026-11-01'],
    ['2026-10-31', '2026-10', '2026-11-01T23:59:59+10:30', ''],
    ['2026-10-30', '2026-09', '2026-11-01T00:00:00+10:30', '2026-10-31 2026-10'],
    ['2026-10-28', '2026-09', '2026-11-01T09:00:00+10:30', '2026-10-29 2026-10-30 2026-10-31 2026-10'],
    ['', '', '2026-11-02T09:00:00+10:30', '2026-11-01 2026-10'],
    // The clock was set back over what was done: nothing is due a second time.
    ['2026-11-30', '2026-11', '2026-11-02T09:00:00+10:30', ''],
    // A clock that was ahead closed some days too early to count; what lies between is not lost.
    [
      '2026-10-28 2026-10-31',
      '2026-08 2026-10',
      '2026-11-02T09:00:00+10:30',
      '2026-10-29 2026-10-30 2026-11-01 2026-09',
    ],
    // Clock changes: the day of 23 and the day of 25 hours are days like any other.
    ['2026-10-03', '2026-09', '2026-10-05T00:00:00+10:30', '2026-10-04'],
    ['2026-04-04', '2026-03', '2026-04-06T00:00:00+09:30', '2026-04-05'],
    ['2028-02-28', '2028-01', '2028-03-01T00:00:10+10:30', '2028-02-29 2028-02'],
    ['2025-12-30', '2025-11', '2026-01-01T00:00:00+10:30', '2025-12-31 2025-12'],
  ])('done %s and %s, at %s: %s', (daily, monthly, now, due) => {
    const done = {
      daily: daily.split(' ').filter(Boolean) as Day[],
      monthly: monthly.split(' ').filter(Boolean) as Month[],
    };
    expect(
      dueMaintenance(done, at(now), adelaide)
        .map(({ period }) => period)
        .join(' '),
    ).toBe(due);
  });
});

describe('by schedule', () => {
  const periods = (test: TestHouse) =>
    test.house.maintenance.catchUp('schedule').then(done => done.map(({ period }) => period));

  it('P1-23 closes each day and month once, and later what a stop made it miss', async () => {
    const test = await testHouse({ at: '2026-10-30T12:00:00+10:30', zone: adelaide });
    expect(await periods(test)).toEqual(['2026-10-29', '2026-09']);
    expect(await periods(test)).toEqual([]);
    test.clock.moveTo('2026-10-31T00:00:05+10:30');
    expect(await periods(test)).toEqual(['2026-10-30']);
    await test.close();
    const later = await testHouse({ at: '2026-11-02T08:00:00+10:30', zone: adelaide, home: test.home });
    expect(await periods(later)).toEqual(['2026-10-31', '2026-11-01', '2026-10']);
    expect(await periods(later)).toEqual([]);
  });

  it('does not do again what somebody did by hand', async () => {
    const test = await testHouse({ at: '2026-11-02T08:00:00+10:30', zone: adelaide });
    await test.house.maintenance.start(['daily', 'monthly'], 'key:1');
    expect(await periods(test)).toEqual([]);
  });

  it('loses no day when the clock jumps a month ahead and comes back, and bills none twice', async () => {
    const test = await testHouse({ at: '2026-11-02T08:00:00+10:30', zone: adelaide });
    await periods(test);
    test.clock.moveTo('2026-12-02T08:00:00+10:30');
    expect((await periods(test)).length).toBe(31);
    test.clock.moveTo('2026-11-02T08:00:10+10:30');
    expect(await periods(test)).toEqual([]);
    test.clock.moveTo('2026-11-03T00:00:10+10:30');
    expect(await periods(test)).toEqual(['2026-11-02']);
  });

  it('P1-14 archives what came in before midnight, although nobody flushed it', async () => {
    const test = await testHouse({ at: '2026-11-01T23:40:00+10:30', zone: adelaide });
    test.house.meterPoints.add({ identifier: 'm-1', address: '', zone: adelaide, origin: 'registered' }, 0);
    await postReadings(test.house, [{ meterPoint: 'm-1', at: '2026-11-01T23:30:00', value: '5' }], 1);
    test.clock.moveTo('2026-11-02T00:00:03+10:30');
    expect(await test.house.maintenance.catchUp('schedule')).toEqual([
      { kind: 'daily', period: '2026-11-01', archive: 'daily_2026-11-01.csv' },
      { kind: 'monthly', period: '2026-10', archive: undefined },
    ]);
    expect(readFileSync(join(test.home, 'archive', 'daily_2026-11-01.csv'), 'utf8')).toContain('23:30:00+10:30,5,');
  });

  it('leaves what failed due', async () => {
    const test = await testHouse({ at: '2026-11-02T08:00:00+10:30', zone: adelaide });
    const { archiver, maintenance } = test.house;
    const writeDue = archiver.writeDue.bind(archiver);
    archiver.writeDue = () => Promise.reject(new Error('no space left on device'));
    await expect(maintenance.catchUp('schedule')).rejects.toThrow('no space');
    expect(maintenance.running).toBe(false);
    archiver.writeDue = writeDue;
    expect(await periods(test)).toEqual(['2026-11-01', '2026-10']);
  });
});
