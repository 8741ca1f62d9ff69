import type { InjectOptions } from 'fastify';
import { beforeEach, describe, expect, it } from 'vitest';
import { type TestHouse, testHouse } from '../open-house.ts';

const now = '2026-11-21T10:10:00Z';
let test: TestHouse;
let key: string;

beforeEach(async () => {
  test = await testHouse({ at: now, zone: 'Australia/Adelaide' });
  key = test.authorization();
  await call('POST', '/v1/meter-points', { identifier: 'm-1' });
  await call('POST', '/v1/meter-points', { identifier: 'c-1', series: [channel('E1')] });
});

function channel(code: string, intervalMinutes = 30) {
  return { kind: 'channel', code, flow: code.startsWith('B') ? 'to-grid' : 'from-grid', intervalMinutes };
}

interface Answer {
  status: number;
  // What tests read of it they compare whole, so a wrong guess of its shape fails them.
  body: Record<string, unknown>;
  headers: Record<string, unknown>;
}

async function call(method: 'GET' | 'POST', url: string, body?: unknown, more: InjectOptions = {}): Promise<Answer> {
  const answer = await test.app.inject({
    method,
    url,
    ...more,
    headers: { authorization: key, ...more.headers },
    ...(body !== undefined && { payload: body as object }),
  });
  const json: unknown = JSON.parse(answer.body);
  if (answer.statusCode >= 400) {
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(json).toMatchObject({ status: answer.statusCode, type: expect.stringMatching(/^\/problems\/[a-z0-9-]+$/) });
  }
  return { status: answer.statusCode, body: json as Answer['body'], headers: answer.headers };
}

const post = (body: unknown, more?: InjectOptions) => call('POST', '/v1/readings', body, more);
const reading = (value: unknown, at: unknown = '2026-11-21T10:00:00Z', meterPoint = 'm-1') => ({
  meterPoint,
  at,
  value,
});
const interval = (energy: unknown, start: unknown = '2026-11-21T10:00:00Z', meterPoint = 'c-1') => ({
  meterPoint,
  start,
  energy,
});

async function readings(meterPoint = 'm-1', query = '') {
  const { status, body } = await call('GET', `/v1/meter-points/${meterPoint}/readings${query}`);
  expect(status).toBe(200);
  return body.data as Record<string, unknown>[];
}

async function values(meterPoint = 'm-1') {
  return (await readings(meterPoint)).map(({ value, energy }) => value ?? energy);
}

