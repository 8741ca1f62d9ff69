import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/** What must hold of every bill, and the test that draws cases for it by lot. */
it.each([
  ['energy is conserved', 'tariffs/properties', 'energy is conserved: the lines of a register hold what its intervals'],
  ['parts add up', 'tariffs/properties', 'quantities are additive: two bills for the parts of a period'],
  ['the zone of the host is nothing', 'tariffs/host-zone', 'prints the same bytes wherever the host thinks it is'],
  [
    'nor is the order of readings',
    'billing/shuffled-ingest',
    'the bill is the same in whatever order the readings came',
  ],
  ['rating again changes nothing', 'billing/shuffled-ingest', 'rating it again after nothing has changed corrects'],
  ['the sum on paper adds up', 'tariffs/properties', 'the sum on paper adds up: printed lines and printed tax'],
  [
    'what is open is the balance',
    'collections/collections',
    'what is open, what is credit and what else is owed always',
  ],
  ['the books sum to zero', 'ledger/ledger', 'all accounts together sum to zero, whatever was posted'],
  [
    'months make the year',
    'tariffs/year-of-months',
    'twelve bills by month count, line by line, what one for the year',
  ],
  ['two ways agree', 'tariffs/properties', 'the compiled plan agrees with the naive interpreter that goes minute'],
])('%s', (_, file, name) => {
  const text = readFileSync(join(import.meta.dirname, `${file}.test.ts`), 'utf8');
  const test = text.split(/^ *it\(/m).find(each => each.includes(name));
  expect(test, `${file} has no test "${name}"`).toBeDefined();
  expect(test).toMatch(/fc\.assert|hostZones/);
});
