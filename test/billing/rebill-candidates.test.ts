import { describe, expect, it } from 'vitest';
import { flush } from '../../src/readings/flush.ts';
import { testHouse } from '../open-house.ts';

const nmi = '6001000017';

function nem12(days: Record<string, number[]>, stamp: string): string {
  const rows = Object.entries(days).map(([day, values]) => `300,${day},${values.join(',')},A,,,${stamp},`);
  return ['100,NEM12,202611020000,MDP,RETAILER', `200,${nmi},E1,1,E1,,METER1,KWH,480,`, ...rows, '900', ''].join(
    '\r\n',
  );
}

const october = Object.fromEntries(
  Array.from({ length: 31 }, (_, at) => [`202610${String(at + 1).padStart(2, '0')}`, [1, 1, 1]]),
);

const plan = {
  ...{ planCode: 'FLAT', displayName: 'Flat', currency: 'AUD', taxBasis: 'EXCLUSIVE', effectiveFrom: '2026-01-01' },
  taxes: { GST: { name: 'GST', percent: '10' } },
  components: [
    { kind: 'energy', code: 'USE', register: 'IMPORT', rates: [{ code: 'ALL', unitPrice: '0.30' }], tax: 'GST' },
  ],
};

type Read = [shows: number, day: string];

/** What register 11 showed, from each to the next. */
function nem13(reads: Read[], stamp = '20261101000000'): string {
  const field = ([shows, day]: Read) => `${shows},${day}000000,A,,`;
  const records = reads.slice(1).map((to, at) => {
    const from = reads[at]!;
    const quantity = to[0] - from[0] + (to[0] < from[0] ? 100_000 : 0);
    return `250,${nmi},11,1,11,,M1,E,${field(from)},${field(to)},${quantity},kWh,,${stamp},`;
  });
  return ['100,NEM13,202611020000,MDP,RETAILER', ...records, '900', ''].join('\r\n');
}

/** October 2026 is billed, by what this file says of it. */
async function octoberBilled(file = nem12(october, '20261101000000')) {
  const zone = 'Australia/Brisbane';
  const test = await testHouse({ at: '2026-11-21T10:10:00Z', zone });
  const headers = { authorization: test.authorization() };
  const send = async (method: 'GET' | 'POST' | 'PUT', url: string, payload?: object | string) => {
    const typed = typeof payload === 'string' ? { ...headers, 'content-type': 'application/octet-stream' } : headers;
    return (await test.app.inject({ method, url, headers: typed, ...(payload !== undefined && { payload }) })).json();
  };
  const take = async (content: string) => {
    const { imports } = await send('POST', '/v1/imports?wait=true', content);
    await flush({ ...test.house, zone: test.house.config.zone });
    test.clock.advance(60_000);
    return imports[0].id as number;
  };
  expect(await send('POST', '/v1/plans', plan)).toMatchObject({ version: 1 });
  await send('POST', '/v1/accounts', { number: 'A-1', name: 'Bakery' });
  await take(file);
  await send('POST', '/v1/accounts/A-1/supplies', { meterPoint: nmi, plan: 'FLAT', from: '2026-10-01' });
  const { bills } = await send('POST', '/v1/bill-runs', { month: '2026-10' });
  expect(bills).toMatchObject([{ verdict: 'issued' }]);
  test.clock.advance(60_000);
  const candidates = async (query = '') => (await send('GET', `/v1/rebill-candidates${query}`)).data;
  return { test, send, take, candidates, number: bills[0].number as string };
}