describe('one reading', () => {
  it('is accepted, and then it can be read with where it came from', async () => {
    expect(await post(reading('123.456'))).toMatchObject({ status: 200, body: { verdict: 'accepted' } });
    expect(await readings()).toEqual([
      {
        at: '2026-11-21T10:00:00Z',
        value: '123.456',
        register: '1',
        unit: 'kWh',
        quality: 'actual',
        source: { kind: 'api-key', reference: 'test *' },
      },
    ]);
  });

  it('sent again is a duplicate, and changes nothing', async () => {
    await post(reading('123.456'));
    for (const again of [
      reading('123.456'),
      reading(123.456),
      reading('123.456000'),
      { ...reading('123456'), unit: 'Wh' },
    ]) {
      expect(await post(again)).toMatchObject({ status: 200, body: { verdict: 'duplicate' } });
    }
    expect(await values()).toEqual(['123.456']);
  });

  it('with another value for the instant is a conflict, and both are kept, each with who said it and when', async () => {
    await post(reading('123.456'));
    key = test.authorization(['readings:write', 'readings:read']);
    const refused = await post(reading('124'));
    expect(refused).toMatchObject({ status: 409, body: { code: 'reading-conflict', errors: [{ pointer: '/value' }] } });
    await post(reading('124'));
    const [kept] = await readings();
    const second = { kind: 'api-key', reference: 'test readings:write readings:read' };
    expect(kept).toMatchObject({
      value: '123.456',
      source: { kind: 'api-key', reference: 'test *' },
      versions: [
        {
          ...{ at: '2026-11-21T10:00:00Z', value: '124', quality: 'actual', outcome: 'conflict' },
          ...{ source: second, receivedAt: now },
        },
      ],
    });
  });

  it('that is metered replaces an estimate, which is kept', async () => {
    await post({ ...interval('0.4'), quality: 'estimated' });
    expect(await post(interval('0.5'))).toMatchObject({ status: 200, body: { verdict: 'accepted' } });
    expect(await readings('c-1')).toMatchObject([
      { energy: '0.5', quality: 'actual', versions: [{ energy: '0.4', quality: 'estimated', outcome: 'superseded' }] },
    ]);
  });

  it.each([
    ['lower than the one before', '99', '2026-11-21T10:00:00Z'],
    ['higher than the one after', '101', '2026-11-21T09:00:00Z'],
  ])('of a register that is %s is refused by name', async (_why, value, at) => {
    await post(reading('100', '2026-11-21T09:30:00Z'));
    expect(await post(reading(value, at))).toMatchObject({
      status: 422,
      body: { code: 'reading-goes-backwards', errors: [{ pointer: '/value' }] },
    });
    expect(await values()).toEqual(['100']);
  });

  it.each([
    ['a number', 512.25, undefined, '512.25'],
    ['a decimal string', '512.25', undefined, '512.25'],
    ['six decimals', '0.000001', undefined, '0.000001'],
    ['a number in exponent form', 1e-6, undefined, '0.000001'],
    ['a large number', 4_503_599_627.370495, undefined, '4503599627.370495'],
    ['watt-hours', '512250.001', 'Wh', '512.250001'],
    ['megawatt-hours', 0.51225, 'MWh', '512.25'],
    ['zero', 0, undefined, '0'],
    ['minus zero', '-0', undefined, '0'],
  ])('written as %s is kept to the last digit', async (_how, value, unit, expected) => {
    expect(await post({ ...reading(value), ...(unit && { unit }) })).toMatchObject({ status: 200 });
    expect(await values()).toEqual([expected]);
  });

  it.each([
    ['2026-11-21T10:00:00Z', '2026-11-21T10:00:00Z'],
    ['2026-11-21T20:30:00+10:30', '2026-11-21T10:00:00Z'],
    ['2026-11-21T20:30:00', '2026-11-21T10:00:00Z'],
    ['2026-11-21 20:30', '2026-11-21T10:00:00Z'],
    [1_795_255_200, '2026-11-21T10:00:00Z'],
    ['1795255200', '2026-11-21T10:00:00Z'],
    // October's skipped hour is 02:00 to 03:00 in Adelaide; April's second 02:30 needs its offset, without one it is the first.
    ['2026-10-04T03:00:00', '2026-10-03T16:30:00Z'],
    ['2026-04-05T02:30:00', '2026-04-04T16:00:00Z'],
    ['2026-04-05T02:30:00+09:30', '2026-04-04T17:00:00Z'],
  ])('stamped %s is of %s', async (at, expected) => {
    expect(await post(reading('5', at))).toMatchObject({ status: 200 });
    expect((await readings())[0]).toMatchObject({ at: expected });
  });
});

