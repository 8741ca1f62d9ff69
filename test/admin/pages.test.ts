import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { microKwh } from '../../src/units/energy.ts';
import { addDays, type Day, instant, startOfDay } from '../../src/units/time.ts';
import { sampleSupply } from '../billing/sample-invoice.ts';
import { type AdminApp, adminApp, type Browser } from './app.ts';
import { addAccount, addHalfHours, addImport, addInvoice, addMeterPoint, adelaide, flatPlan } from './seed.ts';

let admin: AdminApp;
let viewer: Browser;
beforeEach(async () => {
  admin = await adminApp();
  viewer = await admin.signedIn('viewer');
});
afterEach(() => admin.app.close());

const count = (body: string, pattern: RegExp) => (body.match(pattern) ?? []).length;
/** The wide picture alone: the page has the same one for phones. */
const picture = (body: string) => /<svg class="wide".*?<\/svg>/s.exec(body)?.[0] ?? '';

describe('a meter point', () => {
  it.each([
    ['2026-11-20', 48],
    ['2026-10-04', 46],
    ['2026-04-05', 50],
  ])('on %s has %i half-hours, each with its figure', async (day, halfHours) => {
    const { id, identifier } = addMeterPoint(admin.deps);
    addHalfHours(admin.deps, id, 'from-grid', [day, addDays(day as Day, 1)], () => ({ energy: 250_001 }));
    const { body } = await viewer.get(`/admin/meter-points/${identifier}?date=${day}`);
    expect(count(picture(body), /class="bar from-grid"/g)).toBe(halfHours);
    expect(count(body, /0\.250001<\/td>\s*<td[^>]*><span>actual/g)).toBe(halfHours);
    expect(count(picture(body), /class="gap"/g)).toBe(0);
    // Of an hour that comes twice each half-hour says which of the two it is.
    expect(count(body, /data-label="From">02:30 \(UTC\+(9|10):30\)/g)).toBe(halfHours === 50 ? 2 : 0);
  });

  it('shows what is missing as missing and what is estimated as estimated', async () => {
    const { id, identifier } = addMeterPoint(admin.deps);
    addHalfHours(admin.deps, id, 'from-grid', ['2026-11-20', '2026-11-21'], slot => {
      if (slot === 3) return undefined;
      return { energy: 0, quality: slot === 5 ? 'estimated' : 'actual' };
    });
    const { body } = await viewer.get(`/admin/meter-points/${identifier}`);
    // A half-hour of nothing is drawn as nothing, and still not as a gap.
    expect(count(picture(body), /class="gap"/g)).toBe(1);
    expect([count(body, />missing</g), count(body, />estimated</g), count(body, />0\.000<\/td>/g)]).toEqual([1, 1, 48]);
  });

  it('sums days of a week from Monday, of a month, and months of a year, with energy to the grid beside it', async () => {
    const { id, identifier } = addMeterPoint(admin.deps);
    addHalfHours(admin.deps, id, 'from-grid', ['2026-11-16', '2026-11-21'], () => ({ energy: 100_000 }));
    addHalfHours(admin.deps, id, 'to-grid', ['2026-11-16', '2026-11-17'], () => ({ energy: 1_000 }));
    const week = (await viewer.get(`/admin/meter-points/${identifier}?span=week&date=2026-11-18`)).body;
    expect(week).toContain('Week from 16 Nov 2026');
    expect(count(week, />4\.800<\/td>/g)).toBe(5);
    expect(count(week, />0\.048<\/td>/g)).toBe(2);
    // The clock stands in the evening of 21 November: nothing came on that day, and the next is still to come.
    expect([count(picture(week), /class="gap"/g), count(week, />to come</g)]).toEqual([1, 1]);
    const month = (await viewer.get(`/admin/meter-points/${identifier}?span=month&date=2026-11-18`)).body;
    expect([month.includes('November 2026'), count(picture(month), /class="gap"/g)]).toEqual([true, 16]);
    const year = (await viewer.get(`/admin/meter-points/${identifier}?span=year&date=2026-11-18`)).body;
    expect(count(year, />24\.000<\/td>/g)).toBe(2);
    expect(year).toContain('?span=year&amp;date=2025-12-31');
  });

  it('says where each figure came from, and what else was sent for the same half-hour', async () => {
    const { id, identifier } = addMeterPoint(admin.deps);
    const file = { sha256: 'a'.repeat(64), name: 'nem12.csv', format: 'nem12', importedBy: 'cli', strict: false };
    const run = admin.deps.imports.begin(file, 0);
    const [key, imported] = [
      admin.deps.sources.idOf('api-key', 'shop meters'),
      admin.deps.sources.idOf('import', String(run)),
    ];
    const channel = { kind: 'channel', code: 'E1', flow: 'from-grid', unit: 'kWh', intervalMinutes: 30 } as const;
    const series = admin.deps.meterPoints.addSeries({ meterPointId: id, serial: '', ...channel }, 0);
    const at = startOfDay('2026-11-20' as Day, adelaide);
    const reading = { at, minutes: 30, quality: 'actual', line: 0, versionAt: 0 } as const;
    const put = (source: number, value: number, outcome: 'accepted' | 'conflict', line = 0) =>
      admin.deps.readings.apply({
        seriesId: series.id,
        reading: { ...reading, source, value: microKwh(value), line },
        receivedAt: at,
        outcome,
      });
    put(imported, 500_000, 'accepted', 17);
    put(key, 400_000, 'conflict');
    const { body } = await viewer.get(`/admin/meter-points/${identifier}?date=2026-11-20`);
    expect(body).toContain(`<a href="/admin/imports/${run}" title="nem12.csv">import ${run}, line 17</a>`);
    expect(body).toContain('conflict: E1 0.400 kWh, actual (key shop meters)');
  });

  it('that has a register shows its values and the energy between them', async () => {
    const { id, identifier } = addMeterPoint(admin.deps);
    const register = { kind: 'register', code: '1', flow: 'from-grid', unit: 'kWh', intervalMinutes: 30 } as const;
    const series = admin.deps.meterPoints.addSeries({ meterPointId: id, serial: 'M7', ...register }, 0);
    const midnight = startOfDay('2026-11-20' as Day, adelaide);
    for (const [hours, kWh] of [
      [0, 1000],
      [0.5, 1000.25],
      [1.5, 1001],
    ] as const) {
      const reading = { minutes: 0, quality: 'actual', source: 1, line: 0, versionAt: 0 } as const;
      const at = instant(midnight + hours * 3600);
      const value = microKwh(kWh * 1e6);
      admin.deps.readings.apply({
        seriesId: series.id,
        reading: { ...reading, at, value },
        receivedAt: at,
        outcome: 'accepted',
      });
    }
    const { body } = await viewer.get(`/admin/meter-points/${identifier}?date=2026-11-20`);
    for (const value of ['1,000.000 kWh', '1,000.250 kWh', '1,001.000 kWh']) expect(body).toContain(value);
    expect([count(body, />0\.250<\/td>/g), count(body, />0\.375<\/td>/g)]).toEqual([1, 2]);
    expect([count(body, />estimated</g), count(body, />missing</g)]).toEqual([2, 45]);
  });
});

