import { expect, it } from 'vitest';
import { addUser } from '../../src/access/add-user.ts';
import { flush } from '../../src/readings/flush.ts';
import { instantOfMs } from '../../src/units/time.ts';
import { testHouse } from '../open-house.ts';
import { browser } from './app.ts';

const nmi = '6001000017';
const plan = {
  ...{ planCode: 'FLAT', displayName: 'Flat', currency: 'AUD', taxBasis: 'EXCLUSIVE', effectiveFrom: '2026-01-01' },
  taxes: { GST: { name: 'GST', percent: '10' } },
  components: [
    { kind: 'energy', code: 'USE', register: 'IMPORT', rates: [{ code: 'ALL', unitPrice: '0.30' }], tax: 'GST' },
  ],
};

function nem12(days: string[], value: number, stamp: string): string {
  const rows = days.map(day => `300,${day},${value},${value},${value},A,,,${stamp},`);
  return ['100,NEM12,202611020000,MDP,RETAILER', `200,${nmi},E1,1,E1,,METER1,KWH,480,`, ...rows, '900', ''].join(
    '\r\n',
  );
}

it('a billed day that changed is on the list, leads to the lines of its correction, and is dismissed with a reason', async () => {
  const { house, app, clock, authorization } = await testHouse({ zone: 'Australia/Brisbane' });
  const headers = { authorization: authorization() };
  const post = async (url: string, payload: object) => app.inject({ method: 'POST', url, headers, payload });
  const take = async (content: string) => {
    const typed = { ...headers, 'content-type': 'application/octet-stream' };
    await app.inject({ method: 'POST', url: '/v1/imports?wait=true', headers: typed, payload: content });
    await flush({ ...house, zone: house.config.zone });
    clock.advance(60_000);
  };
  await post('/v1/plans', plan);
  await post('/v1/accounts', { number: 'A-1', name: 'Bakery' });
  await take(
    nem12(
      Array.from({ length: 31 }, (_, at) => `202610${String(at + 1).padStart(2, '0')}`),
      1,
      '20261101000000',
    ),
  );
  await post('/v1/accounts/A-1/supplies', { meterPoint: nmi, plan: 'FLAT', from: '2026-10-01' });
  const { number } = (await post('/v1/bill-runs', { month: '2026-10' })).json().bills[0];
  clock.advance(60_000);
  await take(nem12(['20261005'], 2, '20261103000000'));

  const { user } = await addUser(house.access, { name: 'ana', role: 'admin', by: 'test' });
  const session = house.access.sessions.begin(user, '127.0.0.1', instantOfMs(clock.now()));
  const ana = browser(app, { wattledger_session: session.id });
  const { body } = await ana.get('/admin/rebills');
  expect(body).toContain('nothing books a correction by itself');
  // Three kWh more at 0.30.
  const correction = `/admin/invoices/${encodeURIComponent(number)}/correction`;
  expect(body).toContain(`<a href="${correction}">$0.90</a>`);
  const lines = (await ana.get(correction)).body;
  for (const text of ['taken back', '−93.000 kWh', '−$27.90', 'billed anew', '96.000 kWh', '$28.80'])
    expect(lines).toContain(text);

  expect((await ana.submit('/admin/rebills', '/admin/rebills/dismiss', { id: '1', reason: ' ' })).status).toBe(422);
  await ana.submit('/admin/rebills', '/admin/rebills/dismiss', { id: '1', reason: 'agreed by telephone' });
  expect((await ana.get('/admin/rebills')).body).toContain('Nothing that was billed has changed.');
  expect((await ana.get('/admin/audit')).body).toContain('rebill.dismiss');
});
