import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DayBlock } from '../src/readings/day-block.ts';
import { decodeBlock, encodeBlock } from '../src/readings/day-block-codec.ts';
import { OriginTable } from '../src/readings/origin.ts';
import { qualities } from '../src/readings/reading.ts';
import { energyMaxMicroKwh, microKwh } from '../src/units/energy.ts';

function plain(block: DayBlock, origins: OriginTable) {
  return Array.from({ length: block.count }, (_, i) => ({
    offset: block.offset[i],
    value: block.value[i],
    ...origins.get(block.origin[i]!),
  }));
}

const reading = fc.record({
  offset: fc.integer({ min: 0, max: 86_399 }),
  value: fc.oneof(
    fc.integer({ min: 0, max: 5_000 }).map(wattHours => wattHours * 1000),
    fc.integer({ min: -energyMaxMicroKwh, max: energyMaxMicroKwh }),
    fc.constant(Number.NaN),
  ),
  minutes: fc.constantFrom(0, 5, 30),
  quality: fc.constantFrom(...qualities),
  source: fc.nat(300),
  line: fc.nat(2_000_000),
  versionAt: fc.constantFrom(0, 1_795_257_000),
});

describe('a day block', () => {
  it('comes back from its bytes as it was, whatever it holds', () => {
    fc.assert(
      fc.property(fc.array(reading, { maxLength: 80 }), readings => {
        const origins = new OriginTable();
        const block = new DayBlock();
        for (const { offset, value, ...origin } of readings) block.put(offset, microKwh(value), origins.intern(origin));
        const others = new OriginTable();
        expect(plain(decodeBlock(encodeBlock(block, origins), others), others)).toEqual(plain(block, origins));
      }),
    );
  });

  it('comes back the same into a block that held another one', () => {
    const spare = new DayBlock(48);
    fc.assert(
      fc.property(fc.array(reading, { maxLength: 60 }), fc.boolean(), (readings, isNoted) => {
        const origins = new OriginTable();
        const block = new DayBlock();
        for (const { offset, value, ...origin } of readings)
          block.put(offset, microKwh(value), origins.intern(origin), isNoted ? 1_700_000_000 + offset : 0);
        const decoded = decodeBlock(encodeBlock(block, origins), origins, spare);
        expect(plain(decoded, origins)).toEqual(plain(block, origins));
        expect([...decoded.since.subarray(0, decoded.count)]).toEqual([...block.since.subarray(0, block.count)]);
      }),
    );
  });

  it('keeps readings in the order of their time, the last put of an instant standing', () => {
    fc.assert(
      fc.property(fc.array(reading, { maxLength: 80 }), readings => {
        const origins = new OriginTable();
        const block = new DayBlock();
        const model = new Map<number, number>();
        for (const { offset, value, ...origin } of readings) {
          block.put(offset, microKwh(value), origins.intern(origin));
          model.set(offset, value);
        }
        const expected = [...model].sort(([a], [b]) => a - b);
        expect(plain(block, origins).map(({ offset, value }) => [offset, value])).toEqual(expected);
      }),
    );
  });

  it('packs a day of a register in whole watt-hours into less than two bytes a reading', () => {
    const origins = new OriginTable();
    const block = new DayBlock();
    const origin = origins.intern({ minutes: 0, quality: 'actual', source: 1, line: 0, versionAt: 0 });
    for (let i = 0, value = 123_456_789_000; i < 48; i++, value += 1000 * ((i * 7919) % 900)) {
      block.put(i * 1800, microKwh(value), origin);
    }
    expect(encodeBlock(block, origins).length).toBeLessThan(96);
  });
});
