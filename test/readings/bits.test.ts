import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BitReader, BitWriter } from '../../src/readings/bits.ts';

const packed = fc
  .record({ width: fc.integer({ min: 0, max: 52 }), seed: fc.nat(), count: fc.nat(120), low: fc.integer() })
  .map(({ width, seed, count, low }) => ({
    width,
    low,
    numbers: Array.from({ length: count }, (_, i) =>
      Math.floor((((seed % 9973) * 0.618034 + i * 0.7548777) % 1) * 2 ** width),
    ),
  }));

describe('numbers of one width', () => {
  it('are the same read together as one by one, also at the end of the bytes', () => {
    fc.assert(
      fc.property(fc.array(packed, { maxLength: 4 }), fc.constantFrom(1, 1000), fc.nat(3), (groups, scale, before) => {
        const writer = new BitWriter();
        for (const { width, numbers } of groups) {
          writer.writeVarint(numbers.length);
          for (const each of numbers) writer.write(each, width);
          writer.align();
        }
        // Where a block's bytes begin inside others, as they may in what a database hands out.
        const bytes = new Uint8Array(before + writer.bytes().length).subarray(before);
        bytes.set(writer.bytes());
        const [together, single] = [new BitReader(bytes), new BitReader(bytes)];
        for (const { width, low, numbers } of groups) {
          const count = together.readVarint();
          expect(single.readVarint()).toBe(count);
          const target = new Float64Array(count + 2);
          together.readMany(width, count, low, scale, target, 1);
          single.align();
          const expected = numbers.map(() => (single.read(width) + low) * scale);
          expect([...target]).toEqual([0, ...expected, 0]);
          expect(expected).toEqual(numbers.map(each => (each + low) * scale));
        }
        expect(together.isAtEnd).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('are not read when there are fewer bytes than they need', () => {
    const reader = new BitReader(new Uint8Array(6));
    expect(() => reader.readMany(10, 5, 0, 1, new Float64Array(5), 0)).toThrow('too early');
  });
});
