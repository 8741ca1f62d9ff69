import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { DayTotals } from '../../src/consumption/day-totals.ts';
import { pointsOf, type Usage, UsageAnalysis, type UsageQuestion } from '../../src/consumption/usage-analysis.ts';
import { flushHouse } from '../../src/house.ts';
import { formatKwh } from '../../src/units/energy.ts';
import { type Day, instant, parseZone, startOfDay } from '../../src/units/time.ts';
import { type TestHouse, testHouse } from '../open-house.ts';

const zone = parseZone('Australia/Adelaide')!;
let test: TestHouse;
let analysis: UsageAnalysis;

beforeEach(async () => {
  test = await testHouse({ zone, at: '2026-11-21T10:10:00Z' });
  const { meterPoints, consumption, index } = test.house;
  analysis = new UsageAnalysis({ meterPoints, index, days: new DayTotals(consumption, index) });
});

async function post(url: string, payload: object) {
  const headers = { authorization: test.authorization() };
  const answer = await test.app.inject({ method: 'POST', url, headers, payload });
  expect(answer.statusCode).toBeLessThan(300);
  return answer.json<{ accepted: number }>();
}

async function meterPoint(identifier: string, region = '', dwellingType = '', flow = 'from-grid') {
  const series = flow === '' ? [] : [{ kind: 'channel', code: flow === 'to-grid' ? 'B1' : 'E1', flow }];
  await post('/v1/meter-points', { identifier, region, dwellingType, series });
}

/** Half-hours of the local days from `from` to `to`, not included, of the same energy. */
async function halfHours(identifier: string, from: string, to: string, energy: string) {
  const [start, end] = [startOfDay(from as Day, zone), startOfDay(to as Day, zone)];
  const readings = Array.from({ length: (end - start) / 1800 }, (_, slot) => ({
    ...{ meterPoint: identifier, energy, start: start + slot * 1800 },
  }));
  expect(await post('/v1/readings', readings)).toMatchObject({ accepted: readings.length });
}

const ask = (question: Partial<UsageQuestion>) => {
  const range = { from: '2026-09-01' as Day, to: '2026-12-01' as Day };
  return analysis.answer({ ...range, group: 'month', filter: {}, by: 'region', ...question });
};
const line = async (question: Partial<UsageQuestion> = {}, flow = 'from-grid') =>
  (await ask(question)).points.map(({ energy }) => {
    const here = energy[flow as 'from-grid'];
    return here === undefined ? '—' : formatKwh(here);
  });

describe('usage of many meter points', () => {
  it('P0-14 is summed by day, month, quarter and year of each meter point’s own calendar, clock changes and all', async () => {
    await meterPoint('m-1');
    // The clock goes forward on 4 October: 46 half-hours.
    await halfHours('m-1', '2026-09-29', '2026-10-06', '0.5');
    expect(await line()).toEqual(['48', '119', '—']);
    expect(await line({ group: 'quarter' })).toEqual(['48', '119']);
    expect(await line({ group: 'year' })).toEqual(['167']);
    expect(await line({ group: 'day', from: '2026-10-03' as Day, to: '2026-10-07' as Day })).toEqual([
      '24',
      '23',
      '24',
      '—',
    ]);
  });

  it('P0-14 has shares by region and by type of dwelling, with what was not told as one of them', async () => {
    await meterPoint('m-1', 'Central', 'shop');
    await meterPoint('m-2', 'Central', '4-room');
    await meterPoint('m-3', '', 'shop');
    for (const identifier of ['m-1', 'm-2', 'm-3']) await halfHours(identifier, '2026-10-01', '2026-10-03', '1');
    const shown = async (by: 'region' | 'dwellingType') =>
      (await ask({ by })).shares.map(({ name, energy, meterPoints }) => `${name} ${formatKwh(energy)} ${meterPoints}`);
    expect(await shown('region')).toEqual(['Central 192 2', ' 96 1']);
    expect(await shown('dwellingType')).toEqual(['shop 192 2', '4-room 96 1']);
  });

  it('P0-17 is of what fits meter id, region, type of dwelling and days, all of them', async () => {
    await meterPoint('m-1', 'Central', 'shop');
    await meterPoint('m-2', 'Central', '4-room');
    await meterPoint('n-3', 'Central', 'shop');
    for (const identifier of ['m-1', 'm-2', 'n-3']) await halfHours(identifier, '2026-10-01', '2026-10-03', '1');
    expect(await line({ filter: { region: 'Central' } })).toEqual(['—', '288', '—']);
    expect(await line({ filter: { region: 'Central', dwellingType: 'shop' } })).toEqual(['—', '192', '—']);
    expect(await line({ filter: { search: 'm-', dwellingType: 'shop' }, from: '2026-10-02' as Day })).toEqual([
      '48',
      '—',
    ]);
    expect(await line({ filter: { region: 'North' } })).toEqual(['—', '—', '—']);
  });

  it('is right again after late readings, before and after a flush, and after maintenance packed the month', async () => {
    await meterPoint('m-1');
    await halfHours('m-1', '2026-10-01', '2026-10-02', '1');
    expect(await line()).toEqual(['—', '48', '—']);
    await halfHours('m-1', '2026-10-10', '2026-10-11', '1');
    expect(await line()).toEqual(['—', '96', '—']);
    await flushHouse(test.house);
    await halfHours('m-1', '2026-10-20', '2026-10-21', '1');
    await flushHouse(test.house);
    expect(await line()).toEqual(['—', '144', '—']);
    await test.house.maintenance.start(['daily', 'monthly'], 'test');
    await halfHours('m-1', '2026-10-02', '2026-10-03', '1');
    expect(await line()).toEqual(['—', '192', '—']);
  });

  it('P0-16 takes the usage of a register from its readings: spread over a gap, and worked out again when the gap is filled', async () => {
    await meterPoint('r-1', '', '', '');
    const read = (at: string, value: string) => post('/v1/readings', { meterPoint: 'r-1', at, value });
    await read('2026-10-01T00:00:00', '100');
    expect(await line()).toEqual(['—', '—', '—']);
    await read('2026-11-21T00:00:00', '151');
    expect(await line({ group: 'year' })).toEqual(['51']);
    await read('2026-11-01T00:00:00', '101');
    expect(await line()).toEqual(['—', '1', '50']);
  });

  it('counts days of which a part is missing', async () => {
    await meterPoint('m-1');
    await halfHours('m-1', '2026-10-01', '2026-10-03', '1');
    await post('/v1/readings', [{ meterPoint: 'm-1', energy: '1', start: startOfDay('2026-10-04' as Day, zone) }]);
    expect(await ask({})).toMatchObject({ partDays: 1, meterPoints: 1 });
  });

  it('sums to the same, day by day, as the consumption of each meter point, whatever came in whatever order', async () => {
    await meterPoint('m-1');
    await meterPoint('r-1', '', '', '');
    const { house } = test;
    let value = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 9 }), async (day, energy) => {
        const from = new Date(Date.UTC(2026, 8, 20 + day)).toISOString().slice(0, 10);
        const start = startOfDay(from as Day, zone) + (energy % 3) * 1800;
        value += energy;
        const at = new Date(Date.UTC(2026, 8, 10, value)).toISOString();
        await test.app.inject({
          ...{ method: 'POST', url: '/v1/readings', headers: { authorization: test.authorization() } },
          payload: [
            { meterPoint: 'm-1', start, energy: String(energy) },
            { meterPoint: 'r-1', at, value: String(value) },
          ],
        });
        const shown = (await ask({ group: 'day' })).points;
        for (const { from: first, to, energy: sum } of shown) {
          const period = { from: startOfDay(first, zone), to: startOfDay(to, zone) };
          const known = ['m-1', 'r-1'].flatMap(id =>
            house.consumption
              .energyOf(house.meterPoints.get(id).id, period)
              .flatMap(measured => [...measured.energy.energy].filter(each => !Number.isNaN(each))),
          );
          const expected = known.length === 0 ? undefined : known.reduce((all, each) => all + each, 0);
          expect([first, sum['from-grid']]).toEqual([first, expected]);
        }
      }),
      { numRuns: 12 },
    );
  });
});

