import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { flushHouse } from '../../src/house.ts';
import { isIngestPath } from '../../src/readings/reception.ts';
import { type TestHouse, testFolder, testHouse } from '../open-house.ts';

const zone = 'Australia/Adelaide';
/** A Monday, 00:10 on the wall clock: yesterday is still in the month before. */
const monday = '2026-11-02T00:10:00+10:30';

let test: TestHouse;
let key: string;

beforeEach(async () => {
  test = await testHouse({ at: monday, zone });
  key = test.authorization();
});

async function call(method: 'GET' | 'POST', path: string, query: Record<string, string> = {}, authorization = key) {
  const answer = await test.app.inject({ method, url: path, query, headers: { authorization } });
  return { status: answer.statusCode, body: answer.json<Record<string, unknown>>(), headers: answer.headers };
}

async function meterWith(meter_id: string, ...readings: [timestamp: string, reading: string][]) {
  await call('POST', '/register_account', { owner_name: 'Ana', address: '1 Example St', meter_id });
  for (const [timestamp, reading] of readings) {
    expect(await receive(meter_id, timestamp, reading)).toMatchObject({ status: 200 });
  }
}

const receive = (meter_id: string, timestamp: string, reading: string) =>
  call('POST', '/receive_meter_reading', { meter_id, timestamp, reading });
const archives = () => {
  const folder = join(test.home, 'archive');
  return existsSync(folder) ? readdirSync(folder).filter(name => name.endsWith('.csv')) : [];
};
const archived = (name: string) => readFileSync(join(test.home, 'archive', name), 'utf8');

