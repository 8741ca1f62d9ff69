import { expect, it } from 'vitest';
import { billingPeriodOf, billRun } from '../../src/billing/bill-run.ts';
import { issueInvoices } from '../../src/billing/issue-invoices.ts';
import { traceLine } from '../../src/billing/trace-line.ts';
import type { Month } from '../../src/units/time.ts';
import { temporaryDatabase, temporaryHome } from '../ledger/books.ts';
import { testHouse } from '../open-house.ts';
import { embeddedNetwork, refusalOf } from '../tariffs/fixtures.ts';
import { addTenant, openOffice } from './office.ts';

/** July 2021, issued: 1 kWh in each half-hour of the evening peak, and `late` more on the last evening if it came later. */
async function issuedJuly() {
  const home = temporaryHome();
  const books = openOffice(temporaryDatabase(home), home);
  books.plans.addVersion(embeddedNetwork, 0);
  const { meterPoint, account } = addTenant(books, '1');
  const known = { late: 0 };
  books.meter.put(meterPoint.id, 'E1', 'from-grid', ({ day, minute }) => {
    if (minute < 17 * 60 || minute >= 21 * 60) return 0;
    return 1_000_000 + (day === '2021-07-31' ? known.late : 0);
  });
  await billRun(books, billingPeriodOf('2021-07' as Month));
  await issueInvoices(books, books.drafts.listIds());
  const [invoice] = books.invoices.listOfAccount(account.id);
  return { books, invoice: invoice!, known };
}

it('leads a line to its plan version, windows, days, intervals, quality and arithmetic', async () => {
  const { books, invoice } = await issuedJuly();
  const trace = traceLine(books, invoice.number, 1);
  expect(trace).toMatchObject({
    line: 1,
    issued: { code: 'USE.PEAK', quantity: '248', amount: '99.20' },
    plan: {
      code: 'IO_CI_01',
      version: 1,
      part: { code: 'USE', rates: [{ windows: [{ from: '17:00', to: '21:00' }] }, {}, {}] },
    },
    days: { from: '2021-07-01', to: '2021-07-31', count: 31 },
    intervals: {
      register: 'IMPORT',
      minutes: 30,
      count: 248,
      first: { utc: '2021-07-01T07:30:00Z' },
      last: { utc: '2021-07-31T11:00:00Z' },
      qualities: { actual: 248 },
    },
    recomputed: { amount: '99.20', arithmetic: '248 kWh × 0.40 = 99.20', same: true },
  });
  expect(trace.byDay).toHaveLength(31);
  expect(trace.byDay[0]).toEqual({ day: '2021-07-01', intervals: 8, energy: '8' });
  expect(trace.words.join(' ')).toContain('248 intervals of 30 minutes of IMPORT');
});

it('computes every line of the invoice again to the same cents', async () => {
  const { books, invoice } = await issuedJuly();
  const lines = invoice.document.supplies.flatMap(supply => supply.lines);
  expect(lines.length).toBeGreaterThan(3);
  lines.forEach((line, at) => {
    expect(traceLine(books, invoice.number, at + 1)).toMatchObject({
      issued: { code: line.code },
      recomputed: { amount: line.amount, same: true },
    });
  });
});

it('says so when readings have changed since, and the invoice stands', async () => {
  const { books, invoice, known } = await issuedJuly();
  known.late = 500_000;
  const trace = traceLine(books, invoice.number, 1);
  expect(trace).toMatchObject({ issued: { amount: '99.20' }, recomputed: { amount: '100.80', same: false } });
  expect(trace.words.at(-1)).toContain('have changed since it was made');
  known.late = Number.NaN;
  expect(traceLine(books, invoice.number, 1)).toMatchObject({
    issued: { amount: '99.20' },
    recomputed: { refused: 'intervals-missing' },
  });
});

it('stays with the plan version of the invoice when a price was corrected afterwards', async () => {
  const { books, invoice } = await issuedJuly();
  const dearer = structuredClone(embeddedNetwork) as { components: { rates?: { unitPrice: string }[] }[] };
  dearer.components[0]!.rates![0]!.unitPrice = '0.90';
  books.plans.addVersion(dearer, invoice.issuedAt + 1);
  expect(traceLine(books, invoice.number, 1)).toMatchObject({ plan: { version: 1 }, recomputed: { same: true } });
});

it('a line that is not there is refused by name', async () => {
  const { books, invoice } = await issuedJuly();
  expect(refusalOf(() => traceLine(books, invoice.number, 99)).code).toBe('invoice-line-unknown');
  expect(refusalOf(() => traceLine(books, 'none', 1)).code).toBe('invoice-unknown');
});

it('answers over HTTP', async () => {
  const { app, authorization } = await testHouse();
  const headers = { authorization: authorization(['bills:read']) };
  const answer = await app.inject({ url: '/v1/invoices/none/lines/1/trace', headers });
  expect(answer.json()).toMatchObject({ status: 404, code: 'invoice-unknown' });
});
