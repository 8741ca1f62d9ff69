import { describe, expect, it } from 'vitest';
import { type TestHouse, testHouse } from '../open-house.ts';

const nmi = '6001000017';
const day = (date: string, values: (number | '')[], quality = 'A') =>
  `300,${date},${values.join(',')},${quality},,,20261101000000,`;

async function openTest(...rows: string[]) {
  const test = await testHouse({ zone: 'Australia/Sydney' });
  const file = ['100,NEM12,202611020000,MDP,RETAILER', ...rows, '900', ''].join('\r\n');
  await call(test, 'POST', '/v1/imports?wait=true', file);
  return test;
}

async function call({ app, authorization }: TestHouse, method: 'GET' | 'POST', url: string, payload?: string) {
  const headers = { authorization: authorization(), ...(payload && { 'content-type': 'application/octet-stream' }) };
  return app.inject({ method, url, headers, ...(payload && { payload }) });
}

describe('gaps of a meter point', () => {
  const channel = `200,${nmi},E1B1,1,E1,,METER1,KWH,480,`;

  it('are what nobody said, what the sender says is missing, and channels that never came', async () => {
    const test = await openTest(
      channel,
      day('20261001', [1, 1, 1]),
      day('20261003', [1, '', 1]),
      day('20261004', [0, 0, 0], 'N'),
      day('20261005', [1, 1, 1]),
    );
    const url = `/v1/meter-points/${nmi}/gaps`;
    const found = (await call(test, 'GET', url)).json();
    expect(found.neverDelivered).toEqual(['B1']);
    expect(found.data).toMatchObject([
      {
        ...{ code: 'E1', expected: 15, received: 8 },
        gaps: [
          { from: '2026-10-02T00:00:00+10:00', to: '2026-10-03T00:00:00+10:00', intervals: 3, why: 'absent' },
          { intervals: 1, why: 'missing' },
          { intervals: 3, why: 'missing' },
        ],
      },
    ]);
    const csv = (await call(test, 'GET', `${url}.csv`)).body;
    expect(csv.split('\r\n')).toHaveLength(6);
    expect(csv).toContain(`${nmi},B1,,,,never delivered`);
  });

  it('are told as they were known at a time', async () => {
    const test = await openTest(channel, day('20261001', [1, 1, 1]), day('20261003', [1, 1, 1]));
    test.clock.advance(3_600_000);
    const then = new Date(test.clock.now() - 60_000).toISOString();
    const before = new Date(test.clock.now() - 86_400_000).toISOString();
    const file = ['100,NEM12,202611020000,MDP,RETAILER', channel, day('20261002', [1, 1, 1]), '900', ''].join('\r\n');
    await call(test, 'POST', '/v1/imports?wait=true', file);
    const gapsAt = async (query: string) =>
      (await call(test, 'GET', `/v1/meter-points/${nmi}/gaps${query}`))
        .json()
        .data.map(({ code, gaps }: { code: string; gaps: object[] }) => [code, gaps.length]);
    expect(await gapsAt('')).toEqual([['E1', 0]]);
    expect(await gapsAt(`?as_known_at=${then}`)).toEqual([['E1', 1]]);
    expect((await call(test, 'GET', `/v1/meter-points/${nmi}/gaps?as_known_at=${before}`)).json()).toMatchObject({
      neverDelivered: ['E1', 'B1'],
    });
    const csv = (await call(test, 'GET', `/v1/meter-points/${nmi}/gaps.csv?as_known_at=${then}`)).body;
    expect(csv).toContain('2026-10-02T00:00:00+10:00');
  });

  it('are found in five minutes where a channel went over to these (N12-10), in the shortest intervals of the period', async () => {
    const [half, five] = [30, 5].map(minutes => `200,${nmi},E1,1,E1,,METER1,KWH,${minutes},`);
    const halves = Array.from({ length: 48 }, () => 1);
    const fives = Array.from({ length: 288 }, (_, slot): number | '' => (slot === 100 ? '' : 1));
    const test = await openTest(half!, day('20261001', halves), five!, day('20261002', fives));
    const gaps = async (query = '') => (await call(test, 'GET', `/v1/meter-points/${nmi}/gaps${query}`)).json().data;
    expect(await gaps()).toMatchObject([
      {
        ...{ intervalMinutes: 5, expected: 576, received: 575 },
        gaps: [{ from: '2026-10-02T08:20:00+10:00', to: '2026-10-02T08:25:00+10:00', intervals: 1 }],
        days: [{ day: '2026-10-02', expected: 288, received: 287 }],
      },
    ]);
    expect(await gaps('?from=2026-10-01&to=2026-10-02')).toMatchObject([
      { intervalMinutes: 30, expected: 48, received: 48, gaps: [] },
    ]);
    const listed = await call(test, 'GET', `/v1/meter-points/${nmi}/readings?from=2026-10-01T23:30:00&limit=2`);
    expect(listed.json().data).toMatchObject([
      { start: '2026-10-01T13:30:00Z', end: '2026-10-01T14:00:00Z' },
      { start: '2026-10-01T14:00:00Z', end: '2026-10-01T14:05:00Z' },
    ]);
  });

  it('are counted on local days, which have 46 half-hours when the clocks go forward', async () => {
    const half = `200,${nmi},E1,1,E1,,METER1,KWH,30,`;
    const whole = Array.from({ length: 48 }, () => 1);
    const test = await openTest(half, day('20261001', whole), day('20261010', whole));
    const [{ days }] = (await call(test, 'GET', `/v1/meter-points/${nmi}/gaps`)).json().data;
    expect(days).toContainEqual({ day: '2026-10-04', expected: 46, received: 0 });
    expect(days).toContainEqual({ day: '2026-10-03', expected: 48, received: 0 });
  });

  it('of asked bounds end now, and what is estimated ahead is no gap', async () => {
    const test = await openTest(channel, day('20261120', [1, 1, 1]), day('20261122', [1, 1, 1], 'E52'));
    const query = 'from=2026-11-20T00:00:00%2B10:00&to=2026-12-01T00:00:00%2B10:00';
    const [{ gaps, ahead }] = (await call(test, 'GET', `/v1/meter-points/${nmi}/gaps?${query}`)).json().data;
    // Now is 20:10 on the 21st of that clock: two of its three intervals are over.
    expect(gaps).toMatchObject([{ intervals: 2, why: 'absent' }]);
    expect(ahead).toBe(3);
    expect((await call(test, 'GET', `/v1/meter-points/${nmi}/gaps?from=x`)).json()).toMatchObject({
      code: 'timestamp-invalid',
    });
  });

  it.each([
    ['to=2026-09-01', '2026-09-01T00:00:00+10:00'],
    ['from=2026-11-01', '2026-11-01T00:00:00+11:00'],
  ])(
    'with one bound, %s, beyond all readings are of no time, and never of one that ends before it begins',
    async (query, bound) => {
      const test = await openTest(channel, day('20261001', [1, 1, 1]));
      const found = (await call(test, 'GET', `/v1/meter-points/${nmi}/gaps?${query}`)).json();
      expect(found).toMatchObject({ from: bound, to: bound, data: [{ expected: 0, gaps: [] }] });
    },
  );

  it.each([
    // Half-hours begin at :15 and :45 UTC, hours at :30: the one that runs is not over on the hour of UTC.
    ['Asia/Kathmandu', 30, '2026-11-21T04:15:00Z', '2026-11-21T05:05:00Z', '2026-11-21T04:45:00Z', []],
    ['Asia/Kathmandu', 30, '2026-11-21T04:15:00Z', '2026-11-21T05:15:00Z', '2026-11-21T05:15:00Z', [1]],
    ['America/St_Johns', 60, '2026-11-21T04:30:00Z', '2026-11-21T06:10:00Z', '2026-11-21T05:30:00Z', []],
    ['America/St_Johns', 60, undefined, '2026-11-21T06:10:00Z', '2026-11-21T05:30:00Z', [2]],
  ])(
    'in %s end with the last interval that is over on its own grid: %i minutes, %s, at %s',
    async (zone, intervalMinutes, start, at, over, missed) => {
      const test = await testHouse({ zone, at });
      const authorization = test.authorization();
      const series = [{ kind: 'channel', code: 'E1', flow: 'from-grid', intervalMinutes }];
      const send = (url: string, payload: object) =>
        test.app.inject({ method: 'POST', url, headers: { authorization }, payload });
      await send('/v1/meter-points', { identifier: 'm-1', series });
      if (start) await send('/v1/readings', { meterPoint: 'm-1', start, energy: '1' });
      const url = `/v1/meter-points/m-1/gaps?from=${start ?? '2026-11-21T03:30:00Z'}&to=2026-11-22`;
      const [{ gaps }] = (await call(test, 'GET', url)).json().data;
      expect(gaps.map(({ intervals }: { intervals: number }) => intervals)).toEqual(missed);
      for (const { to } of gaps) expect(Date.parse(to)).toBe(Date.parse(over));
    },
  );
});
