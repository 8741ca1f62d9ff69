import { expect, it } from 'vitest';
import { billMonth } from '../../src/billing/bill-month.ts';
import { billingPeriodOf, billRun } from '../../src/billing/bill-run.ts';
import { invoiceFile } from '../../src/billing/invoice-file.ts';
import { invoicePdf } from '../../src/billing/invoice-pdf.ts';
import { issueInvoices } from '../../src/billing/issue-invoices.ts';
import { receivable } from '../../src/ledger/posting.ts';
import type { Day, Month } from '../../src/units/time.ts';
import { temporaryDatabase, temporaryHome } from '../ledger/books.ts';
import { embeddedNetwork, flat, planDocument, supplyPerDay } from '../tariffs/fixtures.ts';
import { addTenant, type Office, openOffice, sumOfBooks } from './office.ts';

const july = billingPeriodOf('2021-07' as Month);

function office(numberFormat: 'per-year' | 'per-account' = 'per-year'): Office {
  const home = temporaryHome();
  const opened = openOffice(temporaryDatabase(home), home, numberFormat);
  opened.plans.addVersion(embeddedNetwork, 0);
  return opened;
}

/**
 * July 2021: 124 kWh at the peak (49.60), 396 in the shoulder (116.82), 403.19 off-peak (84.67), together 251.09; 395.88 kWh from the
 * roof (98.97). The year before is half of it.
 */
function showcaseTenant(books: Office) {
  const tenant = addTenant(books, '9038075');
  const share = (day: string) => (day < '2021-07-01' ? 0.5 : 1);
  books.meter.put(tenant.meterPoint.id, 'E1', 'from-grid', ({ day, minute, weekday }) => {
    if (minute >= 17 * 60 && minute < 21 * 60) return 500_000 * share(day);
    if (weekday <= 5 && minute >= 7 * 60 && minute < 17 * 60) return 900_000 * share(day);
    if (day < '2021-07-01') return 250_000;
    // 800 half-hours of 0.503987 kWh are 0.4 Wh short of 403.19 kWh.
    return 503_987 + (day === '2021-07-10' && minute === 0 ? 400 : 0);
  });
  books.meter.put(tenant.meterPoint.id, 'S1', 'from-solar', ({ day, minute }) => {
    if (minute < 9 * 60 || minute >= 15 * 60) return 0;
    // 372 half-hours of 1.064193 kWh are 0.204 Wh short of 395.88 kWh.
    return 1_064_193 + (day === '2021-07-10' && minute === 12 * 60 ? 204 : 0);
  });
  return tenant;
}

it('bills the published invoice of July 2021 to the cent, from half-hours to the issued snapshot (P2-17)', async () => {
  const books = office('per-account');
  const tenant = showcaseTenant(books);
  expect(await billRun(books, july)).toEqual([
    { account: '9038075', verdict: 'drafted', draftId: 1, currentCharges: '439.63' },
  ]);
  expect(await issueInvoices(books, books.drafts.listIds())).toEqual([
    { draftId: 1, verdict: 'issued', number: '9038075/01', totalDue: '439.63' },
  ]);
  const { document } = books.invoices.get('9038075/01');
  expect(document).toMatchObject({
    issuedOn: '2021-12-07',
    dueOn: '2021-12-21', // P2-03
    chargesExTax: '399.66',
    tax: '39.97',
    currentCharges: '439.63',
    balance: { previous: '0.00', payments: [], broughtForward: '0.00', totalDue: '439.63' },
    account: { number: '9038075', name: 'Tenant 9038075' },
  });
  const [supply] = document.supplies;
  expect(supply).toMatchObject({ from: '2021-07-01', to: '2021-07-31', days: 31, estimatedPercent: '0' });
  expect(supply!.lines.map(line => [line.group, line.quantity, line.unit, line.unitPrice, line.amount])).toEqual([
    ['grid', '124', 'kWh', '0.40', '49.60'],
    ['grid', '396', 'kWh', '0.295', '116.82'],
    ['grid', '403.19', 'kWh', '0.21', '84.67'],
    ['solar', '395.88', 'kWh', '0.25', '98.97'],
    ['supply', '31', 'day', '1.60', '49.60'],
  ]);
  const { ledger, database } = books;
  expect(ledger.balance(receivable('9038075'))).toBe(43_963n);
  const credits = ['revenue:grid', 'revenue:solar', 'revenue:supply', 'tax:GST'].map(account =>
    ledger.balance(account),
  );
  expect(credits).toEqual([-25_109n, -9_897n, -4_960n, -3_997n]);
  expect(sumOfBooks(database)).toBe(0n);
  expect(books.outbox.find('mail', 'invoice:9038075/01')).toMatchObject({ recipientAddress: tenant.account.email });
});