describe('a reading that cannot be', () => {
  it.each<[string, unknown, number, string, string]>([
    [
      'an unknown meter point',
      reading('1', '2026-11-21T10:00:00Z', 'nobody'),
      404,
      'meter-point-unknown',
      '/meterPoint',
    ],
    ['an unknown register', { ...interval('1'), channel: 'Q1' }, 404, 'series-unknown', '/channel'],
    [
      'half a character as channel',
      { ...interval('1', undefined, 'm-1'), channel: '\ud800' },
      422,
      'body-invalid',
      '/channel',
    ],
    ['a NUL in the register', { ...reading('1'), register: 'a\u0000b' }, 422, 'body-invalid', '/register'],
    ['no time at all', reading('1', 'yesterday'), 422, 'timestamp-invalid', '/at'],
    ['a day that does not exist', reading('1', '2026-02-30T10:00:00Z'), 422, 'timestamp-invalid', '/at'],
    ['an hour the clock skipped', reading('1', '2026-10-04T02:30:00'), 422, 'timestamp-invalid', '/at'],
    ['a fraction of a second', reading('1', '2026-11-21T10:00:00.5Z'), 422, 'timestamp-invalid', '/at'],
    ['Unix milliseconds', reading('1', 1_795_255_200_000), 422, 'timestamp-invalid', '/at'],
    ['a time to come', reading('1', '2026-11-21T10:40:01Z'), 422, 'reading-from-the-future', '/at'],
    [
      'an estimate of another age',
      { ...interval('1', '9999-12-31T00:00:00Z'), quality: 'estimated' },
      422,
      'reading-from-the-future',
      '/start',
    ],
    ['a time before 1970', reading('1', '1900-01-01T00:00:00Z'), 422, 'reading-before-1970', '/at'],
    ['a word', reading('much'), 422, 'value-invalid', '/value'],
    ['nothing', reading(''), 422, 'value-invalid', '/value'],
    ['an exponent in a string', reading('1e3'), 422, 'value-invalid', '/value'],
    ['more than a meter counts', reading('99999999999'), 422, 'value-invalid', '/value'],
    ['a huge number', reading(1e300), 422, 'value-invalid', '/value'],
    ['less than zero', interval('-0.5'), 422, 'value-negative', '/energy'],
    ['a seventh decimal', reading('0.0000001'), 422, 'value-too-precise', '/value'],
    ['a seventh decimal in a number', reading(1e-7), 422, 'value-too-precise', '/value'],
    [
      'an interval that starts between two',
      interval('1', '2026-11-21T10:10:00Z'),
      422,
      'reading-off-the-grid',
      '/start',
    ],
    ['an interval without energy', { meterPoint: 'c-1', start: 1_795_255_200 }, 422, 'body-invalid', '/energy'],
    ['a register value without a time', { meterPoint: 'm-1', value: 1 }, 422, 'body-invalid', '/at'],
    ['no meter point', { at: 1_795_255_200, value: 1 }, 422, 'body-invalid', '/meterPoint'],
    ['a value that is a list', reading([1]), 422, 'body-invalid', '/value'],
    ['a value that is nothing', reading(null), 422, 'body-invalid', '/value'],
    ['an unknown field', { ...reading(1), colour: 'red' }, 422, 'body-invalid', '/colour'],
    ['an unknown unit', { ...reading(1), unit: 'kvarh' }, 422, 'body-invalid', '/unit'],
    ['an unknown quality', { ...reading(1), quality: 'good' }, 422, 'body-invalid', '/quality'],
    ['a value of quality missing', { ...interval(1), quality: 'missing' }, 422, 'body-invalid', '/quality'],
    ['a string for a body', '"reading"', 422, 'body-invalid', ''],
  ])('%s is refused, and the field named', async (_what, body, status, code, pointer) => {
    const more = typeof body === 'string' ? { headers: { 'content-type': 'application/json' } } : {};
    const answer = await post(body, more);
    expect(answer).toMatchObject({ status, body: { code, errors: [{ pointer }] } });
    expect(await values('m-1')).toEqual([]);
    expect(await values('c-1')).toEqual([]);
  });

  it.each([
    ['an hour the clock skipped', reading('1', '2026-10-04T02:30:00'), 'is skipped by the clock of Australia/Adelaide'],
    ['missing', { meterPoint: 'm-1', value: 1 }, 'is missing'],
    ['something else', { meterPoint: 'm-1', at: {}, value: 1 }, 'is neither a number nor a string'],
  ])('says in words what is wrong with a field that is %s', async (_what, body, words) => {
    const { errors } = (await post(body)).body as { errors: { message: string }[] };
    expect(errors).toMatchObject([{ pointer: '/at', message: expect.stringContaining(words) }]);
    const { items } = (await post([body])).body as { items: { message: string }[] };
    expect(items).toMatchObject([{ pointer: '/at', message: expect.stringContaining(words) }]);
  });

  it('leaves no register behind that the right one would then meet', async () => {
    expect(await post({ ...reading('1', '2030-01-01T00:00:00Z'), register: '99' })).toMatchObject({ status: 422 });
    expect(await post({ ...interval('1', '2026-11-21T10:10:00Z', 'm-1'), channel: 'E7' })).toMatchObject({
      status: 422,
    });
    expect((await call('GET', '/v1/meter-points/m-1')).body.series).toEqual([]);
    expect(await post({ ...reading('1'), register: '2' })).toMatchObject({ status: 200 });
  });

  it('is told apart from a broken request', async () => {
    const json = { 'content-type': 'application/json' };
    for (const [payload, headers, status, code] of [
      ['{"meterPoint":', json, 400, 'body-malformed'],
      ['', json, 400, 'body-malformed'],
      ['{"__proto__":{"x":1}}', json, 400, 'body-malformed'],
      ['meterPoint=m-1', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'media-type-unsupported'],
      ['<reading/>', { 'content-type': 'text/xml' }, 415, 'media-type-unsupported'],
      ['m-1,1', { 'content-type': 'text/csv' }, 400, 'body-malformed'],
      ['m-1 1', { 'content-type': 'text/plain' }, 415, 'media-type-unsupported'],
    ] as const) {
      expect(await call('POST', '/v1/readings', undefined, { payload, headers })).toMatchObject({
        status,
        body: { code },
      });
    }
    const query = await call('POST', '/v1/readings?dry=true', reading('1'));
    expect(query).toMatchObject({ status: 400, body: { code: 'query-unknown', errors: [{ pointer: 'dry' }] } });
    expect(await values()).toEqual([]);
    const method = await test.app.inject({ method: 'PUT', url: '/v1/readings', headers: { authorization: key } });
    expect(method).toMatchObject({ statusCode: 405, headers: { allow: 'POST' } });
  });

  it('is too large beyond eight megabytes', async () => {
    const payload = `[${' '.repeat(8 * 1024 * 1024)}]`;
    const answer = await call('POST', '/v1/readings', undefined, {
      payload,
      headers: { 'content-type': 'application/json' },
    });
    expect(answer).toMatchObject({ status: 413, body: { code: 'body-too-large' } });
  });
});

