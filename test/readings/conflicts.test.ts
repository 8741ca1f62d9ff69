import { describe, expect, it } from 'vitest';
import type { Series } from '../../src/accounts/meter-point.ts';
import { decide } from '../../src/readings/decide.ts';
import type { Reading } from '../../src/readings/reading.ts';
import { formatDecision } from '../../src/readings/write-records.ts';
import { instant, instantOfMs, type Zone } from '../../src/units/time.ts';
import { type TestHouse, testFolder, testHouse } from '../open-house.ts';
import { d0010File } from '../trade-files.ts';
import { midnight, readingAt } from './books.ts';

async function openTest(home = testFolder()) {
  const test = await testHouse({ home });
  const { house, app } = test;
  const authorization = test.authorization();
  const call = async (method: 'GET' | 'POST', url: string, payload?: object) => {
    const answer = await app.inject({ method, url, headers: { authorization }, ...(payload && { payload }) });
    return answer.json();
  };
  const post = (start: string, energy: string) => call('POST', '/v1/readings', { meterPoint: 'm-1', start, energy });
  return { ...test, house, call, post };
}

async function withConflicts() {
  const test = await openTest();
  const { house, post } = test;
  house.meterPoints.addWithSeries(
    { identifier: 'm-1', address: '', zone: 'UTC' as Zone, origin: 'registered' },
    [{ kind: 'channel', code: 'E1', flow: 'from-grid', intervalMinutes: 30 }],
    0,
  );
  for (const start of ['2026-11-20T10:00:00Z', '2026-11-20T10:30:00Z']) {
    expect(await post(start, '1')).toEqual({ verdict: 'accepted' });
    expect(await post(start, '2')).toMatchObject({ code: 'reading-conflict' });
  }
  expect(house.meterPoints.allSeries.list()).toHaveLength(1);
  return test;
}

