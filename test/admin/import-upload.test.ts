import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dtcFile } from '../imports/dtc-file.ts';
import { nem12, nem12WithBadLine } from '../imports/nem12-text.ts';
import { type AdminApp, adminApp, type Browser } from './app.ts';

let admin: AdminApp;
let operator: Browser;

beforeEach(async () => {
  admin = await adminApp();
  operator = await admin.signedIn('operator');
});

afterEach(() => admin.deps.importQueue.stop());

/** Sends the upload form as a browser does, its fields in the order of the page. */
async function upload(
  browser: Browser,
  files: Record<string, string>,
  { token, ...fields }: Record<string, string> = {},
  headers: Record<string, string> = {},
) {
  const csrf = token ?? /name="csrf" value="([^"]+)"/.exec((await operator.get('/admin/imports')).body)?.[1] ?? '';
  const boundary = 'form-boundary';
  const part = (disposition: string, content: string) =>
    `--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${content}\r\n`;
  const payload = [
    ...Object.entries({ csrf, mode: 'tolerant', ...fields }).map(([name, value]) => part(`name="${name}"`, value)),
    ...Object.entries(files).map(([name, content]) => part(`name="files"; filename="${name}"`, content)),
    `--${boundary}--\r\n`,
  ].join('');
  const answer = await admin.app.inject({
    method: 'POST',
    url: '/admin/imports/upload',
    cookies: browser.cookies,
    headers: { accept: 'text/html', 'content-type': `multipart/form-data; boundary=${boundary}`, ...headers },
    payload,
  });
  return { status: answer.statusCode, location: answer.headers.location?.toString() ?? '', body: answer.body };
}

function kept(): string[] {
  const home = dirname(admin.deps.database.name);
  return ['imports', 'rehearsals'].flatMap(name => (existsSync(join(home, name)) ? readdirSync(join(home, name)) : []));
}

