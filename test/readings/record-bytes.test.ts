import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecordBytes } from '../../src/readings/record-bytes.ts';

// Around each number of digits, and up to what a double holds exactly.
const whole = fc.oneof(
  fc.integer({ min: 0, max: 12 }).chain(digits => fc.integer({ min: -2, max: 2 }).map(near => 10 ** digits + near)),
  fc.integer({ min: -20_000, max: 20_000 }),
  fc.integer({ min: -9e12, max: 9e12 }),
  fc.constantFrom(0, Number.NaN),
);

describe('numbers of a record', () => {
  it('are written as text would have them, one by one or many over a scale, however many were written before', () => {
    fc.assert(
      fc.property(
        fc.array(whole, { maxLength: 200 }),
        fc.constantFrom(1, 10, 1000),
        fc.nat(70_000),
        (numbers, scale, before) => {
          const into = new RecordBytes();
          into.text('-'.repeat(before));
          into.quotients(
            Float64Array.from(numbers, each => each * scale),
            scale,
          );
          for (const each of numbers) if (!Number.isNaN(each)) into.number(each);
          const together = numbers.map(each => (Number.isNaN(each) ? ' n' : ` ${each}`)).join('');
          const single = numbers.filter(each => !Number.isNaN(each)).join('');
          expect(into.bytes.toString()).toBe('-'.repeat(before) + together + single);
        },
      ),
      { numRuns: 300 },
    );
  });
});
