import { beforeEach, describe, expect, it } from 'vitest';
import { type TestHouse, testHouse } from '../open-house.ts';

// Adelaide is 9:30 ahead of UTC in winter and 10:30 from 4 October 2026 on; zone-less stamps are its wall clock.
const zone = 'Australia/Adelaide';
let test: TestHouse;
let key: string;

/** A Wednesday, 15:10 on the wall clock. */
const wednesday = '2026-11-18T15:10:00+10:30';

beforeEach(async () => {
  test = await testHouse({ at: wednesday, zone });
  key = test.authorization();
});

async function call(method: 'GET' | 'POST' | 'PUT', path: string, query: Record<string, string> = {}, body?: object) {
  const answer = await test.app.inject({
    method,
    url: path,
    query,
    headers: { authorization: key },
    ...(body && { payload: body }),
  });
  return { status: answer.statusCode, body: answer.json<Record<string, unknown>>(), headers: answer.headers };
}

const register = (meter_id: string) =>
  call('POST', '/register_account', { owner_name: 'Ana Example', address: '1 Example St', meter_id });
const receive = (meter_id: string, timestamp: string, reading: string) =>
  call('POST', '/receive_meter_reading', { meter_id, timestamp, reading });
const consumption = (meter_id: string, period: string) => call('GET', '/get_consumption', { meter_id, period });
const bill = (meter_id: string) => call('GET', '/get_last_month_bill', { meter_id });

async function received(meter_id: string, ...readings: [timestamp: string, reading: string][]) {
  for (const [timestamp, reading] of readings) {
    expect(await receive(meter_id, timestamp, reading)).toMatchObject({ status: 200 });
  }
}

describe('registering', () => {
  it('takes the query string also when an empty body is called JSON', async () => {
    const headers = { authorization: key, 'content-type': 'application/json' };
    const url = '/register_account?owner_name=Ana&address=1+Example+St&meter_id=m-1';
    expect((await test.app.inject({ method: 'POST', url, headers })).statusCode).toBe(200);
    expect((await test.app.inject({ method: 'POST', url, headers, payload: '{' })).statusCode).toBe(400);
  });

  it('P1-01 answers with the meter and the sentence clients look for', async () => {
    expect(await register('m-1')).toMatchObject({
      status: 200,
      body: { meter_id: 'm-1', message: 'Account successfully created' },
    });
    const account = await call('GET', '/v1/accounts/m-1');
    expect(account.body).toMatchObject({ number: 'm-1', name: 'Ana Example', postalAddress: '1 Example St' });
  });

  it('P1-01 takes the parameters as a JSON body as well', async () => {
    const body = { owner_name: 'Ana', address: 'Here', meter_id: 'm-2' };
    expect(await call('POST', '/register_account', {}, body)).toMatchObject({ status: 200, body: { meter_id: 'm-2' } });
  });

  it('P1-02 refuses a meter twice', async () => {
    await register('m-1');
    expect(await register('m-1')).toMatchObject({ status: 400, body: { detail: 'Meter ID m-1 already exists' } });
  });

  it.each(['owner_name', 'address', 'meter_id'])('P1-02 refuses a missing %s by its name', async missing => {
    const { [missing]: _, ...query }: Record<string, string> = { owner_name: 'A', address: 'B', meter_id: 'm-1' };
    const answer = await call('POST', '/register_account', query);
    expect(answer).toMatchObject({ status: 422, body: { detail: [{ loc: ['query', missing] }] } });
  });

  it('P1-02 refuses an empty name, a meter id that is no id, and a parameter that is none', async () => {
    const query = { owner_name: ' ', address: 'B', meter_id: '../m' };
    const answer = await call('POST', '/register_account', query);
    expect(answer).toMatchObject({
      status: 422,
      body: { detail: [{ loc: ['query', 'owner_name'] }, { loc: ['query', 'meter_id'] }] },
    });
    const unknown = await call('POST', '/register_account', {
      owner_name: 'A',
      address: 'B',
      meter_id: 'm',
      colour: 'red',
    });
    expect(unknown).toMatchObject({ status: 400, body: { detail: 'Unknown query parameter: colour' } });
  });

  it('P1-04 keeps accounts across a restart', async () => {
    await register('m-1');
    await test.close();
    test = await testHouse({ at: wednesday, zone, home: test.home });
    key = test.authorization();
    expect(await register('m-1')).toMatchObject({ status: 400, body: { detail: 'Meter ID m-1 already exists' } });
    expect(await receive('m-1', '2026-11-18T15:00:00', '1')).toMatchObject({ status: 200 });
  });
});