describe('a key', () => {
  it.each([
    ['missing', undefined, 401, 'key-missing'],
    ['of another scheme', 'Basic bTpt', 401, 'key-missing'],
    ['unknown', 'Bearer wl_0000000000000000000000000000000000000000000', 401, 'key-unknown'],
  ])('that is %s opens nothing', async (_how, authorization, status, code) => {
    for (const [method, url] of [
      ['POST', '/v1/readings'],
      ['GET', '/v1/meter-points/m-1/readings'],
    ] as const) {
      const answer = await test.app.inject({ method, url, headers: { ...(authorization && { authorization }) } });
      expect(answer.statusCode).toBe(status);
      expect(answer.json()).toMatchObject({ code });
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer /);
    }
  });

  it('reads or writes, as its scopes say', async () => {
    const [reader, writer] = [test.authorization(['readings:read']), test.authorization(['readings:write'])];
    const denied = await post(reading('1'), { headers: { authorization: reader } });
    expect(denied).toMatchObject({ status: 403, body: { code: 'scope-missing' } });
    expect(denied.headers['www-authenticate']).toContain('scope="readings:write"');
    expect(await post(reading('1'), { headers: { authorization: writer } })).toMatchObject({ status: 200 });
    const url = '/v1/meter-points/m-1/readings';
    expect(await call('GET', url, undefined, { headers: { authorization: writer } })).toMatchObject({ status: 403 });
    expect(await call('GET', url, undefined, { headers: { authorization: reader } })).toMatchObject({ status: 200 });
  });
});

