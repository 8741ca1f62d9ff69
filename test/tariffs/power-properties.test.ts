import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Facts } from '../../src/tariffs/facts.ts';
import { rate } from '../../src/tariffs/rate.ts';
import { secondOpinion } from '../../src/tariffs/second-opinion.ts';
import { addDays, addMonths, monthOf, startOfDay } from '../../src/units/time.ts';
import { day, planDocument, requestOf, seriesOf, versionOf, zone } from './fixtures.ts';

// Zones with whole-hour and half-hour clock changes, and days of them.
const places = [
  { zone: 'Australia/Sydney', around: ['2025-04-06', '2025-10-05', '2024-12-31'] },
  { zone: 'Australia/Adelaide', around: ['2025-04-06', '2024-02-29'] },
  { zone: 'Australia/Lord_Howe', around: ['2025-04-06', '2025-10-05'] },
  { zone: 'America/St_Johns', around: ['2025-03-09', '2025-11-02'] },
  { zone: 'Asia/Kathmandu', around: ['2025-07-01'] },
];
const seasons = { HOT: ['10-05', '04-05'], COLD: ['04-06', '10-04'] };

const clock = (halfHour: number) =>
  `${String(Math.trunc(halfHour / 2)).padStart(2, '0')}:${halfHour % 2 ? '30' : '00'}`;
const decimal = (max: number) =>
  fc.integer({ min: 0, max: max * 1000 }).map(thousandths => (thousandths / 1000).toFixed(3));
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const window = fc
  .record({
    days: maybe(fc.constantFrom('WD', 'WE')),
    season: maybe(fc.constantFrom('HOT', 'COLD')),
    from: fc.integer({ min: 0, max: 47 }),
    length: fc.integer({ min: 1, max: 46 }),
  })
  .map(({ from, length, ...kind }) => ({ ...kind, from: clock(from), to: clock((from + length) % 48) }));
const windows = maybe(fc.array(window, { minLength: 1, maxLength: 3 }));

const tiersOf = (bounds: number[], prices: string[]) =>
  [...bounds.sort((a, b) => a - b), undefined].map((upTo, at) => ({
    ...(upTo !== undefined && { upTo: String(upTo) }),
    unitPrice: prices[at % prices.length]!,
  }));
const tiers = fc
  .tuple(
    fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 2 }),
    fc.array(decimal(20), { minLength: 1, maxLength: 3 }),
  )
  .map(([bounds, prices]) => tiersOf(bounds, prices));

const demand = fc
  .record({
    windows,
    interval: fc.constantFrom('PT15M', 'PT30M'),
    emptyWindow: fc.constantFrom('SKIP', 'ZERO'),
    quantity: fc.constantFrom('KW', 'KVA'),
    peak: fc.oneof(
      fc.constant({ fn: 'MAX' }),
      fc.record({
        fn: fc.constant('AVG_OF_N'),
        n: fc.integer({ min: 1, max: 6 }),
        isolation: fc.constantFrom('NONE', 'PER_DAY'),
      }),
    ),
    measurementPeriod: fc.constantFrom('DAY', 'MONTH', 'MONTH', 'BILL', 'ROLLING_12M', 'TARIFF_PERIOD'),
    min: maybe(decimal(30)),
    free: maybe(decimal(20)),
    tiers,
    ratchet: maybe(
      fc.record({
        percent: fc.integer({ min: 1, max: 100 }).map(percent => (percent / 100).toFixed(2)),
        months: maybe(fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 6 })),
        lookbackMonths: maybe(fc.integer({ min: 1, max: 14 })),
        floor: maybe(decimal(20)),
      }),
    ),
    price: fc.constantFrom(
      { chargePeriod: 'DAY' },
      { chargePeriod: 'MONTH' },
      { chargePeriod: 'MONTH', dayBasis: '12/365.25' },
      { chargePeriod: 'YEAR' },
      { chargePeriod: 'YEAR', dayBasis: 'CALENDAR_MONTH' },
      { chargePeriod: 'YEAR', dayBasis: '365' },
    ),
    carry: fc.boolean(),
  })
  .map(({ price, carry, ratchet, peak, measurementPeriod, ...terms }) => ({
    kind: 'demand',
    code: 'DEM',
    tax: 'GST',
    ...terms,
    ...price,
    measurementPeriod,
    ...(terms.quantity === 'KVA' && { reactiveRegister: 'Q1' }),
    ...(['ROLLING_12M', 'TARIFF_PERIOD'].includes(measurementPeriod) ? {} : { peak }),
    ...(['MONTH', 'BILL'].includes(measurementPeriod) && { ratchet }),
    ...(measurementPeriod === 'MONTH' && carry && { carry: 'IF_PERIOD_SPLIT:MAX_OF_PARTS' }),
  }));

const hoursUse = fc
  .record({
    windows,
    tierPeriod: fc.constantFrom('P1M', 'BILL'),
    hours: fc.uniqueArray(fc.integer({ min: 1, max: 600 }), { maxLength: 2 }),
    steps: tiers,
  })
  .map(({ hours, steps, ...terms }) => ({
    kind: 'hoursUse',
    code: 'HU',
    demand: 'DEM',
    tax: 'GST',
    ...terms,
    tiers: [...hours.sort((a, b) => a - b), undefined].map((upTo, at) => ({
      ...(upTo !== undefined && { upToHours: String(upTo) }),
      ...(at === 0 ? { tiers: steps } : { unitPrice: '0.05' }),
    })),
  }));

