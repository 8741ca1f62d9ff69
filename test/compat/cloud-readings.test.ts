import { beforeEach, expect, it } from 'vitest';
import { type TestHouse, testHouse } from '../open-house.ts';

let test: TestHouse;
let authorization: string;

beforeEach(async () => {
  test = await testHouse();
  authorization = test.authorization();
  await post({ identifier: 'MTR-1' }, '/v1/meter-points');
});

const nested = {
  meter_id: 'MTR-1',
  timestamp: '2026-11-21T10:00:00Z',
  customer_id: 'C-9',
  reading_type: 'real-time',
  reading: { current_value: 1234.567, instant_usage: 1.2, unit: 'kWh' },
  power_quality: { voltage: 230.1, frequency: 50.02, power_factor: 0.97 },
  status: { battery_level: 88, signal_strength: -60, error_flags: ['tamper'] },
};

function post(payload: object, url = '/readings') {
  return test.app.inject({ method: 'POST', url, payload, headers: { authorization } });
}
async function get(url: string) {
  return (await test.app.inject({ url, headers: { authorization } })).json();
}

it('P3-01 P3-03 P3-05 takes a reading in groups, keeps its value and gives the rest back flat', async () => {
  const answer = await post(nested);
  expect(answer.statusCode).toBe(201);
  expect(answer.headers['access-control-allow-origin']).toBe('*');
  const { message, location } = answer.json();
  expect(message).toBe('Reading stored successfully');
  expect(answer.headers.location).toBe(location);
  const { reading, power_quality, status } = nested;
  const { meter_id, timestamp } = nested;
  expect(await get(location)).toEqual({ meter_id, timestamp, ...reading, ...power_quality, ...status });
  expect((await get('/v1/meter-points/MTR-1/readings')).data).toMatchObject([{ at: timestamp, value: '1234.567' }]);
  const again = await post(nested);
  expect([again.statusCode, again.json()]).toEqual([200, { message, location }]);
});

it('P3-03 takes the same reading without its groups, which is the same reading', async () => {
  const { reading, power_quality, status, ...rest } = nested;
  const flattened = { ...rest, ...reading, ...power_quality, ...status };
  const { location } = (await post(flattened)).json();
  const { customer_id: _customer, reading_type: _type, ...kept } = flattened;
  expect(await get(location)).toEqual(kept);
  const again = await post(nested);
  expect([again.statusCode, again.json().location]).toEqual([200, location]);
});

it.each(['meter_id', 'timestamp', 'reading', 'power_quality', 'status'])('P3-02 needs %s', async field => {
  const { [field]: _left, ...rest }: Record<string, unknown> = nested;
  const answer = await post(rest);
  expect([answer.statusCode, answer.json().errors]).toMatchObject([422, [{ pointer: `/${field}` }]]);
});

it('P3-04 keeps each reading under a place of its own', async () => {
  const first = (await post(nested)).json();
  const later = { ...nested, timestamp: '2026-11-21T10:05:00Z' };
  expect((await post(later)).json().location).not.toBe(first.location);
});

it('P3-04 finds what a meter said of itself without the place it was told, newest first', async () => {
  const later = { ...nested, timestamp: '2026-11-21T10:05:00Z', status: { battery_level: 87 } };
  const { location } = (await post(nested)).json();
  await post(later);
  const { data } = await get('/readings?meter_id=MTR-1');
  expect(data).toMatchObject([{ battery_level: 87 }, { location, voltage: 230.1, error_flags: ['tamper'] }]);
  const span = 'from=2026-11-21T10:00:00Z&to=2026-11-21T10:05:00Z';
  expect((await get(`/readings?meter_id=MTR-1&${span}`)).data).toEqual([data[1]]);
  expect((await get('/readings?meter_id=MTR-1&limit=1')).data).toEqual([data[0]]);
  expect(await get('/readings?meter_id=nobody')).toMatchObject({ status: 404 });
  expect(await get('/readings?meter_id=MTR-1&from=noon')).toMatchObject({ status: 422, code: 'timestamp-invalid' });
});