describe('an account', () => {
  it('shows its supplies, invoices, statement and what is owed', async () => {
    const account = addAccount(admin.deps);
    const { id, identifier } = addMeterPoint(admin.deps);
    const supply = { accountId: account.id, meterPointId: id, planCode: 'SHOP-TOU', from: '2026-07-01' as Day };
    admin.deps.supplies.add({ ...supply, to: undefined }, 0);
    addInvoice(admin.deps, account);
    const { body } = await viewer.get(`/admin/accounts/${account.number}`);
    for (const text of [
      'Kookaburra Books &amp; Tea',
      identifier,
      'SHOP-TOU',
      'ongoing',
      '$439.63',
      'owed by the customer',
    ])
      expect(body).toContain(text);
    const overview = await viewer.get('/admin');
    expect(overview.body).toMatch(/Unpaid<\/a><\/dt>\s*<dd>\$439\.63<small>on 1 invoice<br>/);
  });

  it('takes a payment from an operator once, however often the form is sent, and says who recorded it', async () => {
    const { number } = addAccount(admin.deps);
    const { number: invoice } = addInvoice(admin.deps, admin.deps.accounts.get(number));
    const url = `/admin/accounts/${number}`;
    expect((await viewer.get(url)).body).not.toContain('Record a payment');
    const operator = await admin.signedIn('operator');
    const key = /name="key" value="([^"]+)"/.exec((await operator.get(url)).body)?.[1] ?? '';
    const payment = { amount: '1,039.63', receivedOn: '2026-11-19', method: 'bpay', reference: 'B 7', key };
    for (const _ of [1, 2])
      expect((await operator.submit(url, `${url}/payment`, payment)).location).toBe(`${url}#statement`);
    expect(admin.deps.payments.listOfAccount(1)).toHaveLength(1);
    expect(admin.access.audit.list({ limit: 9 }).filter(({ action }) => action === 'payment.record')).toMatchObject([
      { who: 'user:operator', subject: `account:${number}`, detail: { amount: '1039.63' } },
    ]);
    const { body } = await viewer.get(url);
    expect(body).toMatch(/\$600\.00<small>in credit/);
    expect((await viewer.get('/admin/invoices?status=paid')).body).toContain(invoice);
    expect((await viewer.get('/admin/invoices?status=unpaid')).body).toContain('Nothing fits this search.');
  });

  it('refuses a payment that is none, says why, keeps what was typed and shuts viewers out', async () => {
    const { number } = addAccount(admin.deps);
    const url = `/admin/accounts/${number}`;
    const operator = await admin.signedIn('operator');
    const payment = { amount: '12.345', receivedOn: '2027-01-01', method: 'card', reference: '"><b>', key: 'k' };
    const refused = await operator.submit(url, `${url}/payment`, payment);
    expect([refused.status, refused.body.includes('amount must be money')]).toEqual([422, true]);
    expect(refused.body).toContain('value="&quot;&gt;&lt;b&gt;"');
    const future = await operator.submit(url, `${url}/payment`, { ...payment, amount: '1' });
    expect(future.body).toContain('2027-01-01 is still to come');
    expect((await viewer.submit(url, `${url}/payment`, payment)).status).toBe(403);
    expect(admin.deps.payments.listOfAccount(1)).toEqual([]);
  });

  it('is found among more than a page of others', async () => {
    for (let number = 0; number < 60; number += 1)
      addAccount(admin.deps, { number: `A${100 + number}`, name: `Tenant ${number}` });
    const first = await viewer.get('/admin/accounts');
    expect(first.body).toContain('1–50 of 60');
    expect((await viewer.get('/admin/accounts?page=2')).body).toContain('51–60 of 60');
    expect((await viewer.get('/admin/accounts?page=3')).body).toContain('The list ends before this page.');
    const last = await viewer.get('/admin/accounts?sort=-name');
    expect(last.body).toMatch(/<tbody>\s*<tr>\s*<th scope="row"[^>]*><a href="\/admin\/accounts\/A109"/);
    const found = await viewer.get('/admin/accounts?q=tenant+59');
    expect(count(found.body, /<th scope="row"/g)).toBe(1);
    expect((await viewer.get('/admin/accounts?q=nobody')).body).toContain('Nothing fits this search.');
  });
});