describe('maintenance by hand', () => {
  it('P1-13 answers success, message, timestamp and the type, when it is done', async () => {
    await meterWith('m-1', ['2026-11-01 12:00:00', '1.5']);
    const answer = await call('POST', '/maintenance/start', { maintenance_type: 'both' });
    expect(answer).toMatchObject({
      status: 200,
      body: {
        success: true,
        message:
          'Daily maintenance of 2026-11-01 is done: daily_2026-11-01.csv. Monthly maintenance of 2026-10 is done: it has no readings and so no archive.',
        timestamp: '2026-11-02T00:10:00',
        maintenance_type: 'both',
      },
    });
  });

  it.each([[{}], [{ maintenance_type: 'weekly' }]] as Record<string, string>[][])(
    'P1-13 refuses %j by the name of the parameter',
    async query => {
      const answer = await call('POST', '/maintenance/start', query);
      expect(answer).toMatchObject({ status: 422, body: { detail: [{ loc: ['query', 'maintenance_type'] }] } });
    },
  );

  it('P1-14 writes yesterday to daily_….csv and keeps answering for it', async () => {
    await meterWith('m-1', ['2026-11-01 00:00:00', '1'], ['2026-11-01 23:30:00', '1.5'], ['2026-11-02 00:00:00', '2']);
    await call('POST', '/maintenance/start', { maintenance_type: 'daily' });
    const lines = archived('daily_2026-11-01.csv').trim().split('\r\n');
    expect(lines[0]).toMatch(/^meter_id,timestamp,reading,/);
    expect(lines.slice(1)).toEqual([
      'm-1,2026-11-01T00:00:00+10:30,1,register,1,kWh,actual,from-grid,0',
      'm-1,2026-11-01T23:30:00+10:30,1.5,register,1,kWh,actual,from-grid,0',
    ]);
    const readings = await call('GET', '/v1/meter-points/m-1/readings');
    expect((readings.body.data as unknown[]).length).toBe(3);
  });

  it('P1-15 writes last month to monthly_….csv, and its bill can be asked for', async () => {
    await meterWith('m-1', ['2026-10-01 00:00:00', '1'], ['2026-10-31 23:30:00', '31'], ['2026-11-01 00:00:00', '32']);
    await call('POST', '/maintenance/start', { maintenance_type: 'monthly' });
    expect(archived('monthly_2026-10.csv').trim().split('\r\n')).toHaveLength(3);
    // The reading at the boundary belongs to both months: the bill counts to it, the archive of October ends before it.
    expect(await call('GET', '/get_last_month_bill', { meter_id: 'm-1' })).toMatchObject({
      status: 200,
      body: { period: '2026-10', start_reading: 1, end_reading: 32, consumption: 31 },
    });
  });

  it('P1-25 has the stand-alone services as paths of its own', async () => {
    await meterWith('m-1', ['2026-11-01 12:00:00', '1.5']);
    expect(await call('POST', '/perform_daily_maintenance')).toMatchObject({ status: 200, body: { success: true } });
    expect(await call('POST', '/perform_monthly_maintenance')).toMatchObject({ status: 200, body: { success: true } });
    expect(archives()).toEqual(['daily_2026-11-01.csv']);
  });

  it('P1-27 archives by period', async () => {
    await meterWith('m-1', ['2026-10-31 23:30:00', '1'], ['2026-11-01 12:00:00', '1.5']);
    expect(await call('POST', '/archive_and_prepare', { period: 'daily' })).toMatchObject({
      status: 200,
      body: { success: true, period: 'daily' },
    });
    expect(await call('POST', '/archive_and_prepare', { period: 'monthly' })).toMatchObject({ status: 200 });
    expect(archives()).toEqual(expect.arrayContaining(['daily_2026-11-01.csv', 'monthly_2026-10.csv']));
    expect(await call('POST', '/archive_and_prepare', { period: 'yearly' })).toMatchObject({
      status: 422,
      body: { detail: [{ loc: ['query', 'period'] }] },
    });
  });

  it('P1-03 P1-13 refuses a second run, and takes meters and readings in all the while; they are in the next archive', async () => {
    await meterWith('m-1', ['2026-11-01 00:00:00', '1']);
    const opened = Promise.withResolvers<void>();
    const held = test.house.archiver.exclusively(() => opened.promise);
    const run = call('POST', '/maintenance/start', { maintenance_type: 'daily' });
    while (!test.house.maintenance.running) await new Promise(resolve => setImmediate(resolve));
    expect(await call('GET', '/maintenance/status')).toMatchObject({ body: { is_maintenance_mode: true } });
    expect(await receive('m-1', '2026-11-01 12:00:00', '2')).toMatchObject({ status: 200 });
    // What there had to wait for maintenance does not have to here.
    const registration = { owner_name: 'Bo', address: '2 Example St', meter_id: 'm-2' };
    expect(await call('POST', '/register_account', registration)).toMatchObject({ status: 200 });
    expect(await call('POST', '/maintenance/start', { maintenance_type: 'both' })).toMatchObject({
      status: 400,
      body: { detail: 'System is already in maintenance mode' },
    });
    expect(await call('POST', '/restore_data')).toMatchObject({
      status: 503,
      body: { detail: 'System is in maintenance mode' },
      headers: { 'retry-after': expect.stringMatching(/^\d+$/) },
    });
    const again = { authorization: key, 'idempotency-key': 'k-1' };
    const restore = () => test.app.inject({ method: 'POST', url: '/restore_data', headers: again });
    expect((await restore()).statusCode).toBe(503);
    opened.resolve();
    await held;
    expect(await run).toMatchObject({ status: 200 });
    expect(await call('GET', '/maintenance/status')).toMatchObject({ body: { is_maintenance_mode: false } });
    expect((await restore()).statusCode).toBe(200);
    await flushHouse(test.house);
    expect(archived('daily_2026-11-01.csv')).toContain('m-1,2026-11-01T12:00:00+10:30,2,');
  });
});

