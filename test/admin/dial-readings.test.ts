import { beforeEach, describe, expect, it } from 'vitest';
import { importFile } from '../../src/imports/import-file.ts';
import { keepFile } from '../../src/imports/keep-file.ts';
import { flush } from '../../src/readings/flush.ts';
import { type AdminApp, adminApp, type Browser } from './app.ts';

const flow = `ZHV|0000475656|D0010002|D|UDMS|X|MRCY|20260303153151||||OPER|
026|1200023305967|V|
028|F75A 00802|D|
030|S|20260222000000|56311.0|||T|N|
026|1900001059816|V|
028|S95105287|C|
030|DY|20260610000000|81641.25|||T|N|
030|NT|20250610000000|40.125|||T|N|
ZPT|0000475656|6||1|20260303153151|
`;

let test: AdminApp;
let browser: Browser;

beforeEach(async () => {
  test = await adminApp();
  browser = await test.signedIn('viewer');
  await take('first.uff', flow);
  await take('later.uff', flow.replaceAll('0000475656', '0000475657').replace('20260222', '20260322'));
});

async function take(name: string, text: string): Promise<void> {
  const { deps } = test;
  const { sha256 } = await keepFile(deps.importFolder, [Buffer.from(text)]);
  const books = { ...deps, ...deps.posting };
  await importFile(books, { name, sha256, strict: false, by: 'test' });
  await flush({ ...deps.posting, store: test.store, zone: deps.zone });
}

/** What stands in the cells of a page's list, row by row. */
async function rowsOf(url: string): Promise<string[][]> {
  const { status, body } = await browser.get(url);
  expect({ url, status }).toEqual({ url, status: 200 });
  const [, table = ''] = /<tbody>([\s\S]*?)<\/tbody>/.exec(body) ?? [];
  return [...table.matchAll(/<tr>([\s\S]*?)<\/tr>/g)].map(([, row = '']) =>
    [...row.matchAll(/<t[hd][^>]*>([\s\S]*?)<\/t[hd]>/g)].map(([, cell = '']) =>
      cell
        .replaceAll(/<[^>]+>/g, ' ')
        .replaceAll(/\s+/g, ' ')
        .trim(),
    ),
  );
}

const column = async (url: string, at: number) => (await rowsOf(url)).map(row => row[at]);

describe('the list of readings', () => {
  it('P4-14 shows meter point, serial, register, value, date, quality, file and line, newest first', async () => {
    const rows = await rowsOf('/admin/readings');
    expect(rows).toHaveLength(4);
    expect(rows.map(row => row.slice(0, 4))).toEqual([
      ['1900001059816', 'S95105287', 'DY', '81,641.25 kWh'],
      ['1200023305967', 'F75A 00802', 'S', '56,311.0 kWh'],
      ['1200023305967', 'F75A 00802', 'S', '56,311.0 kWh'],
      ['1900001059816', 'S95105287', 'NT', '40.125 kWh'],
    ]);
    expect(rows[1]!.slice(5, 7)).toEqual(['deemed', 'later.uff, line 4']);
    const { body } = await browser.get('/admin/readings');
    for (const url of ['/admin/meter-points/1900001059816', '/admin/readings?meter=2', '/admin/imports/1'])
      expect(body).toContain(`href="${url}"`);
  });

  it.each([
    ['quality=deemed', 2],
    ['quality=actual', 0],
    ['register=NT', 1],
    ['type=C', 2],
    ['meter=2', 2],
    ['file=2', 1],
    ['q=S951', 2],
    ['q=59678', 0],
    ['q=30596', 2],
    ['q=LATER', 1],
    ['date=2025', 1],
    ['date=2026-06', 1],
    ['date=2026-03-22', 1],
    ['date=2026&type=C', 1],
    ['date=nonsense&meter=x', 4],
  ])('P4-14 with %s has %i rows', async (query, count) => {
    expect(await rowsOf(`/admin/readings?${query}`)).toHaveLength(count);
  });

  it('P4-14 leads from years to months to days, and keeps the other filters', async () => {
    const linksOf = async (url: string) => {
      const [, nav = ''] = /<nav class="drill"[^>]*>([\s\S]*?)<\/nav>/.exec((await browser.get(url)).body) ?? [];
      return [...nav.matchAll(/href="([^"]*)"[^>]*>([^<]*)/g)].map(([, to, words]) => `${words} ${to}`);
    };
    expect(await linksOf('/admin/readings?type=C')).toEqual([
      'All dates /admin/readings?type=C',
      '2025 /admin/readings?type=C&amp;date=2025',
      '2026 /admin/readings?type=C&amp;date=2026',
    ]);
    expect((await linksOf('/admin/readings?date=2026')).slice(2)).toEqual([
      'February 2026 /admin/readings?date=2026-02',
      'March 2026 /admin/readings?date=2026-03',
      'June 2026 /admin/readings?date=2026-06',
    ]);
    expect((await linksOf('/admin/readings?date=2026-06')).at(-1)).toBe('10 Jun 2026 /admin/readings?date=2026-06-10');
    expect(await linksOf('/admin/readings?date=2026-06-10')).toHaveLength(4);
  });

  it('P4-14 sorts by value and by date, and gives the same rows as CSV', async () => {
    expect(await column('/admin/readings?sort=value', 3)).toEqual([
      '40.125 kWh',
      '56,311.0 kWh',
      '56,311.0 kWh',
      '81,641.25 kWh',
    ]);
    expect((await column('/admin/readings?sort=at', 2))[0]).toBe('NT');
    const { body } = await browser.get('/admin/readings.csv?register=NT');
    expect(body.trim().split('\r\n')[1]).toMatch(/^1900001059816,S95105287,NT,40\.125,2025-06-10T/);
  });
});