describe('a rebill candidate', () => {
  it('is raised by what changes under an issued invoice, with the energy then and now, and by nothing else', async () => {
    const { take, candidates, send, number } = await octoberBilled();
    await take(nem12(october, '20261101000000'));
    await take(nem12({ 20261101: [7, 7, 7] }, '20261102000000'));
    expect(await candidates()).toEqual([]);
    await take(nem12({ 20261005: [1, 4, 1] }, '20261103000000'));
    await take(nem12({ 20261009: [1, 1, 2] }, '20261103000000'));
    const [candidate, ...others] = await candidates();
    expect(others).toEqual([]);
    expect(candidate).toMatchObject({
      ...{ meterPoint: nmi, invoice: number, why: ['changed'] },
      ...{ from: '2026-10-05T08:00:00+10:00', to: '2026-10-09T16:00:00+10:00' },
      channels: [{ code: 'E1', billed: '14', now: '18', difference: '4' }],
    });
    expect((await send('GET', candidate.correction)).difference).toBe('1.20');
  });

  it('is dismissed with a reason and raised anew by the next change', async () => {
    const { take, candidates, send, test } = await octoberBilled();
    await take(nem12({ 20261005: [1, 4, 1] }, '20261103000000'));
    const [{ id }] = await candidates();
    const dismiss = () => send('POST', `/v1/rebill-candidates/${id}/dismiss`, { reason: 'agreed with the customer' });
    expect(await dismiss()).toEqual({ id, dismissed: true });
    expect(await candidates()).toEqual([]);
    expect(await candidates('?open=false')).toMatchObject([{ id, dismissed: { reason: 'agreed with the customer' } }]);
    expect(await dismiss()).toMatchObject({ code: 'rebill-candidate-unknown' });
    expect(test.house.access.audit.list({ search: 'rebill.dismiss', limit: 9 })).toHaveLength(1);
    await take(nem12({ 20261006: [1, 1, 9] }, '20261104000000'));
    expect(await candidates()).toMatchObject([{ from: '2026-10-06T16:00:00+10:00' }]);
  });

  it('is raised by another multiplier of a register that was billed, and not by what changes no energy', async () => {
    const { candidates, send, number } = await octoberBilled(
      nem13([
        [100, '20261001'],
        [193, '20261101'],
      ]),
    );
    const tell = (facts: object) =>
      send('PUT', `/v1/meter-points/${nmi}/register-map`, { register: '11', meter: 'M1', ...facts });
    expect(await tell({ from: '2026-10-01', digits: 5, multiplier: '1' })).toMatchObject({ outcome: 'new' });
    expect(await tell({ from: '2026-11-01', multiplier: '40' })).toMatchObject({ outcome: 'new' });
    expect(await candidates()).toEqual([]);
    expect(await tell({ from: '2026-10-11', multiplier: '40' })).toMatchObject({ outcome: 'new' });
    const [candidate, ...others] = await candidates();
    expect(others).toEqual([]);
    expect(candidate).toMatchObject({ meterPoint: nmi, invoice: number, why: ['changed'] });
    await tell({ from: '2026-10-01', multiplier: '40' });
    expect(await candidates()).toHaveLength(1);
    expect((await send('GET', candidate.correction)).difference).toBe((93 * 39 * 0.3).toFixed(2));
  });

  it.each<[what: string, reads: Read[], difference: string]>([
    [
      'another value before it',
      [
        [80, '20260920'],
        [200, '20261110'],
      ],
      '3.64',
    ],
    [
      'a reading nearer to it',
      [
        [100, '20260920'],
        [150, '20260930'],
        [200, '20261110'],
      ],
      '-6.90',
    ],
    [
      'nothing by what comes behind',
      [
        [100, '20260920'],
        [200, '20261110'],
        [300, '20261210'],
      ],
      '',
    ],
  ])('is raised by what a bill was interpolated from: %s', async (_what, reads, difference) => {
    const { take, candidates, send } = await octoberBilled(
      nem13([
        [100, '20260920'],
        [200, '20261110'],
      ]),
    );
    await take(nem13(reads, '20261103000000'));
    const found = await candidates();
    expect(found).toHaveLength(difference === '' ? 0 : 1);
    if (difference === '') return;
    expect(found).toMatchObject([{ from: '2026-10-01T00:00:00+10:00', to: '2026-11-01T00:00:00+10:00' }]);
    expect((await send('GET', found[0].correction)).difference).toBe(difference);
  });

  it('is raised by other digits where the dial began again, and by an exchange before the bill began', async () => {
    const turned = await octoberBilled(
      nem13([
        [99_990, '20261001'],
        [20, '20261101'],
      ]),
    );
    const digits = { register: '11', meter: 'M1', from: '2026-10-01' };
    await turned.send('PUT', `/v1/meter-points/${nmi}/register-map`, { ...digits, digits: 5, multiplier: '1' });
    expect(await turned.candidates()).toEqual([]);
    await turned.send('PUT', `/v1/meter-points/${nmi}/register-map`, { ...digits, digits: 6 });
    expect(await turned.candidates()).toMatchObject([{ why: ['changed'] }]);
    const { send, candidates } = await octoberBilled(
      nem13([
        [100, '20260920'],
        [200, '20261110'],
      ]),
    );
    const exchange = { register: '11', at: '2026-09-25T10:00:00', finalValue: '150', firstValue: '10' };
    await send('POST', `/v1/meter-points/${nmi}/exchanges`, exchange);
    expect(await candidates()).toMatchObject([{ why: ['changed'] }]);
  });

  it('is not raised by undoing an import, because what is billed stays and is listed', async () => {
    const { take, candidates, send, number } = await octoberBilled();
    const late = await take(nem12({ 20261031: [1, 1, 5], 20261101: [7, 7, 7] }, '20261103000000'));
    expect(await candidates()).toHaveLength(1);
    const undone = await send('POST', `/v1/imports/${late}/undo`);
    expect(undone).toMatchObject({ gone: 3, billed: [{ meterPoint: nmi, invoice: number, readings: 3 }] });
    expect((await send('GET', '/v1/meter-points/6001000017/readings?from=2026-10-31T00:00:00')).data).toHaveLength(3);
  });
});
