import fc from 'fast-check';
import { expect, it } from 'vitest';
import { csvLine, parseCsvLine, plainCell } from '../../src/kernel/csv.ts';

const texts = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: fc.constantFrom("'", '=', '-', '+', '@', '\t', '"', ',', '5', '.'), maxLength: 6 }),
);

it('comes back as it was, whatever a cell begins with', () => {
  fc.assert(
    fc.property(fc.array(texts, { minLength: 1, maxLength: 5 }), cells => {
      const line = csvLine(cells);
      expect(parseCsvLine(line.slice(0, -2))?.map(plainCell)).toEqual(cells);
    }),
  );
});

it('is nothing that a spreadsheet would run, and a number stays one', () => {
  expect(csvLine(['=1+1', "'=1+1", "'-5", '-5', "O'Hara"])).toBe("'=1+1,''=1+1,''-5,-5,O'Hara\r\n");
});
