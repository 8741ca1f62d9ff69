import fc from 'fast-check';
import { expect, it } from 'vitest';
import { allAtOnce } from '../../src/kernel/slices.ts';
import { compact } from '../../src/readings/compact.ts';
import type { DayNumber } from '../../src/readings/day-number.ts';
import { decide } from '../../src/readings/decide.ts';
import { seriesSince } from '../../src/readings/series-since.ts';
import { microKwh } from '../../src/units/energy.ts';
import { instant, instantOfMs, secondsPerDay } from '../../src/units/time.ts';
import { testHouse } from '../open-house.ts';

const today = Date.parse('2026-11-02T00:00:00Z') / 1000 / secondsPerDay;
const day = fc.integer({ min: today - 40, max: today });
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('reading' as const), series: fc.nat(3), day }) },
  fc.record({ kind: fc.constantFrom('flush' as const, 'pack' as const) }),
);

it('meets every series that has a reading of the day or later, in memory, in the store or packed, and none whose month is over', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), day, async (steps, asked) => {
      const test = await testHouse({ at: '2026-11-02T10:00:00Z' });
      const { house } = test;
      const point = house.meterPoints.addWithSeries(
        { identifier: 'm-1', address: '', zone: house.config.zone, origin: 'registered' },
        ['E1', 'E2', 'E3', 'E4'].map(code => ({ kind: 'channel', code, flow: 'from-grid', intervalMinutes: 30 })),
        0,
      );
      const series = house.meterPoints.listSeries(point.id);
      const last = new Map<number, DayNumber>();
      for (const each of steps) {
        if (each.kind === 'reading') {
          const at = instant(each.day * secondsPerDay);
          const { id } = series[each.series]!;
          const reading = { at, value: microKwh(1e6), minutes: 30, quality: 'actual', versionAt: 0 } as const;
          decide(house, series[each.series]!, { ...reading, source: 1, line: 0 }, instantOfMs(house.clock.now()));
          last.set(id, Math.max(last.get(id) ?? 0, each.day));
        } else {
          await house.flush();
          if (each.kind === 'pack') await compact(house);
        }
      }
      const since = allAtOnce(seriesSince(house, asked));
      const silent = (seriesId: number) => (last.get(seriesId) ?? 0) < asked;
      expect(series.filter(({ id }) => !since.has(id) && !silent(id))).toEqual([]);
      // Of a packed month all of its series are met.
      const begin = new Date(asked * secondsPerDay * 1000).setUTCDate(1) / 1000 / secondsPerDay;
      expect([...since].filter(id => (last.get(id) ?? 0) < begin)).toEqual([]);
      await test.close();
    }),
    { numRuns: 25 },
  );
});
