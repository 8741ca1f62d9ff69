import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';
import { expect, it } from 'vitest';
import { pages } from '../src/admin/pages/index.ts';
import { addDays, addMonths, type Day, dayOf, firstDayOf, instant, monthOf, parseZone } from '../src/units/time.ts';
import { cli, createKey, type RunningServer, startServer, temporaryHome } from './server.ts';

const executablePath = '/usr/bin/chromium';
const hasChromium = existsSync(executablePath);
if (!hasChromium) console.warn('SKIPPED: no chromium here, so nobody walked through the pages of the real server');
const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];

// The month before this one, so that it can be billed whole on whatever day the test runs.
const month = addMonths(monthOf(dayOf(instant(Math.floor(Date.now() / 1000)), parseZone('UTC')!)), -1);
const first = firstDayOf(month);
const next = firstDayOf(addMonths(month, 1));
const nmi = '2001000016';
const importedNmi = '2001000024';

it.skipIf(!hasChromium)(
  'a person signs in at the real server and sees every page, with scripts and without, and no page complains',
  async () => {
    const home = temporaryHome();
    const { stdout } = await cli(home, ['user', 'add', 'ana', '--role', 'admin', '--json']);
    const { password } = JSON.parse(stdout) as { password: string };
    const key = await createKey(home);
    const server = await startServer(home);
    const browser = await chromium.launch({ executablePath, args });
    try {
      const invoice = await seed(server, home, key);
      // The seed issues what it drafts, so there is no draft to look at.
      const urls = pages.filter(({ url }) => !url.includes('/drafts/')).map(({ url }) => fill(url, invoice));
      for (const javaScriptEnabled of [true, false]) {
        const context = await browser.newContext({ javaScriptEnabled });
        const complaints = await walk(context, server.url, { name: 'ana', password }, [
          ...urls,
          ...urls
            .filter(url => url.includes(nmi))
            .flatMap(url => ['week', 'month', 'year'].map(span => `${url}?span=${span}`)),
          ...pages.flatMap(({ url, csv }) => (csv ? [`${fill(url, invoice)}?q=nobody`] : [])),
          '/problems',
        ]);
        expect(complaints).toEqual([]);
        await context.close();
      }
      expect(await readDocs(browser, server.url)).toEqual([]);
    } finally {
      await browser.close();
      await server.stop();
    }
  },
  600_000,
);

/** A meter point with a month of half-hours, billed; and a file with a day of another. Returns the invoice's number. */
async function seed({ url }: RunningServer, home: string, key: string): Promise<string> {
  const post = async (path: string, body: unknown) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`POST ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  await post('/v1/plans', {
    planCode: 'FLAT',
    displayName: 'Flat',
    currency: 'AUD',
    taxBasis: 'EXCLUSIVE',
    taxes: { GST: { name: 'GST', percent: '10' } },
    effectiveFrom: first,
    components: [
      { kind: 'energy', code: 'USE', register: 'IMPORT', rates: [{ code: 'ALL', unitPrice: '0.25' }], tax: 'GST' },
    ],
  });
  await post('/v1/accounts', { number: 'A-1', name: 'Wattle <Bakery> & Co' });
  const channel = { kind: 'channel', code: 'E1', flow: 'from-grid' };
  await post('/v1/meter-points', { identifier: nmi, address: '1 Arcade Lane', series: [channel] });
  await post('/v1/accounts/A-1/supplies', { meterPoint: nmi, plan: 'FLAT', from: first });
  const starts: string[] = [];
  for (let day: Day = first; day < next; day = addDays(day, 1))
    for (let slot = 0; slot < 48; slot++)
      starts.push(`${day}T${String(slot >> 1).padStart(2, '0')}:${slot % 2 ? '30' : '00'}:00Z`);
  await post(
    '/v1/readings',
    starts.map((start, at) => ({ meterPoint: nmi, start, energy: '0.5', quality: at % 7 ? 'actual' : 'estimated' })),
  );
  const file = join(home, 'day.csv');
  writeFileSync(file, nem12(first));
  await cli(home, ['import', file]);
  const { bills } = (await post('/v1/bill-runs', { month })) as { bills: { number: string }[] };
  return bills[0]!.number;
}

function nem12(day: Day): string {
  const values = Array.from({ length: 48 }, (_, slot) => `0.${slot + 10}`).join(',');
  const stamp = `${day.replaceAll('-', '')}`;
  return [
    `100,NEM12,${stamp}0900,WLTEST,WLTEST`,
    `200,${importedNmi},E1,1,E1,N1,METER1,kWh,30,`,
    `300,${stamp},${values},A,,,${stamp}120000,`,
    '900',
    '',
  ].join('\r\n');
}

function fill(url: string, invoice: string): string {
  const parameters: Record<string, string> = { identifier: nmi, run: '1', code: 'FLAT', version: '1', line: '1' };
  if (url.includes('/accounts/')) parameters.number = 'A-1';
  if (url.includes('/invoices/')) parameters.number = encodeURIComponent(invoice);
  return url.replaceAll(/:(\w+)/g, (_, name: string) => parameters[name]!);
}

/** Signs in and opens each page; everything a browser finds wrong. */
async function walk(
  context: BrowserContext,
  base: string,
  { name, password }: { name: string; password: string },
  urls: string[],
): Promise<string[]> {
  const { page, complaints } = await attentivePage(context);
  await page.goto(`${base}/admin`);
  await page.fill('#name', name);
  await page.fill('#password', password);
  await page.click('main button');
  await page.waitForURL(`${base}/admin`);
  for (const url of urls) {
    const answer = await page.goto(base + url);
    if (answer?.status() !== 200) complaints.push(`${url} answered ${answer?.status()}`);
    if ((await page.locator('h1').count()) !== 1) complaints.push(`${url} has no one heading`);
  }
  return complaints;
}

/** Opens both descriptions of the API and looks for a path in each. */
async function readDocs(browser: Browser, base: string): Promise<string[]> {
  const { page, complaints } = await attentivePage(await browser.newContext());
  await page.goto(`${base}/docs`);
  await page.locator('[id="operations-readings-post_v1_readings"] button').first().click();
  await page.getByText('problem+json').first().waitFor();
  await page.goto(`${base}/redoc`);
  await page.getByText('/v1/readings', { exact: true }).first().waitFor();
  // The maker's logo comes late and from elsewhere unless it is ours.
  await page.locator('a[href*="redocly.com"] img').waitFor();
  return complaints;
}

async function attentivePage(context: BrowserContext) {
  // However busy the machine is: a page that hangs is found all the same.
  context.setDefaultTimeout(180_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', message => message.type() === 'error' && complaints.push(`${page.url()}: ${message.text()}`));
  page.on('pageerror', error => complaints.push(`${page.url()}: ${error.message}`));
  page.on('dialog', dialog => complaints.push(`${page.url()} opened a dialog: ${dialog.message()}`));
  page.on('requestfailed', request => {
    const why = request.failure()?.errorText;
    // A picture that is still on its way when the next page is asked for is nobody's fault.
    if (why !== 'net::ERR_ABORTED') complaints.push(`${page.url()}: ${request.url()} ${why}`);
  });
  page.on(
    'request',
    request => request.url().endsWith('/csp-report') && complaints.push(`${page.url()} broke its policy`),
  );
  return { page, complaints };
}
