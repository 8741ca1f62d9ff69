import { expect, it } from 'vitest';
import { testHouse } from '../open-house.ts';

const nmi = '6001000017';

function nem12(days: Record<string, number[]>): string {
  const rows = Object.entries(days).map(([day, values]) => `300,${day},${values.join(',')},A,,,20261101000000,`);
  return ['100,NEM12,202611020000,MDP,RETAILER', `200,${nmi},E1,1,E1,,METER1,KWH,480,`, ...rows, '900', ''].join(
    '\r\n',
  );
}

it('two files and a key are held against each other, day by day; which file brought the same is counted', async () => {
  const test = await testHouse({ zone: 'Australia/Brisbane' });
  const headers = { authorization: test.authorization() };
  const send = (content: string) =>
    test.app.inject({
      method: 'POST',
      url: '/v1/imports?wait=true',
      headers: { ...headers, 'content-type': 'application/octet-stream' },
      payload: content,
    });
  const get = async (url: string) => (await test.app.inject({ method: 'GET', url, headers })).json();
  await send(nem12({ 20261001: [1, 2, 3], 20261002: [1, 1, 1] }));
  await send(nem12({ 20261001: [1, 2, 5], 20261003: [1, 1, 1] }));
  const url = `/v1/meter-points/${nmi}/reconcile`;
  const found = await get(`${url}?a=import:1&b=import:2`);
  expect(found.data).toEqual([
    {
      kind: 'channel',
      code: 'E1',
      days: [
        {
          ...{ day: '2026-10-01', sumA: '6', sumB: '8', same: 2, differing: 1, onlyA: 0, onlyB: 0 },
          largest: { at: '2026-10-01T16:00:00+10:00', difference: '2' },
        },
        { day: '2026-10-02', sumA: '3', sumB: '0', same: 0, differing: 0, onlyA: 3, onlyB: 0, largest: null },
        { day: '2026-10-03', sumA: '0', sumB: '3', same: 0, differing: 0, onlyA: 0, onlyB: 3, largest: null },
      ],
      differences: [
        {
          at: '2026-10-01T16:00:00+10:00',
          ...{ a: { value: '3', quality: 'actual' }, b: { value: '5', quality: 'actual' } },
        },
        ...['00', '08', '16'].map(hour => ({
          at: `2026-10-02T${hour}:00:00+10:00`,
          ...{ a: { value: '1', quality: 'actual' }, b: null },
        })),
        ...['00', '08', '16'].map(hour => ({
          at: `2026-10-03T${hour}:00:00+10:00`,
          ...{ a: null, b: { value: '1', quality: 'actual' } },
        })),
      ],
    },
  ]);
  // The third value of the first day is in conflict: the first file's stays current.
  const current = await get(`${url}?a=current&b=import:2&to=2026-10-02T00:00:00`);
  expect(current.data[0].days).toMatchObject([{ same: 2, differing: 1 }]);
  expect((await get(`${url}?a=current&b=key:nobody`)).code).toBe('source-unknown');
  expect((await get(`${url}?a=current&b=import:99`)).code).toBe('import-unknown');
  const csv = await test.app.inject({ method: 'GET', url: `${url}.csv?a=import:1&b=import:2`, headers });
  expect(csv.body.split('\r\n')[1]).toBe(`${nmi},E1,2026-10-01,6,8,2,1,0,0,2,2026-10-01T16:00:00+10:00`);
  expect((await get('/v1/imports/2/duplicates')).data).toEqual([{ source: 'import:1', readings: 2 }]);
  expect((await get('/v1/imports/1/duplicates')).data).toEqual([]);
});

it('what is current, what a key had brought and which imports there were can be asked as of an earlier time', async () => {
  const test = await testHouse({ zone: 'Australia/Brisbane' });
  const headers = { authorization: test.authorization() };
  const call = async (method: 'GET' | 'POST', url: string, payload?: object) =>
    (await test.app.inject({ method, url, headers, ...(payload && { payload }) })).json();
  const take = (body: string) =>
    test.app.inject({
      ...{ method: 'POST', url: '/v1/imports?wait=true', body },
      headers: { ...headers, 'content-type': 'application/octet-stream' },
    });
  await take(nem12({ 20261001: [1, 2, 3] }));
  const start = '2026-10-01T16:00:00+10:00';
  test.clock.advance(60_000);
  await call('POST', '/v1/readings', { meterPoint: nmi, channel: 'E1', start, energy: '7' });
  test.clock.advance(60_000);
  await take(nem12({ 20261001: [1, 2, 5] }).replaceAll('20261101000000', '20261102000000'));
  const url = `/v1/meter-points/${nmi}/reconcile`;
  const sums = async (a: string, b: string, asKnownAt: string) => {
    const { data, code } = await call('GET', `${url}?a=${a}&b=${b}&as_known_at=${asKnownAt}`);
    return (
      code ??
      data.flatMap(({ days }: { days: { sumA: string; sumB: string }[] }) => days.map(day => [day.sumA, day.sumB]))
    );
  };
  expect(await sums('current', 'import:1', '2026-11-21T20:09:00')).toBe('import-unknown');
  expect(await sums('current', 'import:1', '2026-11-21T20:10:00')).toEqual([['6', '6']]);
  expect(await sums('current', 'import:2', '2026-11-21T20:11:00')).toBe('import-unknown');
  expect(await sums('current', 'import:2', '2026-11-21T20:12:00')).toEqual([['8', '8']]);
  const key = encodeURIComponent('key:test *');
  expect(await sums('import:1', key, '2026-11-21T20:10:00')).toEqual([['6', '0']]);
  expect(await sums('import:1', key, '2026-11-21T20:11:00')).toEqual([['6', '7']]);
  const csv = await test.app.inject({
    url: `${url}.csv?a=current&b=import:1&as_known_at=2026-11-21T20:11:00`,
    headers,
  });
  expect(csv.body.split('\r\n')[1]).toBe(`${nmi},E1,2026-10-01,6,6,3,0,0,0,,`);
  const duplicates = (id: number, asKnownAt: string) =>
    call('GET', `/v1/imports/${id}/duplicates?as_known_at=${asKnownAt}`);
  expect((await duplicates(1, '2026-11-21T20:11:00')).data).toEqual([]);
  // The newer version is the later file's, though it says the same twice.
  expect((await duplicates(1, '2026-11-21T20:12:00')).data).toEqual([{ source: 'import:2', readings: 2 }]);
  await take(
    nem12({ 20261001: [1, 2, 5] })
      .replaceAll('20261101000000', '20261102000000')
      .replace('METER1', 'METER2'),
  );
  expect((await duplicates(2, '2026-11-21T20:11:59')).code).toBe('import-unknown');
  expect((await duplicates(3, '2026-11-21T20:12:00')).data).toEqual([{ source: 'import:2', readings: 3 }]);
});
