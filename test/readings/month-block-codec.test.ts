import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DayBlock } from '../../src/readings/day-block.ts';
import type { DayOfMonth } from '../../src/readings/month-block.ts';
import { decodeMonth, encodeMonth, maskOf } from '../../src/readings/month-block-codec.ts';
import { OriginTable } from '../../src/readings/origin.ts';
import { qualities } from '../../src/readings/reading.ts';
import { energyMaxMicroKwh, microKwh } from '../../src/units/energy.ts';

function plain(days: readonly DayOfMonth[], origins: OriginTable) {
  return days.map(({ day, block }) => ({
    day,
    readings: Array.from({ length: block.count }, (_, i) => [
      block.offset[i],
      block.value[i],
      origins.get(block.origin[i]!),
      block.since[i],
    ]),
  }));
}

const origin = fc.record({
  minutes: fc.constantFrom(0, 5, 30),
  quality: fc.constantFrom(...qualities),
  source: fc.nat(300),
  line: fc.nat(2_000_000),
  versionAt: fc.constantFrom(0, 1_795_257_000),
});
const value = fc.oneof(
  fc.integer({ min: 0, max: 5_000 }).map(wattHours => wattHours * 1000),
  fc.integer({ min: -energyMaxMicroKwh, max: energyMaxMicroKwh }),
  fc.constant(Number.NaN),
);
/** Since when readings are current: nobody knows, a file's second, or some seconds after the time of each. */
const since = fc.oneof(fc.constantFrom(0, 1_795_257_000), fc.nat(7000));
const reading = fc.record({ day: fc.nat(30), offset: fc.integer({ min: 0, max: 86_399 }), value, origin, since });
/** Days as meters send them: an even grid, one origin a day, the line growing from day to day. */
const evenDay = fc.record({
  day: fc.nat(30),
  count: fc.constantFrom(24, 47, 48),
  first: fc.constantFrom(0, 900),
  value,
  /** Bits in which the values of the day differ. */
  width: fc.nat(40),
  origin,
  since,
});

function month(
  put: (day: number, offset: number, value: number, origin: number, since: number) => void,
  origins: OriginTable,
  parts: [typeof reading, typeof evenDay] extends [fc.Arbitrary<infer R>, fc.Arbitrary<infer D>]
    ? { readings: R[]; days: D[] }
    : never,
) {
  const sinceOf = (since: number, day: number, offset: number) =>
    since === 0 || since > 1e9 ? since : 1_700_000_000 + day * 86_400 + offset + ((since * (offset + 1)) % 7001);
  for (const { day, count, first, value, width, origin, since } of parts.days) {
    for (let i = 0; i < count; i++) {
      const offset = first + i * 1800;
      const scattered = Math.floor(((i * 0.618034) % 1) * 2 ** width);
      put(day, offset, value + scattered, origins.intern(origin), sinceOf(since, day, offset));
    }
  }
  for (const { day, offset, value, origin, since } of parts.readings)
    put(day, offset, value, origins.intern(origin), sinceOf(since, day, offset));
}

describe('a month block', () => {
  it('comes back from its bytes as it was, whatever it holds', () => {
    const parts = fc.record({
      readings: fc.array(reading, { maxLength: 40 }),
      days: fc.array(evenDay, { maxLength: 8 }),
    });
    fc.assert(
      fc.property(parts, each => {
        const origins = new OriginTable();
        const blocks = new Map<number, DayBlock>();
        month(
          (day, offset, value, id, since) => {
            if (Math.abs(value) > energyMaxMicroKwh) return;
            const block = blocks.get(day) ?? new DayBlock();
            blocks.set(day, block);
            block.put(offset, microKwh(value), id, since);
          },
          origins,
          each,
        );
        const days = [...blocks].sort(([a], [b]) => a - b).map(([day, block]) => ({ day, block }));
        const others = new OriginTable();
        const decoded = decodeMonth(encodeMonth(days, origins), maskOf(days), others);
        expect(plain(decoded.days, others)).toEqual(plain(days, origins));
        const whole = plain([{ day: 0, block: decoded.all }], others)[0]!.readings;
        const inOrder = plain(days, origins).flatMap(({ day, readings }) =>
          readings.map(([offset, ...rest]) => [day * 86_400 + Number(offset), ...rest]),
        );
        expect(whole).toEqual(inOrder);
      }),
      { numRuns: 300 },
    );
  });

  it('packs a month of half-hours from a NEM12 file, a line a day, into less than 1.35 bytes a reading', () => {
    const origins = new OriginTable();
    const days = Array.from({ length: 31 }, (_, day) => {
      const block = new DayBlock();
      const id = origins.intern({
        minutes: 30,
        quality: 'actual',
        source: 7,
        line: 4 + day * 2,
        versionAt: 1_795_257_000,
      });
      for (let i = 0; i < 48; i++) block.put(i * 1800, microKwh((100 + ((day * 31 + i * 13) % 900)) * 1000), id);
      return { day, block };
    });
    expect(encodeMonth(days, origins).length).toBeLessThan(31 * 48 * 1.35);
  });

  it('is not read when it ends too early or has other days than its row says', () => {
    const origins = new OriginTable();
    const block = new DayBlock();
    for (let i = 0; i < 48; i++)
      block.put(
        i * 1800,
        microKwh(i * 1000),
        origins.intern({ minutes: 30, quality: 'actual', source: 1, line: 0, versionAt: 0 }),
      );
    const bytes = encodeMonth([{ day: 3, block }], origins);
    expect(() => decodeMonth(bytes.subarray(0, -9), 8, origins)).toThrow();
    expect(() => decodeMonth(bytes, 24, origins)).toThrow('other days');
  });
});
