import fc from 'fast-check';
import { expect, it } from 'vitest';
import { totalEnergy } from '../../src/consumption/interval-series.ts';
import { addMonths, firstDayOf, type Month } from '../../src/units/time.ts';
import { planDocument, rateSketch, seriesOf, supplyPerDay } from './fixtures.ts';

/** Seasons that begin on the first of a month, tiers by day and by month, the month's highest kW and a fee by days. */
const plan = planDocument({
  dayTypes: { WEEKDAY: ['MON', 'TUE', 'WED', 'THU', 'FRI'], WEEKEND: ['SAT', 'SUN'] },
  seasons: { HOT: ['11-01', '03-31'], COLD: ['04-01', '10-31'] },
  components: [
    ...[
      { tierPeriod: 'P1D', tierAllowance: 'EACH' },
      { tierPeriod: 'P1M', tierProration: 'BY_DAYS' },
    ].map(terms => ({
      ...{ kind: 'energy', code: terms.tierPeriod, register: 'IMPORT', tax: 'GST', ...terms },
      rates: [
        {
          code: 'HOT',
          windows: [{ season: 'HOT', from: '07:00', to: '22:00' }],
          tiers: [{ upTo: '9.5', unitPrice: '0.1' }, { unitPrice: '0.3' }],
        },
        { code: 'REST', tiers: [{ upTo: '6.25', unitPrice: '0.1' }, { unitPrice: '0.3' }] },
      ],
    })),
    {
      ...{ kind: 'demand', code: 'KW', unitPrice: '9', tax: 'GST', measurementPeriod: 'MONTH' },
      windows: [{ days: 'WEEKDAY', from: '15:00', to: '21:00' }],
    },
    supplyPerDay('1'),
  ],
});

it('twelve bills by month count, line by line, what one for the year counts', () => {
  const request = fc.record({
    zone: fc.constantFrom('Australia/Lord_Howe', 'America/St_Johns', 'Asia/Kathmandu', 'Europe/London'),
    first: fc.integer({ min: 0, max: 35 }).map(count => addMonths('2023-01' as Month, count)),
    seed: fc.integer({ min: 1, max: 1_000_000 }),
  });
  fc.assert(
    fc.property(request, ({ zone, first, seed }) => {
      const month = (count: number) => firstDayOf(addMonths(first, count));
      const energy = ({ slot }: { slot: number }) => ((slot * 7919 + seed) * 104_729) % 2_000_003;
      const series = seriesOf(month(0), month(12), zone, energy);
      const linesOf = (from: string, to: string) =>
        rateSketch({ plan, zone, from, to, registers: { IMPORT: series } }).lines;
      const year = quantities(linesOf(month(0), month(12)));
      const months = Array.from({ length: 12 }, (_, at) => linesOf(month(at), month(at + 1)));
      expect(quantities(months.flat())).toEqual(year);
      const used = Object.entries(year).filter(([code]) => code.startsWith('P1M'));
      expect(used.reduce((sum, [, quantity]) => sum + quantity, 0)).toBe(totalEnergy(series));
      expect(Object.keys(year)).toEqual(expect.arrayContaining(['P1D.HOT.T2', 'P1M.REST.T1', 'KW', 'SUPPLY']));
    }),
    { numRuns: 4 },
  );
});

function quantities(lines: { code: string; quantity: number }[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { code, quantity } of lines) sums[code] = (sums[code] ?? 0) + quantity;
  return sums;
}
