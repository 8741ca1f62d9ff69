import { describe, expect, it } from 'vitest';
import { rate } from '../../src/tariffs/rate.ts';
import type { RatedBill } from '../../src/tariffs/rated-bill.ts';
import { secondOpinion } from '../../src/tariffs/second-opinion.ts';
import { cents } from '../../src/units/money.ts';
import { flat, planDocument, requestOf, seriesOf, supplyPerDay } from './fixtures.ts';

const april = { zone: 'Australia/Brisbane', from: '2025-04-01', to: '2025-05-01' };

describe('the second opinion objects', () => {
  const promised = { methodUType: 'percentOfBill', type: 'CONDITIONAL', rate: '0.1' };
  const plan = planDocument({
    components: [flat('0.20'), supplyPerDay('1')],
    discounts: [
      { ...promised, category: 'EARLY' },
      { ...promised, category: 'ONLINE' },
    ],
  });
  const registers = {
    IMPORT: seriesOf(april.from, april.to, april.zone, ({ slot }) => (slot === 0 ? 100_000_000 : 0)),
  };
  const request = requestOf({ ...april, plan, registers });
  // 20.00 for 100 kWh, 30.00 for supply, 5.00 of tax; 49.50 if one discount is earned.
  const objections = (change: (bill: RatedBill) => Partial<RatedBill>) => {
    const bill = rate(request);
    return secondOpinion(request, { ...bill, ...change(bill) });
  };
  const first = (change: object) => (bill: RatedBill) => ({
    lines: bill.lines.map((line, at) => (at === 0 ? { ...line, ...change } : line)),
  });

  it.each<[what: string, change: (bill: RatedBill) => Partial<RatedBill>, objection: string]>([
    [
      'to a cent',
      first({ amount: cents(2001n) }),
      'USE.ALL from 2025-04-01: 2001 cents on the bill, 2000 in the second opinion',
    ],
    [
      'to a micro-kWh',
      first({ quantity: 100_000_001 }),
      'USE.ALL from 2025-04-01: 100000001 micro-kWh on the bill, 100000000 in the second opinion',
    ],
    [
      'to a line that is left out',
      ({ lines }) => ({ lines: lines.slice(0, 1) }),
      'SUPPLY from 2025-04-01: only in the second opinion',
    ],
    [
      'to a line too many',
      ({ lines }) => ({ lines: [...lines, { ...lines[0]!, code: 'EXTRA' }] }),
      'EXTRA from 2025-04-01: only on the bill',
    ],
    [
      'to a line that is there twice',
      ({ lines }) => ({ lines: [...lines, lines[0]!] }),
      'USE.ALL from 2025-04-01 again: only on the bill',
    ],
    ['to another tax', () => ({ tax: cents(501n) }), 'tax: 501 cents on the bill, 500 in the second opinion'],
    ['to another total', () => ({ total: cents(5499n) }), 'total: 5499 cents on the bill, 5500 in the second opinion'],
    [
      'to another promise',
      ({ conditional }) => ({ conditional: conditional.slice(1) }),
      'totals if discounts are earned: 4950 on the bill, 4950, 4950 in the second opinion',
    ],
  ])('%s, and to nothing else', (_, change, objection) => {
    expect(objections(change)).toEqual([objection]);
  });

  it('to nothing where both agree, and in words to what it cannot price', () => {
    expect(objections(() => ({}))).toEqual([]);
    const lost = { ...request, registers: new Map() };
    expect(secondOpinion(lost, rate(request))).toContain('USE.ALL from 2025-04-01: only on the bill');
    expect(secondOpinion(lost, rate(request)).length).toBeGreaterThan(2);
  });
});