describe('reception', () => {
  it('P1-16 says whether maintenance runs and readings are taken in', async () => {
    expect(await call('GET', '/maintenance/status')).toMatchObject({
      status: 200,
      body: { is_maintenance_mode: false, is_receiving_data: true, timestamp: '2026-11-02T00:10:00', last_daily: null },
    });
    await call('POST', '/maintenance/start', { maintenance_type: 'daily' });
    expect(await call('GET', '/maintenance/status')).toMatchObject({ body: { last_daily: '2026-11-01' } });
  });

  it('P1-09 P1-17 refuses readings with a status that says so while it is off; queries go on; off twice is 400', async () => {
    await meterWith('m-1', ['2026-11-01 00:00:00', '1'], ['2026-11-02 00:00:00', '2']);
    expect(await call('POST', '/shutdown')).toMatchObject({ status: 200, body: { success: true } });
    expect(await call('GET', '/maintenance/status')).toMatchObject({ body: { is_receiving_data: false } });
    const refused = await receive('m-1', '2026-11-02 00:30:00', '3');
    expect(refused).toMatchObject({
      status: 503,
      body: { detail: expect.stringContaining('Reception') },
      headers: { 'retry-after': expect.stringMatching(/^\d+$/) },
    });
    expect(await call('GET', '/get_consumption', { meter_id: 'm-1', period: 'this_month' })).toMatchObject({
      status: 200,
    });
    expect(await call('POST', '/shutdown')).toMatchObject({
      status: 400,
      body: { detail: 'System is already shut down' },
    });
  });

  it('P1-17 is off on every path at which meters hand in readings', async () => {
    await call('POST', '/shutdown');
    const routes = ['/v1/readings', '/receive_meter_reading', '/readings'].filter(url =>
      test.app.hasRoute({ method: 'POST', url }),
    );
    expect(routes.length).toBeGreaterThanOrEqual(2);
    for (const url of routes) {
      expect(isIngestPath(url)).toBe(true);
      const answer = await test.app.inject({ method: 'POST', url, headers: { authorization: key }, payload: {} });
      expect({ url, status: answer.statusCode }).toEqual({ url, status: 503 });
      expect(answer.headers['retry-after']).toMatch(/^\d+$/);
    }
    const v1 = await test.app.inject({ method: 'POST', url: '/v1/readings', headers: { authorization: key } });
    expect(v1.json()).toMatchObject({ code: 'reception-off', status: 503 });
  });

  it('P1-18 is on again after /resume; on twice is 400', async () => {
    await meterWith('m-1');
    await call('POST', '/shutdown');
    expect(await call('POST', '/resume')).toMatchObject({ status: 200, body: { success: true } });
    expect(await receive('m-1', '2026-11-02 00:00:00', '3')).toMatchObject({ status: 200 });
    expect(await call('POST', '/resume')).toMatchObject({
      status: 400,
      body: { detail: 'System is already receiving data' },
    });
  });

  it('stays off over a restart, and the audit trail says who turned it off', async () => {
    await call('POST', '/shutdown');
    await test.close();
    const again = await testHouse({ at: monday, zone, home: test.home });
    expect(again.house.reception.receiving).toBe(false);
    const [entry] = again.house.access.audit.list({ search: 'reception', limit: 1 });
    expect(entry).toMatchObject({ action: 'reception.stop', who: expect.stringMatching(/^key:\d+$/) });
  });

  it('P0-12 stops, carries out the batch job and goes on: nobody but a key with the scope can do it', async () => {
    await meterWith('m-1', ['2026-11-01 00:00:00', '1']);
    for (const path of ['/shutdown', '/resume', '/restore_data', '/maintenance/start', '/archive_and_prepare']) {
      const none = await test.app.inject({ method: 'POST', url: path });
      expect({ path, status: none.statusCode }).toEqual({ path, status: 401 });
      const wrong = await call('POST', path, {}, test.authorization(['readings:write', 'accounts:write']));
      expect({ path, status: wrong.status }).toEqual({ path, status: 403 });
    }
    key = test.authorization(['maintenance:write', 'readings:read']);
    expect((await call('POST', '/shutdown')).status).toBe(200);
    expect((await call('POST', '/maintenance/start', { maintenance_type: 'both' })).status).toBe(200);
    expect((await call('POST', '/resume')).status).toBe(200);
    expect(archives()).toEqual(['daily_2026-11-01.csv']);
  });
});

describe('recovery', () => {
  it('P1-19 P1-20 needs no call: what /restore_data counts was there already', async () => {
    await meterWith('m-1', ['2026-11-01 00:00:00', '1'], ['2026-11-02 00:00:00', '2']);
    await meterWith('m-2', ['2026-11-02 00:00:00', '7']);
    await meterWith('m-3');
    const counts = { restored_meters_count: 2, restored_readings_count: 3 };
    expect(await call('POST', '/restore_data')).toMatchObject({ status: 200, body: { success: true, ...counts } });
    expect(await call('POST', '/restore_data')).toMatchObject({ status: 200, body: counts });
  });

  it('P1-20 happens at the start, of a home as a dead process left it', async () => {
    await meterWith('m-1', ['2026-11-01 00:00:00', '1'], ['2026-11-02 00:00:00', '2.5']);
    const asItWas = join(testFolder(), 'home');
    cpSync(test.home, asItWas, { recursive: true, filter: path => !/(owner\.lock|\.sock)$/.test(path) });
    await test.close();
    test = await testHouse({ at: monday, zone, home: asItWas });
    expect(test.house.store.countReadings()).toMatchObject({ readings: 0 });
    key = test.authorization();
    expect(await call('GET', '/get_consumption', { meter_id: 'm-1', period: 'this_month' })).toMatchObject({
      status: 200,
      body: { start_reading: 1, end_reading: 2.5, consumption: 1.5 },
    });
  });
});
