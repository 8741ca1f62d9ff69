import { beforeEach, describe, expect, it } from 'vitest';
import { type TestHouse, testHouse } from '../open-house.ts';

let test: TestHouse;
let key: string;

beforeEach(async () => {
  test = await testHouse();
  key = test.authorization();
});

async function ask(method: 'GET' | 'POST' | 'PATCH', url: string, payload?: object) {
  const answer = await test.app.inject({ method, url, headers: { authorization: key }, ...(payload && { payload }) });
  return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
}

const trail = () =>
  test.house.access.audit.list({ limit: 10 }).map(({ action, subject, detail }) => ({ action, subject, detail }));

describe('what is said of an account', () => {
  beforeEach(async () => {
    await ask('POST', '/v1/accounts', { number: 'A-1', name: 'Ana', email: 'ana@example.org' });
  });

  it('P0-05 is changed in part, and the trail has what it was and what it became', async () => {
    const { status, body } = await ask('PATCH', '/v1/accounts/A-1', { version: 1, phone: '1300 000 000' });
    expect([status, body.phone, body.email, body.version]).toEqual([200, '1300 000 000', 'ana@example.org', 2]);
    expect(trail()[0]).toEqual({
      action: 'account.change',
      subject: 'account:A-1',
      detail: { phone: { from: '', to: '1300 000 000' } },
    });
  });

  it('P0-05 is refused when somebody else changed it since it was read', async () => {
    await ask('PATCH', '/v1/accounts/A-1', { version: 1, name: 'Anna' });
    const { status, body } = await ask('PATCH', '/v1/accounts/A-1', { version: 1, name: 'Anne' });
    expect([status, body.code]).toEqual([409, 'edit-stale']);
    expect((await ask('GET', '/v1/accounts/A-1')).body.name).toBe('Anna');
  });

  it('P0-05 says the same again without making a change of it', async () => {
    expect((await ask('PATCH', '/v1/accounts/A-1', { version: 1, name: 'Ana' })).body.version).toBe(1);
    expect(trail().map(({ action }) => action)).not.toContain('account.change');
  });

  it.each([
    ['an account that is not there', 'A-2', { version: 1, name: 'Ana' }, 404, 'account-unknown'],
    ['no version', 'A-1', { name: 'Ana' }, 422, 'body-invalid'],
    ['another number', 'A-1', { version: 1, number: 'A-9' }, 422, 'body-invalid'],
    ['an empty name', 'A-1', { version: 1, name: ' ' }, 422, 'body-invalid'],
    ['a mail address that is none', 'A-1', { version: 1, email: 'ana' }, 422, 'body-invalid'],
  ])('P0-05 is not changed for %s', async (_what, number, change, status, code) => {
    const answer = await ask('PATCH', `/v1/accounts/${number}`, change);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });
});