describe('many readings', () => {
  it('get a verdict each, and one bad item stops no other', async () => {
    await post(reading('10', '2026-11-21T09:00:00Z'));
    const { status, body } = await post([
      reading('11', '2026-11-21T09:30:00Z'),
      reading('10', '2026-11-21T09:00:00Z'),
      reading('10.5', '2026-11-21T09:00:00Z'),
      reading('9', '2026-11-21T10:00:00Z'),
      reading('12', 'noon'),
      { meterPoint: 'm-1', at: 1, value: 1, colour: 'red' },
      null,
      reading('1', '2026-11-21T09:30:00Z', 'nobody'),
      interval('0.5'),
    ]);
    expect(status).toBe(200);
    expect(body).toEqual({
      accepted: 2,
      duplicate: 1,
      conflict: 1,
      quarantined: 0,
      rejected: 5,
      items: [
        { index: 1, verdict: 'duplicate' },
        { index: 2, verdict: 'conflict', code: 'reading-conflict', message: expect.stringContaining('10 kWh already') },
        {
          index: 3,
          verdict: 'rejected',
          code: 'reading-goes-backwards',
          pointer: '/value',
          message: expect.any(String),
        },
        { index: 4, verdict: 'rejected', code: 'timestamp-invalid', pointer: '/at', message: expect.any(String) },
        { index: 5, verdict: 'rejected', code: 'body-invalid', pointer: '/colour', message: expect.any(String) },
        { index: 6, verdict: 'rejected', code: 'body-invalid', pointer: '', message: expect.any(String) },
        {
          index: 7,
          verdict: 'rejected',
          code: 'meter-point-unknown',
          pointer: '/meterPoint',
          message: expect.any(String),
        },
      ],
    });
    expect(await values()).toEqual(['10', '11']);
    expect(await values('c-1')).toEqual(['0.5']);
  });

  it('meet each other within the array as they would one by one', async () => {
    const { body } = await post([reading('5'), reading('5'), reading('6'), reading('4', '2026-11-21T10:30:00Z')]);
    expect(body).toMatchObject({ accepted: 1, duplicate: 1, conflict: 1, rejected: 1 });
  });

  it('may be none, and at most ten thousand', async () => {
    expect(await post([])).toMatchObject({ status: 200, body: { accepted: 0, items: [] } });
    const start = Date.parse('2026-01-01T00:00:00Z') / 1000;
    const items = Array.from({ length: 10_000 }, (_, slot) => interval(slot, start + slot * 1800));
    expect(await post([...items, interval(1)])).toMatchObject({ status: 413, body: { code: 'too-many-items' } });
    expect(await values('c-1')).toEqual([]);
    expect((await post(items)).body).toMatchObject({ accepted: 10_000, items: [] });
  });

  it('around clock changes fill days of 46 and 50 half-hours', async () => {
    await call('POST', '/v1/meter-points', { identifier: 'london', zone: 'Europe/London', series: [channel('E1')] });
    for (const [day, slots, skipped] of [
      ['2026-03-29', 46, ['01:00', '01:30']],
      ['2025-10-26', 50, []],
    ] as const) {
      const start = Date.parse(`${day}T00:00:00Z`) / 1000 - (day.startsWith('2025') ? 3600 : 0);
      const stamps = Array.from({ length: slots }, (_, slot) => start + slot * 1800);
      const { body } = await post(stamps.map((at, slot) => interval(slot, at, 'london')));
      expect(body).toMatchObject({ accepted: slots, items: [] });
      // The same by the wall clock: what is skipped is no time; what is there twice means the first.
      const wall = Array.from(
        { length: 48 },
        (_, slot) => `${String(slot >> 1).padStart(2, '0')}:${slot % 2 === 0 ? '00' : '30'}`,
      );
      const byWall = (await post(wall.map(time => interval('999', `${day}T${time}:00`, 'london')))).body;
      const refused = (byWall.items as { index: number; code: string }[]).filter(
        ({ code }) => code === 'timestamp-invalid',
      );
      expect(refused.map(({ index }) => wall[index])).toEqual(skipped);
      expect(byWall).toMatchObject({ accepted: 0, conflict: 48 - skipped.length });
      const next = Date.parse(day) / 1000 + 86_400 * 2;
      const listed = await readings(
        'london',
        `?from=${day}T00:00:00&to=${new Date((next - 86_400) * 1000).toISOString().slice(0, 10)}T00:00:00`,
      );
      expect(listed.map(({ energy }) => energy)).toEqual(stamps.map((_, slot) => String(slot)));
    }
  });
});

