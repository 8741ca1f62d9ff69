import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { groupEnergy } from '../../src/consumption/group-energy.ts';
import { type Month, monthPeriod, type Zone } from '../../src/units/time.ts';
import { type TestHouse, testHouse } from '../open-house.ts';

const zone = 'Australia/Adelaide' as Zone;
/** A Wednesday, 15:10 on the wall clock. */
const wednesday = '2026-11-18T15:10:00+10:30';

let test: TestHouse;
let key: string;

beforeEach(async () => {
  test = await testHouse({ at: wednesday, zone });
  key = test.authorization();
  await post('/v1/meter-points', { identifier: 'r-1' });
  const channel = { kind: 'channel', code: 'E1', flow: 'from-grid', intervalMinutes: 30 };
  await post('/v1/meter-points', { identifier: 'c-1', series: [channel] });
});

async function post(url: string, payload: object) {
  const answer = await test.app.inject({ method: 'POST', url, headers: { authorization: key }, payload });
  expect(answer.statusCode).toBeLessThan(300);
  return answer.json<{ accepted?: number }>();
}

async function registers(...values: [at: string, value: string][]) {
  const sent = values.map(([at, value]) => ({ meterPoint: 'r-1', at, value }));
  expect(await post('/v1/readings', sent)).toMatchObject({ accepted: sent.length });
}

/** Half-hours of 0.1, 0.2 … kWh from `start` on; null leaves one out. */
async function intervals(start: string, energies: (string | null)[], quality = 'actual') {
  const first = Date.parse(start) / 1000;
  const sent = energies.flatMap((energy, at) =>
    energy === null ? [] : [{ meterPoint: 'c-1', channel: 'E1', start: first + at * 1800, energy, quality }],
  );
  expect(await post('/v1/readings', sent)).toMatchObject({ accepted: sent.length });
}

interface Group {
  start: string;
  end: string;
  energy: string | null;
  knownEnergy: string | null;
  missing: number;
  qualities: Record<string, number>;
  estimatedShare: string | null;
}
interface Answer {
  status: number;
  body: { code?: string; zone?: string; data: (Group & { startValue: string | null; groups: Group[] })[] };
}

async function consumption(meterPoint: string, query: Record<string, string>): Promise<Answer> {
  const url = `/v1/meter-points/${meterPoint}/consumption`;
  const answer = await test.app.inject({ url, query, headers: { authorization: key } });
  return { status: answer.statusCode, body: answer.json() };
}

