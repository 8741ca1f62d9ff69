import { expect, it } from 'vitest';
import { decide } from '../../src/readings/decide.ts';
import { flush } from '../../src/readings/flush.ts';
import { instant } from '../../src/units/time.ts';
import { testHouse } from '../open-house.ts';
import { midnight, readingAt } from './books.ts';

it('writes the history of one channel in slices, and tells all of it once at every moment between two', async () => {
  const { house } = await testHouse({ at: '2026-11-21T10:10:00Z' });
  const { id } = house.meterPoints.add({ identifier: 'p', address: '', zone: house.config.zone, origin: 'import' }, 0);
  const channel = {
    kind: 'channel',
    serial: '',
    code: 'E1',
    flow: 'from-grid',
    unit: 'kWh',
    intervalMinutes: 30,
  } as const;
  const series = house.meterPoints.addSeries({ ...channel, meterPointId: id }, 0);
  const count = 700;
  const first = midnight - count * 1800;
  for (const versionAt of [1, 2]) {
    for (let slot = 0; slot < count; slot++) {
      const reading = { ...readingAt(instant(first + slot * 1800), versionAt, { minutes: 30 }), versionAt };
      decide(house, series, reading, midnight);
    }
  }
  const replaced = () =>
    house.index.listHistory(series.id, instant(0), instant(midnight)).map(({ reading }) => reading.at);
  const all = replaced();
  expect(new Set(all).size).toBe(count);
  let slices = 0;
  const pause = async () => {
    slices += 1;
    expect(replaced().sort((a, b) => a - b)).toEqual(all);
  };
  await flush({ ...house, zone: house.config.zone }, { weightAtOnce: 1000, pause });
  // Seven of a hundred rows of history, at least.
  expect(slices).toBeGreaterThan(7);
  expect(replaced()).toEqual(all);
});
