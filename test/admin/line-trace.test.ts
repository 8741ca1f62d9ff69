import { beforeEach, describe, expect, it } from 'vitest';
import { billingPeriodOf, billRun } from '../../src/billing/bill-run.ts';
import { issueInvoices } from '../../src/billing/issue-invoices.ts';
import type { Day, Month } from '../../src/units/time.ts';
import { type AdminApp, adminApp, type Browser } from './app.ts';
import { addAccount, addHalfHours, addMeterPoint, flatPlan } from './seed.ts';

let admin: AdminApp;
let viewer: Browser;
let meterPointId: number;

/** October of a customer at 1 kWh a half-hour, drafted. */
beforeEach(async () => {
  admin = await adminApp();
  viewer = await admin.signedIn('viewer');
  const account = addAccount(admin.deps);
  meterPointId = addMeterPoint(admin.deps).id;
  admin.deps.plans.addVersion(flatPlan, 0);
  const supply = { accountId: account.id, meterPointId, planCode: 'FLAT', from: '2026-10-01' as Day };
  admin.deps.supplies.add({ ...supply, to: undefined }, 0);
  addHalfHours(admin.deps, meterPointId, 'from-grid', ['2026-10-01', '2026-11-01'], () => ({ energy: 1_000_000 }));
  await billRun(admin.deps, billingPeriodOf('2026-10' as Month));
});

/** The first link below `url/lines/` of a page. */
function linkToLine(body: string, line: number): string {
  const found = new RegExp(`href="([^"]+/lines/${line})"`).exec(body);
  if (!found) throw new Error(`no link to line ${line}`);
  return found[1]!;
}

describe('why this number', () => {
  it('is one click from each line of a draft, which is one click from the bill run', async () => {
    const operator = await admin.signedIn('operator');
    const [, draftUrl = ''] = /href="(\/admin\/drafts\/\d+)"/.exec((await operator.get('/admin/bill-run')).body) ?? [];
    const draft = await viewer.get(draftUrl);
    expect(draft.body).toContain('not issued');
    const { body } = await viewer.get(linkToLine(draft.body, 1));
    expect(body).toContain('the same again');
    expect(body).toContain('1486 intervals of 30 minutes of IMPORT, the first from 2026-10-01 00:00');
    expect(body).toContain('1,486 actual');
    expect(body).toMatch(/href="\/admin\/plans\/FLAT\/versions\/1"/);
    expect(body).toMatch(/span=day&amp;date=2026-10-04|date=2026-10-04&amp;span=day/);
    expect(body).not.toMatch(/style=/);
  });

  it('is one click from each line of an invoice, and says when the readings are others by now', async () => {
    await issueInvoices(admin.deps, admin.deps.drafts.listIds());
    const [issued] = admin.deps.invoices.listOfAccount(1);
    const url = `/admin/invoices/${encodeURIComponent(issued!.number)}`;
    const invoice = await viewer.get(url);
    const lines = issued!.document.supplies.flatMap(supply => supply.lines);
    for (const [at, line] of lines.entries()) {
      const { status, body } = await viewer.get(linkToLine(invoice.body, at + 1));
      expect([status, body.includes('the same again')]).toEqual([200, true]);
      expect(body).toContain(line.amount.replace('-', ''));
    }
    addHalfHours(admin.deps, meterPointId, 'from-grid', ['2026-10-31', '2026-11-01'], () => ({ energy: 3_000_000 }));
    const { body } = await viewer.get(`${url}/lines/1`);
    expect(body).toContain('differs now');
    expect(body).not.toContain('the same again');
  });

  it.each(['/admin/drafts/99', '/admin/drafts/x', '/admin/drafts/1/lines/99', '/admin/invoices/none/lines/1'])(
    '%s is nothing',
    async url => {
      expect((await viewer.get(url)).status).toBe(404);
    },
  );
});
