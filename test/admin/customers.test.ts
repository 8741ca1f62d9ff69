import { beforeEach, describe, expect, it } from 'vitest';
import { type AdminApp, adminApp, type Browser } from './app.ts';
import { addAccount, addMeterPoint, flatPlan } from './seed.ts';

let admin: AdminApp;
let operator: Browser;

beforeEach(async () => {
  admin = await adminApp();
  operator = await admin.signedIn('operator');
});

const ana = { number: 'A-1', name: 'Ana', businessNumber: '', email: '', phone: '', postalAddress: 'PO Box 1\r\nTown' };

describe('accounts in the browser', () => {
  it('P0-04 are opened on a page of their own; a number that is taken and a field that is wrong are said beside what was typed', async () => {
    const page = '/admin/new-account';
    const opened = await operator.submit(page, `${page}/open`, ana);
    expect([opened.status, opened.location]).toEqual([303, '/admin/accounts/A-1']);
    expect(admin.deps.accounts.get('A-1')).toMatchObject({ name: 'Ana', postalAddress: 'PO Box 1\nTown' });
    const twice = await operator.submit(page, `${page}/open`, { ...ana, number: 'A-1 ' });
    expect([twice.status, twice.body.includes('account A-1 exists already')]).toEqual([409, true]);
    const wrong = await operator.submit(page, `${page}/open`, { ...ana, number: 'A-2', email: 'ana at home' });
    expect(wrong.status).toBe(422);
    expect(wrong.body).toMatch(/value="ana at home"[^>]* aria-describedby="open-email-problem" aria-invalid="true"/);
    expect(wrong.body).toContain('id="open-email-problem"');
    expect(admin.deps.accounts.count()).toBe(1);
  });

  it('P0-05 are changed by whoever read them last: the other one sees what stands there now, and may send again', async () => {
    addAccount(admin.deps, ana);
    const page = '/admin/accounts/A-1';
    const { number: _number, ...facts } = ana;
    const mine = { ...facts, version: '1', phone: '1' };
    expect((await operator.submit(page, `${page}/change`, mine)).status).toBe(303);
    const late = await operator.submit(page, `${page}/change`, { ...facts, version: '1', phone: '2' });
    expect(late.status).toBe(409);
    expect(late.body).toContain('changed by somebody else since this was read');
    expect(late.body).toContain('<dd>1</dd>');
    expect(late.body).toContain('name="version" value="2"');
    expect((await operator.submit(page, `${page}/change`, { ...facts, version: '2', phone: '2' })).status).toBe(303);
    expect(admin.deps.accounts.get('A-1').phone).toBe('2');
    const unknown = await operator.get('/admin/accounts/nobody');
    expect([unknown.status, unknown.body.includes('there is no account nobody')]).toEqual([404, true]);
  });

  it('P0-06 get a supply, are closed once it is confirmed that days are not billed, and are opened again', async () => {
    addAccount(admin.deps, ana);
    addMeterPoint(admin.deps, 'm-1');
    admin.deps.plans.addVersion(flatPlan, 0);
    const page = '/admin/accounts/A-1';
    const supply = { meterPoint: 'm-1', plan: 'NONE', from: '2026-11-01', to: '' };
    expect((await operator.submit(page, `${page}/supply`, supply)).body).toContain('there is no plan &quot;NONE&quot;');
    expect((await operator.submit(page, `${page}/supply`, { ...supply, plan: 'FLAT' })).status).toBe(303);
    const asked = await operator.submit(page, `${page}/close`, { from: '2026-11-20' });
    expect(asked.status).toBe(409);
    expect(asked.body).toContain('confirmed say that you know');
    expect((await operator.submit(page, `${page}/close`, { from: '2026-11-20', confirmed: 'true' })).status).toBe(303);
    const closed = await operator.get(page);
    expect([closed.body.includes('closed from 20 Nov 2026'), closed.body.includes('Add a supply')]).toEqual([
      true,
      false,
    ]);
    expect((await operator.get('/admin/accounts')).body).toContain('closed from 20 Nov 2026');
    expect((await operator.submit(page, `${page}/reopen`, {})).status).toBe(303);
    expect((await operator.get(page)).body).not.toContain('closed from');
  });

  it('P0-03 are looked at by a viewer, who is offered no form and may send none', async () => {
    addAccount(admin.deps, ana);
    const viewer = await admin.signedIn('viewer');
    const { body } = await viewer.get('/admin/accounts/A-1');
    expect([body.includes('Change what is said'), body.includes('Close this account')]).toEqual([false, false]);
    expect((await viewer.get('/admin/accounts')).body).not.toContain('New account');
    expect((await viewer.get('/admin/new-account')).status).toBe(403);
    expect((await viewer.submit('/admin/accounts', '/admin/accounts/A-1/change', { version: '1' })).status).toBe(403);
  });
});

