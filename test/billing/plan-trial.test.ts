import { describe, expect, it } from 'vitest';
import { billingPeriodOf, billRun } from '../../src/billing/bill-run.ts';
import { comparePlans } from '../../src/billing/compare-plans.ts';
import { issueInvoices } from '../../src/billing/issue-invoices.ts';
import { lastYear } from '../../src/billing/plan-trial-routes.ts';
import { previewPlan } from '../../src/billing/preview-plan.ts';
import type { Month } from '../../src/units/time.ts';
import { temporaryDatabase, temporaryHome } from '../ledger/books.ts';
import { testHouse } from '../open-house.ts';
import { day, embeddedNetwork, flat, planDocument, refusalOf, supplyPerDay, zone } from '../tariffs/fixtures.ts';
import { addTenant, type Office, openOffice } from './office.ts';

const july = { from: day('2021-07-01'), to: day('2021-08-01') };
const year = { from: day('2020-07-01'), to: day('2021-07-01') };

function office(): Office {
  const home = temporaryHome();
  const opened = openOffice(temporaryDatabase(home), home);
  opened.plans.addVersion(embeddedNetwork, 0);
  return opened;
}

/** A plan of next year at one price for all hours. */
const flatPlan = planDocument({
  planCode: 'FLAT',
  effectiveFrom: '2031-07-01',
  components: [flat('0.30'), supplyPerDay('1.60')],
});

/** One uses 1 kWh in each half-hour of the evening peak, the other at night. */
function eveningAndNight(books: Office) {
  const [evening, night] = ['1', '2'].map(number => addTenant(books, number));
  books.meter.put(evening!.meterPoint.id, 'E1', 'from-grid', ({ minute }) =>
    minute >= 17 * 60 && minute < 21 * 60 ? 1_000_000 : 0,
  );
  books.meter.put(night!.meterPoint.id, 'E1', 'from-grid', ({ minute }) => (minute < 4 * 60 ? 1_000_000 : 0));
  return { evening: evening!, night: night! };
}

describe('a plan is tried before it is sold', () => {
  it('says what the issued invoice says, to the cent, on the plan that the customer has', async () => {
    const books = office();
    const { evening } = eveningAndNight(books);
    await billRun(books, billingPeriodOf('2021-07' as Month), ['1']);
    await issueInvoices(books, books.drafts.listIds());
    const preview = previewPlan(books, {
      plan: { planCode: 'IO_CI_01' },
      site: { meterPoint: evening.meterPoint.identifier },
      ...july,
    });
    const { document } = books.invoices.listOfAccount(evening.account.id)[0]!;
    expect(preview.total).toBe(document.currentCharges);
    expect(preview.lines.map(({ code, amount }) => [code, amount])).toEqual(
      document.supplies[0]!.lines.map(({ code, amount }) => [code, amount]),
    );
  });

  it('tries a document nobody has saved, on days before it takes effect', () => {
    const books = office();
    const { evening } = eveningAndNight(books);
    const preview = previewPlan(books, {
      plan: { document: flatPlan },
      site: { meterPoint: evening.meterPoint.identifier },
      ...july,
    });
    // 31 days × 8 kWh × 0.30 + 31 × 1.60, and a tenth.
    expect(preview).toMatchObject({ chargesExTax: '124.00', tax: '12.40', total: '136.40', days: 31 });
    expect(preview.lines[0]).toMatchObject({
      arithmetic: '248 kWh × 0.30 = 74.40',
      trace: { measured: { intervals: 1488, first: '2021-06-30T14:30:00Z', qualities: { actual: 1488 } } },
    });
    expect(books.plans.list()).toHaveLength(1);
  });

  it('takes readings from the request, and refuses those with a hole unless it is filled by name', () => {
    const books = office();
    const energies = Array.from({ length: 31 * 48 }, () => '0.5');
    const input = (values: (string | null)[]) => ({
      plan: { document: flatPlan },
      site: { readings: { zone: zone('UTC'), registers: { IMPORT: { intervalMinutes: 30, energies: values } } } },
      ...july,
    });
    expect(previewPlan(books, input(energies))).toMatchObject({ chargesExTax: '272.80' });
    const holed = [...energies.slice(0, 700), null, ...energies.slice(701)];
    expect(refusalOf(() => previewPlan(books, input(holed))).code).toBe('intervals-missing');
    const filled = previewPlan(books, { ...input(holed), estimation: 'LIKE_WEEKS' });
    expect(filled).toMatchObject({ chargesExTax: '272.80', estimates: [{ register: 'IMPORT', intervals: 1 }] });
    expect(filled.lines[0]).toMatchObject({ estimated: true });
  });
});

