import Sqlite from 'better-sqlite3';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Cell, RowStore } from '../../src/kernel/row-store.ts';

const schema = 'CREATE TABLE row (id INTEGER PRIMARY KEY, word TEXT, number INTEGER, other INTEGER, kind TEXT) STRICT';

function inserted(shared: Cell, rows: readonly (readonly Cell[])[]): unknown[] {
  const database = new Sqlite(':memory:');
  database.exec(schema);
  new RowStore(database, 'row', ['kind'], ['id', 'word', 'number', 'other']).insert([shared], rows.flat());
  return database.prepare('SELECT id, word, number, other, kind FROM row ORDER BY id').raw().all();
}

it('writes each row as it was given, whatever the cells of a column have in common', () => {
  const word = fc.oneof(
    fc.constantFrom('', 'a', 'b', 'ab', ' ', ' b ', '0', 'é', '\u0000', 'a\u0000', 'a\u001f', '\u001f', '12', 'ß'),
    fc.string({ maxLength: 4 }),
  );
  const number = fc.oneof(fc.nat(12), fc.maxSafeNat(), fc.integer());
  const rows = fc.array(fc.tuple(word, number, fc.option(fc.nat(3))), {
    maxLength: 12,
  });
  const alike = (of: (at: number) => readonly Cell[]) => Array.from({ length: 5 }, (_, at) => of(at));
  const check = (shared: string | null, gap: number, told: readonly (readonly Cell[])[]) => {
    const cells = told.map((row, at) => [1 + at * gap, ...row]);
    expect(inserted(shared, cells)).toEqual(cells.map(row => [...row, shared]));
  };
  fc.assert(fc.property(fc.option(fc.string({ maxLength: 3 })), fc.integer({ min: 1, max: 2 }), rows, check), {
    numRuns: 300,
    examples: [
      ['k', 1, alike(() => ['same', 7, null])],
      ['k', 1, alike(at => [`even${at}`, at, at])],
      ['k', 2, alike(at => ['x'.repeat(at), 10 ** at, 5 - at])],
      ['k', 2, alike(at => [at === 2 ? 'a\u001f' : 'ab', -1 - at, at === 1 ? null : 3])],
    ],
  });
});

it('writes more rows than one statement takes', () => {
  const rows = Array.from({ length: 20_003 }, (_, at) => [at + 1, `w${at % 13}`, at % 7, null]);
  expect(inserted('k', rows)).toEqual(rows.map(row => [...row, 'k']));
});

it('throws when a row cannot be, as one by itself does', () => {
  expect(() =>
    inserted('k', [
      [1, 'a', 1, 1],
      [1, 'b', 2, 2],
    ]),
  ).toThrow(/UNIQUE/);
});
