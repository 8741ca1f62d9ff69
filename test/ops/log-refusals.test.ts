import pino from 'pino';
import { expect, it } from 'vitest';
import { createApp } from '../../src/app.ts';
import { testHouse } from '../open-house.ts';

it('what a known key is refused is logged with the number it was told, one a second, and nothing that was sent', async () => {
  const { house, clock, authorization } = await testHouse();
  const lines: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
  const app = await createApp(house, { log, onBrokenPromise: () => {} });
  const headers = { authorization: authorization() };
  const ask = (url: string) => app.inject({ url, headers });
  const refused = () =>
    lines.map(line => JSON.parse(line) as Record<string, unknown>).filter(({ msg }) => msg === 'refused');

  expect((await ask('/v1/meter-points')).statusCode).toBe(200);
  expect((await app.inject('/v1/meter-points')).statusCode).toBe(401);
  expect(refused()).toEqual([]);
  const first = await ask('/v1/meter-points/nobody?secret=canary');
  for (let again = 0; again < 5; again++) await ask('/get_consumption?meter_id=nobody&period=today');
  const payload = { meterPoint: 'nobody', at: '2026-11-21T10:00:00Z', value: 1 };
  clock.advance(1000);
  expect((await app.inject({ method: 'POST', url: '/v1/readings', headers, payload })).statusCode).toBe(404);
  expect((await ask('/get_consumption?meter_id=nobody&period=today')).statusCode).toBe(404);
  expect(refused()).toMatchObject([
    { reqId: first.json().request_id, by: 'test *', method: 'GET', path: '/v1/meter-points/nobody', status: 400 },
    { path: '/get_consumption', status: 404, leftOut: 5 },
  ]);
  expect(lines.join('')).not.toContain('canary');
  await app.close();
});