describe('past bills are made again on other plans', () => {
  it('with the winners, the losers and the revenue', async () => {
    const books = office();
    eveningAndNight(books);
    const comparison = await comparePlans(books, {
      plans: [{ document: flatPlan }],
      of: { accounts: ['1', '2'] },
      ...year,
    });
    // 365 days × 8 kWh: at the peak 0.40, at night 0.21, flat 0.30; supply is the same. Each month's GST is rounded for itself.
    expect(comparison.customers).toMatchObject([
      {
        account: '1',
        now: { plans: ['IO_CI_01'], charges: '1752.00', total: '1927.20' },
        plans: [{ plan: 'FLAT', charges: '1460.00', total: '1606.00', difference: '-321.20' }],
        cheapest: 'FLAT',
      },
      {
        account: '2',
        now: { charges: '1197.20' },
        plans: [{ plan: 'FLAT', charges: '1460.00', difference: '289.07' }],
        cheapest: 'IO_CI_01',
      },
    ]);
    expect(comparison.plans).toEqual([
      {
        plan: 'FLAT',
        customers: 2,
        winners: 1,
        losers: 1,
        total: '3212.00',
        revenue: '2920.00',
        revenueNow: '2949.20',
        difference: '-29.20',
      },
    ]);
  });

  it('month by month: what counts once a bill counts twelve times', async () => {
    const books = office();
    eveningAndNight(books);
    const rebate = { category: 'WELCOME', type: 'GUARANTEED', methodUType: 'fixedAmount', amount: '5.00', tax: 'GST' };
    const { customers } = await comparePlans(books, {
      plans: [{ document: { ...flatPlan, discounts: [rebate] } }],
      of: { accounts: ['1'] },
      ...year,
    });
    expect(customers[0]!.plans[0]).toMatchObject({ charges: '1400.00' });
  });

  it('what the contract says besides its prices holds on any plan, and a year’s tiers run on from bill to bill', async () => {
    const books = office();
    const { evening } = eveningAndNight(books);
    books.supplyTerms.add({
      supplyId: evening.supply.id,
      from: day('2020-01-01'),
      to: undefined,
      terms: { quantities: { CONTRACT_KW: '10' } },
      recordedAt: 0,
    });
    const yearly = planDocument({
      planCode: 'YEARLY',
      components: [
        {
          ...flat('0'),
          tierPeriod: 'P1Y',
          tierProration: 'NONE',
          rates: [{ code: 'ALL', tiers: [{ upTo: '1000', unitPrice: '1' }, { unitPrice: '2' }] }],
        },
        {
          kind: 'supply',
          code: 'LINE',
          amount: '3',
          per: 'MONTH',
          each: { quantity: 'CONTRACT_KW', unit: 'kW' },
          tax: 'GST',
        },
      ],
    });
    // Some months are billed already, on the plan of the time; the comparison counts its own.
    await billRun(books, billingPeriodOf('2021-02' as Month), ['1']);
    await issueInvoices(books, books.drafts.listIds());
    const { customers } = await comparePlans(books, {
      plans: [{ document: yearly }],
      of: { accounts: ['1'] },
      from: day('2021-01-01'),
      to: day('2021-07-01'),
    });
    // 181 days × 8 kWh: 1,000 at 1 and 448 at 2; six months at 3 for each of 10 kW.
    expect(customers[0]!.plans[0]).toMatchObject({ plan: 'YEARLY', charges: '2076.00' });
  });

  it('a customer whose bill cannot be made does not stop the others, and counts nowhere', async () => {
    const books = office();
    eveningAndNight(books);
    const silent = addTenant(books, '3');
    const comparison = await comparePlans(books, {
      plans: [{ document: flatPlan }],
      of: { accounts: ['3', '1'] },
      ...year,
    });
    expect(comparison.customers[0]).toMatchObject({
      meterPoints: [silent.meterPoint.identifier],
      now: { refused: 'readings-missing' },
      plans: [{ plan: 'FLAT', refused: 'readings-missing' }],
      cheapest: null,
    });
    expect(comparison.plans[0]).toMatchObject({ customers: 1, winners: 1, losers: 0 });
  });

  it('a plan that has no price for what a customer uses is no bargain', async () => {
    const books = office();
    const { evening } = eveningAndNight(books);
    books.meter.put(evening.meterPoint.id, 'S1', 'from-solar', () => 1_000_000);
    const { customers, plans } = await comparePlans(books, {
      plans: [{ document: flatPlan }],
      of: { accounts: ['1'] },
      ...year,
    });
    expect(customers[0]).toMatchObject({ plans: [{ plan: 'FLAT', unpriced: ['SOLAR'] }], cheapest: 'IO_CI_01' });
    expect(plans[0]).toMatchObject({ customers: 0, winners: 0, losers: 0, revenue: '0.00', revenueNow: '0.00' });
  });

  it('finds the cheapest plan of a site that nobody pays for yet', async () => {
    const books = office();
    books.plans.addVersion(flatPlan, 0);
    const { meterPoint } = addTenant(books, '9', { from: '2022-01-01' });
    books.meter.put(meterPoint.id, 'E1', 'from-grid', ({ minute }) => (minute < 4 * 60 ? 1_000_000 : 0));
    const { customers } = await comparePlans(books, {
      plans: [
        { planCode: 'IO_CI_01', version: 1 },
        { planCode: 'FLAT', version: 1 },
      ],
      of: { meterPoints: [meterPoint.identifier] },
      ...year,
    });
    expect(customers[0]).toMatchObject({ account: null, now: null, cheapest: 'IO_CI_01 version 1' });
  });

  it('not in another currency than the books', async () => {
    const { house, app, authorization } = await testHouse({ environment: { CURRENCY: 'AUD' } });
    house.accounts.add({ number: '1', name: 'Shop', businessNumber: '', email: '', phone: '', postalAddress: '' }, 0);
    const answer = await app.inject({
      method: 'POST',
      url: '/v1/plans/compare',
      payload: { plans: [{ document: { ...flatPlan, currency: 'NZD' } }], accounts: ['1'] },
      headers: { authorization: authorization(['bills:read']) },
    });
    expect([answer.statusCode, answer.json().code]).toEqual([422, 'plan-currency']);
  });

  it('counts a customer once who is named twice', async () => {
    const books = office();
    const { account, meterPoint } = addTenant(books, '301');
    books.meter.put(meterPoint.id, 'E1', 'from-grid', () => 1_000_000);
    const once = await comparePlans(books, {
      plans: [{ document: flatPlan }],
      of: { accounts: [account.number] },
      ...july,
    });
    const twice = { accounts: [account.number, account.number] };
    expect(await comparePlans(books, { plans: [{ document: flatPlan }], of: twice, ...july })).toEqual(once);
    const points = await comparePlans(books, {
      plans: [{ document: flatPlan }],
      of: { meterPoints: [meterPoint.identifier, meterPoint.identifier] },
      ...july,
    });
    expect(points.customers).toHaveLength(1);
  });

  it('not in two currencies', async () => {
    const books = office();
    const plans = [{ document: flatPlan }, { document: { ...flatPlan, currency: 'NZD' } }];
    await expect(comparePlans(books, { plans, of: { accounts: [] }, ...year })).rejects.toMatchObject({
      code: 'plans-differ',
    });
  });

  it('the last year is the twelve months that are over', () => {
    expect(lastYear(office())).toEqual({ from: '2020-12-01', to: '2021-12-01' });
  });
});

