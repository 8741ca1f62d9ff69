import { beforeEach, describe, expect, it } from 'vitest';
import { billRun } from '../../src/billing/bill-run.ts';
import { issueInvoices } from '../../src/billing/issue-invoices.ts';
import type { Day } from '../../src/units/time.ts';
import { flatPlan } from '../admin/seed.ts';
import { type TestHouse, testHouse } from '../open-house.ts';

let test: TestHouse;
let key: string;

/** An account with one meter point supplied since July, half-hours of the 1st to the 4th of November. */
beforeEach(async () => {
  test = await testHouse();
  key = test.authorization();
  await ask('POST', '/v1/plans', flatPlan);
  await ask('POST', '/v1/accounts', { number: 'A-1', name: 'Ana' });
  await ask('POST', '/v1/accounts', { number: 'A-2', name: 'Bo' });
  await ask('POST', '/v1/meter-points', {
    identifier: 'm-1',
    series: [{ kind: 'channel', code: 'E1', flow: 'from-grid' }],
  });
  await ask('POST', '/v1/accounts/A-1/supplies', { meterPoint: 'm-1', plan: 'FLAT', from: '2026-11-01' });
  const readings = Array.from({ length: 4 * 48 }, (_, slot) => ({
    ...{ meterPoint: 'm-1', energy: '0.5' },
    start: Date.parse('2026-11-01T00:00:00Z') / 1000 + slot * 1800,
  }));
  await ask('POST', '/v1/readings', readings);
});

async function ask(method: 'GET' | 'POST', url: string, payload?: object) {
  const answer = await test.app.inject({ method, url, headers: { authorization: key }, ...(payload && { payload }) });
  return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
}

const close = (from: string, confirmed?: boolean) =>
  ask('POST', '/v1/accounts/A-1/close', { from, ...(confirmed !== undefined && { confirmed }) });
const suppliesOf = async () =>
  ((await ask('GET', '/v1/accounts/A-1')).body.supplies as { to: string | null }[]).map(({ to }) => to);

async function bill(from: string, to: string): Promise<void> {
  await billRun(test.house, { from: from as Day, to: to as Day });
  await issueInvoices(test.house, test.house.drafts.listIds());
}

describe('closing an account', () => {
  it('P0-06 ends what is supplied, deletes nothing, and is undone by opening it again', async () => {
    expect((await close('2026-11-05', true)).status).toBe(200);
    expect((await ask('GET', '/v1/accounts/A-1')).body).toMatchObject({ name: 'Ana', closedFrom: '2026-11-05' });
    expect(await suppliesOf()).toEqual(['2026-11-05']);
    const readings = (await ask('GET', '/v1/meter-points/m-1/readings')).body.data as unknown[];
    expect(readings).toHaveLength(192);
    expect((await close('2026-11-06', true)).body.code).toBe('account-state-unchanged');
    expect((await ask('POST', '/v1/accounts/A-1/reopen')).status).toBe(200);
    expect(await suppliesOf()).toEqual([null]);
    expect((await ask('POST', '/v1/accounts/A-1/reopen')).body.code).toBe('account-state-unchanged');
    expect(test.house.access.audit.list({ limit: 2 }).map(({ action }) => action)).toEqual([
      'account.reopen',
      'account.close',
    ]);
  });

  it('P0-06 is refused while days are not billed, before it and after it, unless that is confirmed; they are billed all the same', async () => {
    const early = await close('2026-11-03');
    expect([early.status, early.body.code]).toEqual([409, 'days-unbilled']);
    expect(early.body.detail).toContain('m-1 2026-11-01 to 2026-11-02; m-1 has readings after 2026-11-03');
    expect(await suppliesOf()).toEqual([null]);
    expect((await close('2026-11-05')).body.detail).toContain('m-1 2026-11-01 to 2026-11-04');
    await close('2026-11-05', true);
    await bill('2026-11-01', '2026-12-01');
    const [invoice] = test.house.receivables.listInvoices('2026-12-01' as Day, { account: 'A-1', limit: 1 });
    // 4 days of 24 kWh at 0.20.
    expect(invoice?.charges).toBe(1920n);
  });

  it('P0-06 asks nobody when every day is billed, and never takes a billed day back', async () => {
    await bill('2026-11-01', '2026-11-05');
    const { status, body } = await close('2026-11-03', true);
    expect([status, body.code]).toEqual([409, 'days-billed']);
    expect((await close('2026-11-05')).status).toBe(200);
  });

  it('P0-06 keeps the meter point free for others, who are not put off it when the account opens again', async () => {
    await close('2026-11-05', true);
    const supply = { meterPoint: 'm-1', plan: 'FLAT', from: '2026-11-05' };
    const own = await ask('POST', '/v1/accounts/A-1/supplies', supply);
    expect([own.status, own.body.code]).toEqual([409, 'account-closed']);
    expect((await ask('POST', '/v1/accounts/A-2/supplies', supply)).status).toBe(201);
    const again = await ask('POST', '/v1/accounts/A-1/reopen');
    expect([again.status, again.body.code]).toEqual([409, 'supply-overlaps']);
    expect((await ask('GET', '/v1/accounts/A-1')).body.closedFrom).toBe('2026-11-05');
  });

  it.each([
    ['an account that is not there', 'A-9', { from: '2026-11-05' }, 404, 'account-unknown'],
    ['a day that is none', 'A-1', { from: '2026-11-31' }, 422, 'body-invalid'],
    ['a day before anything was supplied', 'A-1', { from: '2026-10-01', confirmed: true }, 422, 'body-invalid'],
  ])('P0-06 is refused for %s', async (_what, number, closing, status, code) => {
    const answer = await ask('POST', `/v1/accounts/${number}/close`, closing);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });
});
