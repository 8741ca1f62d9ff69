import { describe, expect, it } from 'vitest';
import { qualityCode } from '../../src/readings/reading.ts';
import { planSegments } from '../../src/tariffs/segments.ts';
import { formatCents } from '../../src/units/money.ts';
import { instant } from '../../src/units/time.ts';
import {
  day,
  flat,
  onPaper,
  planDocument,
  rateSketch,
  refusalOf,
  seriesOf,
  supplyPerDay,
  versionOf,
} from './fixtures.ts';

const kWh = 1_000_000;
const march = { zone: 'Australia/Sydney', from: '2025-03-01', to: '2025-04-01' };
const ofMarch = (step = 1800) => seriesOf(march.from, march.to, march.zone, () => 500_000, step);
const use = planDocument({ components: [flat('0.30')] });

describe('a hole in the readings', () => {
  it('is never priced: the first missing interval and their number are named', () => {
    const series = ofMarch();
    series.energy.fill(Number.NaN, 100, 103);
    const refusal = refusalOf(() => rateSketch({ ...march, plan: use, registers: { IMPORT: series } }));
    expect(refusal.code).toBe('intervals-missing');
    expect(refusal.message).toBe('IMPORT lacks 3 of 1488 intervals, the first from 2025-03-03T02:00:00+11:00');
    expect(refusal.fields).toEqual([
      { pointer: 'IMPORT', message: 'lacks 3 of 1488 intervals, the first from 2025-03-03T02:00:00+11:00' },
    ]);
  });

  it.each`
    from            | to              | missing | first
    ${'2025-03-02'} | ${'2025-04-01'} | ${48}   | ${'2025-03-01T00:00:00+11:00'}
    ${'2025-03-01'} | ${'2025-03-31'} | ${48}   | ${'2025-03-31T00:00:00+11:00'}
    ${'2025-04-01'} | ${'2025-04-02'} | ${1488} | ${'2025-03-01T00:00:00+11:00'}
  `('is also a series of $from to $to for the whole of March', ({ from, to, missing, first }) => {
    const registers = { IMPORT: seriesOf(from, to, march.zone, () => kWh) };
    const refusal = refusalOf(() => rateSketch({ ...march, plan: use, registers }));
    expect(refusal.message).toBe(`IMPORT lacks ${missing} of 1488 intervals, the first from ${first}`);
  });

  it('outside the period does not matter, and neither do the readings there', () => {
    const wide = seriesOf('2025-02-01', '2025-05-01', march.zone, ({ day }) =>
      day.startsWith('2025-03') ? kWh : Number.NaN,
    );
    const { lines } = rateSketch({ ...march, plan: use, registers: { IMPORT: wide } });
    expect(lines.map(onPaper)).toEqual(['USE.ALL 1488 kWh 0.3 446.40']);
  });

  it('in a register the plan does not price does not matter', () => {
    const registers = { IMPORT: ofMarch(), EXPORT: { ...ofMarch(), energy: new Float64Array(1488).fill(Number.NaN) } };
    expect(() => rateSketch({ ...march, plan: use, registers })).not.toThrow();
  });

  it('in an optional register that exists is a hole like any other', () => {
    const solar = planDocument({ components: [{ ...flat('0.25', 'SOLAR'), optional: true }] });
    const roof = ofMarch();
    roof.energy[5] = Number.NaN;
    expect(refusalOf(() => rateSketch({ ...march, plan: solar, registers: { SOLAR: roof } })).code).toBe(
      'intervals-missing',
    );
  });
});

describe('a register the site lacks', () => {
  const feedIn = { kind: 'feedIn', code: 'FIT', rates: [{ code: 'ALL', unitPrice: '0.05' }] };

  it('is refused by name', () => {
    const plan = planDocument({ components: [flat('0.30'), feedIn] });
    const refusal = refusalOf(() => rateSketch({ ...march, plan, registers: { IMPORT: ofMarch() } }));
    expect(refusal.code).toBe('register-missing');
    expect(refusal.message).toBe('plan TEST-1 prices register EXPORT from 2025-03-01, and the site has IMPORT');
  });

  it('is zero where the plan says that it is optional', () => {
    const plan = planDocument({ components: [flat('0.30'), { ...feedIn, optional: true }] });
    const { lines } = rateSketch({ ...march, plan, registers: { IMPORT: ofMarch() } });
    expect(lines.map(line => line.code)).toEqual(['USE.ALL']);
  });

  it('may be any suffix, in steps of its own', () => {
    const plan = planDocument({ components: [flat('0.30'), { ...flat('0.20', 'E2'), description: 'Hot water' }] });
    const registers = { IMPORT: ofMarch(), E2: ofMarch(300) };
    const { lines } = rateSketch({ ...march, plan, registers });
    expect(lines.map(line => `${line.description}: ${onPaper(line)}`)).toEqual([
      'From grid: USE.ALL 744 kWh 0.3 223.20',
      'Hot water: E2.ALL 4464 kWh 0.2 892.80',
    ]);
  });
});

describe('the trace of a line', () => {
  it('counts its intervals by quality', () => {
    const series = ofMarch();
    series.quality.fill(qualityCode('estimated'), 0, 10);
    series.quality[20] = qualityCode('substituted');
    const [line] = rateSketch({ ...march, plan: use, registers: { IMPORT: series } }).lines;
    expect(line?.trace.measured).toMatchObject({
      slots: 1488,
      firstSlot: series.from,
      lastSlot: instant(series.from + 1487 * 1800),
      qualities: { actual: 1477, estimated: 10, substituted: 1 },
    });
  });
});

