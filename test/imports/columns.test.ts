import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SeriesPlaces } from '../../src/imports/series-places.ts';
import { TextColumn } from '../../src/imports/text-column.ts';

it('a column of texts gives back each as it came, however long and of whatever letters', () => {
  const text = fc.oneof(fc.string({ unit: 'grapheme-ascii', maxLength: 20 }), fc.string({ unit: 'grapheme' }));
  fc.assert(
    fc.property(fc.array(text, { maxLength: 600 }), texts => {
      const column = new TextColumn();
      for (const each of texts) column.push(each);
      expect(column.length).toBe(texts.length);
      expect([...column]).toEqual(texts);
    }),
    { numRuns: 50, examples: [[['x'.repeat(5000), '', 'é', 'a'.repeat(4096), '\u0000', '日本', 'b']]] },
  );
});

it('each series keeps the place it was given, in the order in which they came', () => {
  const id = fc.oneof(fc.integer(), fc.nat(5000), fc.maxSafeNat());
  fc.assert(
    fc.property(fc.uniqueArray(id, { maxLength: 3000, size: 'max' }), ids => {
      const places = new SeriesPlaces();
      expect(ids.map(each => [places.find(each), places.add(each)])).toEqual(ids.map((_, at) => [undefined, at]));
      expect(ids.map(each => places.find(each))).toEqual(ids.map((_, at) => at));
      expect(places.length).toBe(ids.length);
    }),
    { numRuns: 30, examples: [[Array.from({ length: 2500 }, (_, at) => at + 1)], [[-1, -2, 0, 2 ** 32, 2 ** 33]]] },
  );
});