describe('what is said of a meter point', () => {
  const home = { address: '1 Example Road', region: 'Central', subRegion: 'Sample Town', postcode: '100001' };

  it('P0-04 has region, sub-region, postcode and type of dwelling, each in its place, and one identifier only once', async () => {
    const { status, body } = await ask('POST', '/v1/meter-points', {
      identifier: 'm-1',
      ...home,
      dwellingType: '4-room',
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({ ...home, dwellingType: '4-room', version: 1 });
    const again = await ask('POST', '/v1/meter-points', { identifier: 'm-1' });
    expect([again.status, again.body.code]).toEqual([409, 'meter-point-exists']);
  });

  it('P0-05 is changed, and whoever asks for it next, by any of its names, gets what it is now', async () => {
    const nmi = '6001000017';
    await ask('POST', '/v1/meter-points', { identifier: nmi, ...home });
    expect((await ask('GET', `/v1/meter-points/${nmi}`)).body.region).toBe('Central');
    const { status } = await ask('PATCH', `/v1/meter-points/${nmi}`, { version: 1, region: 'North' });
    expect(status).toBe(200);
    expect((await ask('GET', `/v1/meter-points/${nmi}`)).body).toMatchObject({ ...home, region: 'North', version: 2 });
    const stale = await ask('PATCH', `/v1/meter-points/${nmi}`, { version: 1, region: 'South' });
    expect([stale.status, stale.body.code]).toEqual([409, 'edit-stale']);
    const unknown = await ask('PATCH', '/v1/meter-points/nobody', { version: 1, region: 'South' });
    expect([unknown.status, unknown.body.code]).toEqual([404, 'meter-point-unknown']);
    // Which readings are of which day hangs on it.
    const zone = await ask('PATCH', `/v1/meter-points/${nmi}`, { version: 2, zone: 'Europe/London' });
    expect([zone.status, zone.body.code]).toEqual([422, 'body-invalid']);
  });

  it('P0-17 is found by identifier, region and type of dwelling, all of which have to fit', async () => {
    for (const [identifier, region, dwellingType] of [
      ['m-1', 'Central', '4-room'],
      ['m-2', 'Central', 'shop'],
      ['m-3', 'North', 'shop'],
      ['n-4', 'North', 'shop'],
    ] as const)
      await ask('POST', '/v1/meter-points', { identifier, region, dwellingType });
    const found = async (query: string) => {
      const { body } = await ask('GET', `/v1/meter-points?${query}`);
      return [body.total, (body.data as { identifier: string }[]).map(({ identifier }) => identifier)];
    };
    expect(await found('region=Central')).toEqual([2, ['m-1', 'm-2']]);
    expect(await found('dwellingType=shop&region=North')).toEqual([2, ['m-3', 'n-4']]);
    expect(await found('dwellingType=shop&region=North&search=m-')).toEqual([1, ['m-3']]);
    expect(await found('dwellingType=4-room&region=North')).toEqual([0, []]);
  });
});

describe('how long the intervals of a channel are', () => {
  const post = (start: string, energy: string) =>
    ask('POST', '/v1/readings', [{ meterPoint: 'm-1', start: `2026-11-20T${start}:00Z`, energy }]);
  const change = (code: string, intervalMinutes: number, meterPoint = 'm-1') =>
    ask('PATCH', `/v1/meter-points/${meterPoint}/series`, { code, intervalMinutes });

  it('is changed for what is posted from then on, and what is there stays as it is', async () => {
    await ask('POST', '/v1/meter-points', { identifier: 'm-1' });
    expect((await post('10:00', '1')).body).toMatchObject({ accepted: 1 });
    expect((await post('10:45', '2')).body).toMatchObject({ rejected: 1 });
    const [{ code } = { code: '' }] = test.house.meterPoints.listSeries(test.house.meterPoints.get('m-1').id);
    const { status, body } = await change(code, 15);
    expect([status, body.series]).toEqual([200, [expect.objectContaining({ code, intervalMinutes: 15 })]]);
    expect(trail()[0]).toEqual({
      action: 'meter-point.intervals',
      subject: 'meter-point:m-1',
      detail: { channel: code, intervalMinutes: { from: 30, to: 15 } },
    });
    expect((await post('10:45', '2')).body).toMatchObject({ accepted: 1 });
    expect((await post('10:15', '3')).body).toMatchObject({ conflict: 1 });
    expect((await post('10:50', '3')).body).toMatchObject({ rejected: 1 });
    await test.house.flush();
    const { data } = (await ask('GET', '/v1/meter-points/m-1/readings')).body as {
      data: { start: string; end: string }[];
    };
    expect(data.map(({ start, end }) => [start.slice(11, 16), end.slice(11, 16)])).toEqual([
      ['10:00', '10:30'],
      ['10:45', '11:00'],
    ]);
    const before = trail().length;
    expect((await change(code, 15)).status).toBe(200);
    expect(trail()).toHaveLength(before);
  });

  it.each([
    ['another meter point', 'E1', 15, 'm-9', 404, 'meter-point-unknown'],
    ['a channel that is not there', 'E1', 15, 'm-1', 404, 'series-unknown'],
    ['a length that none has', 'E1', 10, 'm-1', 422, 'body-invalid'],
  ])('is not changed for %s', async (_what, code, minutes, meterPoint, status, refusal) => {
    await ask('POST', '/v1/meter-points', { identifier: 'm-1' });
    const answer = await change(code, minutes, meterPoint);
    expect([answer.status, answer.body.code]).toEqual([status, refusal]);
  });
});
