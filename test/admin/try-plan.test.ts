import { expect, it } from 'vitest';
import { shadeOf, weekChart } from '../../src/admin/week-chart.ts';
import { weekPictures } from '../../src/tariffs/week-picture.ts';
import type { Day } from '../../src/units/time.ts';
import { embeddedNetwork, flat, planDocument, supplyPerDay, versionOf } from '../tariffs/fixtures.ts';
import { adminApp } from './app.ts';
import { addAccount, addHalfHours, addMeterPoint } from './seed.ts';

it('the page shows the week of a plan as a picture and in words, and keeps its state in its address', async () => {
  const { deps, signedIn } = await adminApp();
  const browser = await signedIn('viewer');
  expect((await browser.get('/admin/try-plan')).body).toContain('No plan yet');
  deps.plans.addVersion(embeddedNetwork, 0);
  const { status, body } = await browser.get('/admin/try-plan?plan=IO_CI_01.1');
  expect(status).toBe(200);
  expect(body).toContain('The week on Embedded network, time of use');
  expect(body).toContain('Mon 07:00 to 17:00: B, From grid: Shoulder');
  expect(body).toContain('$0.2950 per kWh');
  expect(body).not.toMatch(/style=/);
});

it('accounts without bills are named with the reason, and an account that is none is a sentence', async () => {
  const { deps, signedIn } = await adminApp();
  const browser = await signedIn('viewer');
  deps.plans.addVersion(planDocument({ components: [flat('0.30'), supplyPerDay('1')] }), 0);
  deps.accounts.add(
    { number: '7', name: 'Nobody', businessNumber: '', email: 'n@example.com', phone: '', postalAddress: '' },
    0,
  );
  const { body } = await browser.get('/admin/try-plan?plan=TEST-1.1&compare=yes');
  expect(body).toContain('Nothing was supplied in these months.');
  const unknown = await browser.get('/admin/try-plan?plan=TEST-1.1&compare=yes&accounts=8');
  expect(unknown.status).toBe(200);
  expect(unknown.body).toContain('there is no account 8');
});

it('every plan is tried at a meter point, the cheapest that prices all of it first', async () => {
  const { deps, signedIn } = await adminApp();
  const browser = await signedIn('viewer');
  const plan = (planCode: string, price: string) =>
    deps.plans.addVersion(planDocument({ planCode, components: [flat(price)], effectiveFrom: '2025-01-01' }), 0);
  for (const [code, price] of [
    ['DEAR', '0.40'],
    ['CHEAP', '0.20'],
    ['NOW', '0.30'],
  ] as const)
    plan(code, price);
  const { id, identifier } = addMeterPoint(deps);
  addHalfHours(deps, id, 'from-grid', ['2025-11-01', '2026-11-01'], () => ({ energy: 100_000 }));
  const account = addAccount(deps);
  const supply = { accountId: account.id, meterPointId: id, planCode: 'NOW', from: '2025-11-01' as Day, to: undefined };
  deps.supplies.add(supply, 0);
  const { body } = await browser.get(`/admin/try-plan?site=${identifier}`);
  const rows = [...body.matchAll(/<tr><th scope="row" data-label="Plan">.*?<\/tr>/gs)].map(([row]) =>
    row
      .replaceAll(/<[^>]+>/g, ' ')
      .replaceAll(/\s+/g, ' ')
      .trim(),
  );
  // Twelve bills of 0.1 kWh a half-hour, each with its tax rounded: CHEAP is 6 × 32.74, 3 × 31.68, 29.57, and 32.69 and 31.72 where the
  // clocks change.
  expect(rows).toEqual([
    'As it was billed $578.14 — on NOW',
    'CHEAP version 1 $385.46 −$192.68 cheapest',
    'NOW version 1 $578.14 $0.00',
    'DEAR version 1 $770.87 +$192.73',
  ]);
  expect((await browser.get('/admin/try-plan?site=nobody')).body).toContain('there is no meter point nobody');
});

it('shades go from the cheapest to the dearest, and text in the picture is escaped', () => {
  const nasty = planDocument({
    components: [
      {
        ...flat('0.2'),
        description: '<script>',
        rates: [
          { code: 'A', unitPrice: '0.1', windows: [{ from: '00:00', to: '08:00' }] },
          { code: 'B', unitPrice: '0.2', windows: [{ from: '08:00', to: '16:00' }] },
          { code: 'C', unitPrice: '0.3', windows: [{ from: '16:00', to: '24:00' }] },
        ],
      },
    ],
  });
  const [picture] = weekPictures(versionOf(nasty).plan, '');
  expect([0, 1, 2].map(at => shadeOf(picture!, at))).toEqual(['shade-5', 'shade-3', 'shade-0']);
  expect(weekChart(picture!, 'said').svg).not.toContain('<script>');
});
