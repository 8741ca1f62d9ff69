import fc from 'fast-check';
import { expect, it } from 'vitest';
import { billingPeriodOf, billRun } from '../../src/billing/bill-run.ts';
import { issueInvoices } from '../../src/billing/issue-invoices.ts';
import { previewCorrection } from '../../src/billing/preview-correction.ts';
import type { Day, Month } from '../../src/units/time.ts';
import { dice, shuffled } from '../month.ts';
import { testHouse } from '../open-house.ts';
import { flat, planDocument, supplyPerDay } from '../tariffs/fixtures.ts';

// Adelaide's October of 2025: 1486 half-hours, for the clock skips one hour on the 5th.
const month = '2025-10' as Month;
const firstSecond = Date.parse('2025-09-30T14:30:00Z') / 1000;
const halfHours = 1486;
const batch = 400;

/** Peak and rest, tiers in each, demand on working days: everything that could notice an order. */
const plan = planDocument({
  planCode: 'ORDERED',
  dayTypes: { WEEKDAY: ['MON', 'TUE', 'WED', 'THU', 'FRI'], WEEKEND: ['SAT', 'SUN'] },
  components: [
    {
      ...flat('0'),
      ...{ tierPeriod: 'P1D', tierAllowance: 'EACH' },
      rates: [
        {
          code: 'PEAK',
          windows: [{ from: '17:00', to: '21:00' }],
          tiers: [{ upTo: '4', unitPrice: '0.4' }, { unitPrice: '0.5' }],
        },
        { code: 'REST', unitPrice: '0.21' },
      ],
    },
    {
      ...{ kind: 'demand', code: 'PEAK_KW', unitPrice: '9.5', tax: 'GST' },
      windows: [{ days: 'WEEKDAY', from: '15:00', to: '21:00' }],
    },
    supplyPerDay('1.60'),
  ],
});

/** A house that got the readings in this order, some of them twice, and has drafted the month. */
async function billed(order: (readings: object[]) => object[]) {
  const { house, app, clock, authorization } = await testHouse({
    at: '2025-11-02T00:00:00Z',
    zone: 'Australia/Adelaide',
  });
  const key = authorization();
  const post = async (url: string, payload: object) => {
    const answer = await app.inject({ method: 'POST', url, payload, headers: { authorization: key } });
    expect(answer.statusCode).toBeLessThan(300);
    return answer.json();
  };
  house.plans.addVersion(plan, 0);
  const series = [{ kind: 'channel', code: 'E1', flow: 'from-grid', intervalMinutes: 30 }];
  await post('/v1/meter-points', { identifier: 'm-1', series });
  const meterPointId = house.meterPoints.get('m-1').id;
  const contact = { businessNumber: '', email: '', phone: '', postalAddress: 'Shop 1' };
  const account = house.accounts.add({ number: '1', name: 'Shop 1', ...contact }, 0);
  const days = { from: '2025-10-01' as Day, to: undefined };
  house.supplies.add({ accountId: account.id, meterPointId, planCode: 'ORDERED', ...days }, 0);
  const readings = Array.from({ length: halfHours }, (_, slot) => ({
    meterPoint: 'm-1',
    start: firstSecond + slot * 1800,
    energy: (((slot * 7919) % 2003) / 1000).toFixed(3),
  }));
  const sent = order(readings);
  for (let at = 0; at < sent.length; at += batch)
    expect(await post('/v1/readings', sent.slice(at, at + batch))).toMatchObject({ conflict: 0, rejected: 0 });
  const [verdict] = await billRun(house, billingPeriodOf(month));
  if (verdict?.verdict !== 'drafted') throw new Error(`not drafted: ${JSON.stringify(verdict)}`);
  const { document } = house.drafts.find(verdict.draftId)!;
  return { house, clock, draftId: verdict.draftId, document };
}

it('the bill is the same in whatever order the readings came, and however often', async () => {
  const inOrder = await billed(readings => readings);
  const codes = inOrder.document.supplies[0]!.lines.map(({ code }) => code);
  expect(codes).toEqual(expect.arrayContaining(['USE.PEAK.T1', 'USE.PEAK.T2', 'USE.REST', 'PEAK_KW', 'SUPPLY']));
  await fc.assert(
    fc.asyncProperty(fc.nat(), async seed => {
      const random = dice(seed);
      const { document } = await billed(readings =>
        shuffled([...readings, ...readings.filter(() => random() < 0.3)], random),
      );
      expect(document).toEqual(inOrder.document);
    }),
    { numRuns: 4 },
  );
});

it('and rating it again after nothing has changed corrects nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), async seed => {
      const { house, draftId } = await billed(readings => shuffled(readings, dice(seed)));
      const [issued] = await issueInvoices(house, [draftId]);
      if (issued?.verdict !== 'issued') throw new Error('the month is issued');
      const correction = previewCorrection(house, issued.number);
      expect(correction).toMatchObject({ lines: [], difference: '0.00', undercharge: null });
    }),
    { numRuns: 2 },
  );
});