const feedIn = fc
  .record({ kWh: decimal(40), window: maybe(window), unitPrice: maybe(decimal(1)) })
  .map(dailyAllowance => ({
    kind: 'feedIn',
    code: 'FIT',
    register: 'IMPORT',
    dailyAllowance,
    rates: [
      { code: 'NIGHT', unitPrice: '-0.02', windows: [{ from: '22:00', to: '06:00' }] },
      { code: 'REST', unitPrice: '0.05' },
    ],
  }));

/** Undefined fields are left out, as a document has them. */
const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

const request = fc
  .record({
    demand,
    hoursUse,
    feedIn,
    place: fc.constantFrom(...places),
    at: fc.nat(),
    before: fc.integer({ min: 0, max: 25 }),
    days: fc.integer({ min: 1, max: 20 }),
    cut: fc.nat(),
    step: fc.constantFrom(300, 900, 900),
    seed: fc.integer({ min: 1, max: 1_000_000 }),
    // A few levels only, so that peaks are often equal.
    levels: fc.constantFrom(3, 2_000_003),
    monthStartsOn: fc.constantFrom(1, 1, 7, 28),
    timeZone: fc.constantFrom('LOCAL', 'LOCAL', 'AEST'),
    history: fc.array(fc.tuple(fc.integer({ min: 0, max: 14 }), fc.integer({ min: 0, max: 40_000_000 })), {
      maxLength: 6,
    }),
    events: fc.array(fc.tuple(fc.integer({ min: -30, max: 2_000 }), fc.integer({ min: 1, max: 4 })), { maxLength: 4 }),
  })
  .map(sketch => {
    const awkward = day(sketch.place.around[sketch.at % sketch.place.around.length]!);
    const from = addDays(awkward, -sketch.before);
    const to = addDays(from, sketch.days);
    const change = addDays(from, sketch.cut % sketch.days);
    const coincident = { kind: 'coincident', code: 'CP', events: 'NETWORK', unitPrice: '3.21', tax: 'GST' };
    const version = (number: number, effectiveFrom: string, price: string) =>
      versionOf(
        plain(
          planDocument({
            effectiveFrom,
            // Nepal's quarter of an hour would put AEST's windows inside its half-hours, which is rightly refused.
            timeZone: sketch.place.zone === 'Asia/Kathmandu' ? 'LOCAL' : sketch.timeZone,
            seasons,
            dayTypes: { WD: ['MON', 'TUE', 'WED', 'THU', 'FRI'], WE: ['SAT', 'SUN'] },
            components: [sketch.demand, sketch.hoursUse, { ...coincident, unitPrice: price }, sketch.feedIn],
          }),
        ),
        number,
      );
    const noise =
      (seed: number) =>
      ({ slot }: { slot: number }) =>
        (((slot * 7_919 + seed) * 104_729) % sketch.levels) * ((2_000_003 / sketch.levels) | 0);
    const start = startOfDay(from, zone(sketch.place.zone));
    const facts: Partial<Facts> = {
      peaks: sketch.history.map(([back, quantity]) => ({
        code: 'DEM',
        month: addMonths(monthOf(from), -back),
        quantity,
      })),
      events: [
        {
          name: 'NETWORK',
          periods: sketch.events.map(([first, count]) => ({
            from: (start + first * 1800) as typeof start,
            to: (start + (first + count) * 1800) as typeof start,
          })),
        },
      ],
    };
    const series = (seed: number) => seriesOf(from, to, sketch.place.zone, noise(seed), sketch.step);
    return {
      ...requestOf({
        plan: [version(1, '2000-01-01', '3.21'), ...(change > from ? [version(2, change, '4.32')] : [])],
        zone: sketch.place.zone,
        from,
        to,
        registers: { IMPORT: series(sketch.seed), Q1: series(sketch.seed + 1) },
      }),
      facts,
      monthStartsOn: sketch.monthStartsOn,
    };
  });

describe('for any demand charge, place and period', () => {
  it('the compiled plan agrees with the naive interpreter that goes minute by minute', () => {
    fc.assert(
      fc.property(request, request => {
        expect(secondOpinion(request, rate(request))).toEqual([]);
      }),
      { numRuns: 15 },
    );
  });

  it('and objects when the readings it is shown had another peak', () => {
    const plan = planDocument({ components: [{ kind: 'demand', code: 'DEM', unitPrice: '10', tax: 'GST' }] });
    const of = (peak: number) =>
      requestOf({
        plan,
        zone: 'Australia/Sydney',
        from: '2025-07-01',
        to: '2025-08-01',
        registers: {
          IMPORT: seriesOf('2025-07-01', '2025-08-01', 'Australia/Sydney', ({ slot }) =>
            slot === 700 ? peak : 500_000,
          ),
        },
      });
    expect(secondOpinion(of(4_000_000), rate(of(4_000_000)))).toEqual([]);
    expect(secondOpinion(of(4_000_001), rate(of(4_000_000)))).toEqual([
      'DEM from 2025-07-01: 8000000 micro-kWh on the bill, 8000002 in the second opinion',
    ]);
  });
});