describe('receiving', () => {
  beforeEach(async () => {
    await register('m-1');
  });

  it('P1-05 answers with success and the sentence clients look for', async () => {
    const said = { success: true, message: 'Reading recorded successfully' };
    expect(await receive('m-1', '2026-11-18T15:00:00', '100.5')).toMatchObject({ status: 200, body: said });
    const again = await receive('m-1', '2026-11-18T15:00:00', '100.5');
    expect(again).toMatchObject({ status: 200, body: { ...said, duplicate: true } });
    const body = { meter_id: 'm-1', timestamp: '2026-11-18T14:30:00', reading: 100.25 };
    expect(await call('POST', '/receive_meter_reading', {}, body)).toMatchObject({ status: 200, body: said });
    const kept = await call('GET', '/v1/meter-points/m-1/readings');
    expect(kept.body.data).toMatchObject([
      { at: '2026-11-18T04:00:00Z', value: '100.25' },
      { at: '2026-11-18T04:30:00Z', value: '100.5' },
    ]);
  });

  it('refuses a parameter that is one thing in the query and another in the body, and names both', async () => {
    await register('m-4');
    const body = { meter_id: 'm-1', timestamp: '2026-11-18T15:00:00', reading: '100' };
    const answer = await call('POST', '/receive_meter_reading', { meter_id: 'm-4', reading: '99' }, body);
    expect(answer).toMatchObject({
      status: 422,
      body: {
        detail: [
          { loc: ['body', 'meter_id'], msg: '"m-4" in the query string, "m-1" in the body: say one of them' },
          { loc: ['body', 'reading'], msg: '"99" in the query string, "100" in the body: say one of them' },
        ],
      },
    });
    for (const meter of ['m-1', 'm-4']) {
      const kept = await call('GET', `/v1/meter-points/${meter}/readings`);
      expect(kept.body.data).toEqual([]);
    }
    // Said twice is no contradiction, a number and its text are the same.
    const same = { meter_id: 'm-1', reading: '100' };
    const again = { ...body, reading: 100 };
    expect(await call('POST', '/receive_meter_reading', same, again)).toMatchObject({ status: 200 });
  });

  it.each([['"m-1"'], ['7'], ['[]']])('refuses the body %s, in which no parameter has a name', async payload => {
    const headers = { authorization: key, 'content-type': 'application/json' };
    const url = '/receive_meter_reading?meter_id=m-1&timestamp=2026-11-18T15:00:00&reading=1';
    const answer = await test.app.inject({ method: 'POST', url, headers, payload });
    expect(answer.statusCode).toBe(422);
    expect(answer.json()).toEqual({ detail: expect.stringContaining('no JSON object') });
  });

  it('P1-05 keeps another value for the same time beside the first and says so', async () => {
    await received('m-1', ['2026-11-18T15:00:00', '100']);
    const answer = await receive('m-1', '2026-11-18T15:00:00', '101');
    expect(answer).toMatchObject({ status: 409, body: { detail: expect.stringContaining('Another reading (100)') } });
  });

  it.each(['2026-11-18T14:15:00', '2026-11-18T14:00:01', '2026-11-18T14:30:30', '2026-11-18T04:10:00Z'])(
    'P1-06 refuses %s, which is not on the hour or half hour',
    async timestamp => {
      const answer = await receive('m-1', timestamp, '1');
      expect(answer).toMatchObject({ status: 400, body: { detail: 'Timestamp must be on the hour or half hour' } });
    },
  );

  it.each(['2026-11-18T04:30:00Z', '2026-11-18T15:00:00+10:30', '1794976200', '2026-11-18 15:00:00'])(
    'P1-06 understands %s',
    async timestamp => {
      await received('m-1', [timestamp, '1']);
      const kept = await call('GET', '/v1/meter-points/m-1/readings');
      expect(kept.body.data).toMatchObject([{ at: '2026-11-18T04:30:00Z' }]);
    },
  );

  it.each(['noon', '2026-13-01T00:00:00', '', '2026-10-04T02:30:00'])('P1-06 cannot parse "%s"', async timestamp => {
    const answer = await receive('m-1', timestamp, '1');
    expect(answer).toMatchObject({ status: 422, body: { detail: [{ loc: ['query', 'timestamp'] }] } });
  });

  it('P1-07 says that a meter is not registered, with the status that means it', async () => {
    const answer = await receive('m-9', '2026-11-18T15:00:00', '1');
    expect(answer).toMatchObject({ status: 404, body: { detail: 'Meter ID m-9 not found' } });
  });

  it('P1-06 P1-07 P1-08 puts readings of an unknown meter aside where that is set, but for what can be none', async () => {
    const environment = { READING_RULES: 'meter-point-unknown=quarantine' };
    test = await testHouse({ at: wednesday, zone, environment });
    key = test.authorization();
    expect(await receive('m-9', '2026-11-18T14:30:00', '1')).toMatchObject({
      status: 200,
      body: { quarantined: true },
    });
    expect(await receive('m-9', '2026-11-18T14:40:00', '1')).toMatchObject({ status: 400 });
    expect(await receive('m-9', 'noon', '1')).toMatchObject({ status: 422 });
    for (const reading of ['NaN', '-1'])
      expect(await receive('m-9', '2026-11-18T15:00:00', reading)).toMatchObject({
        status: 422,
        body: { detail: [{ loc: ['query', 'reading'] }] },
      });
    await register('m-9');
    await test.house.registrations.idle();
    const kept = await call('GET', '/v1/meter-points/m-9/readings');
    expect(kept.body.data).toMatchObject([{ at: '2026-11-18T04:00:00Z', value: '1' }]);
  });

  it.each(['much', 'NaN', 'Infinity', '', '1e3', '-1'])('P1-08 refuses the reading "%s"', async reading => {
    const answer = await receive('m-1', '2026-11-18T15:00:00', reading);
    expect(answer).toMatchObject({ status: 422, body: { detail: [{ loc: ['query', 'reading'] }] } });
  });

  it('P1-08 refuses a register that counts down, whichever of the two came first', async () => {
    await received('m-1', ['2026-11-18T14:30:00', '100'], ['2026-11-18T15:00:00', '100']);
    const sentence = expect.stringContaining('Reading must be continuously increasing');
    expect(await receive('m-1', '2026-11-18T15:30:00', '99.999999')).toMatchObject({
      status: 422,
      body: { detail: sentence },
    });
    expect(await receive('m-1', '2026-11-18T14:00:00', '100.000001')).toMatchObject({
      status: 422,
      body: { detail: sentence },
    });
  });

  it('P1-09 says 503 and when to come back while nothing can be recorded, never a 200 that means failure', async () => {
    await test.house.journal.close();
    const answer = await receive('m-1', '2026-11-18T15:00:00', '1');
    expect(answer).toMatchObject({ status: 503, body: { detail: expect.any(String) } });
    expect(answer.headers['retry-after']).toMatch(/^\d+$/);
  });

  it('wants a key that may write', async () => {
    const url = '/receive_meter_reading';
    expect((await test.app.inject({ method: 'POST', url })).statusCode).toBe(401);
    key = test.authorization(['readings:read']);
    expect(await receive('m-1', '2026-11-18T15:00:00', '1')).toMatchObject({ status: 403 });
  });
});

