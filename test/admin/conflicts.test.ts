import { beforeEach, describe, expect, it } from 'vitest';
import type { Series } from '../../src/accounts/meter-point.ts';
import { decide } from '../../src/readings/decide.ts';
import { instantOfMs } from '../../src/units/time.ts';
import { readingAt } from '../readings/books.ts';
import { type AdminApp, adminApp, type Browser } from './app.ts';
import { addMeterPoint } from './seed.ts';

const url = '/admin/conflicts';
let admin: AdminApp;
let operator: Browser;
let series: Series;

/** Half an hour each, from 00:00 UTC of the 20th. */
function send(slot: number, kWh: number): void {
  const at = Date.parse('2026-11-20T00:00:00Z') / 1000 + slot * 1800;
  const { posting, clock } = admin.deps;
  decide(posting, series, readingAt(at, kWh * 1e6, { minutes: 30 }), instantOfMs(clock.now()));
}

/** What the field "As known at" has for a moment, on the clock of the site. */
const shownNow = () => new Date(admin.access.clock.now() + 10.5 * 3_600_000).toISOString().slice(0, 19);
const rows = (body: string) =>
  [...body.matchAll(/data-label="(Current|The other one)"><span><strong>([^<]+)/g)].map(([, , value]) => value);
const boxes = (body: string) => [...body.matchAll(/name="conflict" value="([^"]+)"/g)].map(([, id]) => id!);

beforeEach(async () => {
  admin = await adminApp();
  operator = await admin.signedIn('operator');
  const { id } = addMeterPoint(admin.deps, '6001000017');
  const channel = { kind: 'channel', code: 'E1', flow: 'from-grid', unit: 'kWh', intervalMinutes: 30 } as const;
  series = admin.deps.meterPoints.addSeries({ meterPointId: id, serial: '', ...channel }, 0);
  for (const slot of [0, 1, 2]) {
    send(slot, 1);
    send(slot, 2);
  }
});

describe('the page Conflicts', () => {
  it('shows what waits for a decision, and takes or keeps what was ticked', async () => {
    const { body } = await operator.get(url);
    expect(rows(body)).toEqual(['1.000 kWh', '2.000 kWh', '1.000 kWh', '2.000 kWh', '1.000 kWh', '2.000 kWh']);
    const decided = await operator.submit(url, `${url}/decide`, { conflict: boxes(body)[0]!, decision: 'take' });
    expect(decided).toMatchObject({ status: 303, location: `${url}?decided=1` });
    const after = (await operator.get(decided.location!)).body;
    expect(after).toContain('1 decided.');
    expect(boxes(after)).toEqual(boxes(body).slice(1));
  });

  it('decides what is still open of what was ticked, when somebody else was faster with some of it', async () => {
    const ids = boxes((await operator.get(url)).body);
    await operator.submit(url, `${url}/decide`, { conflict: ids[0]!, decision: 'take' });
    const late = await operator.submit(url, `${url}/decide`, { conflict: ids, decision: 'keep' });
    expect(late.location).toBe(`${url}?decided=2&past=1`);
    const { body } = await operator.get(late.location!);
    expect(body).toMatch(/1 no longer open: decided otherwise meanwhile\.\s+2 decided\./);
    expect(boxes(body)).toEqual([]);
  });

  it('says so when nothing was ticked, and decides nothing', async () => {
    const { location } = await operator.submit(url, `${url}/decide`, { decision: 'take', q: '6001000017' });
    const { body } = await operator.get(location!);
    expect(body).toContain('Nothing was ticked, so nothing was decided.');
    expect(boxes(body)).toHaveLength(3);
  });

  it('decides everything that fits the search, and nothing of another meter point', async () => {
    const { id } = addMeterPoint(admin.deps, '6001000025');
    const channel = { kind: 'channel', code: 'E1', flow: 'from-grid', unit: 'kWh', intervalMinutes: 30 } as const;
    series = admin.deps.meterPoints.addSeries({ meterPointId: id, serial: '', ...channel }, 0);
    send(0, 1);
    send(0, 3);
    const fields = { all: 'yes', q: '6001000017', decision: 'keep', reason: 'the portal was late' };
    const { location } = await operator.submit(url, `${url}/decide`, fields);
    expect((await operator.get(location!)).body).toMatch(/3 decided\..*Nothing waits for a decision\./s);
    expect(rows((await operator.get(url)).body)).toEqual(['1.000 kWh', '3.000 kWh']);
    const trail = (await (await admin.signedIn('admin')).get('/admin/audit')).body;
    expect(trail.match(/the portal was late/g)).toHaveLength(3);
  });

  it('shows what waited at an earlier time, says so, offers no decision of it, and leads back', async () => {
    const before = shownNow();
    admin.access.clock.advance(60_000);
    await operator.submit(url, `${url}/decide`, { all: 'yes', decision: 'take' });
    send(5, 1);
    send(5, 9);
    expect(rows((await operator.get(url)).body)).toEqual(['1.000 kWh', '9.000 kWh']);
    const { body } = await operator.get(`${url}?known=${before}`);
    expect(rows(body)).toEqual(['1.000 kWh', '2.000 kWh', '1.000 kWh', '2.000 kWh', '1.000 kWh', '2.000 kWh']);
    expect(body).toContain(`name="known" type="datetime-local" value="${before}"`);
    expect(body).toContain('As it was known at');
    expect([boxes(body), body.includes('Take the other ones')]).toEqual([[], false]);
    const [, link = ''] = /href="([^"]*)">As it is now/.exec(body) ?? [];
    expect(link).toBe(url);
    const long = (await operator.get(`${url}?known=2020-01-01T00:00&q=6001000017`)).body;
    expect(long).toContain('Nothing waited for a decision then.');
    expect(long).toContain(`href="${url}?q=6001000017">As it is now`);
  });

  it('says that a time is none', async () => {
    const { status, body } = await operator.get(`${url}?known=yesterday`);
    expect(status).toBe(200);
    expect(body).toContain('“yesterday” is no time.');
    expect(boxes(body)).toEqual([]);
  });
});
