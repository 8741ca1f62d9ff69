import { expect, it } from 'vitest';
import { testHouse } from '../open-house.ts';

async function open(rules = '') {
  const test = await testHouse({ environment: { READING_RULES: rules } });
  const headers = { authorization: test.authorization() };
  const call = async (method: 'GET' | 'POST', url: string, payload?: object) =>
    (await test.app.inject({ method, url, headers, ...(payload && { payload }) })).json();
  const series = [{ kind: 'channel', code: 'E1', flow: 'from-grid', intervalMinutes: 30 }];
  await call('POST', '/v1/meter-points', { identifier: 'm-1', series });
  const post = (start: string, energy: string) => call('POST', '/v1/readings', { meterPoint: 'm-1', start, energy });
  return { ...test, call, post };
}

it('conflicts that were decided since are listed as they waited, beside what was current', async () => {
  const { call, post, clock } = await open();
  const conflicts = async (asKnownAt: string) =>
    (await call('GET', `/v1/conflicts?meter_point=m-1&as_known_at=${asKnownAt}`)).data.map(
      (each: { reading: { value: string }; current: { value: string }[] }) =>
        `${each.reading.value} beside ${each.current.map(({ value }) => value).join()}`,
    );
  await post('2026-11-20T10:00:00Z', '1');
  clock.advance(60_000);
  await post('2026-11-20T10:00:00Z', '2');
  clock.advance(60_000);
  await post('2026-11-20T10:00:00Z', '3');
  clock.advance(60_000);
  const [{ id }] = (await call('GET', '/v1/conflicts')).data;
  await call('POST', `/v1/conflicts/${id}/decide`, { decision: 'take' });
  expect(await conflicts('2026-11-21T10:10:00Z')).toEqual([]);
  expect(await conflicts('2026-11-21T10:11:00Z')).toEqual(['2 beside 1']);
  expect(await conflicts('2026-11-21T10:12:00Z')).toEqual(['3 beside 1', '2 beside 1']);
  expect(await conflicts('2026-11-21T10:13:00Z')).toEqual(['2 beside 3']);
  // On the clock of the meter point, which is that of UTC.
  expect(await conflicts('2026-11-21T10:12:59')).toHaveLength(2);
  expect((await call('GET', '/v1/conflicts?as_known_at=then')).code).toBe('timestamp-invalid');
});

it('flags are listed as they had been noted, and say what was current then', async () => {
  const { call, post, clock } = await open('negative-energy=flag');
  const flags = async (asKnownAt: string) =>
    (await call('GET', `/v1/readings/flags?as_known_at=${asKnownAt}`)).data.map(
      ({ value, current }: { value: string; current: boolean }) => [value, current],
    );
  await post('2026-11-20T10:00:00Z', '-1');
  clock.advance(60_000);
  await post('2026-11-20T10:30:00Z', '-2');
  await post('2026-11-20T10:00:00Z', '0.5');
  clock.advance(60_000);
  const [{ id }] = (await call('GET', '/v1/conflicts')).data;
  await call('POST', `/v1/conflicts/${id}/decide`, { decision: 'take' });
  expect(await flags('2026-11-21T10:09:59Z')).toEqual([]);
  expect(await flags('2026-11-21T10:10:00Z')).toEqual([['-1', true]]);
  expect(await flags('2026-11-21T10:11:00Z')).toEqual([
    ['-1', true],
    ['-2', true],
  ]);
  expect(await flags('2026-11-21T10:12:00Z')).toEqual([
    ['-1', false],
    ['-2', true],
  ]);
});