describe('consumption', () => {
  beforeEach(async () => {
    await register('m-1');
  });

  it.each<[string, string, string, number]>([
    ['last_30min', '2026-11-18T14:30:00', '2026-11-18T15:00:00', 0.5],
    ['today', '2026-11-18T00:00:00', '2026-11-18T15:00:00', 15],
    ['this_week', '2026-11-16T00:00:00', '2026-11-18T15:00:00', 63],
    ['this_month', '2026-11-01T00:00:00', '2026-11-18T15:00:00', 423],
    ['last_month', '2026-10-01T00:00:00', '2026-11-01T00:00:00', 743],
  ])('P1-10 of %s runs from %s to %s', async (period, start_time, end_time, energy) => {
    // One kWh an hour, from the last of September on; October has 743 hours here, for the clock skips one.
    const first = Date.parse('2026-09-30T00:00:00+09:30') / 1000;
    const items = [];
    for (let at = first; at <= Date.parse(wednesday) / 1000; at += 1800) {
      items.push({ meterPoint: 'm-1', at, value: String(1000 + (at - first) / 3600) });
    }
    await test.app.inject({ method: 'POST', url: '/v1/readings', payload: items, headers: { authorization: key } });
    const { status, body } = await consumption('m-1', period);
    expect(status).toBe(200);
    expect(body).toMatchObject({ meter_id: 'm-1', period, start_time, end_time, consumption: energy });
    expect(Number(body.end_reading) - Number(body.start_reading)).toBe(energy);
    // What runs until now has no reading at its very end yet.
    expect(body.estimated).toBe(!['last_30min', 'last_month'].includes(period));
  });

  it('P1-10 counts the reading at a boundary in both months: no energy falls between them', async () => {
    await received(
      'm-1',
      ['2026-09-01T00:00:00', '100'],
      ['2026-09-30T23:30:00', '180'],
      ['2026-10-01T00:00:00', '200'],
      ['2026-10-31T23:30:00', '330'],
      ['2026-11-01T00:00:00', '350.5'],
    );
    const october = { start_reading: 200, end_reading: 350.5, consumption: 150.5, estimated: false };
    expect((await consumption('m-1', 'last_month')).body).toMatchObject(october);
    test.clock.moveTo('2026-10-31T23:50:00+10:30');
    const september = { start_reading: 100, end_reading: 200, consumption: 100, estimated: false };
    expect((await consumption('m-1', 'last_month')).body).toMatchObject(september);
  });

  it('P1-10 flags a month as estimated whose boundary nobody read, and interpolates there', async () => {
    await received(
      'm-1',
      ['2026-09-30T23:00:00', '100'],
      ['2026-10-01T01:00:00', '110'],
      ['2026-10-31T22:00:00', '800'],
      ['2026-11-01T02:00:00', '840'],
    );
    expect((await consumption('m-1', 'last_month')).body).toMatchObject({
      start_reading: 105,
      end_reading: 820,
      consumption: 715,
      start_time: '2026-10-01T00:00:00',
      end_time: '2026-11-01T00:00:00',
      estimated: true,
    });
  });

  it('P1-10 shortens a period at whose ends nothing is known, and says that it is estimated', async () => {
    await received('m-1', ['2026-10-10T00:00:00', '5'], ['2026-10-20T00:00:00', '7']);
    expect((await consumption('m-1', 'last_month')).body).toMatchObject({
      start_time: '2026-10-10T00:00:00',
      end_time: '2026-10-20T00:00:00',
      consumption: 2,
      estimated: true,
    });
  });

  it('P1-10 takes the half-hour of the wall clock where the zone is off by a quarter', async () => {
    test = await testHouse({ at: '2026-11-18T04:40:00Z', zone: 'Asia/Kathmandu' });
    key = test.authorization();
    await register('k-1');
    await received('k-1', ['2026-11-18T09:30:00', '1'], ['2026-11-18T10:00:00', '2.5']);
    expect((await consumption('k-1', 'last_30min')).body).toMatchObject({
      start_time: '2026-11-18T09:30:00',
      end_time: '2026-11-18T10:00:00',
      consumption: 1.5,
      estimated: false,
    });
  });

  it('P1-10 adds the intervals of a channel that sends energies, and flags gaps', async () => {
    const start = Date.parse('2026-11-18T14:00:00+10:30') / 1000;
    const items = [0, 1].map(slot => ({ meterPoint: 'm-1', start: start + slot * 1800, energy: '0.25' }));
    await test.app.inject({ method: 'POST', url: '/v1/readings', payload: items, headers: { authorization: key } });
    expect((await consumption('m-1', 'last_30min')).body).toMatchObject({ consumption: 0.25, estimated: false });
    expect((await consumption('m-1', 'today')).body).toMatchObject({ consumption: 0.5, estimated: true });
  });

  it('P1-11 says 404 for an unknown meter and for too few readings, 400 for a period that is none', async () => {
    expect(await consumption('m-9', 'today')).toMatchObject({
      status: 404,
      body: { detail: 'Meter ID m-9 not found' },
    });
    const invalid = await consumption('m-1', 'fortnight');
    expect(invalid).toMatchObject({ status: 400, body: { detail: expect.stringMatching(/^Invalid period/) } });
    expect(await consumption('m-1', 'today')).toMatchObject({ status: 404, body: { detail: expect.any(String) } });
    await received('m-1', ['2026-11-18T09:00:00', '5']);
    expect(await consumption('m-1', 'today')).toMatchObject({ status: 404, body: { detail: expect.any(String) } });
    expect(await call('GET', '/get_consumption', { meter_id: 'm-1' })).toMatchObject({
      status: 422,
      body: { detail: [{ loc: ['query', 'period'] }] },
    });
  });
});

