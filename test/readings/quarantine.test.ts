import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closeHouse, openHouse } from '../../src/house.ts';
import { type TestHouse, testHouse } from '../open-house.ts';

const unknown = 'meter-point-unknown=quarantine';
const at = (minutes: number) => new Date(Date.parse('2026-11-21T06:00:00Z') + minutes * 60_000).toISOString();

async function call(test: TestHouse, method: 'GET' | 'POST', url: string, payload?: object) {
  const headers = { authorization: test.authorization() };
  const answer = await test.app.inject({ method, url, headers, ...(payload && { payload }) });
  return { status: answer.statusCode, body: JSON.parse(answer.body) };
}

const open = (rules: string, home?: string) =>
  testHouse({ environment: { READING_RULES: rules }, ...(home !== undefined && { home }) });
const readingsOf = async (test: TestHouse, meterPoint: string) =>
  (await call(test, 'GET', `/v1/meter-points/${meterPoint}/readings`)).body.data;
const waiting = async (test: TestHouse) => (await call(test, 'GET', '/v1/quarantine')).body;

/** Ends without a flush: what is in memory is gone. */
async function crash({ house }: TestHouse): Promise<void> {
  house.access.keys.writeUses();
  await house.journal.close();
  house.database.close();
}

describe('readings of a meter point that nobody registered', () => {
  const early = [
    { meterPoint: 'm-new', at: at(0), value: '10' },
    { meterPoint: 'm-new', at: at(30), value: '10.5' },
    // Wall clock of a zone that nobody knows yet.
    { meterPoint: 'm-new', at: '2026-11-21T07:00:00', value: '9' },
  ];

  it('wait, and are let in by themselves when it is registered, once', async () => {
    const test = await open(unknown);
    expect((await call(test, 'POST', '/v1/readings', early)).body).toMatchObject({ quarantined: 3, accepted: 0 });
    expect((await call(test, 'POST', '/v1/readings', early)).body).toMatchObject({ quarantined: 3 });
    expect(await waiting(test)).toMatchObject({ total: 3 });

    const zone = 'Australia/Adelaide';
    expect((await call(test, 'POST', '/v1/meter-points', { identifier: 'm-new', zone })).status).toBe(201);
    await test.house.registrations.idle();
    expect(await waiting(test)).toEqual({ total: 0, data: [] });
    // 07:00 in Adelaide is half past eight in the evening before, in UTC.
    expect((await readingsOf(test, 'm-new')).map((each: { value: string }) => each.value)).toEqual(['9', '10', '10.5']);
    expect((await call(test, 'GET', '/v1/quarantine?state=applied')).body.data).toHaveLength(3);
  });

  it('survive a restart before the flush and after it, and a registration that nobody followed up', async () => {
    const first = await open(unknown);
    await call(first, 'POST', '/v1/readings', early.slice(0, 2));
    await crash(first);
    const second = openHouse({
      config: first.house.config,
      clock: first.clock,
      log: first.house.log,
      onStorageFailure: () => undefined,
    });
    expect(second.quarantine.count({ state: 'waiting' })).toBe(2);
    second.meterPoints.onAdded = () => undefined;
    second.meterPoints.add({ identifier: 'm-new', address: '', zone: second.config.zone, origin: 'registered' }, 1);
    await closeHouse(second);
    const third = await open(unknown, first.home);
    await third.house.registrations.idle();
    expect(await readingsOf(third, 'm-new')).toHaveLength(2);
    expect(third.house.quarantine.count({ state: 'waiting' })).toBe(0);
  });
});

