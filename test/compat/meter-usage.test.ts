import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { addUser } from '../../src/access/add-user.ts';
import { browser } from '../admin/app.ts';
import { flatPlan } from '../admin/seed.ts';
import { type TestHouse, testFolder, testHouse } from '../open-house.ts';

// What the users of the meter usage system did, and where it is done here.

const zone = 'Australia/Adelaide';
let test: TestHouse;
let key: string;

beforeEach(async () => {
  test = await testHouse({ zone, at: '2026-11-18T15:10:00+10:30' });
  key = test.authorization();
  await post('/v1/meter-points', { identifier: '531-100-001', region: 'Central' });
});

async function ask(url: string) {
  const answer = await test.app.inject({ url, headers: { authorization: key } });
  return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
}

async function post(url: string, payload: object) {
  const answer = await test.app.inject({ method: 'POST', url, headers: { authorization: key }, payload });
  expect(answer.statusCode).toBeLessThan(300);
}

const read = (at: string, value: string) => post('/v1/readings', { meterPoint: '531-100-001', at, value });

/** Signs in as somebody of this role. */
async function signedIn(role: 'viewer' | 'admin') {
  const { password } = await addUser(test.house.access, { name: role, role, by: 'test' });
  const visitor = browser(test.app, {});
  const answer = await visitor.submit('/admin/sign-in', '/admin/sign-in', { name: role, password });
  return { visitor, answer };
}

