import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IntervalSeries } from '../../src/consumption/interval-series.ts';
import { totalEnergy } from '../../src/consumption/interval-series.ts';
import { rate } from '../../src/tariffs/rate.ts';
import { secondOpinion } from '../../src/tariffs/second-opinion.ts';
import { formatCents, parseCents } from '../../src/units/money.ts';
import { addDays, daysBetween } from '../../src/units/time.ts';
import { day, planDocument, requestOf, type Sketch, seriesOf, zone } from './fixtures.ts';

// Zones with whole-hour, half-hour and quarter-hour offsets, and days of clock changes in each that has them.
const places: { zone: string; around: string[] }[] = [
  { zone: 'Australia/Sydney', around: ['2025-04-06', '2025-10-05', '2024-12-31'] },
  { zone: 'Australia/Adelaide', around: ['2025-04-06', '2025-10-05', '2024-02-29'] },
  { zone: 'Australia/Lord_Howe', around: ['2025-04-06', '2025-10-05'] },
  { zone: 'Europe/London', around: ['2025-03-30', '2025-10-26'] },
  { zone: 'America/St_Johns', around: ['2025-03-09', '2025-11-02'] },
  { zone: 'Asia/Beirut', around: ['2025-03-30', '2025-10-26'] },
  { zone: 'Pacific/Chatham', around: ['2025-04-06', '2025-09-28'] },
  { zone: 'Asia/Kathmandu', around: ['2025-07-01'] },
];

const clock = (quarter: number) =>
  `${String(Math.trunc(quarter / 4)).padStart(2, '0')}:${String((quarter % 4) * 15).padStart(2, '0')}`;

/** Turns over the day at random quarter hours, the last one past midnight; each turn goes to one of three rates. */
const turns = fc.uniqueArray(fc.integer({ min: 0, max: 95 }), { minLength: 2, maxLength: 6 }).chain(quarters => {
  const starts = quarters.sort((a, b) => a - b);
  return fc
    .array(fc.constantFrom('A', 'B', 'C'), { minLength: starts.length, maxLength: starts.length })
    .map(codes =>
      starts.map((start, at) => ({ code: codes[at]!, from: start, to: starts[(at + 1) % starts.length]! })),
    );
});

/** Turns that begin at dawn and end at the next one, so that days of different kinds may follow each other in any order. */
const turnsFrom = (dawn: number) =>
  fc.uniqueArray(fc.integer({ min: dawn + 1, max: 95 }), { minLength: dawn && 1, maxLength: 4 }).chain(quarters => {
    const starts = [dawn, ...quarters.sort((a, b) => a - b)];
    return fc
      .array(fc.constantFrom('A', 'B', 'C'), { minLength: starts.length, maxLength: starts.length })
      .map(codes => starts.map((start, at) => ({ code: codes[at]!, from: start, to: starts[at + 1] ?? (dawn || 96) })));
  });

interface Turn {
  code: string;
  from: number;
  to: number;
  season?: string;
  days?: string;
}

const price = fc.integer({ min: -20_000, max: 90_000 }).map(units => (units / 100_000).toFixed(5));

/** Rates from turns; when `open`, C loses its windows and becomes the catch-all. */
function ratesOf(turns: Turn[], prices: string[], open: boolean) {
  const codes = ['A', 'B', 'C'].filter(code => turns.some(turn => turn.code === code));
  return codes.map((code, at) => ({
    code,
    unitPrice: prices[at],
    ...(!(open && code === 'C') && {
      windows: turns
        .filter(turn => turn.code === code)
        .map(({ code: _, from, to, ...kind }) => ({ ...kind, from: clock(from), to: clock(to) })),
    }),
  }));
}

const plainRates = fc
  .tuple(turns, fc.tuple(price, price, price), fc.boolean())
  .map(([turns, prices, open]) => ratesOf(turns, prices, open));

/** Other turns for each season and day type; what runs past midnight belongs to the day on which it began. */
const fourTurns = fc.constantFrom(0, 1, 24).chain(dawn => fc.array(turnsFrom(dawn), { minLength: 4, maxLength: 4 }));
const kindRates = fc
  .tuple(fourTurns, fc.tuple(price, price, price), fc.boolean())
  .map(([[a, b, c, d], prices, open]) => {
    const of = (turns: Turn[] = [], season: string, days: string) => turns.map(turn => ({ ...turn, season, days }));
    const all = [...of(a, 'HOT', 'WD'), ...of(b, 'HOT', 'WE'), ...of(c, 'COLD', 'WD'), ...of(d, 'COLD', 'WE')];
    return ratesOf(all, prices, open);
  });