describe('the bill of last month', () => {
  it('P1-12 is what the register counted from boundary to boundary', async () => {
    await register('m-1');
    await received(
      'm-1',
      ['2026-10-01T00:00:00', '200'],
      ['2026-10-15T12:00:00', '260'],
      ['2026-11-01T00:00:00', '350.25'],
    );
    expect(await bill('m-1')).toMatchObject({
      status: 200,
      body: {
        meter_id: 'm-1',
        period: '2026-10',
        start_reading: 200,
        end_reading: 350.25,
        consumption: 150.25,
        start_time: '2026-10-01T00:00:00',
        end_time: '2026-11-01T00:00:00',
        success: true,
        message: expect.any(String),
      },
    });
    test.clock.moveTo('2026-12-01T00:00:00+10:30');
    expect(await bill('m-1')).toMatchObject({ status: 404 });
  });

  it('P1-12 goes back a year in January, by the meter’s own calendar', async () => {
    await register('m-1');
    // Still 31 December in UTC.
    test.clock.moveTo('2027-01-01T00:10:00+10:30');
    await received('m-1', ['2026-12-01T00:00:00', '1'], ['2027-01-01T00:00:00', '4']);
    expect((await bill('m-1')).body).toMatchObject({ period: '2026-12', consumption: 3 });
  });

  it('P1-11 P1-12 is 404 for an unknown meter and for one without readings', async () => {
    expect(await bill('m-9')).toMatchObject({ status: 404, body: { detail: 'Meter ID m-9 not found' } });
    await register('m-1');
    expect(await bill('m-1')).toMatchObject({ status: 404, body: { detail: expect.any(String) } });
  });
});