describe('an invoice', () => {
  it('shows the figures of its snapshot and opens as the PDF the customer got', async () => {
    const account = addAccount(admin.deps);
    const { number, supplies } = addInvoice(admin.deps, account);
    const url = `/admin/invoices/${encodeURIComponent(number)}`;
    const { body } = await viewer.get(url);
    for (const text of ['$399.66', '$39.97', '$439.63', 'Tax invoice 9038075/01', '>overdue<'])
      expect(body).toContain(text);
    for (const line of supplies[0]!.lines) expect(body).toContain(line.unitPrice);
    const pdf = await admin.app.inject({ url: `${url}/pdf`, cookies: viewer.cookies });
    expect([pdf.statusCode, pdf.headers['content-type'], pdf.body.slice(0, 5)]).toEqual([
      200,
      'application/pdf',
      '%PDF-',
    ]);
    expect((await admin.app.inject(`${url}/pdf`)).statusCode).toBe(303);
  });

  it('in another currency than the books says so in its own', async () => {
    const { number } = addInvoice(admin.deps, addAccount(admin.deps), { currency: 'GBP' });
    const { body } = await viewer.get(`/admin/invoices/${encodeURIComponent(number)}`);
    expect([body.includes('£439.63'), body.includes('$')]).toEqual([true, false]);
  });

  it('stands in the list, sorted as asked for, and in a CSV file without a formula', async () => {
    const account = addAccount(admin.deps, { name: '=1+1' });
    addInvoice(admin.deps, account, { number: 'A1', ...charging('10.00'), dueOn: '2026-12-01' });
    addInvoice(admin.deps, account, { number: 'A2', ...charging('500.00'), dueOn: '2026-11-01' });
    const order = async (sort: string) =>
      [...(await viewer.get(`/admin/invoices?sort=${sort}`)).body.matchAll(/>(A\d)<\/a>/g)].map(([, number]) => number);
    expect([await order('charges'), await order('-charges'), await order('due')]).toEqual([
      ['A1', 'A2'],
      ['A2', 'A1'],
      ['A2', 'A1'],
    ]);
    const { body } = await viewer.get('/admin/invoices.csv?status=overdue');
    expect(body).toBe(
      "Number,Account,Period,Issued,Due,Status,Charges,Open\r\nA2,'=1+1,2026-10-01/2026-10-31,2026-11-06,2026-11-01,overdue,500.00,500.00\r\n",
    );
    expect((await admin.app.inject('/admin/invoices.csv')).statusCode).toBe(303);
  });

  it('full of markup is text on every page that mentions it', async () => {
    const payload = '"><img src=x onerror=alert(1)><script>alert(2)</script>';
    const account = addAccount(admin.deps, {
      number: 'X1',
      name: payload,
      email: payload,
      phone: payload,
      postalAddress: payload,
    });
    const point = addMeterPoint(admin.deps, 'javascript:alert(1)', payload);
    admin.deps.supplies.add(
      { accountId: account.id, meterPointId: point.id, planCode: payload, from: '2026-07-01' as Day, to: undefined },
      0,
    );
    const { number } = addInvoice(admin.deps, account, { number: 'X/1', supplies: [hostileSupply(payload)] });
    const urls = ['/admin', '/admin/accounts', '/admin/accounts/X1', '/admin/invoices', '/admin/meter-points'];
    const single = [
      `/admin/invoices/${encodeURIComponent(number)}`,
      `/admin/meter-points/${encodeURIComponent(point.identifier)}`,
    ];
    for (const url of [...urls, ...single, `/admin/accounts?q=${encodeURIComponent(payload)}`]) {
      const { status, body } = await viewer.get(url);
      expect([url, status]).toEqual([url, 200]);
      expect(body).not.toMatch(/<img|<script|href="javascript/i);
    }
  });
});

function hostileSupply(payload: string) {
  const supply = sampleSupply({ address: payload, meterPoint: payload });
  const lines = supply.lines.map(line => ({ ...line, description: payload, when: payload }));
  return { ...supply, lines, plan: { ...supply.plan, name: payload } };
}

describe('the overview', () => {
  it('counts who sent since midnight, and draws yesterday of all meter points', async () => {
    const first = addMeterPoint(admin.deps);
    const second = addMeterPoint(admin.deps, '2001000024');
    addHalfHours(admin.deps, first.id, 'from-grid', ['2026-11-20', '2026-11-22'], () => ({ energy: 1_000_000 }));
    addHalfHours(admin.deps, second.id, 'to-grid', ['2026-11-20', '2026-11-21'], () => ({ energy: 500_000 }));
    const { body } = await viewer.get('/admin');
    expect(body).toMatch(
      /Meter points<\/a><\/dt>\s*<dd>2<small>1 sent since midnight, <span class="warn-text">1 silent/,
    );
    expect(body).toMatch(/From grid <b>48\.000 kWh/);
    expect(body).toMatch(/To grid <b>24\.000 kWh/);
    expect(body).toContain('none parked');
  });
});

describe('a bill run', () => {
  it('parks what cannot be billed with the reason, on its page and on the overview, and bills it once', async () => {
    const account = addAccount(admin.deps);
    const { id } = addMeterPoint(admin.deps);
    const supply = { accountId: account.id, meterPointId: id, planCode: 'FLAT', from: '2026-10-01' as Day };
    admin.deps.supplies.add({ ...supply, to: undefined }, 0);
    expect((await viewer.get('/admin/bill-run')).status).toBe(403);
    const operator = await admin.signedIn('operator');
    const run = () => operator.submit('/admin/bill-run', '/admin/bill-run/bill', { month: '2026-10' });
    const parked = await run();
    expect(parked.body).toMatch(/0 issued, 1 parked.*there is no plan FLAT/s);
    expect((await viewer.get('/admin')).body).toContain('1 parked</a>');
    admin.deps.plans.addVersion(flatPlan, 0);
    addHalfHours(admin.deps, id, 'from-grid', ['2026-10-01', '2026-11-01'], () => ({ energy: 1_000_000 }));
    expect((await run()).body).toMatch(/1 issued, 0 parked.*\$297\.20/s);
    expect((await run()).body).toContain('0 issued, 0 parked, 1 billed before');
    const twice = await operator.submit('/admin/bill-run', '/admin/bill-run/bill', { month: '2026-10', check: 'on' });
    expect(twice.body).toContain('1 billed before, each rated twice');
    const wrong = await operator.submit('/admin/bill-run', '/admin/bill-run/bill', { month: '2026-13' });
    expect([wrong.status, wrong.body.includes('Write the month as 2026-10.')]).toEqual([422, true]);
  });
});

describe('a plan', () => {
  it('is shown by version in words, each price with its clock times', async () => {
    admin.deps.plans.addVersion(flatPlan, 0);
    admin.deps.plans.addVersion({ ...flatPlan, effectiveFrom: '2026-12-01', displayName: 'Flat, dearer' }, 0);
    const list = (await viewer.get('/admin/plans')).body;
    expect(list).toContain('/admin/plans/FLAT/versions/2');
    const { body } = await viewer.get('/admin/plans/FLAT/versions/1');
    expect(body).toMatch(/From grid<\/th>.*at all times.*\$0\.2000.*kWh/s);
    expect((await viewer.get('/admin/plans/FLAT/versions/9')).status).toBe(404);
  });
});

describe('an import', () => {
  it('is listed with its counts, and its report points at each problem', async () => {
    const run = addImport(admin.deps, '<b>.csv');
    const killed = { sha256: 'c'.repeat(64), name: 'killed.csv', format: 'nem12', importedBy: 'cli', strict: false };
    const unfinished = admin.deps.imports.begin(killed, 1_795_000_000);
    expect((await viewer.get(`/admin/imports/${unfinished}`)).body).toContain('data-events=');
    const list = (await viewer.get('/admin/imports')).body;
    expect(list).toContain('<span class="tag plain">running</span>');
    expect(list).toMatch(/&lt;b&gt;\.csv<\/a>.*1,488.*<span class="tag bad">1</s);
    const { body } = await viewer.get(`/admin/imports/${run}`);
    for (const text of ['N12-20', '&quot;x&quot; is not a number', 'took 2 s', '2001000016', '372.5 kWh'])
      expect(body).toContain(text);
    expect((await viewer.get(`/admin/imports/${run}?severity=warning`)).body).toContain('Nothing fits this search.');
    expect((await viewer.get('/admin/imports/77')).status).toBe(404);
  });
});

const charging = (amount: string) => ({ currentCharges: amount, chargesExTax: amount, tax: '0.00', taxes: [] });