it('shows usage by register, by day with the year before, and by month', async () => {
  const books = office();
  showcaseTenant(books);
  await billRun(books, july);
  const [supply] = books.drafts.get(1).document.supplies;
  expect(supply!.registers).toEqual([
    { code: 'E1', serial: '', flow: 'from-grid', startValue: '', endValue: '', usage: '923.19', quality: 'actual' },
    { code: 'S1', serial: '', flow: 'from-solar', startValue: '', endValue: '', usage: '395.88', quality: 'actual' },
  ]);
  expect(supply!.daily).toHaveLength(31);
  // Saturday 3 July 2021; 3 July 2020 was a Friday: 2 + 9 + 5 from the grid and 12.770316 from the roof.
  expect(supply!.daily[2]).toEqual({
    day: '2021-07-03',
    fromGrid: '24.15948',
    fromSolar: '12.770316',
    toGrid: '0',
    lastYear: '28.770316',
  });
  expect(supply!.monthly.map(({ month }) => month).join(' ')).toMatch(/^2020-08 2020-09 .* 2021-06 2021-07$/);
  expect(supply!.monthly.at(-1)).toEqual({ month: '2021-07', energy: '1319.07' });
});

it('the PDF of the issued invoice can be made again with the same bytes', async () => {
  const books: Office = { ...office(), renderPdf: invoicePdf };
  showcaseTenant(books);
  await billRun(books, july);
  await issueInvoices(books, books.drafts.listIds());
  const { document } = books.invoices.get('2021-000001');
  const written = await invoiceFile(books, document);
  expect(written.subarray(0, 5).toString()).toBe('%PDF-');
  expect(Buffer.compare(written, await invoicePdf(document))).toBe(0);
});

it('billing the same period twice yields nothing new: a draft is rebuilt, an issued period is left alone', async () => {
  const books = office();
  showcaseTenant(books);
  const first = await billRun(books, july);
  expect(await billRun(books, july)).toEqual(first);
  expect(books.drafts.listIds()).toEqual([1]);
  await issueInvoices(books, [1]);
  expect(await billRun(books, july)).toEqual([{ account: '9038075', verdict: 'already-billed' }]);
  expect(books.drafts.listIds()).toEqual([]);
  expect(await issueInvoices(books, [1])).toEqual([{ draftId: 1, verdict: 'draft-gone' }]);
});

it('bills only the days nobody billed when periods overlap', async () => {
  const books = office();
  showcaseTenant(books);
  await billRun(books, { from: '2021-07-11' as Day, to: '2021-07-21' as Day });
  await issueInvoices(books, books.drafts.listIds());
  await billRun(books, july);
  const [id] = books.drafts.listIds();
  expect(books.drafts.get(id!).supplies.map(({ from, to }) => [from, to])).toEqual([
    ['2021-07-01', '2021-07-11'],
    ['2021-07-21', '2021-08-01'],
  ]);
  expect(books.drafts.get(id!).document.supplies.map(supply => supply.days)).toEqual([10, 11]);
});

it.each([
  ['2021-07-15', undefined, '2021-07-15', '2021-07-31', 17],
  ['2020-01-01', '2021-07-15', '2021-07-01', '2021-07-14', 14],
  ['2021-07-31', undefined, '2021-07-31', '2021-07-31', 1],
])('a supply from %s to %s is billed for its days: %s to %s, %i', async (from, to, first, last, days) => {
  const books = office();
  const { meterPoint } = addTenant(books, '7', { from, to });
  books.meter.put(meterPoint.id, 'E1', 'from-grid', () => 100_000);
  await billRun(books, july);
  const [supply] = books.drafts.get(1).document.supplies;
  expect(supply).toMatchObject({ from: first, to: last, days });
  expect(supply!.lines.at(-1)).toMatchObject({ group: 'supply', quantity: String(days) });
});