describe('as it was known', () => {
  it('a period is answered as before a reading came that changed it', async () => {
    await register('m-1');
    await received('m-1', ['2026-11-16T00:00:00', '100'], ['2026-11-17T00:00:00', '110']);
    const { clock } = test;
    clock.advance(3_600_000);
    await received('m-1', ['2026-11-18T00:00:00', '130']);
    const asked = (path: string, query: object) => call('GET', path, { meter_id: 'm-1', ...query });
    const week = { period: 'this_week' };
    expect((await asked('/get_consumption', week)).body).toMatchObject({ consumption: 30 });
    const before = await asked('/get_consumption', { ...week, as_known_at: '2026-11-18T15:10:00' });
    expect(before.body).toMatchObject({ consumption: 10, end_reading: 110, estimated: true });
    const wrong = await asked('/get_consumption', { ...week, as_known_at: 'then' });
    expect(wrong.status).toBe(422);
  });

  it('last month is counted with the multiplier that was told then', async () => {
    await register('m-1');
    await received('m-1', ['2026-10-01T00:00:00', '100'], ['2026-11-01T00:00:00', '110']);
    test.clock.advance(60_000);
    const told = { register: '1', from: '2026-10-01', multiplier: '40' };
    const [series] = test.house.meterPoints.listSeries(test.house.meterPoints.get('m-1').id);
    const body = { ...told, register: series!.code };
    expect((await call('PUT', '/v1/meter-points/m-1/register-map', {}, body)).status).toBe(200);
    expect((await bill('m-1')).body).toMatchObject({ consumption: 400 });
    const query = { meter_id: 'm-1', as_known_at: '2026-11-18T15:10:00' };
    expect((await call('GET', '/get_last_month_bill', query)).body).toMatchObject({ consumption: 10 });
  });

  it('intervals are summed as they were known', async () => {
    const channel = { kind: 'channel', code: 'E1', flow: 'from-grid', intervalMinutes: 30 };
    await call('POST', '/v1/meter-points', {}, { identifier: 'c-1', series: [channel] });
    const post = (start: string, energy: string) =>
      call('POST', '/v1/readings', {}, { meterPoint: 'c-1', start, energy });
    await post('2026-11-16T00:00:00', '1');
    test.clock.advance(60_000);
    await post('2026-11-16T00:30:00', '2');
    const query = { meter_id: 'c-1', period: 'this_week' };
    expect((await call('GET', '/get_consumption', query)).body).toMatchObject({ consumption: 3 });
    const before = { ...query, as_known_at: '2026-11-18T15:10:00' };
    expect((await call('GET', '/get_consumption', before)).body).toMatchObject({ consumption: 1 });
  });
});
