import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addDays, type Day } from '../../src/units/time.ts';
import { sampleSupply } from '../billing/sample-invoice.ts';
import { type AdminApp, adminApp, type Browser } from './app.ts';
import { addAccount, addHalfHours, addInvoice, addMeterPoint } from './seed.ts';

let admin: AdminApp;
let viewer: Browser;
beforeEach(async () => {
  admin = await adminApp();
  viewer = await admin.signedIn('viewer');
});
afterEach(() => admin.app.close());

const count = (body: string, pattern: RegExp) => (body.match(pattern) ?? []).length;

describe('a meter point', () => {
  it.each([
    ['2026-11-20', 48],
    ['2026-10-04', 46],
    ['2026-04-05', 50],
  ])('on %s has %i half-hours, each with its figure', async (day, halfHours) => {
    const { id, identifier } = addMeterPoint(admin.deps);
    addHalfHours(admin.deps, id, 'from-grid', [day, addDays(day as Day, 1)], () => ({ energy: 250_001 }));
    const { body } = await viewer.get(`/admin/meter-points/${identifier}?date=${day}`);
    expect(count(body, /class="bar"/g)).toBe(halfHours);
    expect(count(body, /0\.250001 kWh<\/td>\s*<td[^>]*>actual/g)).toBe(halfHours);
    expect(count(body, /class="gap"/g)).toBe(0);
  });

  it('shows what is missing as missing and what is estimated as estimated', async () => {
    const { id, identifier } = addMeterPoint(admin.deps);
    addHalfHours(admin.deps, id, 'from-grid', ['2026-11-20', '2026-11-21'], slot => {
      if (slot === 3) return undefined;
      return { energy: 0, quality: slot === 5 ? 'estimated' : 'actual' };
    });
    const { body } = await viewer.get(`/admin/meter-points/${identifier}`);
    expect([count(body, /class="gap"/g), count(body, /class="bar estimated"/g)]).toEqual([1, 1]);
    expect([count(body, />missing</g), count(body, />estimated</g)]).toEqual([1, 1]);
  });

  it('sums days of a week from Monday and of a month, and energy to the grid beside it', async () => {
    const { id, identifier } = addMeterPoint(admin.deps);
    addHalfHours(admin.deps, id, 'from-grid', ['2026-11-16', '2026-11-21'], () => ({ energy: 100_000 }));
    addHalfHours(admin.deps, id, 'to-grid', ['2026-11-16', '2026-11-17'], () => ({ energy: 1_000 }));
    const week = await viewer.get(`/admin/meter-points/${identifier}?span=week&date=2026-11-18`);
    expect(week.body).toContain('Week from 16 Nov 2026');
    expect(count(week.body, /4\.800 kWh/g)).toBe(5);
    expect(count(week.body, /0\.048 kWh<\/td>/g)).toBeGreaterThan(0);
    expect(count(week.body, /class="gap"/g)).toBe(2);
    const month = await viewer.get(`/admin/meter-points/${identifier}?span=month&date=2026-11-18`);
    expect([month.body.includes('November 2026'), count(month.body, /class="gap"/g)]).toEqual([true, 25]);
  });

  it('that has never been read says so, and one that does not exist is 404', async () => {
    const { identifier } = addMeterPoint(admin.deps);
    expect((await viewer.get(`/admin/meter-points/${identifier}?date=rubbish&span=year`)).status).toBe(200);
    expect((await viewer.get('/admin/meter-points/none')).status).toBe(404);
  });
});

describe('an account', () => {
  it('shows its supplies, invoices, history and what is owed', async () => {
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
    expect(overview.body).toMatch(/Owed by customers<\/dt><dd>\$439\.63<small>by 1 account/);
  });

  it('is found among more than a page of others', async () => {
    for (let number = 0; number < 60; number += 1)
      addAccount(admin.deps, { number: `A${100 + number}`, name: `Tenant ${number}` });
    const first = await viewer.get('/admin/accounts');
    expect(first.body).toContain('1–50 of 60');
    expect((await viewer.get('/admin/accounts?page=2')).body).toContain('51–60 of 60');
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
    for (const text of ['$399.66', '$39.97', '$439.63', 'Invoice 9038075/01']) expect(body).toContain(text);
    for (const line of supplies[0]!.lines) expect(body).toContain(line.unitPrice);
    const pdf = await admin.app.inject({ url: `${url}/pdf`, cookies: viewer.cookies });
    expect([pdf.statusCode, pdf.headers['content-type'], pdf.body.slice(0, 5)]).toEqual([
      200,
      'application/pdf',
      '%PDF-',
    ]);
    expect((await admin.app.inject(`${url}/pdf`)).statusCode).toBe(303);
    expect((await viewer.get('/admin/invoices?kind=credit-note')).body).toContain('Nothing fits this search.');
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
