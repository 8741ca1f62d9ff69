import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Database } from '../../src/kernel/database.ts';
import { LedgerStore } from '../../src/ledger/ledger-store.ts';
import { type Posting, receivable } from '../../src/ledger/posting.ts';
import { cents } from '../../src/units/money.ts';
import type { Day } from '../../src/units/time.ts';
import { temporaryDatabase } from './books.ts';

const tenant = receivable('9038075');

function sale(reference: string, bookedOn: string, amount: bigint): Posting {
  return {
    bookedOn: bookedOn as Day,
    kind: 'sale',
    reference,
    description: `Sale ${reference}`,
    entries: [
      { account: tenant, amount: cents(amount) },
      { account: 'revenue:grid', amount: cents(-amount) },
    ],
  };
}

function receipt(reference: string, bookedOn: string, amount: bigint): Posting {
  const entries = [
    { account: 'bank', amount: cents(amount) },
    { account: tenant, amount: cents(-amount) },
  ];
  return { ...sale(reference, bookedOn, amount), kind: 'payment', description: `Payment ${reference}`, entries };
}

it('sums an account by entry, now and at the end of any day', () => {
  const ledger = new LedgerStore(temporaryDatabase());
  ledger.post(receipt('1', '2022-01-07', 12_800n), 1);
  ledger.post(sale('1', '2022-02-01', 43_963n), 2);
  ledger.post(receipt('2', '2022-02-10', 31_163n), 3);
  expect(ledger.balance(tenant)).toBe(0n);
  expect(ledger.balance(tenant, '2022-01-06' as Day)).toBe(0n);
  expect(ledger.balance(tenant, '2022-01-07' as Day)).toBe(-12_800n);
  expect(ledger.balance(tenant, '2022-02-09' as Day)).toBe(31_163n);
  expect(ledger.balance('bank')).toBe(43_963n);
});

it('keeps several entries of one day apart and in the order in which they were written', () => {
  const ledger = new LedgerStore(temporaryDatabase());
  ledger.post(sale('later', '2022-03-01', 100n), 1);
  ledger.post(sale('a', '2022-02-01', 500n), 2);
  ledger.post(receipt('b', '2022-02-01', 500n), 3);
  ledger.post(sale('c', '2022-02-01', 500n), 4);
  expect(ledger.listEntries(tenant).map(entry => [entry.reference, entry.amount, entry.balance])).toEqual([
    ['a', 500n, 500n],
    ['b', -500n, 0n],
    ['c', 500n, 500n],
    ['later', 100n, 600n],
  ]);
  expect(ledger.listEntriesSince(tenant, 3).map(entry => entry.reference)).toEqual(['c']);
  expect(ledger.balanceAfter(tenant, 3)).toBe(100n);
});

it('keeps a sum exact where a double would not', () => {
  const ledger = new LedgerStore(temporaryDatabase());
  ledger.post(sale('1', '2022-01-01', 9_007_199_254_740_992n), 1);
  ledger.post(sale('2', '2022-01-01', 1n), 2);
  expect(ledger.balance(tenant)).toBe(9_007_199_254_740_993n);
});

it('stops at a posting that does not sum to zero', () => {
  const ledger = new LedgerStore(temporaryDatabase());
  const crooked = sale('1', '2022-01-01', 100n);
  crooked.entries[1]!.amount = cents(-99n);
  expect(() => ledger.post(crooked, 1)).toThrow('sums to 1 cents');
  expect(() => ledger.post({ ...crooked, entries: [] }, 1)).toThrow('money comes from somewhere');
  expect(ledger.verify()).toMatchObject({ intact: true, transactions: 0 });
});

it('refuses to post the same thing twice', () => {
  const ledger = new LedgerStore(temporaryDatabase());
  ledger.post(sale('1', '2022-01-01', 100n), 1);
  expect(() => ledger.post(sale('1', '2022-01-01', 100n), 1)).toThrow('UNIQUE');
  expect(ledger.balance(tenant)).toBe(100n);
});