it.each([
  ['a value in groups', { ...nested, reading: { current_value: 'x' } }, '/reading/current_value'],
  ['a value', { meter_id: 'MTR-1', timestamp: nested.timestamp, current_value: '-1' }, '/current_value'],
  ['a time', { ...nested, timestamp: 'noon' }, '/timestamp'],
  ['a meter', { ...nested, meter_id: 'nobody' }, '/meter_id'],
  ['energy', { meter_id: 'MTR-1', recorded_at: '2026-11-21T09:00:00Z', consumption_kWh: 'x' }, '/consumption_kWh'],
  ['a begin', { meter_id: 'MTR-1', recorded_at: '2026-11-21T09:10:00Z', consumption_kWh: 1 }, '/recorded_at'],
])('P3-02 refuses %s by its own name', async (_what, body, pointer) => {
  const answer = await post(body);
  expect(answer.statusCode).toBeGreaterThanOrEqual(400);
  expect(answer.json().errors).toMatchObject([{ pointer }]);
});

it('P3-06 takes the flat record as the energy of an interval', async () => {
  const flat = { record_id: 'r-1', meter_id: 'MTR-1', recorded_at: '2026-11-21T09:00:00Z', consumption_kWh: 1.35 };
  const { location } = (await post({ ...flat, voltage: 230.5, current: 5.6 })).json();
  expect(await get(location)).toEqual({ ...flat, voltage: 230.5, current: 5.6 });
  expect((await get('/v1/meter-points/MTR-1/readings')).data).toMatchObject([{ energy: '1.35', channel: 'E1' }]);
});

it.each([
  ['2026-11-21T10:00:00.123456Z', '2026-11-21T10:00:00Z'],
  ['2026-11-21T20:30:07.999+10:30', '2026-11-21T10:00:07Z'],
  ['2026-11-21T10:00:00.5', '2026-11-21T10:00:00Z'],
])('P3-01 P3-11 takes %s, as Python writes a time, for the second that has begun', async (timestamp, at) => {
  const { location } = (await post({ ...nested, timestamp })).json();
  expect(await get(location)).toMatchObject({ timestamp });
  expect((await get('/v1/meter-points/MTR-1/readings')).data).toMatchObject([{ at }]);
  expect((await post({ ...nested, timestamp: at })).statusCode).toBe(200);
  expect((await post({ ...nested, timestamp: timestamp.replace('2026', '226') })).statusCode).toBe(422);
});

it('P3-05 a page of another host may ask first, send, and read what it is told, a no as well', async () => {
  const ask = { method: 'OPTIONS', headers: { origin: 'https://board.example' } } as const;
  for (const [url, methods] of [
    ['/readings', 'GET, POST'],
    ['/readings/1', 'GET'],
  ]) {
    const { statusCode, headers } = await test.app.inject({ ...ask, url: url! });
    expect([statusCode, headers['access-control-allow-origin'], headers['access-control-allow-methods']]).toEqual([
      204,
      '*',
      methods,
    ]);
    expect(headers['access-control-allow-headers']).toMatch(/authorization, content-type/);
  }
  const nos = [
    await post({ ...nested, meter_id: 'nobody' }),
    await post({}),
    await test.app.inject({ method: 'POST', url: '/readings', payload: nested }),
    await test.app.inject({ url: '/readings/99', headers: { authorization } }),
  ];
  expect(nos.map(({ statusCode, headers }) => [statusCode, headers['access-control-allow-origin']])).toEqual(
    [404, 422, 401, 404].map(status => [status, '*']),
  );
  // Nothing else is open to other hosts.
  expect(
    (await test.app.inject({ ...ask, url: '/v1/readings' })).headers['access-control-allow-origin'],
  ).toBeUndefined();
});

it('another value for the same time is a conflict, and nothing is stored for a stranger', async () => {
  await post(nested);
  expect((await post({ ...nested, reading: { current_value: 9999 } })).statusCode).toBe(409);
  expect((await post({ ...nested, meter_id: 'nobody' })).statusCode).toBe(404);
});

it('lists what had come by a time', async () => {
  await post(nested);
  test.clock.advance(60_000);
  await post({ ...nested, timestamp: '2026-11-21T10:10:00Z', reading: { ...nested.reading, current_value: 1235 } });
  const stamps = async (query: string) =>
    (await get(`/readings?meter_id=MTR-1${query}`)).data.map(({ timestamp }: { timestamp: string }) => timestamp);
  expect(await stamps('')).toEqual(['2026-11-21T10:10:00Z', nested.timestamp]);
  expect(await stamps('&as_known_at=2026-11-21T10:10:00Z')).toEqual([nested.timestamp]);
  expect(await stamps('&as_known_at=2026-11-21T10:09:59Z')).toEqual([]);
  expect((await get('/readings?meter_id=MTR-1&as_known_at=then')).code).toBe('timestamp-invalid');
});