const plan = fc
  .record({
    rates: fc.oneof(plainRates, kindRates),
    feedIn: plainRates,
    supply: fc.tuple(fc.constantFrom('DAY', 'MONTH', 'YEAR'), price),
    taxBasis: fc.constantFrom('EXCLUSIVE', 'INCLUSIVE'),
    halfCents: fc.constantFrom('UP', 'DOWN'),
    timeZone: fc.constantFrom('LOCAL', 'LOCAL', 'AEST', 'Europe/London'),
    holidays: fc.boolean(),
    seasonStart: fc.constantFrom(['04-01', '03-31'], ['10-05', '10-04'], ['02-29', '02-28'], ['01-01', '12-31']),
  })
  .map(
    ({ rates, feedIn, supply: [per, amount], taxBasis, halfCents, timeZone, holidays, seasonStart: [start, before] }) =>
      planDocument({
        taxBasis,
        taxes: { GST: { name: 'GST', percent: '10', halfCents } },
        timeZone,
        holidayCalendar: 'HERE',
        dayTypes: {
          WD: ['MON', 'TUE', 'WED', 'THU', 'FRI'],
          WE: ['SAT', 'SUN', ...(holidays ? ['PUBLIC_HOLIDAY'] : [])],
        },
        seasons:
          start === '01-01'
            ? { HOT: ['01-01', '06-30'], COLD: ['07-01', '12-31'] }
            : { HOT: [start, '08-15'], COLD: ['08-16', before] },
        components: [
          { kind: 'energy', code: 'USE', register: 'IMPORT', rates, tax: 'GST' },
          { kind: 'feedIn', code: 'FIT', rates: feedIn, optional: true },
          { kind: 'supply', code: 'SUPPLY', amount, per, tax: 'GST' },
        ],
      }),
  );

/** A site, up to twelve days near something awkward, and readings of 1 to 3 kWh with six decimals. */
const sketch: fc.Arbitrary<Sketch> = fc
  .record({
    plan,
    place: fc.constantFrom(...places),
    at: fc.nat(),
    before: fc.integer({ min: 0, max: 5 }),
    days: fc.integer({ min: 2, max: 12 }),
    // Quarter-hour windows: longer intervals would rightly be refused.
    step: fc.constantFrom(300, 900),
    seed: fc.integer({ min: 1, max: 1_000_000 }),
    withExport: fc.boolean(),
  })
  .map(({ plan, place, at, before, days, step, seed, withExport }) => {
    const awkward = day(place.around[at % place.around.length]!);
    const from = addDays(awkward, -before);
    const to = addDays(from, days);
    const energy = ({ slot }: { slot: number }) => 1_000_000 + (((slot * 7_919 + seed) * 104_729) % 2_000_003);
    const series = seriesOf(from, to, place.zone, energy, step);
    return {
      plan,
      zone: place.zone,
      from,
      to,
      registers: { IMPORT: series, ...(withExport && { EXPORT: series }) },
      holidays: [
        { name: 'HERE', from: day('2020-01-01'), to: day('2030-01-01'), days: [awkward, addDays(awkward, 2)] },
      ],
    };
  });

const quantities = (lines: { code: string; quantity: number }[]) => {
  const sums: Record<string, number> = {};
  for (const { code, quantity } of lines) sums[code] = (sums[code] ?? 0) + quantity;
  return sums;
};

describe('for any plan, place and period', () => {
  it('energy is conserved: the lines of a register hold what its intervals hold, and every interval once', () => {
    fc.assert(
      fc.property(sketch, sketch => {
        const { lines } = rate(requestOf(sketch));
        for (const [register, series] of Object.entries<IntervalSeries>(sketch.registers)) {
          const own = lines.filter(line => line.trace.measured?.register === register);
          const sign = register === 'EXPORT' ? -1 : 1;
          expect(own.reduce((sum, line) => sum + line.quantity, 0)).toBe(sign * totalEnergy(series));
          expect(own.reduce((sum, line) => sum + (line.trace.measured?.slots ?? 0), 0)).toBe(series.energy.length);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('quantities are additive: two bills for the parts of a period count what one for the whole counts', () => {
    fc.assert(
      fc.property(sketch, fc.nat(), (sketch, cut) => {
        const [first, end] = [day(sketch.from), day(sketch.to)];
        const middle = addDays(first, 1 + (cut % (daysBetween(first, end) - 1)));
        const part = (from: string, to: string) => rate(requestOf({ ...sketch, from, to })).lines;
        const energy = (lines: ReturnType<typeof part>) => quantities(lines.filter(line => line.kind !== 'supply'));
        expect(energy([...part(sketch.from, middle), ...part(middle, sketch.to)])).toEqual(
          energy(part(sketch.from, sketch.to)),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('the sum on paper adds up: printed lines and printed tax make the printed total', () => {
    fc.assert(
      fc.property(sketch, sketch => {
        const bill = rate(requestOf(sketch));
        const printed = (text: string) => parseCents(text)!;
        const lines = bill.lines.reduce((sum, line) => sum + printed(formatCents(line.amount)), 0n);
        const tax = bill.taxes.reduce((sum, { amount }) => sum + printed(formatCents(amount)), 0n);
        expect(printed(formatCents(bill.total))).toBe(bill.taxBasis === 'INCLUSIVE' ? lines : lines + tax);
        expect(bill.chargesExTax + bill.tax).toBe(bill.total);
      }),
      { numRuns: 100 },
    );
  });

  it('the compiled plan agrees with the naive interpreter that goes minute by minute', () => {
    fc.assert(
      fc.property(sketch, sketch => {
        const request = requestOf(sketch);
        expect(secondOpinion(request, rate(request))).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it('the same request gives the same bill, compiled or from the cache', () => {
    fc.assert(
      fc.property(sketch, sketch => {
        const request = requestOf(sketch);
        const first = rate(request);
        expect(rate(request)).toEqual(first);
        expect(rate(requestOf({ ...sketch, zone: zone(sketch.zone) }))).toEqual(first);
      }),
      { numRuns: 20 },
    );
  });
});
