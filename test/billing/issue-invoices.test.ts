import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { balanceBox } from '../../src/billing/balance-box.ts';
import { daysLeft } from '../../src/billing/billing-period.ts';
import { invoiceFileName } from '../../src/billing/invoice-file.ts';
import { issueInvoices } from '../../src/billing/issue-invoices.ts';
import { numberSeries } from '../../src/billing/numbering.ts';
import { recordPayment } from '../../src/collections/record-payment.ts';
import type { AccountEntry } from '../../src/ledger/ledger-store.ts';
import { receivable } from '../../src/ledger/posting.ts';
import { addCents, cents, parseCents } from '../../src/units/money.ts';
import { addDays, type Day } from '../../src/units/time.ts';
import { temporaryDatabase, temporaryHome } from '../ledger/books.ts';
import { addDraft, addTenant, type Office, openOffice } from './office.ts';

function office(numberFormat: 'per-year' | 'per-account' = 'per-year'): Office {
  const home = temporaryHome();
  return openOffice(temporaryDatabase(home), home, numberFormat);
}

it.each([
  ['per-year', 'invoice', 123, '2026-000123'],
  ['per-year', 'credit-note', 1, 'C2026-000001'],
  ['per-account', 'invoice', 1, '9038075/01'],
  ['per-account', 'invoice', 100, '9038075/100'],
  ['per-account', 'credit-note', 2, '9038075/C02'],
] as const)('%s numbers: %s %i is %s', (format, kind, count, number) => {
  expect(numberSeries(format, kind, '9038075', '2026-11-21' as Day).print(count)).toBe(number);
});

it('counts each account on its own, as ACCOUNT/NN (P2-04)', async () => {
  const books = office('per-account');
  const tenants = ['9038075', '9038076'].map(number => addTenant(books, number));
  for (const month of ['01', '02']) {
    for (const tenant of tenants) addDraft(books, tenant, `2021-${month}-01`, `2021-${month}-28`);
  }
  const verdicts = await issueInvoices(books, books.drafts.listIds());
  expect(verdicts.map(verdict => 'number' in verdict && verdict.number)).toEqual([
    '9038075/01',
    '9038076/01',
    '9038075/02',
    '9038076/02',
  ]);
  expect(readdirSync(books.invoiceFolder).sort()).toEqual([
    '9038075+01.pdf',
    '9038075+02.pdf',
    '9038076+01.pdf',
    '9038076+02.pdf',
  ]);
});

it('begins at 1 in a new year, by the calendar of the business zone', async () => {
  const books = office();
  const tenant = addTenant(books, '1');
  const ids = ['01', '02', '03'].map(month => addDraft(books, tenant, `2021-${month}-01`, `2021-${month}-28`));
  const numbers: unknown[] = [];
  // 2021 ends in Adelaide at 13:30 UTC.
  for (const [at, now] of ['2021-12-31T13:00:00Z', '2021-12-31T13:29:59Z', '2021-12-31T13:30:00Z'].entries()) {
    books.clock.moveTo(now);
    numbers.push(...(await issueInvoices(books, [ids[at]!])).map(verdict => 'number' in verdict && verdict.number));
  }
  expect(numbers).toEqual(['2021-000001', '2021-000002', '2022-000001']);
  expect(books.invoices.get('2022-000001').document).toMatchObject({ issuedOn: '2022-01-01', dueOn: '2022-01-15' });
});

it('shows the path from the last invoice to this one', async () => {
  const books = office();
  const tenant = addTenant(books, '1');
  const pay = (amount: bigint, receivedOn: string) =>
    recordPayment(books, '1', {
      amount: cents(amount),
      receivedOn: receivedOn as Day,
      method: 'bpay',
      reference: '',
      dedupeKey: `${receivedOn} ${amount}`,
    });
  pay(5_000n, '2021-06-01');
  await issueInvoices(books, [addDraft(books, tenant, '2021-07-01', '2021-08-01')]);
  expect(books.invoices.get('2021-000001').document.balance).toEqual({
    previous: '0.00',
    payments: [{ paidOn: '2021-06-01', amount: '50.00', description: 'Payment by BPAY' }],
    adjustments: '0.00',
    broughtForward: '-50.00',
    totalDue: '60.00',
  });
  pay(4_000n, '2021-12-01');
  pay(1_000n, '2021-12-01');
  const late = [
    { account: receivable('1'), amount: cents(1_200n) },
    { account: 'revenue:fees', amount: cents(-1_200n) },
  ];
  books.ledger.post(
    { bookedOn: '2021-12-05' as Day, kind: 'fee', reference: '1', description: 'Fee', entries: late },
    0,
  );
  await issueInvoices(books, [addDraft(books, tenant, '2021-08-01', '2021-09-01')]);
  expect(books.invoices.get('2021-000002').document.balance).toEqual({
    previous: '60.00',
    payments: [
      { paidOn: '2021-12-01', amount: '40.00', description: 'Payment by BPAY' },
      { paidOn: '2021-12-01', amount: '10.00', description: 'Payment by BPAY' },
    ],
    adjustments: '12.00',
    broughtForward: '22.00',
    totalDue: '132.00',
  });
  expect(books.ledger.balance(receivable('1'))).toBe(13_200n);
});