describe('the upload form', () => {
  it('leads from a file that no format knows to where one says how its columns are read, with its lines there', async () => {
    const { location } = await upload(operator, { 'own.csv': 'Wann;Wieviel\n01.10.2026 00:15;0,25\n' });
    await admin.deps.importQueue.settled(1);
    const { body } = await operator.get(location);
    expect(body).toContain('No format knows this file.');
    expect((await operator.get(/\/admin\/import-profiles\?run=\d+/.exec(body)![0])).body).toContain('Wann;Wieviel');
    const { location: dry } = await upload(operator, { 'own.csv': 'Wann;Wieviel\n' }, { dryRun: 'yes' });
    await admin.deps.importQueue.settled(Number(dry.split('/').at(-1)));
    expect((await operator.get(dry)).body).not.toContain('import-profiles?run');
  });

  it('says whether a file has the total that was expected of it, and asks again when that is none', async () => {
    const expected = { expectedKwh: '25', expectedReadings: '' };
    const { location } = await upload(operator, { 'a.csv': nem12WithBadLine('2001000016') }, expected);
    await admin.deps.importQueue.settled(1);
    const text = (await operator.get(location)).body.replaceAll(/<[^>]+>/g, '');
    expect(text).toContain('The file has 24 kWh, and 25 kWh were expected: 1 kWh less.');
    const unread = await upload(operator, { 'a.csv': nem12WithBadLine('2001000016') }, { expectedReadings: 'many' });
    expect(unread.status).toBe(422);
    expect(unread.body).toContain('is no count of readings');
    const several = await upload(operator, { 'a.csv': 'a', 'b.csv': 'b' }, expected);
    expect(several.status).toBe(422);
    expect(several.body).toContain('An expected total is of one file');
  });

  it('takes a file without a script, leads to its run, and the run shows counts, totals and problems', async () => {
    const { status, location } = await upload(operator, { 'a.csv': nem12WithBadLine('2001000016') });
    expect({ status, location }).toEqual({ status: 303, location: '/admin/imports/1' });
    await admin.deps.importQueue.settled(1);
    const { body } = await operator.get(location);
    for (const text of ['a.csv', 'finished', 'by user operator', 'Tolerant', 'N12-19', 'line 4', '24 kWh', '48 actual'])
      expect(body).toContain(text);
    const csv = await operator.get('/admin/imports/1/problems.csv?severity=error');
    expect(csv.body).toMatch(/^file,member,line,column,field,raw,rule,severity,action,message\r\na\.csv,,4,14,/);
    const totals = await operator.get('/admin/imports/1/channels.csv');
    expect(totals.body).toMatch(/\r\n2001000016,E1,[^,]*,channel,48,0,24,kWh,48,0,0,0,0,0,0\r\n$/);
    expect((await operator.get('/admin/imports?state=finished')).body).toContain('/admin/imports/1');
    expect((await operator.get('/admin/imports?state=failed')).body).toContain('Nothing fits this search.');
  });

  it('speaks of a dry run as of what would be', async () => {
    const { location } = await upload(operator, { 'a.csv': nem12WithBadLine('2001000016') }, { dryRun: 'yes' });
    await admin.deps.importQueue.settled(Number(location.split('/').at(-1)));
    const text = (await operator.get(location)).body.replaceAll(/<[^>]+>/g, '');
    expect(text).toContain(
      'Tolerant: what is right would enter, the rest is listed. Strict, nothing of this file would enter.',
    );
  });

  it('leads from conflicts to where they are decided, and says in the list what it revised', async () => {
    const days = ['20261101'];
    const [first, other] = [nem12('2001000016', days), nem12('2001000016', days, slot => (slot < 2 ? '0.7' : '0.5'))];
    const take = async (content: string) => {
      const { location } = await upload(operator, { 'a.csv': content });
      await admin.deps.importQueue.settled(Number(location.split('/').at(-1)));
    };
    await take(first);
    await take(other);
    const [, link = ''] = /<a href="([^"]+)">2<\/a>/.exec((await operator.get('/admin/imports/2')).body) ?? [];
    expect(link).toBe('/admin/conflicts?q=2001000016');
    const same = (await operator.get('/admin/imports/2?same=yes')).body.replaceAll(/<[^>]+>/g, ' ');
    expect(same.replaceAll(/\s+/g, ' ')).toContain('Import 1, a.csv 46 Compare with it');
    expect((await operator.get('/admin/imports/2')).body).toContain('href="/admin/imports/2?same=yes">46</a>');
    expect((await operator.get('/admin/imports/1?same=yes')).body).toContain(
      'Nothing of this file is current by anybody',
    );
    expect((await operator.get(link)).body.match(/name="conflict"/g)).toHaveLength(2);
    await take(other.replace('20261120000000', '20261121000000').replaceAll('0.7', '0.6'));
    const list = await operator.get('/admin/imports.csv');
    expect(list.body.split('\r\n')[1]).toMatch(/,0,\d+,[1-9]\d*,\d+,0$/);
  });

  it('leads nowhere from what two files say differently of a register: there is nothing to decide on', async () => {
    const details = (multiplier: string) =>
      dtcFile('D0150002', [
        '288|1200023305967|20260101|||',
        '289|0393|20260101|||',
        `290|M1${'|'.repeat(25)}`,
        `293|01|C|AI|${multiplier}||5|||`,
      ]);
    await upload(operator, { 'maps.uff': details('20.00') });
    await admin.deps.importQueue.settled(1);
    const { location } = await upload(operator, { 'others.uff': details('40.00') });
    await admin.deps.importQueue.settled(2);
    const { body } = await operator.get(location);
    expect(body).toMatch(/<dt>Conflicts<\/dt><dd class="warn-text">1<\/dd>/);
    expect(body).toContain('a file of the same stamp said multiplier 20 before');
  });

  it('takes several files at once, and dry runs of them that leave nothing behind', async () => {
    const files = { 'a.csv': nem12('2001000016', ['20261101']), 'b.csv': nem12('2001000024', ['20261101']) };
    const dry = await upload(operator, files, { dryRun: 'yes' });
    const ids = new URLSearchParams(dry.location.split('?')[1]).get('runs')!.split(',').map(Number);
    for (const id of ids) await admin.deps.importQueue.settled(id);
    const page = (await operator.get(dry.location)).body;
    expect(page.match(/<span class="tag good">tried<\/span>/g)).toHaveLength(2);
    expect((await operator.get(`/admin/imports/${ids[0]}`)).body).toContain('Nothing was changed');
    expect([admin.deps.imports.count(), kept(), admin.deps.meterPoints.directory.count()]).toEqual([0, [], 0]);
    const real = await upload(operator, files, {}, { accept: 'application/json' });
    expect(JSON.parse(real.body)).toEqual({ to: '/admin/imports' });
    expect(admin.deps.imports.count()).toBe(2);
  });

  it('keeps nothing of a form that is not ours, of somebody who may not, and of nobody', async () => {
    const file = { 'a.csv': nem12('2001000016', ['20261101']) };
    expect((await upload(operator, file, { token: 'x' })).status).toBe(403);
    expect((await upload(operator, file, {}, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await upload(await admin.signedIn('viewer'), file)).status).toBe(403);
    expect((await upload({ ...operator, cookies: {} }, file)).location).toContain('/admin/sign-in');
    expect((await upload(operator, {})).status).toBe(422);
    expect([kept(), admin.deps.imports.count()]).toEqual([[], 0]);
    expect((await (await admin.signedIn('viewer')).get('/admin/imports')).body).not.toContain('data-upload');
  });

  it('lets a run be cancelled while it waits, and says what became of it', async () => {
    admin.deps.importQueue.pause();
    await upload(operator, { 'a.csv': nem12('2001000016', ['20261101']) });
    const page = (await operator.get('/admin/imports/1')).body;
    expect(page).toContain('data-events="/admin/imports/1/events"');
    expect(page).toContain('<noscript><meta http-equiv="refresh"');
    expect(page).toContain('Reception is turned off</a>, so this import waits');
    expect(page).toContain('Waiting for reception');
    expect((await operator.submit('/admin/imports/1', '/admin/imports/1/cancel', {})).location).toBe(
      '/admin/imports/1',
    );
    expect((await operator.get('/admin/imports/1')).body).toContain('<span class="tag warn">cancelled</span>');
    expect((await operator.get('/admin/imports/1/events')).body).toMatch(/^event: end\n/);
  });
});