const attacks = {
  'edit an entry': 'UPDATE ledger_entry SET amount_cents = 1 WHERE transaction_id = 2 AND position = 0',
  'delete an entry': 'DELETE FROM ledger_entry WHERE transaction_id = 2',
  'edit a transaction': "UPDATE ledger_transaction SET booked_on = '2020-01-01' WHERE id = 2",
  'delete a transaction': 'DELETE FROM ledger_transaction WHERE id = 3',
  'add to a closed transaction':
    "INSERT INTO ledger_entry (transaction_id, position, account, amount_cents) VALUES (2, 9, 'x', 0)",
  'leave entries without a transaction':
    "INSERT INTO ledger_entry (transaction_id, position, account, amount_cents) VALUES (4, 0, 'x', 0)",
  'write one that does not balance': `
    BEGIN;
    INSERT INTO ledger_entry (transaction_id, position, account, amount_cents) VALUES (4, 0, 'x', 1), (4, 1, 'y', 1);
    INSERT INTO ledger_transaction VALUES (4, '2022-01-01', 'k', 'r', 'd', 1, (SELECT hash FROM ledger_transaction WHERE id = 3), 'h')`,
  'leave out a number': `
    BEGIN;
    INSERT INTO ledger_entry (transaction_id, position, account, amount_cents) VALUES (5, 0, 'x', 1), (5, 1, 'y', -1);
    INSERT INTO ledger_transaction VALUES (5, '2022-01-01', 'k', 'r', 'd', 1, (SELECT hash FROM ledger_transaction WHERE id = 3), 'h')`,
};

it.each(Object.entries(attacks))('the database itself does not let anyone %s', (_, sql) => {
  const database = temporaryDatabase();
  const ledger = threeSales(database);
  expect(() => database.exec(sql)).toThrow(/ledger:|FOREIGN KEY/);
  if (database.inTransaction) database.exec('ROLLBACK');
  expect(ledger.verify()).toMatchObject({ intact: true, transactions: 3 });
});

const alterations = [
  ['an amount', 'UPDATE ledger_entry SET amount_cents = amount_cents * 2 WHERE transaction_id = 2', 2],
  ['one side only', 'UPDATE ledger_entry SET amount_cents = 7 WHERE transaction_id = 2 AND position = 0', 2],
  ['an account', "UPDATE ledger_entry SET account = 'bank' WHERE transaction_id = 3 AND position = 0", 3],
  ['a day', "UPDATE ledger_transaction SET booked_on = '2020-01-01' WHERE id = 1", 1],
  ['a hash', "UPDATE ledger_transaction SET hash = 'ff' WHERE id = 1", 1],
  [
    'a removal',
    'PRAGMA foreign_keys = OFF; DELETE FROM ledger_entry WHERE transaction_id = 2; DELETE FROM ledger_transaction WHERE id = 2',
    3,
  ],
] as const;

it.each(alterations)('verify names the transaction after somebody altered %s behind our back', (_, sql, broken) => {
  const database = temporaryDatabase();
  const ledger = threeSales(database);
  for (const table of ['transaction', 'entry']) {
    database.exec(`DROP TRIGGER ledger_${table}_update; DROP TRIGGER ledger_${table}_delete`);
  }
  database.exec(sql);
  expect(ledger.verify()).toMatchObject({ intact: false, transactionId: broken });
});

it('all accounts together sum to zero, whatever was posted', () => {
  const account = fc.constantFrom('bank', 'revenue:grid', 'tax:GST', tenant);
  const entry = fc.record({ account, amount: fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }).map(cents) });
  fc.assert(
    fc.property(fc.array(fc.array(entry, { minLength: 1, maxLength: 5 }), { maxLength: 8 }), sides => {
      const ledger = new LedgerStore(temporaryDatabase());
      sides.forEach((entries, at) => {
        const rest = cents(-entries.reduce((sum, { amount }) => sum + amount, 0n));
        ledger.post(
          { ...sale(String(at), '2022-01-01', 0n), entries: [...entries, { account: 'rest', amount: rest }] },
          at,
        );
      });
      const total = ['bank', 'revenue:grid', 'tax:GST', tenant, 'rest'].reduce((sum, a) => sum + ledger.balance(a), 0n);
      expect(total).toBe(0n);
      expect(ledger.verify()).toMatchObject({ intact: true, transactions: sides.length });
    }),
    { numRuns: 15 },
  );
});

function threeSales(database: Database): LedgerStore {
  const ledger = new LedgerStore(database);
  for (const at of [1, 2, 3]) ledger.post(sale(String(at), `2022-01-0${at}`, 100n * BigInt(at)), at);
  return ledger;
}