describe('the front door', () => {
  it('P0-01 P0-03 leads to the pages of what one may do; whoever is a stranger signs in first', async () => {
    const home = await test.app.inject('/');
    expect([home.statusCode, home.headers.location]).toEqual([303, '/admin']);
    const stranger = await test.app.inject('/admin');
    expect([stranger.statusCode, stranger.headers.location]).toEqual([303, '/admin/sign-in?next=%2Fadmin']);
    const linksOf = (body: string) => [...body.matchAll(/href="\/admin\/([a-z-]+)"/g)].map(([, page]) => page);
    const { body } = await (await signedIn('viewer')).visitor.get('/admin');
    const seen = linksOf(body);
    // User Query and Government Analysis are for everybody with a name; the company's own pages are for its administrators.
    expect(seen).toEqual(expect.arrayContaining(['meter-points', 'usage', 'accounts', 'imports']));
    expect(seen).not.toContain('users');
    expect(body).not.toContain('Administration');
    const admin = (await signedIn('admin')).visitor;
    expect((await admin.get('/admin')).body).toContain('Administration');
    // The pages of a group are listed on each of them.
    expect(linksOf((await admin.get('/admin/users')).body)).toEqual(expect.arrayContaining(['users', 'keys']));
  });

  it('P0-01 P0-12 has no button that stops the service: reception is turned off by a key that may, and queries go on', async () => {
    await read('2026-11-18T15:00:00', '1');
    expect((await test.app.inject({ method: 'POST', url: '/stopServer' })).statusCode).toBe(404);
    await post('/shutdown', {});
    const refused = await test.app.inject({
      ...{ method: 'POST', url: '/v1/readings', headers: { authorization: key } },
      payload: { meterPoint: '531-100-001', at: '2026-11-18T15:05:00', value: '2' },
    });
    expect([refused.statusCode, refused.json().code]).toEqual([503, 'reception-off']);
    expect((await ask('/v1/meter-points/531-100-001/readings')).status).toBe(200);
  });

  it('P0-02 lets in by name and password, and says the same of a wrong one and of an unknown name', async () => {
    const { answer } = await signedIn('viewer');
    expect([answer.status, answer.location]).toEqual([303, '/admin']);
    for (const name of ['viewer', 'nobody']) {
      const wrong = await browser(test.app, {}).submit('/admin/sign-in', '/admin/sign-in', {
        name,
        password: 'a guess',
      });
      expect([wrong.status, wrong.body.includes('The name or the password is wrong.')]).toEqual([401, true]);
    }
  });

  it('P1-23 limits how often a password is tried', async () => {
    const guess = () =>
      browser(test.app, {}).submit('/admin/sign-in', '/admin/sign-in', { name: 'admin', password: 'a guess' });
    const statuses: number[] = [];
    for (let tries = 0; tries < 6; tries++) statuses.push((await guess()).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  });
});

describe('the day file', () => {
  it('P0-09 P0-11 is begun with the first reading of a day, in UTC, and has it before the meter is answered', async () => {
    await read('2026-11-18T15:00:00', '110.25');
    const files = () => readdirSync(join(test.home, 'logs')).filter(name => !name.startsWith('app-'));
    expect(files().some(name => name.includes('2026-11-18'))).toBe(true);
    const [file = ''] = files();
    expect(readFileSync(join(test.home, 'logs', file), 'latin1')).toContain('110250000');
    test.clock.moveTo('2026-11-19T15:10:00+10:30');
    await read('2026-11-19T15:00:00', '112');
    expect(files()).toHaveLength(2);
  });

  it('P0-10 is read again by the next start when the process died, and what it holds is counted once', async () => {
    for (const [at, value] of [
      ['2026-11-18T14:30:00', '110'],
      ['2026-11-18T15:00:00', '110.25'],
    ] as const)
      await read(at, value);
    // As it stands on disk now; nothing was flushed.
    const asItWas = join(testFolder(), 'home');
    cpSync(test.home, asItWas, { recursive: true, filter: path => !/(owner\.lock|\.sock)$/.test(path) });
    await test.close();
    test = await testHouse({ zone, at: '2026-11-18T15:10:00+10:30', home: asItWas });
    key = test.authorization();
    await read('2026-11-18T15:00:00', '110.25');
    const { body } = await ask('/v1/meter-points/531-100-001/readings');
    expect((body.data as { value: string }[]).map(({ value }) => value)).toEqual(['110', '110.25']);
  });
});

describe('a customer’s question', () => {
  it('P0-13 has usage of a named range and what last month was billed; a parameter that is missing is named', async () => {
    await post('/v1/plans', flatPlan);
    await post('/v1/accounts', { number: 'A-1', name: 'Ana' });
    await post('/v1/accounts/A-1/supplies', { meterPoint: '531-100-001', plan: 'FLAT', from: '2026-10-01' });
    for (const [at, value] of [
      ['2026-10-01T00:00:00', '100'],
      ['2026-11-01T00:00:00', '131'],
      ['2026-11-18T14:30:00', '140'],
      ['2026-11-18T15:00:00', '141.5'],
    ] as const)
      await read(at, value);
    const usage = async (period: string) => {
      const { body } = await ask(`/v1/meter-points/531-100-001/consumption?period=${period}`);
      return (body.data as { energy: string }[])[0]?.energy;
    };
    expect([await usage('last_half_hour'), await usage('month')]).toEqual(['1.5', '10.5']);
    const bill = await ask('/get_last_month_bill?meter_id=531-100-001');
    expect(bill.body).toMatchObject({ period: '2026-10', consumption: 31 });
    const without = await ask('/v1/meter-points/531-100-001/consumption');
    expect([without.status, without.body.code]).toEqual([422, 'period-invalid']);
    expect((await ask('/v1/meter-points/nobody/consumption?period=today')).status).toBe(404);
  });

  it('P0-16 a first reading has no usage, and one that counts down is refused by name instead of dropped', async () => {
    await read('2026-11-18T14:30:00', '140');
    const { body } = await ask('/v1/meter-points/531-100-001/consumption?period=today');
    expect((body.data as { knownEnergy: string | null }[])[0]?.knownEnergy).toBeNull();
    const down = await test.app.inject({
      ...{ method: 'POST', url: '/v1/readings', headers: { authorization: key } },
      payload: { meterPoint: '531-100-001', at: '2026-11-18T15:00:00', value: '139' },
    });
    expect([down.statusCode, down.json().code]).toEqual([422, 'reading-goes-backwards']);
  });

  it('P0-17 is narrowed to times of a day as well, not only to days', async () => {
    for (const [at, value] of [
      ['2026-11-18T14:00:00', '1'],
      ['2026-11-18T14:30:00', '2'],
      ['2026-11-18T15:00:00', '3'],
    ] as const)
      await read(at, value);
    const { body } = await ask('/v1/meter-points/531-100-001/readings?from=2026-11-18T14:15:00&to=2026-11-18T15:00:00');
    expect((body.data as { value: string }[]).map(({ value }) => value)).toEqual(['2']);
  });
});
