import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readValues } from '../../src/imports/formats/nem12-values.ts';
import { parseEnergy } from '../../src/units/energy.ts';

// What is read at a glance, what is nearly that, and what is another way of writing the same.
const cell = fc.oneof(
  fc.integer({ min: 0, max: 9999 }).map(value => (value / 1000).toFixed(3)),
  fc.constantFrom('0.000', '9.999', '10.000', '1.5', '12', '0.1234', '.500', '1.50', '05.25', '123.456', '0.123456'),
);
// None of these is a value as it stands; the third to the last differ from one in a byte.
const fault = fc.constantFrom('-0.500', '5x6', '1,234', '0:123', '0.12/', '0.1a3', ':.123', '0..23', '0.123.');
const units = fc.constantFrom(
  { decimals: 3, unit: 'Wh' } as const,
  { decimals: 6, unit: 'kWh' } as const,
  { decimals: 9, unit: 'MWh' } as const,
);
const head = '300,20260101,';

describe('a row of values', () => {
  it('is read as each of them by itself, whatever stands beside it and wherever it lies', () => {
    fc.assert(
      fc.property(
        fc.array(cell, { minLength: 1, maxLength: 60 }),
        units,
        fc.nat(20),
        (cells, { decimals, unit }, before) => {
          const text = `${'9'.repeat(before)}${head}${cells.join(',')},A,,,20260102000000,`;
          const energies = new Float64Array(cells.length);
          const start = before;
          const { length } = cells;
          const row = readValues(
            Buffer.from(text),
            start,
            start + head.length,
            text.length,
            length,
            decimals,
            energies,
          );
          const parsed = cells.map(each => parseEnergy(each, unit));
          expect([...energies]).toEqual(parsed.map(each => each.ok && each.microKwh));
          expect(row).toMatchObject({ found: length, faults: [] });
          expect(text.slice(row.next)).toBe('A,,,20260102000000,');
          const most = Math.max(...cells.map(each => each.split('.')[1]?.length ?? 0));
          const first = cells.findIndex(each => (each.split('.')[1]?.length ?? 0) === most);
          const column = most === 0 ? 0 : [head, ...cells.slice(0, first).map(each => `${each},`)].join('').length + 1;
          expect(row).toMatchObject({ decimalsMost: most, decimalsColumn: column });
        },
      ),
      { numRuns: 500 },
    );
  });

  it('ends where its line ends, though the bytes behind it go on as values do', () => {
    const text = '0.123,0.456,12.5,0.789,0.999,';
    for (let length = 0; length <= text.length; length++) {
      const [alone, among] = [new Float64Array(6), new Float64Array(6)];
      const expected = { ...readValues(Buffer.from(text.slice(0, length)), 0, 0, length, 6, 6, alone) };
      expect(readValues(Buffer.from(text), 0, 0, length, 6, 6, among)).toEqual(expected);
      expect(among).toEqual(alone);
    }
  });

  it('says which value is none, and in which column, after any that are plain', () => {
    fc.assert(
      fc.property(fc.nat(20), fault, fc.nat(20), (before, wrong, after) => {
        const count = before + 1 + after;
        const cells = Array.from({ length: count }, (_, at) => (at === before ? wrong : '0.512'));
        const text = `${cells.join(',')},A,,,`;
        const energies = new Float64Array(count);
        const row = readValues(Buffer.from(text), 0, 0, text.length, count, 6, energies);
        if (wrong === '1,234') expect(row.found).toBe(count);
        else expect(row.faults).toMatchObject([{ interval: before + 1, column: before * 6 + 1, raw: wrong }]);
      }),
      { numRuns: 200 },
    );
  });
});