describe('conflicts', () => {
  it('are listed with what is current, decided once, and stay in the history', async () => {
    const { call, clock } = await withConflicts();
    const { data } = await call('GET', '/v1/conflicts');
    expect(data).toMatchObject([
      { meterPoint: 'm-1', reading: { value: '2' }, current: [{ at: '2026-11-20T10:30:00Z', value: '1' }] },
      { reading: { at: '2026-11-20T10:00:00Z', value: '2' } },
    ]);
    clock.advance(60_000);
    const [later, earlier] = data as { id: string }[];
    const decide = (id: string, decision: string) => call('POST', `/v1/conflicts/${id}/decide`, { decision });
    expect(await decide(earlier!.id, 'take')).toMatchObject({ current: { value: '2' } });
    expect(await decide(later!.id, 'keep')).toMatchObject({ current: { value: '1' } });
    expect((await call('GET', '/v1/conflicts')).data).toEqual([]);
    expect(await decide(earlier!.id, 'take')).toMatchObject({ current: { value: '2' } });
    expect(await decide(earlier!.id, 'keep')).toMatchObject({ code: 'conflict-decided' });
    expect(await decide('1.2.3.4.5.30.6', 'keep')).toMatchObject({ code: 'conflict-unknown' });
    expect(await decide('nonsense', 'keep')).toMatchObject({ code: 'conflict-unknown' });
    const readings = (await call('GET', '/v1/meter-points/m-1/readings')).data;
    expect(readings).toMatchObject([
      { energy: '2', versions: [{ energy: '1', outcome: 'superseded' }] },
      { energy: '1', versions: [{ energy: '2', outcome: 'declined' }] },
    ]);
    const before = (await call('GET', '/v1/meter-points/m-1/readings?as_known_at=2026-11-21T10:10:30Z')).data;
    expect(before).toMatchObject([
      { energy: '1', versions: [{ energy: '2', outcome: 'conflict' }] },
      { energy: '1', versions: [{ energy: '2', outcome: 'conflict' }] },
    ]);
    expect((await call('GET', '/v1/meter-points/m-1/readings?as_known_at=2026-11-21T10:09:59Z')).data).toEqual([]);
    const used = async (query: string) => {
      const asked = `from=2026-11-20T00:00:00Z&to=2026-11-21T00:00:00Z${query}`;
      return (await call('GET', `/v1/meter-points/m-1/consumption?${asked}`)).data[0].knownEnergy;
    };
    expect([await used(''), await used('&as_known_at=2026-11-21T10:10:30Z')]).toEqual(['3', '2']);
    expect(await used('&as_known_at=2026-11-21T10:09:59Z')).toBeNull();
  });

  it('are settled by a newer version of the same interval', async () => {
    const { call, house } = await withConflicts();
    const [series] = house.meterPoints.allSeries.list();
    const at = Date.parse('2026-11-20T10:00:00Z') / 1000;
    const now = instantOfMs(house.clock.now());
    const [settled] = (await call('GET', '/v1/conflicts')).data.slice(-1);
    const { outcome } = decide(house, series!, readingAt(at, 3_000_000, { versionAt: now }), now);
    expect(outcome).toBe('revised');
    expect((await call('GET', '/v1/conflicts')).data).toMatchObject([{ reading: { at: '2026-11-20T10:30:00Z' } }]);
    const take = call('POST', `/v1/conflicts/${settled.id}/decide`, { decision: 'take' });
    expect(await take).toMatchObject({ code: 'conflict-decided' });
  });

  it('are listed once where an undo took them away and reading their file again brought them back', async () => {
    const test = await openTest();
    const { house, clock, call } = test;
    const headers = { authorization: test.authorization(), 'content-type': 'application/octet-stream' };
    const take = async (payload: string): Promise<{ id: number }> => {
      clock.advance(60_000);
      const answer = await test.app.inject({ method: 'POST', url: '/v1/imports?wait=true', headers, payload });
      return answer.json().imports[0];
    };
    const first = await take(d0010File('10.0'));
    const saysTwo = d0010File('30.0', '20.0').replace('20160302153151', '20160303153151');
    await take(saysTwo.replace('20160223000000', '20160222000000'));
    const [before] = (await call('GET', '/v1/conflicts')).data;
    clock.advance(60_000);
    await house.importUndos.undo(first.id, 'test');
    const { data } = await call('GET', '/v1/conflicts');
    expect(data).toMatchObject([{ id: before.id, reading: { value: '20' }, current: [{ value: '30' }] }]);
    clock.advance(60_000);
    expect(await call('POST', `/v1/conflicts/${before.id}/decide`, { decision: 'keep' })).toMatchObject({
      current: { value: '30' },
    });
    expect((await call('GET', '/v1/conflicts')).data).toEqual([]);
  });

  it('that were decided are decided after a restart, be it out of the store or out of the journal', async () => {
    const first = await withConflicts();
    const { data } = await first.call('GET', '/v1/conflicts?meter_point=m-1&limit=1');
    await first.call('POST', `/v1/conflicts/${data[0].id}/decide`, { decision: 'take', reason: 'read again on site' });
    await first.close();
    const second = await openTest(first.home);
    const open = (await second.call('GET', '/v1/conflicts?limit=1')).data;
    expect(open).toHaveLength(1);
    expect(open[0].id).not.toBe(data[0].id);
    expect(second.house.access.audit.list({ search: 'conflict.decide', limit: 9 })).toMatchObject([
      { detail: { decision: 'take', reason: 'read again on site' } },
    ]);
    // A decided conflict that is sent again is known.
    await second.post('2026-11-20T10:30:00Z', '1');
    expect((await second.call('GET', '/v1/conflicts')).data).toHaveLength(1);
  });

  it.each([
    [
      'decided for',
      (house: TestHouse['house'], series: Series, first: Reading) => {
        decide(house, series, first, midnight);
        const decision = {
          seriesId: series.id,
          reading: first,
          receivedAt: midnight,
          decidedAt: midnight + 60,
          takes: true,
        };
        house.journal.append(formatDecision(decision));
        house.index.decideConflict(decision);
      },
    ],
    [
      'newer',
      (house: TestHouse['house'], series: Series, first: Reading) => {
        decide(house, series, { ...first, versionAt: 1 }, midnight + 60);
      },
    ],
  ])(
    'over minutes of an hour whose first half is %s: what stood beside the second half is current',
    async (_why, replace) => {
      const first = await openTest();
      const { house } = first;
      house.meterPoints.addWithSeries(
        { identifier: 'm-1', address: '', zone: 'UTC' as Zone, origin: 'registered' },
        [{ kind: 'channel', code: 'E1', flow: 'from-grid', intervalMinutes: 30 }],
        0,
      );
      const [channel] = house.meterPoints.allSeries.list();
      const half = (slot: number, value: number) => readingAt(midnight - 7200 + slot * 1800, value, { minutes: 30 });
      decide(house, channel!, { ...half(0, 5), minutes: 60 }, midnight);
      decide(house, channel!, half(1, 3), midnight);
      decide(house, channel!, half(1, 4), midnight);
      replace(house, channel!, half(0, 2));
      const current = ({ house: { index } }: typeof first) =>
        index.list(channel!.id, instant(0), instant(1e10)).map(({ value, minutes }) => [value, minutes]);
      expect(current(first)).toEqual([
        [2, 30],
        [3, 30],
      ]);
      // The other one contradicts that.
      expect((await first.call('GET', '/v1/conflicts')).data).toMatchObject([{ reading: { value: '0.000004' } }]);
      await first.close();
      const second = await openTest(first.home);
      expect(current(second)).toEqual([
        [2, 30],
        [3, 30],
      ]);
      expect((await second.call('GET', '/v1/conflicts')).data).toHaveLength(1);
    },
  );
});
