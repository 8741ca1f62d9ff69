import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { expect, it } from 'vitest';
import { billRun } from '../../src/billing/bill-run.ts';
import { type Day, instant } from '../../src/units/time.ts';
import { adminApp } from './app.ts';
import { addAccount, addHalfHours, addImport, addInvoice, addMeterPoint, flatPlan } from './seed.ts';

const executablePath = '/usr/bin/chromium';
const hasChromium = existsSync(executablePath);
if (!hasChromium) console.warn('SKIPPED: no chromium here, so no page was opened in a browser');
const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];
// However busy the machine is: a page that hangs is found all the same.
const pageMsMax = 180_000;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const urls = [
  '/admin/sign-in',
  '/admin',
  '/admin/meter-points',
  '/admin/meter-points/2001000016',
  '/admin/meter-points/2001000016?span=month',
  '/admin/meter-points/2001000016?span=year',
  '/admin/usage',
  '/admin/gaps',
  '/admin/meter-points/2001000016/gaps?from=2026-11-18',
  '/admin/usage?group=day&from=2026-11-15&by=region',
  '/admin/usage?known=2026-11-19T12:00',
  '/admin/meters',
  '/admin/readings',
  '/admin/readings?q=none&date=2026',
  '/admin/imports',
  '/admin/imports/1',
  '/admin/imports/folder',
  '/admin/maintenance',
  '/admin/conflicts',
  '/admin/conflicts?known=2026-11-19T12:00',
  '/admin/quarantine',
  '/admin/reconcile',
  '/admin/reconcile?q=2001000016&a=current&b=import:1',
  '/admin/rebills',
  '/admin/plans',
  '/admin/plans/FLAT/versions/1',
  '/admin/bill-run',
  '/admin/drafts/1',
  '/admin/drafts/2',
  '/admin/drafts/2/lines/1',
  '/admin/accounts',
  '/admin/accounts/9038075',
  '/admin/new-account',
  '/admin/new-meter-point',
  '/admin/invoices',
  '/admin/invoices/9038075%2F01',
  '/admin/invoices/9038075%2F01/lines/1',
  '/admin/invoices/9038075%2F01/correction',
  '/admin/users',
  '/admin/keys',
  '/admin/audit',
  '/problems',
];

it.skipIf(!hasChromium).each([
  ['light', 1280],
  ['dark', 390],
] as const)(
  'every page %s at %i px is accessible, fits its window and breaks no content policy, without a script',
  async (colorScheme, width) => {
    const { app, deps, signedIn } = await adminApp();
    const account = addAccount(deps, { name: '<img src=x onerror=alert(1)>' });
    const { id } = addMeterPoint(deps, '2001000016', '"><script>alert(1)</script>');
    addHalfHours(deps, id, 'from-grid', ['2026-11-18', '2026-11-21'], slot =>
      slot === 7 ? undefined : { energy: slot },
    );
    addHalfHours(deps, id, 'to-grid', ['2026-11-18', '2026-11-21'], slot => ({ energy: slot, quality: 'estimated' }));
    const supply = { accountId: account.id, meterPointId: id, planCode: 'SHOP', from: '2026-07-01' as Day };
    deps.supplies.add({ ...supply, to: undefined }, 0);
    addInvoice(deps, account);
    deps.plans.addVersion(flatPlan, 0);
    // The first draft is parked, for its plan is not there; the second one has a line.
    const other = addAccount(deps, { number: '9038076' });
    const sound = addMeterPoint(deps, '2001000017');
    addHalfHours(deps, sound.id, 'from-grid', ['2026-11-18', '2026-11-21'], slot => ({ energy: slot * 1000 }));
    deps.supplies.add({ ...supply, accountId: other.id, meterPointId: sound.id, planCode: 'FLAT', to: undefined }, 0);
    await billRun(deps, { from: '2026-11-18' as Day, to: '2026-11-21' as Day });
    addImport(deps, '<img src=x onerror=alert(1)>.csv');
    const { cookies } = await signedIn('admin');
    const base = await app.listen({ port: 0, host: '127.0.0.1' });
    const browser = await chromium.launch({ executablePath, args });
    try {
      const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
      context.setDefaultTimeout(pageMsMax);
      await context.addCookies([{ name: 'wattledger_session', value: cookies.wattledger_session ?? '', url: base }]);
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('dialog', dialog => complaints.push(`${page.url()} opened a dialog: ${dialog.message()}`));
      page.on('console', message => message.type() === 'error' && complaints.push(`${page.url()}: ${message.text()}`));
      for (const url of urls) {
        await page.goto(base + url);
        if (await page.evaluate('document.documentElement.scrollWidth > innerWidth'))
          complaints.push(`${url} is too wide`);
        await page.evaluate(axe);
        const { violations } = (await page.evaluate('axe.run()')) as { violations: { id: string }[] };
        complaints.push(...violations.map(violation => `${url}: ${violation.id}`));
      }
      expect(complaints).toEqual([]);
      expect(app.cspReports.count).toBe(0);
    } finally {
      await browser.close();
      await app.close();
    }
  },
  600_000,
);

it.skipIf(!hasChromium).each([0, 12_345])(
  'the list of imports shows its last column at 1280 px beside references, rows that wait and %i revised readings',
  async revised => {
    const { app, deps, signedIn } = await adminApp();
    const header = {
      flow: 'D0010002',
      sender: '',
      receiver: '',
      createdAt: instant(0),
      testFlag: 'OPER',
      isTest: false,
    };
    const facts = { ...header, complete: true, lines: 9, records: 9, errors: 0, warnings: 0 };
    const counts = { new: 1_234_567, identical: 148_812, revised, conflicting: 12, older: 0, rejected: 1234 };
    const order = { sha256: 'c'.repeat(64), strict: false, size: 9, profile: '', meterPoint: '' };
    for (const reference of ['0000475656', 'WL202611180900-of-the-retailer']) {
      addImport(deps, `NEM12#${reference}#MDP1#RETAILER.csv`, { counts, files: [{ ...facts, reference }] });
      deps.imports.order({ ...order, name: `${reference}.uff`, importedBy: 'key meter gateway' }, 1_795_000_010);
    }
    const { cookies } = await signedIn('admin');
    const base = await app.listen({ port: 0, host: '127.0.0.1' });
    const browser = await chromium.launch({ executablePath, args });
    try {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
      context.setDefaultTimeout(pageMsMax);
      await context.addCookies([{ name: 'wattledger_session', value: cookies.wattledger_session ?? '', url: base }]);
      const page = await context.newPage();
      await page.goto(`${base}/admin/imports`);
      expect(await page.locator('thead th').allTextContents()).toContain('Reference');
      expect(await page.evaluate("document.querySelector('.table-frame').scrollWidth")).toBe(
        await page.evaluate("document.querySelector('.table-frame').clientWidth"),
      );
    } finally {
      await browser.close();
      await app.close();
    }
  },
  600_000,
);
