import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { flushHouse } from '../../src/house.ts';
import { postReadings } from '../../src/readings/post-readings.ts';
import { type TestHouse, testFolder, testHouse } from '../open-house.ts';
import { archiveTexts } from './archive-texts.ts';

const adelaide = 'Australia/Adelaide';

async function meters(test: TestHouse, ...names: string[]) {
  for (const identifier of names) {
    test.house.meterPoints.add({ identifier, address: '', zone: test.house.config.zone, origin: 'registered' }, 0);
  }
}

async function post(test: TestHouse, meterPoint: string, at: string, value: string) {
  const [verdict] = await postReadings(test.house, [{ meterPoint, at, value }], 1);
  expect(verdict).toEqual({ verdict: 'accepted' });
}

function rows(text: string | undefined): string[] {
  return text?.trim().split('\r\n').slice(1) ?? [];
}

describe('archives', () => {
  it('hold a local day or month each, with the readings whose stamps lie in it', async () => {
    const test = await testHouse({ at: '2026-11-03T12:00:00Z', zone: adelaide });
    await meters(test, 'm-1');
    // In Adelaide, 10:30 ahead of UTC, November begins at 13:30Z on 31 October.
    for (const [at, value] of [
      ['2026-10-31T13:00:00Z', '1.25'],
      ['2026-10-31T13:30:00Z', '2.000001'],
      ['2026-11-01T13:29:59Z', '3'],
      ['2026-11-01T13:30:00Z', '4'],
    ]) {
      await post(test, 'm-1', at!, value!);
    }
    await flushHouse(test.house);
    const written = archiveTexts(test.home);
    expect(Object.keys(written)).toEqual([
      'daily_2026-10-31.csv',
      'daily_2026-11-01.csv',
      'daily_2026-11-02.csv',
      'monthly_2026-10.csv',
    ]);
    expect(written['daily_2026-10-31.csv']).toBe(
      'meter_id,timestamp,reading,kind,code,unit,quality,flow,minutes\r\nm-1,2026-10-31T23:30:00+10:30,1.25,register,1,kWh,actual,from-grid,0\r\n',
    );
    expect(rows(written['daily_2026-11-01.csv'])).toEqual([
      'm-1,2026-11-01T00:00:00+10:30,2.000001,register,1,kWh,actual,from-grid,0',
      'm-1,2026-11-01T23:59:59+10:30,3,register,1,kWh,actual,from-grid,0',
    ]);
    expect(rows(written['daily_2026-11-02.csv'])).toEqual([
      'm-1,2026-11-02T00:00:00+10:30,4,register,1,kWh,actual,from-grid,0',
    ]);
    expect(written['monthly_2026-10.csv']).toBe(written['daily_2026-10-31.csv']);
  });

  it('tell the two hours apart that a clock change makes of one', async () => {
    const test = await testHouse({ at: '2026-04-07T12:00:00Z', zone: adelaide });
    await meters(test, 'm-1');
    await post(test, 'm-1', '2026-04-04T16:00:00Z', '1');
    await post(test, 'm-1', '2026-04-04T17:00:00Z', '2');
    await flushHouse(test.house);
    expect(rows(archiveTexts(test.home)['daily_2026-04-05.csv'])).toEqual([
      'm-1,2026-04-05T02:30:00+10:30,1,register,1,kWh,actual,from-grid,0',
      'm-1,2026-04-05T02:30:00+09:30,2,register,1,kWh,actual,from-grid,0',
    ]);
  });

  it('are not written while their day or month runs; closing writes the day', async () => {
    const test = await testHouse({ at: '2026-11-21T10:10:00Z', zone: 'UTC' });
    await meters(test, 'm-1');
    await post(test, 'm-1', '2026-11-21T10:00:00Z', '7');
    await flushHouse(test.house);
    expect(() => archiveTexts(test.home)).toThrow('ENOENT');
    await test.close();
    expect(Object.keys(archiveTexts(test.home))).toEqual(['daily_2026-11-21.csv']);
  });

  it('are the same bytes however the readings came and however often they are written', async () => {
    const sent: [string, string, string][] = [];
    for (let slot = 0; slot < 96; slot++) {
      const at = new Date(Date.UTC(2026, 10, 1, 0, slot * 30)).toISOString();
      sent.push(['m-1', at, String(100 + slot / 8)], ['m-2', at, `${7 * slot}.5`]);
    }
    const forwards = await testHouse({ at: '2026-11-05T00:00:00Z' });
    const backwards = await testHouse({ at: '2026-11-06T07:00:00Z' });
    for (const test of [forwards, backwards]) await meters(test, 'm-2', 'm-1');
    for (const [meter, at, value] of sent) await post(forwards, meter, at, value);
    for (const [step, [meter, at, value]] of sent.toReversed().entries()) {
      await post(backwards, meter, at, value);
      if (step % 50 === 0) await flushHouse(backwards.house);
    }
    for (const test of [forwards, backwards]) await flushHouse(test.house);
    const written = archiveTexts(forwards.home);
    expect(Object.keys(written)).toHaveLength(2);
    expect(archiveTexts(backwards.home)).toEqual(written);
    // Nothing new: nothing is due.
    rmSync(join(forwards.home, 'archive'), { recursive: true });
    await flushHouse(forwards.house);
    expect(() => archiveTexts(forwards.home)).toThrow('ENOENT');
  });

  it('are written again, day and month, when a late reading comes', async () => {
    const test = await testHouse({ at: '2026-11-05T00:10:00Z' });
    await meters(test, 'm-1');
    await post(test, 'm-1', '2026-10-10T10:00:00Z', '10');
    await post(test, 'm-1', '2026-10-20T10:00:00Z', '20');
    await flushHouse(test.house);
    const before = archiveTexts(test.home);
    test.clock.moveTo('2026-11-25T00:00:00Z');
    await post(test, 'm-1', '2026-10-10T11:00:00Z', '11');
    await flushHouse(test.house);
    const after = archiveTexts(test.home);
    expect(rows(after['daily_2026-10-10.csv'])).toEqual([
      ...rows(before['daily_2026-10-10.csv']),
      'm-1,2026-10-10T11:00:00+00:00,11,register,1,kWh,actual,from-grid,0',
    ]);
    expect(rows(after['monthly_2026-10.csv'])).toHaveLength(3);
    expect(after['daily_2026-10-20.csv']).toBe(before['daily_2026-10-20.csv']);
  });

  it('are caught up by the next start when the process ended between flush and archive', async () => {
    const home = testFolder();
    const first = await testHouse({ at: '2026-11-05T00:10:00Z', home });
    await meters(first, 'm-1');
    await post(first, 'm-1', '2026-11-04T10:00:00Z', '10');
    await flushHouse(first.house);
    const text = archiveTexts(home)['daily_2026-11-04.csv'];
    // As a kill would leave it: flushed, marked, not written.
    first.house.database.exec("INSERT INTO archive_due (kind, period) VALUES ('day', '2026-11-04')");
    rmSync(join(home, 'archive'), { recursive: true });
    await flushHouse(first.house);
    expect(archiveTexts(home)['daily_2026-11-04.csv']).toBe(text);
  });
});
