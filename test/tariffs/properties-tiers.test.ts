import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type IntervalSeries, totalEnergy } from '../../src/consumption/interval-series.ts';
import { rate } from '../../src/tariffs/rate.ts';
import type { RatedBill } from '../../src/tariffs/rated-bill.ts';
import { secondOpinion } from '../../src/tariffs/second-opinion.ts';
import { formatCents, parseCents } from '../../src/units/money.ts';
import { addDays, daysBetween } from '../../src/units/time.ts';
import { bytesOf, day, requestOf, type versionOf } from './fixtures.ts';
import { sketch } from './random-plans.ts';

const energyOf = ({ lines }: RatedBill, kind: string) =>
  lines.filter(line => line.kind === kind && line.unit === 'kWh').reduce((sum, line) => sum + line.quantity, 0);

describe('for any plan with tiers and rules about the whole bill', () => {
  it('agrees with the naive interpreter', () => {
    fc.assert(
      fc.property(sketch, sketch => {
        const request = requestOf(sketch);
        expect(secondOpinion(request, rate(request))).toEqual([]);
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });

  it('loses no energy and counts none twice, whatever the tiers', () => {
    fc.assert(
      fc.property(sketch, sketch => {
        const bill = rate(requestOf(sketch));
        const { IMPORT, EXPORT, E2 } = sketch.registers as Record<'IMPORT' | 'EXPORT' | 'E2', IntervalSeries>;
        expect(energyOf(bill, 'feedIn')).toBe(0 - totalEnergy(EXPORT));
        expect(energyOf(bill, 'passThrough')).toBe(totalEnergy(IMPORT));
        const isPlain = (text: string) => !text.includes('"E2"') && !text.includes('PER_INTERVAL');
        const versions = Array.isArray(sketch.plan) ? sketch.plan : [];
        if (versions.every(({ plan }) => isPlain(JSON.stringify(plan.document))))
          expect(energyOf(bill, 'energy')).toBe(totalEnergy(IMPORT));
        else expect(energyOf(bill, 'energy')).toBeLessThanOrEqual(totalEnergy(IMPORT) + totalEnergy(E2));
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });

  it('adds up on paper, tax and payable rounding included', () => {
    fc.assert(
      fc.property(sketch, sketch => {
        const bill = rate(requestOf(sketch));
        const printed = (amount: typeof bill.total) => parseCents(formatCents(amount))!;
        const lines = bill.lines.reduce((sum, line) => sum + printed(line.amount), 0n);
        const onTop = bill.taxes
          .filter(({ basis }) => basis === 'EXCLUSIVE')
          .reduce((sum, tax) => sum + printed(tax.amount), 0n);
        expect(bill.total).toBe(lines + onTop);
        expect(bill.chargesExTax + bill.tax).toBe(bill.total);
        for (const line of bill.lines.filter(line => line.kind === 'payableRounding'))
          expect(line.amount).toBe(bill.rounding);
      }),
      { numRuns: 60, endOnFailure: true },
    );
  });

  it('names no line twice', () => {
    fc.assert(
      fc.property(sketch, sketch => {
        const names = rate(requestOf(sketch)).lines.map(line => `${line.code} ${line.from}`);
        expect(new Set(names).size).toBe(names.length);
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });

  it('gives the same bytes again', () => {
    fc.assert(
      fc.property(sketch, sketch => {
        expect(bytesOf(rate(requestOf(sketch)))).toBe(bytesOf(rate(requestOf(sketch))));
      }),
      { numRuns: 15, endOnFailure: true },
    );
  });

  it('without tiers, two bills for the parts of a period count what one for the whole counts', () => {
    const untiered = sketch.map(given => {
      const [first] = given.plan as ReturnType<typeof versionOf>[];
      const document = JSON.parse(JSON.stringify(first!.plan.document)) as Record<string, Record<string, unknown>[]>;
      for (const part of document['components']!) {
        const { tierPeriod: _p, tierScope: _s, tierMode: _m, tierAllowance: _a, tierProration: _b, ...kept } = part;
        for (const key of Object.keys(part)) delete part[key];
        const rates = kept['rates'] as { tiers: unknown[] }[] | undefined;
        Object.assign(part, kept, rates && { rates: rates.map(rate => ({ ...rate, tiers: rate.tiers.slice(-1) })) });
      }
      return { ...given, plan: document };
    });
    fc.assert(
      fc.property(untiered, fc.nat(), (sketch, cut) => {
        const [from, to] = [day(sketch.from), day(sketch.to)];
        const middle = addDays(from, 1 + (cut % (daysBetween(from, to) - 1)));
        const parts = [rate(requestOf({ ...sketch, to: middle })), rate(requestOf({ ...sketch, from: middle }))];
        for (const kind of ['energy', 'passThrough', 'feedIn'])
          expect(parts.reduce((sum, bill) => sum + energyOf(bill, kind), 0)).toBe(
            energyOf(rate(requestOf(sketch)), kind),
          );
      }),
      { numRuns: 30, endOnFailure: true },
    );
  });
});