describe('a change of price within the period', () => {
  const version = (number: number, price: string, from: string, to: string | null = null) =>
    versionOf(
      planDocument({ effectiveFrom: from, effectiveTo: to, components: [flat(price), supplyPerDay('1')] }),
      number,
    );
  const old = version(1, '0.30', '2024-07-01');
  const dearer = version(2, '0.33', '2025-03-11');

  it('cuts the bill into lines of their own, with inclusive days', () => {
    const bill = rateSketch({ ...march, plan: [old, dearer], registers: { IMPORT: ofMarch() } });
    expect(bill.lines.map(line => `v${line.trace.planVersion} ${line.from} ${line.to} ${onPaper(line)}`)).toEqual([
      'v1 2025-03-01 2025-03-10 USE.ALL 240 kWh 0.3 72.00',
      'v1 2025-03-01 2025-03-10 SUPPLY 10 day 1 10.00',
      'v2 2025-03-11 2025-03-31 USE.ALL 504 kWh 0.33 166.32',
      'v2 2025-03-11 2025-03-31 SUPPLY 21 day 1 21.00',
    ]);
    // One tax on one sum: 269.32.
    expect([bill.tax, bill.total].map(formatCents)).toEqual(['26.93', '296.25']);
  });

  it.each([
    ['one version for the whole period', [old], ['v1 03-01..04-01']],
    ['a later version replaces an open earlier one', [old, dearer], ['v1 03-01..03-11', 'v2 03-11..04-01']],
    ['the order in which they are given does not matter', [dearer, old], ['v1 03-01..03-11', 'v2 03-11..04-01']],
    [
      'a correction of the first leaves the second in force',
      [old, dearer, version(3, '0.29', '2024-07-01')],
      ['v3 03-01..03-11', 'v2 03-11..04-01'],
    ],
    ['a version that starts when the period ends', [old, version(2, '1', '2025-04-01')], ['v1 03-01..04-01']],
    [
      'a cut that changes nothing is no cut',
      [version(1, '1', '2025-01-01'), version(2, '1', '2024-07-01', '2025-03-15')],
      ['v1 03-01..04-01'],
    ],
  ])('segments: %s', (_, versions, expected) => {
    const segments = planSegments(versions, day(march.from), day(march.to));
    expect(segments.map(({ from, to, version }) => `v${version.version} ${from.slice(5)}..${to.slice(5)}`)).toEqual(
      expected,
    );
  });

  it.each([
    ['before the first version', [version(1, '1', '2025-03-02')], 'no version of the plan is in force on 2025-03-01'],
    [
      'after the last version ended',
      [version(1, '1', '2024-07-01', '2025-03-20')],
      'plan TEST-1 version 1 ended before 2025-03-20',
    ],
    [
      'after a version ended, though an older one is open',
      [old, version(2, '1', '2025-03-05', '2025-03-09')],
      'plan TEST-1 version 2 ended before 2025-03-09',
    ],
  ])('refuses a day without a price %s', (_, versions, message) => {
    const refusal = refusalOf(() => planSegments(versions, day(march.from), day(march.to)));
    expect([refusal.code, refusal.message]).toEqual(['plan-not-in-force', message]);
  });

  it('refuses to mix prices with and without tax in one total', () => {
    const inclusive = versionOf(
      planDocument({ taxBasis: 'INCLUSIVE', effectiveFrom: '2025-03-11', components: [flat('0.33')] }),
      2,
    );
    const refusal = refusalOf(() => rateSketch({ ...march, plan: [old, inclusive], registers: { IMPORT: ofMarch() } }));
    expect(refusal.code).toBe('plans-differ');
  });
});

describe('a supply charge', () => {
  const supply = (amount: string, per: string) =>
    planDocument({ components: [{ kind: 'supply', code: 'S', amount, per, tax: 'GST' }] });
  const lines = (plan: Record<string, unknown>, from: string, to: string) =>
    rateSketch({ zone: 'Europe/Stockholm', from, to, plan, registers: {} }).lines.map(
      line => `${line.from} ${line.to} ${onPaper(line)} ${line.description}`,
    );

  it.each([
    [
      'per day over 31 days',
      '0.9803',
      'DAY',
      '2022-06-15',
      '2022-07-16',
      ['2022-06-15 2022-07-15 S 31 day 0.9803 30.39 Supply charge'],
    ],
    [
      'per year for 90 of 365 days (B04)',
      '1585',
      'YEAR',
      '2018-01-01',
      '2018-04-01',
      ['2018-01-01 2018-03-31 S 90 day 1585 390.82 Supply charge, 90 of 365 days of the year'],
    ],
    [
      'per year across New Year into a leap year',
      '366',
      'YEAR',
      '2023-12-22',
      '2024-01-11',
      [
        '2023-12-22 2023-12-31 S 10 day 366 10.03 Supply charge, 10 of 365 days of the year',
        '2024-01-01 2024-01-10 S 10 day 366 10.00 Supply charge, 10 of 366 days of the year',
      ],
    ],
    [
      'per month for a whole one',
      '25',
      'MONTH',
      '2025-02-01',
      '2025-03-01',
      ['2025-02-01 2025-02-28 S 1 month 25 25.00 Supply charge'],
    ],
    [
      'per month from the middle of one to the middle of another',
      '25',
      'MONTH',
      '2025-01-15',
      '2025-03-15',
      [
        '2025-01-15 2025-01-31 S 17 day 25 13.71 Supply charge, 17 of 31 days of the month',
        '2025-02-01 2025-02-28 S 1 month 25 25.00 Supply charge',
        '2025-03-01 2025-03-14 S 14 day 25 11.29 Supply charge, 14 of 31 days of the month',
      ],
    ],
  ])('%s', (_, amount, per, from, to, expected) => {
    expect(lines(supply(amount, per), from, to)).toEqual(expected);
  });
});
