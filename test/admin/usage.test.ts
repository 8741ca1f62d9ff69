import { beforeEach, describe, expect, it } from 'vitest';
import { parseCsvLine } from '../../src/kernel/csv.ts';
import { type AdminApp, adminApp, type Browser } from './app.ts';
import { addHalfHours, adelaide } from './seed.ts';

let admin: AdminApp;
let viewer: Browser;

/** Two shops in the centre and a flat in the north, each with half-hours of its own energy since the 30th of September. */
beforeEach(async () => {
  admin = await adminApp();
  viewer = await admin.signedIn('viewer');
  for (const [identifier, region, dwellingType, energy] of [
    ['531-1', 'Central', 'shop', 100_000],
    ['531-2', 'Central', 'shop', 200_000],
    ['531-3', 'North', '<4-room>', 300_000],
  ] as const) {
    const place = { address: '', subRegion: '', postcode: '1000', region, dwellingType, zone: adelaide };
    const { id } = admin.deps.meterPoints.add({ identifier, ...place, origin: 'registered' }, 0);
    addHalfHours(admin.deps, id, 'from-grid', ['2026-09-30', '2026-10-03'], () => ({ energy }));
  }
});

const october = 'from=2026-09-01&until=2026-10-31';
const cells = (body: string, label: string) =>
  [...body.matchAll(new RegExp(`data-label="${label}">([^<]*)<`, 'g'))].map(([, cell]) => cell);
/** The figures of the table below the chart. */
const figures = (body: string) => [...body.matchAll(/<td class="number">([^<]*)</g)].map(([, cell]) => cell);

