import { expect, it } from 'vitest';
import { adminApp } from './app.ts';

it('shows what was put aside, lets it in or discards it with a reason, several at once', async () => {
  const { deps, signedIn } = await adminApp();
  for (const [n, value] of ['1', '2', '3'].entries()) {
    deps.quarantine.putAside(deps.posting.journal, {
      receivedAt: 1_795_255_800,
      source: 1,
      line: 0,
      rule: 'meter-point-unknown',
      item: { meterPoint: n < 2 ? 'm-late' : 'm-wrong', at: 1_795_240_800 + n * 1800, value },
    });
  }
  const browser = await signedIn('operator');
  const page = await browser.get('/admin/quarantine');
  expect(page.body).toContain('m-wrong');
  expect(page.body).toContain('meter-point-unknown');

  const early = await browser.submit('/admin/quarantine', '/admin/quarantine/apply', { all: 'yes', q: 'm-late' });
  expect(early.location).toContain('applied=0&held=2');
  const link = '/admin/new-meter-point?identifier=m-late';
  expect(page.body).toContain(`href="${link}">Register it`);
  expect((await browser.get(link)).body).toMatch(/name="identifier"[^>]* value="m-late"/);
  for (const name of ['apply', 'discard']) {
    const { location } = await browser.submit('/admin/quarantine', `/admin/quarantine/${name}`, { reason: 'none' });
    expect((await browser.get(location!)).body).toContain('Nothing was ticked');
  }
  deps.meterPoints.add({ identifier: 'm-late', address: '', zone: deps.zone, origin: 'registered' }, 1);
  const applied = await browser.submit('/admin/quarantine', '/admin/quarantine/apply', { all: 'yes', q: 'm-late' });
  expect(applied.location).toContain('applied=2&held=0');
  const reason = 'sold long ago';
  const discarded = await browser.submit('/admin/quarantine', '/admin/quarantine/discard', { reading: '3', reason });
  expect(discarded.location).toContain('discarded=1');
  expect((await browser.get('/admin/quarantine?state=discarded')).body).toContain(reason);
  expect(deps.quarantine.count({ state: 'waiting' })).toBe(0);
});
