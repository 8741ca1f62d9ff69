import { expect, it } from 'vitest';
import { billingPeriodOf, billRun } from '../../src/billing/bill-run.ts';
import { issueInvoices } from '../../src/billing/issue-invoices.ts';
import { previewCorrection } from '../../src/billing/preview-correction.ts';
import type { Month } from '../../src/units/time.ts';
import { temporaryDatabase, temporaryHome } from '../ledger/books.ts';
import { flat, planDocument, supplyPerDay } from '../tariffs/fixtures.ts';
import { addTenant, type Office, openOffice } from './office.ts';

/** January 2025 is billed at 0.30 with 300 kWh; what the meter really counted is put in afterwards. */
async function januaryBilled(): Promise<{ books: Office; number: string; really: { kwh: number } }> {
  const home = temporaryHome();
  const books = openOffice(temporaryDatabase(home), home);
  for (const [effectiveFrom, price] of [
    ['2025-01-01', '0.30'],
    ['2025-02-01', '0.33'],
  ] as const) {
    const components = [flat(price), supplyPerDay('1.00')];
    books.plans.addVersion(planDocument({ planCode: 'HOME', effectiveFrom, components }), 0);
  }
  const tenant = addTenant(books, '1', { plan: 'HOME' });
  const really = { kwh: 300 };
  books.meter.put(tenant.meterPoint.id, 'E1', 'from-grid', ({ index }) => (index === 0 ? really.kwh * 1_000_000 : 0));
  books.clock.moveTo('2025-02-03T00:00:00Z');
  await billRun(books, billingPeriodOf('2025-01' as Month));
  const [issued] = await issueInvoices(books, books.drafts.listIds());
  if (issued?.verdict !== 'issued') throw new Error('January is issued');
  return { books, number: issued.number, really };
}

it('corrects an estimated month at the price of that month, and writes nothing (B53)', async () => {
  const { books, number, really } = await januaryBilled();
  expect(previewCorrection(books, number)).toMatchObject({ lines: [], difference: '0.00', undercharge: null });
  really.kwh = 280;
  const { lines, difference, creditNote } = previewCorrection(books, number);
  expect(lines.map(({ role, code, quantity, amount }) => [role, code, quantity, amount])).toEqual([
    ['reversed', 'USE.ALL', '-300', '-90.00'],
    ['billed-anew', 'USE.ALL', '280', '84.00'],
  ]);
  expect(difference).toBe('-6.00');
  expect(creditNote).toEqual({ net: '-121.00', tax: '-12.10', total: '-133.10' });
  expect(books.invoices.get(number).document.currentCharges).toBe('133.10');
  expect(books.ledger.verify()).toMatchObject({ transactions: 1 });
});

it('says how much of an undercharge may still be asked for (B54)', async () => {
  const { books, number, really } = await januaryBilled();
  really.kwh = 340;
  books.clock.moveTo('2025-03-01T00:00:00Z');
  expect(previewCorrection(books, number)).toMatchObject({
    difference: '12.00',
    undercharge: { recoverable: '12.00', writtenOff: '0.00', instalments: Array.from({ length: 12 }, () => '1.00') },
  });
  books.clock.moveTo('2026-03-01T00:00:00Z');
  expect(previewCorrection(books, number).undercharge).toMatchObject({ recoverable: '0.00', writtenOff: '12.00' });
});

it('refuses an invoice nobody issued', async () => {
  const { books } = await januaryBilled();
  expect(() => previewCorrection(books, 'X')).toThrow(expect.objectContaining({ code: 'invoice-unknown' }));
});
