import { afterEach, describe, expect, it } from 'vitest';
import { type AdminApp, adminApp } from './app.ts';
import { addImport } from './seed.ts';

const nmi = '6001000017';
let admin: AdminApp;
afterEach(() => admin.deps.importQueue.stop());

const textOf = (body: string) =>
  body
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();

function nem12(days: Record<string, number[]>, quality = 'A'): string {
  const rows = Object.entries(days).map(
    ([day, values]) => `300,${day},${values.join(',')},${quality},,,20261101000000,`,
  );
  const channel = `200,${nmi},E1,1,E1,,METER1,KWH,480,`;
  return ['100,NEM12,202611020000,MDP,RETAILER', channel, ...rows, '900', ''].join('\r\n');
}

async function importFiles(...files: string[]): Promise<void> {
  const { importQueue: queue } = admin.deps;
  for (const [at, content] of files.entries()) {
    const kept = await queue.keep(
      (async function* () {
        yield Buffer.from(content);
      })(),
      { dryRun: false },
    );
    const order = { name: `file-${at + 1}.csv`, strict: false, importedBy: 'test', profile: '', meterPoint: '' };
    await queue.settled(queue.order({ ...order, ...kept }).id);
  }
}

describe('the page Compare sources', () => {
  it('asks for a meter point first, then for its sources, the stored ones and the newest imports', async () => {
    admin = await adminApp();
    const viewer = await admin.signedIn('viewer');
    expect(textOf((await viewer.get('/admin/reconcile')).body)).toContain('Name a meter point');
    expect(textOf((await viewer.get('/admin/reconcile?q=nobody')).body)).toContain('There is no meter point nobody.');
    await importFiles(nem12({ 20261001: [1, 2, 3] }), nem12({ 20261001: [1, 2, 3] }));
    const { body } = await viewer.get(`/admin/reconcile?q=${nmi}`);
    const options = [...body.matchAll(/<option value="([^"]+)">([^<]+)/g)].map(([, value, label]) => [value, label]);
    expect(options.slice(0, 3)).toEqual([
      ['current', 'What is current'],
      ['import:1', 'Import 1, file-1.csv'],
      ['import:2', 'Import 2, file-2.csv'],
    ]);
  });

  it('shows totals, and each interval that differs with its values and qualities', async () => {
    admin = await adminApp();
    const viewer = await admin.signedIn('viewer');
    await importFiles(
      nem12({ 20261001: [1, 2, 3], 20261002: [1, 1, 1] }),
      nem12({ 20261001: [1, 2, 5], 20261003: [1, 1, 1] }, 'E52'),
    );
    const url = `/admin/reconcile?q=${nmi}&a=import:1&b=import:2`;
    const text = textOf((await viewer.get(url)).body);
    expect(text).toContain('A Import 1, file-1.csv · B Import 2, file-2.csv');
    expect(text).toContain('A, kWh 9.000 B, kWh 11.000 B less A +2.000 The same 2 Differ 1 Only A 3 Only B 3');
    expect(text).toContain('1 Oct 2026, 15:30 (UTC+9:30) 3.000 actual 5.000 estimated +2.000');
    expect(text).toContain('— nothing said 1.000 estimated —');
    const lines = (await viewer.get(url.replace('?', '.csv?'))).body.split('\r\n');
    expect(lines).toHaveLength(1 + 7 + 1);
    expect(lines[1]).toBe(`${nmi},E1,2026-10-01T15:30:00+09:30,3,actual,5,estimated,2`);
  });

  it('holds a file against what is current only where the file speaks, unless days are named', async () => {
    admin = await adminApp();
    const viewer = await admin.signedIn('viewer');
    await importFiles(nem12({ 20261001: [1, 2, 3], 20261002: [1, 1, 1] }), nem12({ 20261002: [1, 1, 1] }));
    const url = `/admin/reconcile?q=${nmi}&a=current&b=import:2`;
    expect(textOf((await viewer.get(url)).body)).toContain('Both say the same, 3 times.');
    expect(textOf((await viewer.get(`${url}&from=2026-09-30`)).body)).toContain('Only A 3');
    // The first interval of a market day lies on the day before, on the site's clock.
    const silent = textOf((await viewer.get(`${url}&from=2026-09-30&until=2026-09-30`)).body);
    expect(silent).toContain('Only A 1 Only B 0 B says nothing of it.');
    expect(silent).not.toContain('Interval begins');
    expect(textOf((await viewer.get(`${url}&code=B1`)).body)).toContain('Nothing to compare');
    const gone = `${url.replace('import:2', `import:${addImport(admin.deps, 'x.csv')}`)}`;
    expect(textOf((await viewer.get(gone)).body)).toContain('are not in the folder of imports any more');
    expect(textOf((await viewer.get(`${url.replace('import:2', 'key:nobody')}`)).body)).toContain(
      'is none of import:RUN',
    );
  });

  it('holds against each other what was known at an earlier time, says so, and leads back', async () => {
    admin = await adminApp();
    const viewer = await admin.signedIn('viewer');
    // As the field has it, on the clock of the site.
    const shownNow = () => new Date(admin.access.clock.now() + 10.5 * 3_600_000).toISOString().slice(0, 19);
    await importFiles(nem12({ 20261001: [1, 2, 3] }));
    const before = shownNow();
    admin.access.clock.advance(60_000);
    await importFiles(nem12({ 20261001: [1, 2, 5] }).replaceAll('20261101000000', '20261102000000'));
    const url = `/admin/reconcile?q=${nmi}&a=import:1&b=current`;
    expect(textOf((await viewer.get(url)).body)).toContain('The same 2 Differ 1');
    const { body } = await viewer.get(`${url}&known=${before}`);
    expect(textOf(body)).toContain('Both say the same, 3 times.');
    expect(textOf(body)).toContain('As it was known at');
    expect(textOf(body)).toContain('B What was current');
    expect(body).toContain(`name="known" type="datetime-local" value="${before}"`);
    expect(body).not.toContain('value="import:2"');
    const [, link = ''] = /href="([^"]*)">As it is now/.exec(body) ?? [];
    expect(textOf((await viewer.get(link.replaceAll('&amp;', '&'))).body)).toContain('The same 2 Differ 1');
    const [, file = ''] = /href="([^"]*)" download/.exec(body) ?? [];
    expect((await viewer.get(file.replaceAll('&amp;', '&'))).body.trim().split('\r\n')).toHaveLength(1);
    const later = textOf((await viewer.get(`${url.replace('current', 'import:2')}&known=${before}`)).body);
    expect(later).toContain('import 2 was handed in later than that');
    expect(textOf((await viewer.get(`${url}&known=yesterday`)).body)).toContain('“yesterday” is no time.');
    expect((await viewer.get(`${url.replace('?', '.csv?')}&known=yesterday`)).status).toBe(422);
  });
});