it('parks an account with its problems in sentences, and never issues it', async () => {
  const books = office();
  const gappy = addTenant(books, '1');
  const hole = (at: number) =>
    at >= Date.parse('2021-07-03T00:30:00Z') / 1000 && at < Date.parse('2021-07-03T06:30:00Z') / 1000;
  books.meter.put(gappy.meterPoint.id, 'E1', 'from-grid', ({ at }) => (hole(at) ? Number.NaN : 100_000));
  addTenant(books, '2');
  const planless = addTenant(books, '3', { plan: 'NO-SUCH' });
  books.meter.put(planless.meterPoint.id, 'E1', 'from-grid', () => 100_000);
  books.plans.addVersion(planDocument({ planCode: 'LATE', effectiveFrom: '2021-07-20', components: [flat('0.2')] }), 0);
  const early = addTenant(books, '4', { plan: 'LATE' });
  books.meter.put(early.meterPoint.id, 'E1', 'from-grid', () => 100_000);
  const verdicts = await billRun(books, july);
  expect(verdicts.map(verdict => 'problems' in verdict && verdict.problems)).toEqual([
    ['2002300001: IMPORT lacks 12 of 1488 intervals, the first from 2021-07-03T10:00:00+09:30'],
    ['2002300002: nothing was ever read here'],
    ['2002300003: there is no plan NO-SUCH'],
    ['2002300004: no version of the plan is in force on 2021-07-01'],
  ]);
  const issued = await issueInvoices(books, books.drafts.listIds());
  expect(issued.map(({ verdict }) => verdict)).toEqual(['parked', 'parked', 'parked', 'parked']);
  expect(books.ledger.verify()).toMatchObject({ transactions: 0 });
  expect(books.drafts.count()).toEqual({ ready: 0, parked: 4 });
});

it('parks days that are not over, although nothing has to be measured for a daily price', async () => {
  const books = office();
  books.plans.addVersion(planDocument({ planCode: 'DAILY', components: [supplyPerDay('1.20')] }), 0);
  addTenant(books, '1', { plan: 'DAILY' });
  addTenant(books, '2', { plan: 'DAILY', to: '2021-12-04' });
  // The clock stands at 10:30 of 7 December in Adelaide.
  const december = billingPeriodOf('2021-12' as Month);
  const unfinished = '2002300001: the days from 2021-12-01 to 2021-12-31 are not over yet';
  expect(await billRun(books, december)).toMatchObject([
    { account: '1', verdict: 'parked', problems: [unfinished] },
    { account: '2', verdict: 'drafted', currentCharges: '3.96' },
  ]);
  books.clock.advance(25 * 86_400_000);
  expect(await billRun(books, december)).toMatchObject([{ verdict: 'drafted' }, { verdict: 'drafted' }]);
});

it('parks a bill that the books cannot hold, and bills the next account', async () => {
  const books = office();
  books.plans.addVersion(planDocument({ planCode: 'SLIP', components: [flat('99999999999999999')] }), 0);
  for (const [number, plan] of [
    ['1', 'SLIP'],
    ['2', 'IO_CI_01'],
  ] as const) {
    const { meterPoint } = addTenant(books, number, { plan });
    books.meter.put(meterPoint.id, 'E1', 'from-grid', () => 100_000_000);
  }
  const { bills } = await billMonth(books, '2021-07' as Month);
  expect(bills).toMatchObject([
    {
      account: '1',
      verdict: 'parked',
      problems: [expect.stringMatching(/^the charges come to \d+\.\d\d: is a price/)],
    },
    { account: '2', verdict: 'issued' },
  ]);
});

it('a draft is ready once what it lacked has come', async () => {
  const books = office();
  const { meterPoint } = addTenant(books, '1');
  expect(await billRun(books, july)).toMatchObject([{ verdict: 'parked', draftId: 1 }]);
  books.meter.put(meterPoint.id, 'E1', 'from-grid', () => 100_000);
  expect(await billRun(books, july)).toMatchObject([{ verdict: 'drafted', draftId: 1 }]);
});

it('one meter point with a problem parks the whole account, for one paper holds them all', async () => {
  const books = office();
  const { account, meterPoint } = addTenant(books, '1');
  books.meter.put(meterPoint.id, 'E1', 'from-grid', () => 100_000);
  const second = addTenant(books, '2');
  books.database.prepare('UPDATE supply SET account_id = ? WHERE id = ?').run(account.id, second.supply.id);
  expect(await billRun(books, july)).toMatchObject([{ account: '1', verdict: 'parked' }]);
  books.meter.put(second.meterPoint.id, 'E1', 'from-grid', () => 100_000);
  // 148.8 kWh twice; tax once over both.
  expect(await billRun(books, july)).toMatchObject([{ account: '1', verdict: 'drafted' }]);
  const { document } = books.drafts.get(1);
  expect(document.supplies.map(supply => supply.meterPoint)).toEqual(['2002300001', '2002300002']);
  expect(document.taxes).toHaveLength(1);
});