describe('GET /v1/meter-points/:id/consumption', () => {
  it('shows a gap as null and never as 0, with what is known beside it', async () => {
    await intervals('2026-11-17T00:00:00+10:30', ['0.1', '0.2', null, '0', '0.5']);
    const query = { from: '2026-11-17T00:00:00', to: '2026-11-17T03:00:00' };
    const byInterval = await consumption('c-1', { ...query, group: 'interval' });
    expect(byInterval.body.data[0]!.groups.map(({ energy }) => energy)).toEqual(['0.1', '0.2', null, '0', '0.5', null]);
    const byHour = await consumption('c-1', { ...query, group: 'hour' });
    expect(byHour.body.data[0]!.groups).toMatchObject([
      { start: '2026-11-17T00:00:00+10:30', end: '2026-11-17T01:00:00+10:30', energy: '0.3', missing: 0 },
      { energy: null, knownEnergy: '0', missing: 1, qualities: { missing: 1, actual: 1 } },
      { energy: null, knownEnergy: '0.5', missing: 1 },
    ]);
    expect(byHour.body.data[0]).toMatchObject({ energy: null, knownEnergy: '0.8', missing: 2, estimatedShare: '0' });
    const before = await consumption('c-1', { from: '2026-11-16T00:00:00', to: '2026-11-17T00:00:00' });
    expect(before.body.data[0]!.groups).toMatchObject([{ energy: null, knownEnergy: null, estimatedShare: null }]);
  });

  it('says which part is estimated', async () => {
    await intervals('2026-11-17T00:00:00+10:30', ['0.1', '0.2']);
    await intervals('2026-11-17T01:00:00+10:30', ['0.3', '0.3'], 'estimated');
    const answer = await consumption('c-1', { from: '2026-11-17T00:00:00', to: '2026-11-17T02:00:00', group: 'hour' });
    expect(answer.body.data[0]).toMatchObject({
      energy: '0.9',
      qualities: { actual: 2, estimated: 2 },
      estimatedShare: '0.6666',
      groups: [{ estimatedShare: '0' }, { estimatedShare: '1' }],
    });
  });

  it('counts the reading at midnight to both days, so that days add up to the register', async () => {
    await registers(
      ['2026-11-15T00:00:00', '100'],
      ['2026-11-16T00:00:00', '110.5'],
      ['2026-11-17T00:00:00', '111'],
      ['2026-11-18T00:00:00', '120'],
    );
    const answer = await consumption('r-1', { from: '2026-11-15T00:00:00', to: '2026-11-18T00:00:00', group: 'day' });
    expect(answer.body.data[0]).toMatchObject({
      kind: 'register',
      startValue: '100',
      endValue: '120',
      energy: '20',
      groups: [{ energy: '10.5' }, { energy: '0.5' }, { energy: '9' }],
    });
    // A day read at its ends only: its sum is metered, how it is spread over the day is not.
    expect(answer.body.data[0]!.estimatedShare).toBe('1');
  });

  it.each([
    // A day of 25 hours, one of 23, and Adelaide's half-hour offset towards UTC.
    ['2026-04-05', 50, '2026-04-05T00:00:00+10:30', '2026-04-06T00:00:00+09:30'],
    ['2026-10-04', 46, '2026-10-04T00:00:00+09:30', '2026-10-05T00:00:00+10:30'],
  ])('%s has %i half-hours and is one day', async (day, count, start, end) => {
    await intervals(
      start,
      Array.from({ length: count }, () => '0.5'),
    );
    const query = { from: start, to: end };
    const byDay = await consumption('c-1', { ...query, group: 'day' });
    expect(byDay.body.data[0]!.groups).toMatchObject([{ start, end, energy: String(count / 2), intervals: count }]);
    const byHour = await consumption('c-1', { ...query, group: 'hour' });
    expect(byHour.body.data[0]!.groups.map(({ energy }) => energy)).toEqual(Array(count / 2).fill('1'));
    expect(day).toBe(start.slice(0, 10));
  });

  it('groups in the zone asked for, and in that of the meter point otherwise', async () => {
    await intervals('2026-11-16T23:30:00Z', ['1', '2']);
    const query = { from: '2026-11-16T23:30:00Z', to: '2026-11-17T00:30:00Z', group: 'day' };
    expect((await consumption('c-1', { ...query, tz: 'UTC' })).body.data[0]!.groups).toMatchObject([
      { start: '2026-11-16T23:30:00+00:00', end: '2026-11-17T00:00:00+00:00', energy: '1' },
      { energy: '2' },
    ]);
    const local = await consumption('c-1', query);
    expect(local.body.zone).toBe(zone);
    expect(local.body.data[0]!.groups).toMatchObject([{ start: '2026-11-17T10:00:00+10:30', energy: '3' }]);
    expect(await consumption('c-1', { ...query, tz: 'Nowhere/Town' })).toMatchObject({ status: 422 });
  });

  it.each([
    ['last_30min', 'last_half_hour'],
    ['today', 'today'],
    ['this_week', 'week'],
    ['this_month', 'month'],
    ['last_month', 'last_month'],
  ])('P0-13 knows %s as %s too, here and at /get_consumption', async (name, alias) => {
    await registers(
      ['2026-10-01T00:00:00', '1'],
      ['2026-11-01T00:00:00', '50'],
      ['2026-11-16T00:00:00', '60'],
      ['2026-11-18T00:00:00', '70'],
      ['2026-11-18T14:30:00', '80'],
      ['2026-11-18T15:00:00', '81'],
    );
    const shown = await consumption('r-1', { period: alias });
    expect(shown.status).toBe(200);
    expect(shown).toEqual(await consumption('r-1', { period: name }));
    const ask = (period: string) =>
      test.app.inject({ url: '/get_consumption', query: { meter_id: 'r-1', period }, headers: { authorization: key } });
    const [one, other] = [await ask(name), await ask(alias)];
    expect(one.statusCode).toBe(200);
    expect(other.json()).toEqual({ ...one.json<object>(), period: alias });
  });

  it('ends a period that still runs with the last half-hour that is over: what is not over is no gap', async () => {
    await registers(['2026-11-18T00:00:00', '70'], ['2026-11-18T15:00:00', '85']);
    const { body } = await consumption('r-1', { period: 'today', group: 'day' });
    expect(body.data[0]).toMatchObject({ energy: '15', end: '2026-11-18T15:00:00+10:30', missing: 0 });
  });

  it.each([
    ['2026-11-18T15:40:00+10:30', '2', '2026-11-18T15:00:00+10:30'],
    ['2026-11-18T16:00:00+10:30', null, '2026-11-18T16:00:00+10:30'],
    ['2026-11-19T00:40:00+10:30', null, '2026-11-19T00:00:00+10:30'],
  ])('ends it at %s with the last hour that is over where a channel measures by the hour', async (now, energy, end) => {
    const channel = { kind: 'channel', code: 'E1', flow: 'from-grid', intervalMinutes: 60 };
    await post('/v1/meter-points', { identifier: 'h-1', series: [channel] });
    const midnight = Date.parse('2026-11-18T00:00:00+10:30') / 1000;
    await post(
      '/v1/readings',
      Array.from({ length: 15 }, (_, hour) => ({
        meterPoint: 'h-1',
        start: midnight + hour * 3600,
        energy: hour < 13 ? '0' : '1',
      })),
    );
    test.clock.advance(Date.parse(now) - test.clock.now());
    for (const period of ['today', 'this_week', 'this_month']) {
      const { status, body } = await consumption('h-1', { period, group: 'month' });
      expect({ status, end: body.data[0]?.end }).toEqual({ status: 200, end });
      if (period === 'today') expect(body.data[0]).toMatchObject({ energy });
    }
    expect(await consumption('h-1', { period: 'last_30min' })).toMatchObject({ body: { code: 'period-invalid' } });
  });

  it.each([
    ['no period', {}, 'period-invalid'],
    ['both kinds of period', { period: 'today', from: '2026-11-01T00:00:00' }, 'period-invalid'],
    ['one bound', { from: '2026-11-01T00:00:00' }, 'period-invalid'],
    ['a period that is none', { period: 'yesteryear' }, 'period-unknown'],
    ['__proto__', { period: '__proto__' }, 'period-unknown'],
    ['from after to', { from: '2026-11-02T00:00:00', to: '2026-11-01T00:00:00' }, 'period-invalid'],
    ['no time', { from: 'soon', to: '2026-11-01T00:00:00' }, 'timestamp-invalid'],
    ['a bound inside an interval', { from: '2026-11-01T00:10:00', to: '2026-11-02T00:00:00' }, 'period-invalid'],
    ['fifty years', { from: '1976-11-01T00:00:00', to: '2026-11-02T00:00:00' }, 'period-invalid'],
    ['a long list', { from: '2020-01-01T00:00:00', to: '2026-01-01T00:00:00', group: 'interval' }, 'period-invalid'],
    ['an unknown parameter', { period: 'today', colour: 'red' }, 'query-unknown'],
  ] as [string, Record<string, string>, string][])('refuses %s', async (_what, query, code) => {
    expect(await consumption('c-1', query)).toMatchObject({ body: { code } });
  });

  it('needs a key that may read, and a meter point that is there', async () => {
    const url = '/v1/meter-points/c-1/consumption?period=today';
    expect((await test.app.inject({ url })).statusCode).toBe(401);
    expect(await consumption('nobody', { period: 'today' })).toMatchObject({ status: 404 });
  });
});