describe('the page of the watched folder', () => {
  it('shows what waits and what failed, and tries a file again', async () => {
    const { watchFolder } = admin.deps;
    const page = '/admin/imports/folder';
    expect((await operator.get(page)).body).toContain('Nothing waits.');
    mkdirSync(watchFolder!.folder, { recursive: true });
    writeFileSync(join(watchFolder!.folder, '<b>.txt'), 'Dear Sir');
    expect((await operator.get(page)).body).toContain('&lt;b&gt;.txt');
    for (let looks = 0; looks < 2; looks += 1) await operator.submit(page, `${page}/look`, {});
    await watchFolder!.quiet();
    expect((await operator.get(page)).body).toContain('&lt;b&gt;.txt.report.txt');
    expect((await operator.submit(page, `${page}/retry`, { name: '../../etc/passwd' })).status).toBe(422);
    await operator.submit(page, `${page}/retry`, { name: '<b>.txt' });
    expect(readdirSync(join(watchFolder!.folder, 'failed'))).toEqual([]);
    expect((await (await admin.signedIn('viewer')).get(page)).status).toBe(403);
  });
});

describe('an import that is taken back', () => {
  it.each<[what: string, name: string, file: string, preview: string, after: string]>([
    ['readings', 'day.csv', nem12('6001000017', ['20261101']), 'removes 48 readings', '48 readings are gone'],
    [
      'what it told of registers',
      'details.uff',
      dtcFile('D0150002', [
        '288|1200023305967|20260115||E|',
        '289|0393|20260115|||',
        '290|M 1|||5|J|Maker X1|MAPX|||||||||||RCAMY|20260115|20260115||||R|20260115|',
        '293|01|C|AI|40.00||5|||',
      ]),
      'What it told of 1 register holds no more.',
      'what it told of 1 register holds no more',
    ],
  ])('says first what becomes of %s, and then what became of it', async (_what, name, file, preview, after) => {
    const { location } = await upload(operator, { [name]: file });
    const id = Number(location.split('/').at(-1));
    await admin.deps.importQueue.settled(id);
    expect((await operator.get(location)).body).toContain('Take this import back');
    expect((await operator.submit(location, `${location}/undo-preview`, {})).body).toContain(preview);
    await operator.submit(location, `${location}/undo`, {});
    const { body } = await operator.get(location);
    expect(body).toContain('This import was taken back by user operator');
    expect(body).toContain(after);
    expect((await operator.get('/admin/imports')).body).toContain('<span class="tag plain">taken back</span>');
  });
});
