import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { exportReadings } from '../../src/exports/export-readings.ts';
import { decide } from '../../src/readings/decide.ts';
import { microKwh } from '../../src/units/energy.ts';
import { isMpan } from '../../src/units/identifiers.ts';
import { instant } from '../../src/units/time.ts';
import { adminApp } from '../admin/app.ts';
import { addHalfHours, addMeterPoint } from '../admin/seed.ts';
import { testFolder, testHouse } from '../open-house.ts';
import { readingAt } from '../readings/books.ts';
import { cli, startServer, temporaryHome } from '../server.ts';
import { d0010File, nem12File } from '../trade-files.ts';

const nmi = '6001000017';
const otherMpan = Array.from({ length: 10 }, (_, digit) => `120002330600${digit}`).find(isMpan)!;

async function houseWith(days = 2) {
  const test = await testHouse({ zone: 'Australia/Adelaide' });
  const headers = { authorization: test.authorization() };
  const answer = await test.app.inject({
    ...{ method: 'POST', url: '/v1/imports?wait=true&name=in.csv', body: nem12File([nmi], days) },
    headers: { ...headers, 'content-type': 'application/octet-stream' },
  });
  expect(answer.statusCode).toBe(200);
  const get = (query: string, key = headers) => test.app.inject({ url: `/v1/readings/export?${query}`, headers: key });
  return { ...test, get };
}

