import { beforeEach, describe, expect, it } from 'vitest';
import { decide } from '../../src/readings/decide.ts';
import { instantOfMs } from '../../src/units/time.ts';
import { readingAt } from '../readings/books.ts';
import { type AdminApp, adminApp, type Browser } from './app.ts';
import { addMeterPoint } from './seed.ts';

const url = '/admin/maintenance';
let admin: AdminApp;
let operator: Browser;

/** A reading of noon UTC, yesterday and in the month before. */
beforeEach(async () => {
  admin = await adminApp();
  operator = await admin.signedIn('operator');
  const { id } = addMeterPoint(admin.deps, '6001000017');
  const channel = { kind: 'channel', code: 'E1', flow: 'from-grid', unit: 'kWh', intervalMinutes: 30 } as const;
  const series = admin.deps.meterPoints.addSeries({ meterPointId: id, serial: '', ...channel }, 0);
  const { posting, clock } = admin.deps;
  for (const day of ['2026-10-07', '2026-11-20'])
    decide(
      posting,
      series,
      readingAt(Date.parse(`${day}T00:00:00Z`) / 1000, 500_000, { minutes: 30 }),
      instantOfMs(clock.now()),
    );
});

describe('the page Maintenance', () => {
  it('closes a day or a month, says what came of it, and has the archive to take away', async () => {
    expect((await operator.get(url)).body).toMatch(/none yet.*Close 20 Nov 2026 now.*Close October 2026 now/s);
    const { location } = await operator.submit(url, `${url}/maintain`, { kind: 'daily' });
    const { body } = await operator.get(location!);
    expect(body).toContain('Closed 20 Nov 2026: daily_2026-11-20.csv.');
    expect(body).toContain('by user operator');
    const month = await operator.submit(url, `${url}/maintain`, { kind: 'monthly' });
    expect((await operator.get(month.location!)).body).toContain('Closed October 2026: monthly_2026-10.csv.');
    const archive = await operator.get(`${url}/archives/daily_2026-11-20.csv`);
    expect([archive.status, archive.body]).toEqual([200, expect.stringContaining('6001000017,2026-11-20T10:30:00')]);
  });

  it('lists archives, the newest first, of days or of months', async () => {
    await operator.submit(url, `${url}/maintain`, { kind: 'monthly' });
    const names = async (query: string) => {
      const { body } = await operator.get(url + query);
      return [...body.matchAll(/archives\/([^"]+)"/g)].map(([, name]) => name);
    };
    expect(await names('')).toEqual(['daily_2026-11-20.csv', 'monthly_2026-10.csv', 'daily_2026-10-07.csv']);
    expect(await names('?kind=month')).toEqual(['monthly_2026-10.csv']);
    expect(await names('?q=2026-11')).toEqual(['daily_2026-11-20.csv']);
  });

  it.each(['daily_2026-01-01.csv', 'manifest.json', '..%2Fwattledger.db', '%2e%2e'])(
    'gives away nothing but archives: %s',
    async name => {
      await operator.submit(url, `${url}/maintain`, { kind: 'daily' });
      expect((await operator.get(`${url}/archives/${name}`)).status).toBe(404);
    },
  );

  it('turns reception off and on again, for an administrator alone', async () => {
    expect((await operator.get(url)).body).not.toContain('Turn reception off');
    expect((await operator.submit(url, `${url}/stop`, {})).status).toBe(403);
    const boss = await admin.signedIn('admin');
    await boss.submit(url, `${url}/stop`, {});
    expect(admin.deps.reception.receiving).toBe(false);
    expect((await operator.get(url)).body).toContain('Reception is turned off');
    expect((await operator.get('/admin')).body).toContain('<a href="/admin/maintenance">Reception is turned off</a>');
    const again = await boss.submit(url, `${url}/stop`, {});
    expect([again.status, again.body.includes('already shut down')]).toEqual([400, true]);
    await boss.submit(url, `${url}/resume`, {});
    expect(admin.deps.reception.receiving).toBe(true);
  });

  it('lets somebody who may only look see archives, and close nothing', async () => {
    const viewer = await admin.signedIn('viewer');
    const { status, body } = await viewer.get(url);
    expect([status, body.includes('Close 20 Nov')]).toEqual([200, false]);
    expect((await viewer.submit(url, `${url}/maintain`, { kind: 'daily' })).status).toBe(403);
  });
});