describe('by HTTP', () => {
  it('previews and compares for a key that may read bills, and says what is wrong with a question', async () => {
    const { app, authorization, house } = await testHouse();
    house.plans.addVersion(embeddedNetwork, 0);
    const post = (path: string, payload: object, scopes = ['bills:read']) =>
      app.inject({
        method: 'POST',
        url: `/v1/plans/${path}`,
        headers: { authorization: authorization(scopes) },
        payload,
      });
    const energies = Array.from({ length: 48 }, () => 0.5);
    const readings = { zone: 'UTC', registers: { IMPORT: { intervalMinutes: 30, energies } } };
    const question = { plan: { planCode: 'IO_CI_01' }, from: '2026-07-01', to: '2026-07-02', readings };
    const preview = await post('preview', question);
    // 4 kWh at 0.40, 10 at 0.295, 10 at 0.21, a day at 1.60, and GST.
    expect(preview.json()).toMatchObject({ total: '9.08', lines: [{ code: 'USE.PEAK', amount: '1.60' }, {}, {}, {}] });
    expect((await post('preview', { ...question, plan: { planCode: 'NONE' } })).json().code).toBe('plan-unknown');
    expect((await post('preview', { ...question, to: '2026-07-01' })).json().errors[0].pointer).toBe('/to');
    expect((await post('preview', { ...question, readings: undefined })).statusCode).toBe(422);
    expect((await post('preview', question, ['plans:read'])).statusCode).toBe(403);
    const compared = await post('compare', { accounts: ['1'] });
    expect(compared.json().code).toBe('account-unknown');
  });
});