describe('GET /v1/readings/export', () => {
  it('answers with the file, its type and its name', async () => {
    const { get } = await houseWith();
    const { statusCode, headers, body } = await get(`format=nem12&meter_point=${nmi}&from=2025-10-01&to=2025-11-01`);
    expect(statusCode).toBe(200);
    expect(headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(headers['content-disposition']).toBe('attachment; filename="NEM12#WL20261121201000#WLEDGER#WLEDGER.csv"');
    expect(headers['cache-control']).toBe('no-store');
    const lines = body.split('\r\n');
    expect(lines.map(line => line.slice(0, 12))).toEqual([
      '100,NEM12,20',
      '200,60010000',
      '300,20251001',
      '300,20251002',
      '900',
      '',
    ]);
  });

  it('calls each format what it is', async () => {
    const { get } = await houseWith();
    for (const [format, beginning, type, ending] of [
      ['csv', /^meter_point,kind,code/, 'text/csv; charset=utf-8', '.csv'],
      ['espi', /^<\?xml version="1.0"/, 'application/atom+xml; charset=utf-8', '.xml'],
    ] as const) {
      const { headers, body } = await get(`format=${format}&meter_point=${nmi}&code=E1`);
      expect(body).toMatch(beginning);
      expect(headers['content-type']).toBe(type);
      expect(headers['content-disposition']).toContain(`${ending}"`);
    }
  });

  it('says what is wrong with a question, before the first byte', async () => {
    const { get } = await houseWith();
    const questions: [query: string, status: number, code: string][] = [
      ['format=xls', 422, 'export-format-unknown'],
      ['format=nem13', 404, 'export-empty'],
      [`format=nem12&meter_point=${nmi}&from=2030-01-01`, 404, 'export-empty'],
      [`format=nem12&meter_point=${nmi}&code=B1`, 404, 'export-empty'],
      ['format=nem12&meter_point=nobody', 404, 'meter-point-unknown'],
      ['format=nem12&from=yesterday', 422, 'timestamp-invalid'],
      ['format=nem12&as_known_at=yesterday', 422, 'timestamp-invalid'],
      ['format=nem12&colour=red', 400, 'query-unknown'],
      ['meter_point=1', 422, 'body-invalid'],
    ];
    for (const [query, status, code] of questions) {
      const { statusCode, body } = await get(query);
      expect([statusCode, JSON.parse(body).code], query).toEqual([status, code]);
    }
  });

  it('needs a key that may read readings', async () => {
    const { get, authorization } = await houseWith();
    expect((await get('format=csv', { authorization: '' })).statusCode).toBe(401);
    expect((await get('format=csv', { authorization: authorization(['accounts:read']) })).statusCode).toBe(403);
  });

  it('makes the next portion when the last one was taken, and never the whole', async () => {
    const { house } = await houseWith(60);
    const file = await exportReadings(
      { ...house, zone: house.config.zone },
      { format: 'csv', meterPoints: [], codes: [] },
    );
    const list = vi.spyOn(house.index, 'list');
    const parts = file.parts();
    await parts.next();
    const afterOne = list.mock.calls.length;
    for await (const _ of parts);
    expect(afterOne).toBeLessThan(list.mock.calls.length / 2);
  });

  it.each(['csv', 'nem12', 'espi'])(
    'gives as %s what was known before a correction, and then the corrected',
    async format => {
      const { get, app, clock, authorization } = await houseWith(1);
      const headers = { authorization: authorization(), 'content-type': 'application/octet-stream' };
      const question = `format=${format}&meter_point=${nmi}&code=E1`;
      const before = (await get(question)).body;
      const knownAt = '2026-11-21T10:30:00Z';
      clock.moveTo('2026-11-21T11:00:00Z');
      // The same day again by its sender, a month later, and a day more.
      const revised = nem12File([nmi], 2)
        .replaceAll('20251031010000', '20251130010000')
        .replace('0.001,0.002', '0.901,0.902');
      const url = '/v1/imports?wait=true&name=again.csv';
      expect((await app.inject({ method: 'POST', url, body: revised, headers })).statusCode).toBe(200);
      clock.moveTo('2026-11-21T10:10:00Z');
      const now = (await get(question)).body;
      expect((await get(`${question}&as_known_at=${knownAt}`)).body).toBe(before);
      expect(now).not.toBe(before);
      expect((await get(`${question}&as_known_at=2026-11-21T11:00:00Z`)).body).toBe(now);
    },
  );

  it('has nothing of the time before anything was known', async () => {
    const { get } = await houseWith();
    const { statusCode, body } = await get('format=csv&as_known_at=2026-11-20');
    expect([statusCode, JSON.parse(body).code]).toEqual([404, 'export-empty']);
  });

  it('gives the days of an import that was taken back since', async () => {
    const { get, app, clock, authorization } = await houseWith();
    const before = (await get('format=csv')).body;
    clock.moveTo('2026-11-21T11:00:00Z');
    const headers = { authorization: authorization() };
    expect((await app.inject({ method: 'POST', url: '/v1/imports/1/undo', headers })).statusCode).toBe(200);
    expect((await get('format=csv')).statusCode).toBe(404);
    expect((await get('format=csv&as_known_at=2026-11-21T10:30:00Z')).body).toBe(before);
  });

  it('writes a text that would run as a formula so that it does not', async () => {
    const { house, get } = await houseWith();
    const { zone } = house.config;
    const { id } = house.meterPoints.add({ identifier: '=cmd', address: '', zone, origin: 'import' }, 1);
    const register = { kind: 'register', code: '@x', serial: '', flow: 'from-grid', unit: 'kWh' } as const;
    const series = house.meterPoints.addSeries({ ...register, meterPointId: id, intervalMinutes: 30 }, 1);
    decide(house, series, readingAt(1_780_000_000, 5), 1_790_000_000);
    const { body } = await get('format=csv&code=@x');
    expect(body.split('\r\n')[1]).toBe("'=cmd,register,'@x,,from-grid,kWh,2026-05-28T20:26:40Z,0,0.000005,actual,,,,");
  });
});

describe('wattledger export', () => {
  it('writes a file or to standard output, alone and beside a server', async () => {
    const home = temporaryHome();
    const file = join(testFolder(), 'in.uff');
    writeFileSync(file, d0010File('56311.0', '56320.0'));
    const other = join(testFolder(), 'other.uff');
    writeFileSync(other, d0010File('7.0').replace('1200023305967', otherMpan));
    expect(await cli(home, ['import', file, other])).toMatchObject({ code: 0 });
    const out = join(testFolder(), 'out.uff');
    const words = ['export', '--format', 'd0010', '--meter-point', '1200023305967'];
    expect(await cli(home, [...words, '--out', out])).toMatchObject({ code: 0 });
    const text = readFileSync(out, 'utf8');
    expect(text.split('\r\n')).toEqual([
      expect.stringMatching(/^ZHV\|0000000001\|D0010002\|D\|WLGR\|X\|WLGR\|20160302153151\|\|\|\|OPER\|$/),
      '026|1200023305967|V|',
      '028|F75A 00802|R|',
      '030|S|20160222000000|56311.0|||T|N|',
      '030|S|20160223000000|56320.0|||T|N|',
      'ZPT|0000000001|4||1|20160302153151|',
      '',
    ]);
    const both = await cli(home, [...words, '--meter-point', otherMpan, '--code', 'S', '--code', 'X']);
    expect(both.stdout.match(/^026\|\d+/gm)).toHaveLength(2);
    expect((await cli(home, [...words, '--code', 'X'])).code).toBe(1);
    expect(await cli(home, [...words, '--as-known-at', '2099-01-01'])).toMatchObject({ code: 0, stdout: text });
    expect((await cli(home, [...words, '--as-known-at', '2016-03-03'])).code).toBe(1);
    const server = await startServer(home);
    expect(await cli(home, words)).toMatchObject({ code: 0, stdout: text });
    const refused = await cli(home, ['export', '--format', 'nem12']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('nothing of what was asked for');
    await server.stop();
    expect(await cli(home, ['export'])).toMatchObject({ code: 2 });
  });
});

describe('the page of a meter point', () => {
  it('offers the formats that take its readings, and gives the days asked for', async () => {
    const admin = await adminApp();
    onTestFinished(() => admin.app.close());
    const viewer = await admin.signedIn('viewer');
    const { id, identifier } = addMeterPoint(admin.deps);
    addHalfHours(admin.deps, id, 'from-grid', ['2026-11-18', '2026-11-21'], () => ({ energy: 250_000 }));
    const { body } = await viewer.get(`/admin/meter-points/${identifier}?date=2026-11-19`);
    expect([...body.matchAll(/<option value="(\w+)"/g)].map(match => match[1])).toEqual(['csv', 'nem12', 'espi']);
    expect(body).toContain('name="from" type="date" value="2026-11-19"');
    expect(body).toContain('name="until" type="date" value="2026-11-19"');
    const file = await viewer.get(
      `/admin/meter-points/${identifier}/export?format=csv&from=2026-11-19&until=2026-11-19`,
    );
    expect(file.status).toBe(200);
    expect(file.body.trim().split('\r\n')).toHaveLength(1 + 48);
    // What the seed puts in is known from the half-hour on that it is of.
    const early = await viewer.get(`/admin/meter-points/${identifier}/export?format=csv&known=2026-11-18T11:30`);
    expect(early.body.trim().split('\r\n')).toHaveLength(1 + 24);
    // Conflicts are offered where some wait.
    expect(body).not.toContain('csv conflicts');
    const { readings, posting } = admin.deps;
    const [series] = admin.deps.meterPoints.listSeries(admin.deps.meterPoints.get(identifier).id);
    const [first] = readings.list(series!.id, instant(0), instant(1e10));
    const otherwise = { ...first!, value: microKwh(first!.value + 1), source: 2 };
    expect(decide(posting, series!, otherwise, admin.deps.access.clock.now() / 1000).outcome).toBe('conflict');
    expect((await viewer.get(`/admin/meter-points/${identifier}`)).body).toContain('<option value="csv conflicts">');
    const both = await viewer.get(`/admin/meter-points/${identifier}/export?format=csv+conflicts`);
    expect(both.body.match(/,conflict\r/g)).toHaveLength(1);
    const none = await viewer.get(`/admin/meter-points/${identifier}/export?format=nem13`);
    expect(none.status).toBe(404);
  });
});