describe('what somebody decides', () => {
  const spike = { meterPoint: 'c-1', start: at(240), energy: '20' };

  async function withSpike(): Promise<{ test: TestHouse; id: number }> {
    const test = await open('spike=quarantine,goes-backwards=quarantine');
    const series = [{ kind: 'channel', code: 'E1', flow: 'from-grid', intervalMinutes: 30 }];
    await call(test, 'POST', '/v1/meter-points', { identifier: 'c-1', series });
    const usual = Array.from({ length: 5 }, (_, day) => ({
      meterPoint: 'c-1',
      start: at(-1440 * (day + 1)),
      energy: '1',
    }));
    expect((await call(test, 'POST', '/v1/readings', usual)).body).toMatchObject({ accepted: 5 });
    expect((await call(test, 'POST', '/v1/readings', spike)).body).toMatchObject({ verdict: 'quarantined' });
    const { data } = await waiting(test);
    return { test, id: data[0].id };
  }

  it('lets it in with a flag, and twice is once', async () => {
    const { test, id } = await withSpike();
    const [one, two] = await Promise.all([
      call(test, 'POST', '/v1/quarantine/apply', { ids: [id] }),
      call(test, 'POST', '/v1/quarantine/apply', { ids: [id] }),
    ]);
    expect(one.body.applied + two.body.applied).toBe(1);
    expect((await call(test, 'POST', '/v1/quarantine/apply', { ids: [id] })).body).toEqual({ applied: 0, waiting: [] });
    const listed = await readingsOf(test, 'c-1');
    expect(listed).toHaveLength(6);
    expect(listed.at(-1)).toMatchObject({ energy: '20', flags: ['spike'] });
    expect((await call(test, 'POST', '/v1/readings', spike)).body).toEqual({ verdict: 'duplicate' });
  });

  it('discards it with a reason that stays, and it cannot be let in any more', async () => {
    const { test, id } = await withSpike();
    expect((await call(test, 'POST', '/v1/quarantine/discard', { ids: [id] })).status).toBe(422);
    const reason = 'a test of the meter';
    expect((await call(test, 'POST', '/v1/quarantine/discard', { all: {}, reason })).body).toEqual({ discarded: 1 });
    expect((await call(test, 'POST', '/v1/quarantine/apply', { ids: [id] })).body).toMatchObject({ applied: 0 });
    const { data } = (await call(test, 'GET', '/v1/quarantine?state=discarded')).body;
    expect(data).toMatchObject([{ id, reason, decidedBy: expect.stringMatching(/^key:/) }]);
    expect(await readingsOf(test, 'c-1')).toHaveLength(5);
    expect(test.house.access.audit.list({ search: 'quarantine', limit: 5 })).toMatchObject([
      { action: 'quarantine.discard', detail: { discarded: 1, reason } },
    ]);
    expect((await call(test, 'POST', '/v1/quarantine/apply', { ids: [id + 1] })).status).toBe(404);
  });

  it('cannot let in what can be no reading: it waits on, and says why', async () => {
    const { test } = await withSpike();
    await call(test, 'POST', '/v1/meter-points', { identifier: 'm-1' });
    await call(test, 'POST', '/v1/readings', { meterPoint: 'm-1', at: at(0), value: '10' });
    const { body } = await call(test, 'POST', '/v1/readings', { meterPoint: 'm-1', at: at(30), value: '9' });
    expect(body).toMatchObject({ verdict: 'quarantined', code: 'reading-goes-backwards' });
    const applied = await call(test, 'POST', '/v1/quarantine/apply', { all: { rule: 'goes-backwards' } });
    expect(applied.body).toMatchObject({
      applied: 0,
      waiting: [{ message: expect.stringContaining('never counts down') }],
    });
    expect(await readingsOf(test, 'm-1')).toHaveLength(1);
  });

  it('stays under the rule that put it aside, when another one has the same code', async () => {
    const test = await open('negative-value=quarantine');
    await call(test, 'POST', '/v1/meter-points', { identifier: 'm-1' });
    await call(test, 'POST', '/v1/readings', { meterPoint: 'm-1', at: at(0), value: '-5' });
    const applied = await call(test, 'POST', '/v1/quarantine/apply', { all: { rule: 'negative-value' } });
    expect(applied.body).toMatchObject({ applied: 0, waiting: [{ message: expect.stringContaining('below zero') }] });
    expect((await waiting(test)).data).toMatchObject([{ rule: 'negative-value', says: expect.any(String) }]);
  });
});

describe('whatever the settings', () => {
  const settings = fc.constantFrom(
    '',
    unknown,
    'goes-backwards=quarantine,from-the-future=quarantine,off-the-grid=quarantine',
    'negative-energy=flag,too-precise=flag,negative-value=quarantine',
    'too-precise=quarantine,negative-energy=quarantine,series-unknown=quarantine,meter-point-unknown=quarantine',
  );
  const sent = fc.oneof(
    fc.record({
      meterPoint: fc.constantFrom('m-1', 'nobody'),
      at: fc.integer({ min: -4, max: 60 }).map(step => at(step * 30)),
      value: fc.constantFrom('1', '2', '3', '-1', 'x', '1.1234567'),
    }),
    fc.record({
      meterPoint: fc.constantFrom('c-1', 'nobody'),
      start: fc.integer({ min: -4, max: 60 }).map(step => at(step * 15)),
      energy: fc.constantFrom('0.5', '0.6', '-0.5', '', '0.1234567'),
    }),
  );

  it('each reading ends in one verdict, the sums agree, and a replay gives the same', async () => {
    await fc.assert(
      fc.asyncProperty(settings, fc.array(sent, { minLength: 1, maxLength: 40 }), async (rules, items) => {
        const test = await open(rules);
        await call(test, 'POST', '/v1/meter-points', { identifier: 'm-1' });
        const series = [{ kind: 'channel', code: 'E1', flow: 'from-grid', intervalMinutes: 30 }];
        await call(test, 'POST', '/v1/meter-points', { identifier: 'c-1', series });
        const { body } = await call(test, 'POST', '/v1/readings', items);
        const { accepted, duplicate, conflict, quarantined, rejected } = body;
        expect(accepted + duplicate + conflict + quarantined + rejected).toBe(items.length);
        const listed: { verdict: string; flags?: string[] }[] = body.items;
        const flagged = listed.filter(({ verdict }) => verdict === 'accepted');
        expect(listed.length - flagged.length).toBe(items.length - accepted);
        const all = async (house: TestHouse) => [
          await readingsOf(house, 'm-1'),
          await readingsOf(house, 'c-1'),
          (await waiting(house)).data,
          (await call(house, 'GET', '/v1/readings/flags')).body.data,
        ];
        const before = await all(test);
        expect(before[3].map(({ rule }: { rule: string }) => rule).toSorted()).toEqual(
          flagged.flatMap(({ flags }) => flags ?? []).toSorted(),
        );
        expect(before[2].length).toBeLessThanOrEqual(quarantined);
        expect(before[2].length === 0).toBe(quarantined === 0);
        // Everything that SQLite knows beside the journal is forgotten: the journal alone brings it back.
        test.house.database.exec('DELETE FROM reading_flag; DELETE FROM quarantined_reading');
        await crash(test);
        const again = await open(rules, test.home);
        expect(await all(again)).toEqual(before);
        await again.close();
      }),
      { numRuns: 12 },
    );
  });
});