describe('usage in the browser', () => {
  it('P0-14 is a line by month, quarter, year or day, with a table of every figure', async () => {
    const { status, body } = await viewer.get(`/admin/usage?${october}`);
    expect(status).toBe(200);
    // 48 half-hours of 0.6 kWh together.
    expect(figures(body)).toEqual(['28.800 kWh', '57.600 kWh']);
    expect(body).toMatch(/class="line from-grid" d="M[\d.]+ [\d.]+L[\d.]+ [\d.]+"/);
    expect(figures((await viewer.get(`/admin/usage?${october}&group=quarter`)).body)).toEqual([
      '28.800 kWh',
      '57.600 kWh',
    ]);
    expect(figures((await viewer.get(`/admin/usage?${october}&group=year`)).body)).toEqual(['86.400 kWh']);
    const days = (await viewer.get('/admin/usage?from=2026-09-29&until=2026-10-03&group=day')).body;
    expect(figures(days)).toEqual(['—', '28.800 kWh', '28.800 kWh', '28.800 kWh', '—']);
  });

  it('P0-14 has shares by type of dwelling and by region, as figures and as bars beside them', async () => {
    const dwellings = (await viewer.get(`/admin/usage?${october}`)).body;
    expect(cells(dwellings, 'Dwelling')).toEqual(['&lt;4-room&gt;', 'shop']);
    expect(cells(dwellings, 'Share')).toEqual(['50.0 %', '50.0 %']);
    const regions = (await viewer.get(`/admin/usage?${october}&by=region&q=531-`)).body;
    expect(cells(regions, 'Region')).toEqual(['Central', 'North']);
    expect(cells(regions, 'Meter points')).toEqual(['2', '1']);
    expect(regions.match(/<rect class="from-grid" width="500"/g)).toHaveLength(2);
  });

  it('P0-17 is of the meter points that fit everything asked, and offers the regions and dwellings there are', async () => {
    const { body } = await viewer.get(`/admin/usage?${october}&region=Central&dwelling=shop&q=531-2`);
    expect(figures(body)).toEqual(['9.600 kWh', '19.200 kWh']);
    expect(body).toContain('1 meter point fits');
    expect(body).toContain('<option selected>Central</option>');
    expect(body).toContain('<option>&lt;4-room&gt;</option>');
    expect((await viewer.get(`/admin/usage?${october}&region=North&dwelling=shop`)).body).toContain(
      'No meter point fits',
    );
  });

  it('P0-15 is exported as the CSV file of what is shown, by a link beside it', async () => {
    const page = (await viewer.get(`/admin/usage?${october}&region=Central`)).body;
    const link = /href="(\/admin\/usage\/file[^"]*)"/.exec(page)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const file = await viewer.get(link);
    expect(file.status).toBe(200);
    const lines = file.body
      .trim()
      .split(/\r?\n/)
      .map(line => parseCsvLine(line)?.join('|'));
    expect(lines).toEqual([
      'meter_point|address|region|sub_region|postcode|dwelling_type|flow|from|until|kwh',
      '531-1||Central||1000|shop|from-grid|2026-09-01|2026-09-30|4.8',
      '531-1||Central||1000|shop|from-grid|2026-10-01|2026-10-31|9.6',
      '531-2||Central||1000|shop|from-grid|2026-09-01|2026-09-30|9.6',
      '531-2||Central||1000|shop|from-grid|2026-10-01|2026-10-31|19.2',
    ]);
  });

  it.each([
    ['the last day before the first', 'from=2026-10-02&until=2026-10-01', 'before the first one'],
    ['too many points', 'from=2024-01-01&until=2026-10-01&group=day', 'choose months'],
    ['a century', 'from=1926-10-02&until=2026-10-01', 'twenty years'],
  ])('P0-14 is not answered for %s, and says so', async (_what, query, problem) => {
    const { status, body } = await viewer.get(`/admin/usage?${query}`);
    expect([status, body.includes(problem)]).toEqual([200, true]);
    expect((await viewer.get(`/admin/usage/file?${query}`)).status).toBe(422);
  });

  it('shows what was known at an earlier time, says so, and leads back', async () => {
    const { body } = await viewer.get(`/admin/usage?${october}&known=2026-10-02T12:00`);
    // Known from the half-hour on that it is of: until noon of the second of October, and of September all.
    expect(figures(body)).toEqual(['28.800 kWh', '43.800 kWh']);
    expect(body).toContain('name="known" type="datetime-local" value="2026-10-02T12:00"');
    expect(body).toContain('As it was known at 2 Oct 2026, 12:00 (UTC+9:30)');
    const [, link = ''] = /href="([^"]*)">As it is now/.exec(body) ?? [];
    const now = (await viewer.get(link.replaceAll('&amp;', '&'))).body;
    expect(figures(now)).toEqual(['28.800 kWh', '57.600 kWh']);
    expect(now).not.toContain('As it was known');
    const [, file = ''] = /href="(\/admin\/usage\/file[^"]*)"/.exec(body) ?? [];
    expect((await viewer.get(file.replaceAll('&amp;', '&'))).body).toContain('531-3,,North,,1000,');
    expect((await viewer.get(file.replaceAll('&amp;', '&'))).body).toMatch(/2026-10-31,21\.9\r/);
    const wrong = (await viewer.get(`/admin/usage?${october}&known=yesterday`)).body;
    expect(wrong).toContain('“yesterday” is no time.');
  });

  it('P0-14 is for people who are signed in', async () => {
    const answer = await admin.app.inject('/admin/usage/file');
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/admin/sign-in?next=%2Fadmin%2Fusage%2Ffile']);
  });

  it('is drawn as a line that ends where nothing is known, and as a dot where a point stands alone', async () => {
    const { id } = admin.deps.meterPoints.get('531-1');
    addHalfHours(admin.deps, id, 'from-grid', ['2026-10-20', '2026-10-21'], () => ({ energy: 100_000 }));
    const { body } = await viewer.get('/admin/usage?from=2026-09-29&until=2026-10-21&group=day&q=531-1');
    const path = /class="line from-grid" d="([^"]*)"/.exec(body)?.[1] ?? '';
    expect(path.match(/M/g)).toHaveLength(2);
    expect(path.match(/L/g)).toHaveLength(2);
    expect(path).not.toMatch(/NaN/);
  });
});
