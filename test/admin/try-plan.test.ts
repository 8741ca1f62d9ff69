import { expect, it } from 'vitest';
import { shadeOf, weekChart } from '../../src/admin/week-chart.ts';
import { weekPictures } from '../../src/tariffs/week-picture.ts';
import { embeddedNetwork, flat, planDocument, supplyPerDay, versionOf } from '../tariffs/fixtures.ts';
import { adminApp } from './app.ts';

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