it('the sum on paper is the sum of what is printed, whatever was booked in between', () => {
  const entry = fc.record({
    kind: fc.constantFrom('payment', 'fee', 'credit-note'),
    amount: fc.bigInt(-(10n ** 9n), 10n ** 9n),
  });
  const amount = fc.bigInt(-(10n ** 9n), 10n ** 9n).map(cents);
  fc.assert(
    fc.property(amount, amount, fc.array(entry), (previous, charges, booked) => {
      const since = booked.map(({ kind, amount }): AccountEntry => {
        const bookedOn = '2021-12-01' as Day;
        return {
          transactionId: 1,
          bookedOn,
          kind,
          reference: '',
          description: '',
          amount: cents(amount),
          balance: cents(0n),
        };
      });
      const box = balanceBox(previous, since, charges);
      const paid = addCents(...box.payments.map(payment => parseCents(payment.amount)!));
      const broughtForward = parseCents(box.previous)! - paid + parseCents(box.adjustments)!;
      expect(parseCents(box.broughtForward)).toBe(broughtForward);
      expect(parseCents(box.totalDue)).toBe(broughtForward + charges);
    }),
  );
});

it('does not touch a number, the books or the outbox when issuing goes wrong in the middle', async () => {
  const books = office();
  const tenant = addTenant(books, '1');
  const [first, second] = ['01', '02'].map(month => addDraft(books, tenant, `2021-${month}-01`, `2021-${month}-28`));
  books.database.exec(
    `CREATE TRIGGER no_mail BEFORE INSERT ON outbox_message BEGIN SELECT RAISE(ABORT, 'disk full'); END`,
  );
  await expect(issueInvoices(books, [first!])).rejects.toThrow('disk full');
  expect(books.ledger.verify()).toMatchObject({ transactions: 0 });
  expect(existsSync(books.invoiceFolder)).toBe(false);
  books.database.exec('DROP TRIGGER no_mail');
  expect(await issueInvoices(books, [second!, first!])).toMatchObject([
    { number: '2021-000001' },
    { number: '2021-000002' },
  ]);
});

it('an invoice stands although its PDF could not be written, and says so', async () => {
  const books = office();
  const draft = addDraft(books, addTenant(books, '1'), '2021-07-01', '2021-08-01');
  writeFileSync(join(dirname(books.invoiceFolder), 'invoices'), 'a file where the folder should be');
  const [verdict] = await issueInvoices(books, [draft]);
  expect(verdict).toMatchObject({
    verdict: 'issued',
    number: '2021-000001',
    fileProblem: expect.stringMatching(/EEXIST|ENOTDIR/),
  });
  expect(books.invoices.find('2021-000001')).toBeDefined();
});

it('does not issue a draft whose days another run issued since', async () => {
  const books = office();
  const tenant = addTenant(books, '1');
  const drafts = [
    addDraft(books, tenant, '2021-07-01', '2021-08-01'),
    addDraft(books, tenant, '2021-07-15', '2021-08-15'),
  ];
  expect((await issueInvoices(books, drafts)).map(({ verdict }) => verdict)).toEqual(['issued', 'already-billed']);
  expect(books.drafts.listIds()).toEqual([]);
});

it('promises no mail to an account without an address', async () => {
  const books = office();
  await issueInvoices(books, [addDraft(books, addTenant(books, '1', { email: '' }), '2021-07-01', '2021-08-01')]);
  expect(books.outbox.count('waiting')).toBe(0);
});

it.each([
  'UPDATE invoice SET total_due_cents = 0',
  "UPDATE invoice SET document = '{}'",
  'DELETE FROM invoice',
  'DELETE FROM invoice_supply',
  "UPDATE invoice_supply SET to_day = '2022-01-01'",
  "INSERT INTO invoice_supply SELECT invoice_id, supply_id, '2021-07-31', '2021-09-01' FROM invoice_supply",
])('the database itself refuses: %s', async sql => {
  const books = office();
  await issueInvoices(books, [addDraft(books, addTenant(books, '1'), '2021-07-01', '2021-08-01')]);
  expect(() => books.database.exec(sql)).toThrow(/billing:/);
});

it('an id of a draft that is gone is never given to another', () => {
  const books = office();
  const tenant = addTenant(books, '1');
  const gone = addDraft(books, tenant, '2021-07-01', '2021-08-01');
  books.drafts.remove(gone);
  expect(addDraft(books, tenant, '2021-08-01', '2021-09-01')).not.toBe(gone);
  expect(() => books.drafts.get(gone)).toThrow('there is no draft 1');
});

it('file names stay in their folder and never coincide', () => {
  const names = ['2021-000001', 'a/01', 'a+01', 'a%2F01', '../../x/01', '..', 'ü/01'].map(invoiceFileName);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^[^/\\]+\.pdf$/);
});

it('daysLeft and what was taken tile the period', () => {
  const day = fc.integer({ min: 0, max: 40 }).map(at => addDays('2021-07-01' as Day, at));
  const period = fc
    .tuple(day, fc.integer({ min: 1, max: 20 }))
    .map(([from, length]) => ({ from, to: addDays(from, length) }));
  fc.assert(
    fc.property(period, fc.array(period), (whole, taken) => {
      const left = daysLeft(whole, taken);
      const covers = (periods: { from: Day; to: Day }[], at: Day) =>
        periods.filter(({ from, to }) => from <= at && at < to).length;
      for (let at = whole.from; at < whole.to; at = addDays(at, 1)) {
        expect(covers(left, at)).toBe(covers(taken, at) > 0 ? 0 : 1);
      }
      expect(left.every(({ from, to }) => whole.from <= from && from < to && to <= whole.to)).toBe(true);
    }),
  );
});