describe('usage as it was known', () => {
  it('is the answer that was given then, over more days than are worked out at once, by the multipliers of then', async () => {
    const year = { from: '2026-01-01' as Day, to: '2026-12-01' as Day, group: 'day' } as const;
    const given = new Map<number, Usage>();
    const note = async () => {
      given.set(test.clock.now() / 1000, await ask(year));
      test.clock.advance(60_000);
    };
    await meterPoint('m-1', 'Central');
    await meterPoint('r-1', 'North', '', '');
    await note();
    await halfHours('m-1', '2026-02-27', '2026-03-01', '1');
    await halfHours('m-1', '2026-09-30', '2026-10-06', '0.25');
    for (const [at, value] of [
      ['2026-01-10T00:00:00', '10'],
      ['2026-08-01T12:00:00', '100'],
    ])
      await post('/v1/readings', { meterPoint: 'r-1', at, value });
    await note();
    const register = { register: '1', from: '2026-01-01', multiplier: '40' };
    const headers = { authorization: test.authorization() };
    const [series] = test.house.meterPoints.listSeries(test.house.meterPoints.get('r-1').id);
    const url = '/v1/meter-points/r-1/register-map';
    const payload = { ...register, register: series!.code };
    expect((await test.app.inject({ method: 'PUT', url, headers, payload })).statusCode).toBe(200);
    await note();
    await flushHouse(test.house);
    await post('/v1/readings', { meterPoint: 'r-1', at: '2026-04-01T00:00:00', value: '70' });
    await post('/v1/readings', { meterPoint: 'm-1', start: '2026-10-01T00:00:00', energy: '9' }).catch(() => undefined);
    const [{ id }] = (await test.app.inject({ url: '/v1/conflicts', headers })).json().data;
    await post(`/v1/conflicts/${id}/decide`, { decision: 'take' });
    await note();
    const answers = [...given.values()];
    for (const [at, answer] of answers.entries()) if (at > 0) expect(answer).not.toEqual(answers[at - 1]);
    for (const [at, then] of given) expect(await ask({ ...year, knownAt: instant(at) })).toEqual(then);
  });
});

describe('points of a line', () => {
  it.each([
    ['day', '2026-02-27', '2026-03-02', ['2026-02-27', '2026-02-28', '2026-03-01']],
    ['month', '2026-01-15', '2026-03-02', ['2026-01-15', '2026-02-01', '2026-03-01']],
    ['quarter', '2025-12-31', '2026-04-02', ['2025-12-31', '2026-01-01', '2026-04-01']],
    ['year', '2025-06-01', '2026-02-01', ['2025-06-01', '2026-01-01']],
  ] as const)('by %s from %s to %s begin on %s', (group, from, to, starts) => {
    const points = pointsOf({ from: from as Day, to: to as Day, group });
    expect(points.map(point => point.from)).toEqual(starts);
    expect(points.at(-1)?.to).toBe(to);
  });
});