describe('the list of meters', () => {
  it('P4-13 shows serial, meter point, type, how many readings, and leads to them', async () => {
    expect((await rowsOf('/admin/meters')).map(row => row.slice(0, 4))).toEqual([
      ['F75A 00802', '1200023305967', 'D', '2'],
      ['S95105287', '1900001059816', 'C', '2'],
    ]);
    expect((await browser.get('/admin/meters')).body).toContain('href="/admin/readings?meter=1"');
  });

  it.each([
    ['type=D', ['F75A 00802']],
    ['q=s951', ['S95105287']],
    ['q=233059', ['F75A 00802']],
    ['since=today', ['F75A 00802', 'S95105287']],
    ['sort=-serial', ['S95105287', 'F75A 00802']],
  ])('P4-13 with %s has %j', async (query, serials) => {
    expect(await column(`/admin/meters?${query}`, 0)).toEqual(serials);
  });

  it('P4-13 leaves out what was made before the chosen time', async () => {
    test.access.clock.advance(9 * 86_400_000);
    browser = await test.signedIn('admin');
    expect(await column('/admin/meters?since=7-days', 0)).toEqual([]);
    expect(await column('/admin/meters?since=month', 0)).toHaveLength(2);
  });
});

describe('beside them', () => {
  it('P4-11 files are found by name, reference and day, and nothing removes one', async () => {
    const files = async (query: string) => await column(`/admin/imports?${query}`, 1);
    expect(await files('')).toEqual(['later.uff', 'first.uff']);
    expect(await files('q=0000475657')).toEqual(['later.uff']);
    expect(await files('q=first')).toEqual(['first.uff']);
    expect(await files('q=475657+later')).toEqual(['later.uff']);
    expect(await files('q=475657+first')).toEqual([]);
    const [up, down] = [
      ['first.uff', 'later.uff'],
      ['later.uff', 'first.uff'],
    ];
    for (const key of ['file', 'reference', 'started', 'new'])
      expect([key, await files(`sort=${key}`), await files(`sort=-${key}`)]).toEqual(
        key === 'new' ? [key, down, up] : [key, up, down],
      );
    expect((await browser.get('/admin/imports.csv?sort=file')).body).toMatch(/first\.uff[\s\S]*later\.uff/);
    expect(await files('since=today')).toHaveLength(2);
    expect((await rowsOf('/admin/imports'))[1]!.slice(1, 3)).toEqual(['first.uff', '0000475656']);
    test.access.clock.advance(2 * 86_400_000);
    browser = await test.signedIn('admin');
    expect(await files('since=today')).toEqual([]);
    expect(test.routes.filter(({ method, url }) => method === 'DELETE' || /import.*(delete|remove)/.test(url))).toEqual(
      [],
    );
    expect((await browser.get('/admin/imports/1')).body).toContain('href="/admin/readings?file=1"');
  });

  it('P4-12 meter points are counted, and show their meters', async () => {
    expect(await rowsOf('/admin/meters')).toHaveLength(2);
    const rows = await rowsOf('/admin/meter-points?q=1900001059816');
    expect(rows[0]).toEqual(expect.arrayContaining(['1900001059816', '1', '2', '21 Nov 2026']));
    const { body } = await browser.get('/admin/meter-points/1900001059816');
    expect(body).toContain('Meters at this meter point');
    expect(body).toContain('href="/admin/readings?meter=2"');
  });

  it('P4-15 the overview counts files, meter points, meters and dial values', async () => {
    await rowsOf('/admin/readings');
    const { body } = await browser.get('/admin');
    for (const words of ['2 files', '2 meter points', '2 meters', '4 dial values']) expect(body).toContain(words);
  });

  it('P4-15 the page of the folder shows sizes, states and the five latest imports', async () => {
    for (let number = 1; number <= 5; number++) await take(`again-${number}.uff`, flow);
    browser = await test.signedIn('operator');
    const { body } = await browser.get('/admin/imports/folder');
    const [, latest = ''] = body.split('Latest imports');
    expect([...latest.matchAll(/again-\d\.uff/g)].map(([name]) => name)).toEqual([
      'again-5.uff',
      'again-4.uff',
      'again-3.uff',
      'again-2.uff',
      'again-1.uff',
    ]);
    expect(latest).not.toContain('first.uff');
  });
});
