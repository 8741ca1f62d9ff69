import { gzipSync, zstdCompressSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { type TestHouse, testHouse } from '../open-house.ts';

let test: TestHouse;
let authorization: string;

beforeEach(async () => {
  test = await testHouse({ at: '2026-11-21T10:10:00Z', zone: 'Australia/Adelaide' });
  authorization = test.authorization();
  const series = [{ kind: 'channel', code: 'E1', flow: 'from-grid', intervalMinutes: 30 }];
  for (const payload of [{ identifier: 'm-1' }, { identifier: 'c-1', series }]) {
    const headers = { authorization };
    await test.app.inject({ method: 'POST', url: '/v1/meter-points', payload, headers });
  }
});

async function post(type: string, payload: string | Buffer | object, query = '', encoding?: string) {
  const headers = { authorization, 'content-type': type, ...(encoding && { 'content-encoding': encoding }) };
  const answer = await test.app.inject({ method: 'POST', url: `/v1/readings${query}`, payload, headers });
  return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
}

const ndjson = (text: string, query = '') => post('application/x-ndjson', text, query);
const csv = (text: string, query = '') => post('text/csv', text, query);
const json = (body: object, query = '') => post('application/json', JSON.stringify(body), query);

async function values(meterPoint: string) {
  const url = `/v1/meter-points/${meterPoint}/readings`;
  const { data } = (await test.app.inject({ url, headers: { authorization } })).json<{
    data: Record<string, string>[];
  }>();
  return data.map(({ value, energy }) => value ?? energy);
}

async function seriesOf(meterPoint: string) {
  const url = `/v1/meter-points/${meterPoint}`;
  return (await test.app.inject({ url, headers: { authorization } })).json<{ series: unknown[] }>().series;
}

describe('NDJSON', () => {
  it('is a reading a line, and what is wrong is named by its line', async () => {
    const text = [
      '{"meterPoint":"c-1","start":"2026-11-21T09:00:00Z","energy":"0.5"}',
      '',
      '{"meterPoint":"c-1","start":"2026-11-21T20:00:00","energy":0.25}\r',
      '{"meterPoint":"c-1","start":"2026-11-21T10:00:00Z","energy":"0.5"',
      '{"meterPoint":"c-1","start":"2026-11-21T10:00:00Z","energy":"much"}',
      '{"meterPoint":"c-1",',
      '"start":"2026-11-21T10:00:00Z","energy":"1"}',
      '{"__proto__":{"x":1},"meterPoint":"c-1","start":"2026-11-21T10:00:00Z","energy":"1"}',
    ].join('\n');
    const { status, body } = await ndjson(text);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      accepted: 2,
      rejected: 5,
      items: [
        { index: 2, line: 4, code: 'body-malformed' },
        { index: 3, line: 5, code: 'value-invalid', pointer: '/energy' },
        { index: 4, line: 6, code: 'body-malformed' },
        { index: 5, line: 7, code: 'body-malformed' },
        { index: 6, line: 8, code: 'body-invalid' },
      ],
    });
    expect(await values('c-1')).toEqual(['0.5', '0.25']);
  });
});

describe('NDJSON with a mark of byte order', () => {
  it('loses nothing of its first line', async () => {
    const line = (minute: string) => `{"meterPoint":"c-1","start":"2026-11-21T09:${minute}:00Z","energy":"0.5"}`;
    const { body } = await ndjson(`\ufeff${line('00')}\n\ufeff${line('30')}`);
    // In front of any other line it is no JSON.
    expect(body).toMatchObject({ accepted: 1, rejected: 1, items: [{ index: 1, line: 2, code: 'body-malformed' }] });
    expect((await ndjson('\ufeff\n')).body).toMatchObject({ accepted: 0, rejected: 0 });
  });
});

