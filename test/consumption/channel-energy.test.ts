import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MeterPointStore } from '../../src/accounts/meter-point-store.ts';
import { Consumption } from '../../src/consumption/consumption.ts';
import { openDatabase } from '../../src/kernel/database.ts';
import { OriginTable } from '../../src/readings/origin.ts';
import { qualities, qualityCode } from '../../src/readings/reading.ts';
import { ReadingIndex } from '../../src/readings/reading-index.ts';
import { ReadingStore } from '../../src/readings/reading-store.ts';
import { instant, parseZone } from '../../src/units/time.ts';
import { testFolder } from '../open-house.ts';
import { accepted, midnight, readingAt } from '../readings/books.ts';

const halfHour = 1800;
const interval = fc.record({
  // Most months are whole: a gap, a shorter interval or a quality in between is what makes them anything else.
  kind: fc.oneof({ weight: 60, arbitrary: fc.constant('whole') }, fc.constantFrom('gap', 'halves', 'half', 'missing')),
  energy: fc.integer({ min: 0, max: 9_000_000 }),
  quality: fc.oneof(
    { weight: 20, arbitrary: fc.constant('actual' as const) },
    fc.constantFrom(...qualities.slice(0, -1)),
  ),
});

describe('the energy of a channel', () => {
  it('is, slot by slot, what its readings say, and NaN where any part of a slot is missing', () => {
    const database = openDatabase(join(testFolder(), 'wattledger.db'));
    const meterPoints = new MeterPointStore(database);
    const channel = { kind: 'channel' as const, code: 'E1', flow: 'from-grid' as const, intervalMinutes: 30 };
    const zone = parseZone('UTC')!;
    let made = 0;
    fc.assert(
      fc.property(fc.array(interval, { minLength: 1, maxLength: 120 }), fc.nat(47), (intervals, late) => {
        const identifier = `m-${made++}`;
        const point = meterPoints.addWithSeries({ identifier, address: '', zone, origin: 'registered' }, [channel], 0);
        const [series] = meterPoints.listSeries(point.id);
        const origins = new OriginTable();
        const index = new ReadingIndex(new ReadingStore(database, origins), origins);
        const from = midnight + late * halfHour;
        const expected = intervals.map(({ kind, energy, quality }, slot) => {
          const at = from + slot * halfHour;
          const put = (shift: number, minutes: number, value: number, of = quality) =>
            index.apply(accepted(series!.id, readingAt(at + shift, value, { minutes, quality: of })));
          if (kind === 'missing') put(0, 30, Number.NaN, 'missing');
          if (kind === 'whole') put(0, 30, energy);
          if (kind === 'half' || kind === 'halves') put(0, 15, energy);
          if (kind === 'halves') put(900, 15, energy);
          const known = kind === 'whole' ? energy : kind === 'halves' ? energy * 2 : Number.NaN;
          return { energy: known, quality: Number.isNaN(known) ? qualityCode('missing') : qualityCode(quality) };
        });
        // Where nothing is a half-hour long, the slots are quarters.
        fc.pre(intervals.some(({ kind }) => kind === 'whole' || kind === 'missing'));
        const period = { from: instant(from), to: instant(from + intervals.length * halfHour) };
        const measured = new Consumption(meterPoints, index).seriesEnergy(series!, period).energy;
        expect([...measured.energy]).toEqual(expected.map(({ energy }) => energy));
        expect([...measured.quality]).toEqual(expected.map(({ quality }) => quality));
      }),
    );
    database.close();
  });

  it.each([
    { change: '23-hour day', hours: [24, 23, 24, 24] },
    { change: '25-hour day', hours: [24, 25, 24, 24] },
    { change: '23-hour day at the end', hours: [24, 24, 23] },
    { change: '25-hour day at the end', hours: [24, 24, 25] },
  ])('with a $change among its days is of each day what was read of it', ({ hours }) => {
    const database = openDatabase(join(testFolder(), 'wattledger.db'));
    const meterPoints = new MeterPointStore(database);
    const channel = { kind: 'channel' as const, code: 'E1', flow: 'from-grid' as const, intervalMinutes: 1440 };
    const zone = parseZone('UTC')!;
    const point = meterPoints.addWithSeries({ identifier: 'm', address: '', zone, origin: 'registered' }, [channel], 0);
    const [series] = meterPoints.listSeries(point.id);
    const origins = new OriginTable();
    const index = new ReadingIndex(new ReadingStore(database, origins), origins);
    let at = midnight;
    const days = hours.map((length, day) => {
      const reading = readingAt(at, 1_000_001 * (day + 1), { minutes: length * 60 });
      index.apply(accepted(series!.id, reading));
      at += length * 3600;
      return reading;
    });
    const period = { from: instant(midnight), to: instant(at) };
    const { energy, straddles } = new Consumption(meterPoints, index).seriesEnergy(series!, period);
    const sums = hours.map((length, day) => {
      const first = hours.slice(0, day).reduce((sum, each) => sum + each, 0);
      return energy.energy.slice(first, first + length).reduce((sum, each) => sum + each, 0);
    });
    expect(energy.stepSeconds).toBe(3600);
    expect(sums).toEqual(days.map(({ value }) => value));
    // Nobody knows in which hours of its day the energy flowed: a bill has to be told.
    expect(straddles).toBeDefined();
    database.close();
  });
});