it('runs for the accounts named, and refuses a name that is none', async () => {
  const books = office();
  addTenant(books, '1');
  addTenant(books, '2');
  expect((await billRun(books, july, ['2'])).map(verdict => verdict.account)).toEqual(['2']);
  await expect(billRun(books, july, ['3'])).rejects.toMatchObject({ code: 'account-unknown' });
});

it('removes the draft of an account that has no supply in the period any more', async () => {
  const books = office();
  const { supply } = addTenant(books, '1');
  await billRun(books, july);
  books.database.prepare("UPDATE supply SET to_day = '2021-07-01' WHERE id = ?").run(supply.id);
  expect(await billRun(books, july)).toEqual([{ account: '1', verdict: 'nothing-supplied' }]);
  expect(books.drafts.listIds()).toEqual([]);
});

it('bills a controlled load on its own register once, and its energy is not in the total of the others', async () => {
  const books = office();
  const components = [flat('0.30'), { ...flat('0.10', 'E2'), code: 'CL' }];
  books.plans.addVersion(planDocument({ planCode: 'CL', components }), 0);
  const { meterPoint } = addTenant(books, '1', { plan: 'CL' });
  for (const code of ['E1', 'E2', 'E3']) books.meter.put(meterPoint.id, code, 'from-grid', () => 1_000_000);
  await billRun(books, july);
  const { lines } = books.drafts.get(1).document.supplies[0]!;
  expect(lines.map(({ quantity, amount }) => [quantity, amount])).toEqual([
    ['2976', '892.80'],
    ['1488', '148.80'],
  ]);
});

it('reads a register through an exchange of its meter', async () => {
  const books = office();
  const { meterPoint } = addTenant(books, '1');
  const exchanged = '2021-07-10';
  books.meter.put(meterPoint.id, '1', 'from-grid', ({ day }) => (day < exchanged ? 1_000_000 : Number.NaN), {
    serial: 'OLD',
  });
  books.meter.put(meterPoint.id, '1', 'from-grid', ({ day }) => (day < exchanged ? Number.NaN : 2_000_000), {
    serial: 'NEW',
  });
  expect(await billRun(books, july)).toMatchObject([{ verdict: 'drafted' }]);
  const [supply] = books.drafts.get(1).document.supplies;
  expect(supply!.registers.map(({ serial, usage }) => [serial, usage])).toEqual([
    ['OLD', '432'],
    ['NEW', '2112'],
  ]);
});

it('says which part was estimated', async () => {
  const books = office();
  const { meterPoint } = addTenant(books, '1');
  books.meter.put(meterPoint.id, 'E1', 'from-grid', () => 100_000, { estimated: true });
  books.meter.put(meterPoint.id, 'S1', 'from-solar', () => 100_000);
  await billRun(books, july);
  const [supply] = books.drafts.get(1).document.supplies;
  expect(supply).toMatchObject({
    estimatedPercent: '50.0',
    registers: [{ quality: 'estimated' }, { quality: 'actual' }],
  });
});

it('a plan with tax inside its prices balances too', async () => {
  const books = office();
  const components = [flat('0.33'), supplyPerDay('1.10')];
  books.plans.addVersion(planDocument({ planCode: 'INC', taxBasis: 'INCLUSIVE', components }), 0);
  const { meterPoint } = addTenant(books, '1', { plan: 'INC' });
  books.meter.put(meterPoint.id, 'E1', 'from-grid', () => 100_000);
  await billRun(books, july);
  await issueInvoices(books, books.drafts.listIds());
  // 148.8 kWh × 0.33 = 49.10, 31 × 1.10 = 34.10: 83.20 with 7.56 of tax inside.
  expect(books.invoices.get('2021-000001').document).toMatchObject({
    chargesExTax: '75.64',
    tax: '7.56',
    currentCharges: '83.20',
  });
  expect(sumOfBooks(books.database)).toBe(0n);
  expect(books.ledger.balance('tax:GST')).toBe(-756n);
});