describe('CSV', () => {
  it('names its columns in any order, with cells in quotation marks or empty', async () => {
    const text = [
      '\ufeffenergy,meterPoint,start,quality,unit',
      '0.5,c-1,2026-11-21T09:00:00Z,actual,kWh',
      '"250","c-1","2026-11-21T20:00:00",,Wh',
      '0.1,c-1,2026-11-21T10:00:00Z,good,',
      '0.1,c-1,2026-11-21T10:00:00Z',
      '0.1,"c-1,2026-11-21T10:00:00Z,,',
    ].join('\r\n');
    expect((await csv(text)).body).toMatchObject({
      accepted: 2,
      rejected: 3,
      items: [
        { index: 2, line: 4, code: 'body-invalid', pointer: '/quality' },
        { index: 3, line: 5, code: 'body-malformed' },
        { index: 4, line: 6, code: 'body-malformed' },
      ],
    });
    expect(await values('c-1')).toEqual(['0.5', '0.25']);
  });

  it('takes the names the power consumption API used', async () => {
    const text = 'meter_id,timestamp,reading\nm-1,2026-11-21T20:00:00,12.5\nm-1,2026-11-21T20:30:00,13\n';
    expect((await csv(text)).body).toMatchObject({ accepted: 2, items: [] });
    expect(await values('m-1')).toEqual(['12.5', '13']);
  });

  it.each([
    ['', 'not a column'],
    ['m-1,1', 'not a column'],
    ['meterPoint,at', 'at and value'],
    ['meterPoint,at,energy', 'at and value'],
    ['meterPoint,start,energy,register', 'at and value'],
    ['start,energy', 'meterPoint is needed'],
    ['meterPoint,meter_id,at,value', 'say the same'],
  ])('with the header "%s" is refused: %s', async (header, why) => {
    const { status, body } = await csv(`${header}\nm-1,1,1`);
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'body-malformed' });
    expect(body.detail).toContain(why);
  });
});

describe('a body in gzip or zstd', () => {
  const text = '{"meterPoint":"m-1","at":"2026-11-21T09:00:00Z","value":"5"}\n';

  it.each([
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ])('%s is unpacked', async (encoding, compress) => {
    expect((await post('application/x-ndjson', compress(text), '', encoding)).body).toMatchObject({ accepted: 1 });
    const single = { meterPoint: 'm-1', at: '2026-11-21T09:30:00Z', value: '6' };
    const one = compress(JSON.stringify(single));
    expect((await post('application/json', one, '', encoding)).body).toEqual({ verdict: 'accepted' });
  });

  it.each([
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ])('%s that unpacks to more than eight megabytes is refused', async (encoding, compress) => {
    const bomb = compress(Buffer.alloc(200 * 1024 * 1024, 32));
    const { status, body } = await post('application/x-ndjson', bomb, '', encoding);
    expect({ status, code: body.code }).toEqual({ status: 413, code: 'body-too-large' });
  });

  it('that is damaged or of another kind is refused', async () => {
    expect((await post('text/csv', gzipSync(text).subarray(0, 30), '', 'gzip')).body.code).toBe('body-malformed');
    expect((await post('text/csv', Buffer.from(text), '', 'zstd')).body.code).toBe('body-malformed');
    expect((await post('text/csv', Buffer.from(text), '', 'br')).status).toBe(415);
  });
});

describe('a JSON array', () => {
  const rows = Array.from({ length: 5000 }, (_, slot) => ({
    meterPoint: 'c-1',
    start: 1_788_000_000 + slot * 1800,
    energy: 1,
  }));
  const text = JSON.stringify(rows);

  it.each([
    ['without its last byte', text.slice(0, -1)],
    ['with something behind it', `${text},`],
    ['with an item that is no JSON', `${text.slice(0, -1)},{"meterPoint":}]`],
    ['with an item that would become a prototype', `${text.slice(0, -1)},{"__proto__":{"x":1}}]`],
  ])('%s is refused, and none of it is kept', async (_what, body) => {
    expect(await post('application/json', body)).toMatchObject({ status: 400, body: { code: 'body-malformed' } });
    expect(test.house.journal.position.sequence).toBe(0);
  });

  it('of too many items says how many, unless it is broken behind them', async () => {
    const many = `[${Array.from({ length: 10_001 }, () => '{}').join()}]`;
    const { status, body } = await post('application/json', many);
    expect({ status, code: body.code }).toEqual({ status: 413, code: 'too-many-items' });
    expect(body.detail).toContain('10001 items');
    expect(await post('application/json', many.slice(0, -1))).toMatchObject({ status: 400 });
  });
});