describe('meter points in the browser', () => {
  const premises = {
    address: '1 Example Road',
    region: 'Central',
    subRegion: 'Town',
    postcode: '100001',
    dwellingType: '4-room',
  };

  it('P0-04 P0-05 are registered with their premises and changed, and found by region and dwelling', async () => {
    const page = '/admin/new-meter-point';
    const given = { identifier: '531-123-456', zone: 'Australia/Adelaide', ...premises };
    const made = await operator.submit(page, `${page}/register`, given);
    expect(made.location).toBe('/admin/meter-points/531-123-456');
    // Once more, and as it comes along from a cell of a spreadsheet.
    for (const identifier of ['531-123-456', ' 531-123-456 '])
      expect((await operator.submit(page, `${page}/register`, { ...given, identifier })).status).toBe(409);
    const nowhere = await operator.submit(page, `${page}/register`, { ...given, identifier: 'm-2', zone: 'Nowhere' });
    expect(nowhere.body).toContain('id="register-zone-problem"');
    const at = '/admin/meter-points/531-123-456';
    const changed = { ...premises, version: '1', region: 'North' };
    expect((await operator.submit(at, `${at}/change`, changed)).status).toBe(303);
    expect((await operator.submit(at, `${at}/change`, changed)).status).toBe(409);
    expect((await operator.get(at)).body).toContain('1 Example Road · Town · North 100001 · 4-room');
    expect((await operator.get('/admin/meter-points?region=North&dwelling=4-room')).body).toContain('531-123-456');
    expect((await operator.get('/admin/meter-points/nobody')).status).toBe(404);
  });
});

describe('a reading that a person types', () => {
  const page = '/admin/meter-points/531-123-456';
  const record = (fields: Record<string, string>) =>
    operator.submit(page, `${page}/reading`, { series: 'register 1', quality: 'actual', ...fields });

  it('P0-08 is kept as one a meter sends, on the clock of the meter, and shown with its time and usage and whose it is', async () => {
    addMeterPoint(admin.deps, '531-123-456');
    // The clock of the test stands at 21:00 in Adelaide.
    expect((await operator.get(page)).body).toMatch(/type="datetime-local" value="2026-11-21T2\d:\d\d"/);
    const first = await record({ series: 'register', at: '2026-11-20T08:00', value: '100.5' });
    expect(first.status).toBe(303);
    expect((await operator.get(first.location ?? '')).body).toContain('It is the first reading');
    const second = await record({ at: '2026-11-21T08:00', value: '112' });
    const { body } = await operator.get(second.location ?? '');
    for (const shown of [
      '<strong>531-123-456</strong>',
      '21 Nov 2026, 08:00 (UTC+10:30)',
      '112.000 kWh',
      '11.500 kWh since',
    ])
      expect(body).toContain(shown);
    expect(body).toContain('user operator');
    expect(admin.deps.posting.tally.accepted).toBe(2);
    expect(admin.deps.access.audit.list({ limit: 1 })[0]).toMatchObject({
      action: 'reading.record',
      who: 'user:operator',
    });
  });

  it.each([
    ['a value that is none', { at: '2026-11-21T09:00', value: 'x' }, 422, 'reading-value-problem'],
    ['a value below zero', { at: '2026-11-21T09:00', value: '-1' }, 422, 'reading-value-problem'],
    ['a register that would count down', { at: '2026-11-21T09:00', value: '1' }, 422, 'reading-value-problem'],
    ['another value for a known time', { at: '2026-11-21T08:00', value: '113' }, 409, 'reading-value-problem'],
    ['a time that is none', { at: 'yesterday', value: '120' }, 422, 'reading-at-problem'],
    ['a time to come', { at: '2026-12-21T09:00', value: '120' }, 422, 'reading-at-problem'],
    [
      'a register that is not there',
      { series: 'register 9', at: '2026-11-21T09:00', value: '1' },
      404,
      'reading-series-problem',
    ],
  ])('P0-08 is refused for %s, at the field', async (_what, fields, status, problem) => {
    addMeterPoint(admin.deps, '531-123-456');
    await record({ series: 'register', at: '2026-11-21T08:00', value: '112' });
    const answer = await record(fields);
    expect(answer.status).toBe(status);
    expect(answer.body).toContain(`id="${problem}"`);
  });

  it('P0-08 is taken for a meter that is registered only, while readings are taken, from those who may', async () => {
    const nobody = '/admin/meter-points/nobody';
    addMeterPoint(admin.deps, '531-123-456');
    const unknown = await operator.submit(page, `${nobody}/reading`, { series: 'register', value: '1' });
    expect([unknown.status, unknown.body.includes('there is no meter point nobody')]).toEqual([404, true]);
    admin.deps.reception.stop('test');
    expect((await record({ series: 'register', at: '2026-11-21T08:00', value: '112' })).status).toBe(503);
    const viewer = await admin.signedIn('viewer');
    expect((await viewer.get(page)).body).not.toContain('Record a reading');
  });
});