describe('grouping', () => {
  it('loses no interval and counts none twice, in any zone, month and grouping', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('Europe/London', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'America/St_Johns', 'UTC'),
        fc.integer({ min: 1, max: 12 }),
        fc.constantFrom('interval', 'hour', 'day', 'month'),
        fc.constantFrom(300, 900, 1800),
        (zoneName, month, grouping, stepSeconds) => {
          const inZone = zoneName as Zone;
          const { from, to } = monthPeriod(`2026-${String(month).padStart(2, '0')}` as Month, inZone);
          const slots = (to - from) / stepSeconds;
          const energy = Float64Array.from({ length: slots }, (_, at) => at + 1);
          const series = { from, stepSeconds, energy, quality: new Uint8Array(slots) };
          const groups = groupEnergy(series, to, grouping as 'hour', inZone);
          expect(groups.reduce((sum, group) => sum + group.intervals, 0)).toBe(slots);
          expect(groups.reduce((sum, group) => sum + group.energy!, 0)).toBe((slots * (slots + 1)) / 2);
          expect(groups[0]!.from).toBe(from);
          expect(groups.at(-1)!.to).toBe(to);
          const follows = groups.every(
            (group, at) => group.to > group.from && (at === 0 || group.from === groups[at - 1]!.to),
          );
          expect(follows).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });
});
