import { expect, it } from 'vitest';
import { billMonth } from '../../src/billing/bill-month.ts';
import type { Month } from '../../src/units/time.ts';
import { temporaryDatabase, temporaryHome } from '../ledger/books.ts';
import { embeddedNetwork } from '../tariffs/fixtures.ts';
import { addTenant, openOffice } from './office.ts';

const july = '2021-07' as Month;

/** Two tenants on the same prices; the second one's plan is priced by other numbers than its document says. */
function officeWithAFault() {
  const home = temporaryHome();
  const books = openOffice(temporaryDatabase(home), home);
  for (const [number, planCode] of [
    ['1', 'SOUND'],
    ['2', 'FAULTY'],
  ] as const) {
    books.plans.addVersion({ ...embeddedNetwork, planCode }, 0);
    const { meterPoint } = addTenant(books, number, { plan: planCode });
    books.meter.put(meterPoint.id, 'E1', 'from-grid', ({ index }) => 200_000 + index);
  }
  const { plan } = books.plans.find('FAULTY', 1)!;
  const dearer: unknown = JSON.parse(JSON.stringify(plan.document).replace('"0.40"', '"0.41"'));
  // What was compiled keeps the old price, as a fault in rating would.
  Object.assign(plan, { document: dearer });
  return books;
}

it('parks what the second opinion disagrees with, both figures named, and issues the rest', async () => {
  const { bills } = await billMonth(officeWithAFault(), july, { check: true });
  expect(bills).toMatchObject([
    { account: '1', verdict: 'issued' },
    {
      account: '2',
      verdict: 'parked',
      problems: [
        expect.stringMatching(
          /^2002300002: the second opinion differs: USE.PEAK from 2021-07-01: (\d+) cents on the bill, (?!\1)\d+ in the second opinion; tax: .*; total: /,
        ),
      ],
    },
  ]);
});

it('does not look twice when it is not asked to', async () => {
  const { bills } = await billMonth(officeWithAFault(), july);
  expect(bills).toMatchObject([{ verdict: 'issued' }, { verdict: 'issued' }]);
});