it('more than ten thousand lines are too many, and none of them is kept', async () => {
  const start = Date.parse('2026-01-01T00:00:00Z') / 1000;
  const rows = Array.from({ length: 10_001 }, (_, slot) => `c-1,${start + slot * 1800},${slot}`);
  const text = ['meterPoint,start,energy', ...rows].join('\n');
  expect(await csv(text)).toMatchObject({ status: 413, body: { code: 'too-many-items' } });
  expect(await values('c-1')).toEqual([]);
});

describe('?atomic=true', () => {
  const good = { meterPoint: 'm-1', at: '2026-11-21T09:00:00Z', value: '5' };

  it.each([
    ['rejected', { ...good, at: 'noon' }, '/2/at'],
    ['in conflict with one beside it', { ...good, value: '6' }, '/2'],
    ['lower than one beside it', { ...good, at: '2026-11-21T09:30:00Z', value: '4' }, '/2/value'],
  ])('keeps nothing when one is %s', async (_why, bad, pointer) => {
    const { status, body } = await json([good, good, bad], '?atomic=true');
    expect({ status, code: body.code }).toEqual({ status: 422, code: 'batch-refused' });
    expect(body.errors).toEqual([{ pointer, message: expect.any(String) }]);
    expect(await values('m-1')).toEqual([]);
    expect(await seriesOf('m-1')).toEqual([]);
    expect(test.house.journal.position.sequence).toBe(0);
  });

  it('keeps all when all can be, duplicates among them', async () => {
    const later = { ...good, at: '2026-11-21T09:30:00Z', value: '7' };
    expect(await json([good, good, later], '?atomic=true')).toMatchObject({
      status: 200,
      body: { accepted: 2, duplicate: 1, rejected: 0 },
    });
    expect(await values('m-1')).toEqual(['5', '7']);
  });

  it('does not keep a single conflict beside what is there either', async () => {
    await json(good);
    expect(await json({ ...good, value: '6' }, '?atomic=true')).toMatchObject({ status: 409 });
    const url = '/v1/meter-points/m-1/readings';
    const { body } = await test.app.inject({ url, headers: { authorization } });
    expect(body).not.toContain('versions');
  });
});

describe('?dry_run=true', () => {
  it('gives the verdicts that posting would give, and keeps nothing', async () => {
    await json({ meterPoint: 'm-1', at: '2026-11-21T09:00:00Z', value: '5' });
    const items = ['5', '6', '4', '7'].map((value, at) => ({
      meterPoint: 'm-1',
      at: ['2026-11-21T09:00:00Z', '2026-11-21T09:00:00Z', '2026-11-21T09:10:00Z', '2026-11-21T09:20:00Z'][at],
      value,
    }));
    const more = [
      ...items,
      { ...items[3], value: '8' },
      { meterPoint: 'c-1', start: '2026-11-21T09:00:00Z', energy: 1 },
    ];
    const { sequence } = test.house.journal.position;
    const rehearsed = await json(more, '?dry_run=true');
    expect(rehearsed.body).toMatchObject({ accepted: 2, duplicate: 1, conflict: 2, rejected: 1 });
    expect(test.house.journal.position.sequence).toBe(sequence);
    expect(await values('m-1')).toEqual(['5']);
    expect((await json(more)).body).toEqual(rehearsed.body);
  });

  it('makes no register', async () => {
    const reading = { meterPoint: 'm-1', at: '2026-11-21T09:00:00Z', value: '5', register: '9' };
    expect((await json(reading, '?dry_run=true')).body).toEqual({ verdict: 'accepted' });
    expect(await seriesOf('m-1')).toEqual([]);
  });

  it('is true or false', async () => {
    expect((await json([], '?dry_run=maybe')).status).toBe(422);
  });
});