describe('reading back', () => {
  it('page by page is the same as one page', async () => {
    await call('POST', '/v1/meter-points/c-1/series', channel('B1'));
    await call('POST', '/v1/meter-points/c-1/series', { kind: 'register', code: '1', flow: 'from-grid' });
    const start = Date.parse('2026-11-01T00:00:00Z') / 1000;
    const items = Array.from({ length: 61 }, (_, slot) => [
      { ...interval(slot, start + slot * 1800), channel: 'E1' },
      { ...interval(slot / 8, start + slot * 1800), channel: 'B1' },
      { ...reading(slot * 3, start + slot * 1800 + 7, 'c-1'), register: '1' },
    ]).flat();
    expect((await post(items)).body).toMatchObject({ accepted: items.length });
    const everything = await readings('c-1', '?limit=25000');
    expect(everything).toHaveLength(items.length);
    for (const limit of [1, 7, 61, 122, 183]) {
      const paged: unknown[] = [];
      let next: string | undefined = `/v1/meter-points/c-1/readings?limit=${limit}&from=2026-11-01T00:00:00Z`;
      let pages = 0;
      while (next) {
        const { status, body, headers }: Answer = await call('GET', next);
        expect(status).toBe(200);
        paged.push(...(body.data as unknown[]));
        next = /^<([^>]+)>; rel="next"$/.exec(String(headers.link ?? ''))?.[1];
        pages += 1;
      }
      expect(paged).toEqual(everything);
      expect(pages).toBe(Math.ceil(items.length / limit));
    }
  });

  it('is half-open, in either zone, of one register or channel', async () => {
    await call('POST', '/v1/meter-points/c-1/series', channel('B1'));
    const stamps = ['09:00', '09:30', '10:00'].map(time => `2026-11-21T${time}:00Z`);
    await post(
      stamps.flatMap(at => [
        { ...interval('1', at), channel: 'E1' },
        { ...interval('2', at), channel: 'B1' },
      ]),
    );
    const starts = async (query: string) =>
      (await readings('c-1', query)).map(({ start, channel: code }) => `${code} ${start}`);
    const expected = [`B1 ${stamps[1]}`];
    expect(await starts('?channel=B1&from=2026-11-21T09:30:00Z&to=2026-11-21T10:00:00Z')).toEqual(expected);
    expect(await starts('?channel=B1&from=2026-11-21T20:00:00&to=2026-11-21T20:30:00')).toEqual(expected);
    expect(await starts('?channel=B1&from=1795253400&to=1795255200')).toEqual(expected);
    expect(await starts('?channel=B2')).toEqual([]);
    expect(await starts('?to=2026-11-21T09:00:00Z')).toEqual([]);
  });

  it.each([
    ['?colour=red', 400, 'query-unknown', 'colour'],
    ['?limit=0', 422, 'body-invalid', 'limit'],
    ['?limit=25001', 422, 'body-invalid', 'limit'],
    ['?limit=many', 422, 'body-invalid', 'limit'],
    ['?from=yesterday', 422, 'timestamp-invalid', 'from'],
    ['?to=2026-02-30T00:00:00Z', 422, 'timestamp-invalid', 'to'],
    ['?cursor=%00', 422, 'cursor-invalid', 'cursor'],
    ['?cursor=MSAtMQ', 422, 'cursor-invalid', 'cursor'],
  ])('with %s is refused', async (query, status, code, pointer) => {
    const answer = await call('GET', `/v1/meter-points/m-1/readings${query}`);
    expect(answer).toMatchObject({ status, body: { code, errors: [{ pointer }] } });
  });

  it('of a meter point that is none is 404', async () => {
    expect(await call('GET', '/v1/meter-points/nobody/readings')).toMatchObject({
      status: 404,
      body: { code: 'meter-point-unknown' },
    });
  });

  it('gives the end of an interval by its own length', async () => {
    await call('POST', '/v1/meter-points', { identifier: 'five', series: [channel('E1', 5)] });
    await post(interval('0.01', '2026-11-21T10:05:00Z', 'five'));
    expect(await readings('five')).toMatchObject([{ start: '2026-11-21T10:05:00Z', end: '2026-11-21T10:10:00Z' }]);
  });
});

describe('when the disk has failed', () => {
  it('nothing is acknowledged any more: 503, and when to come back', async () => {
    await post(reading('1', '2026-11-21T09:00:00Z'));
    await test.house.journal.close();
    for (const body of [reading('2'), [reading('3', '2026-11-21T09:30:00Z')]]) {
      const refused = await post(body);
      expect(refused).toMatchObject({ status: 503, body: { code: 'storage-failed' } });
      expect(refused.headers['retry-after']).toMatch(/^\d+$/);
    }
    expect(await call('GET', '/v1/meter-points/m-1')).toMatchObject({ status: 200 });
  });
});
