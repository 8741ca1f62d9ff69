import { describe, expect, it } from 'vitest';
import { arithmeticOf } from '../../src/tariffs/amount.ts';
import type { FeeDue } from '../../src/tariffs/facts.ts';
import { readPlan } from '../../src/tariffs/plan.ts';
import { rate } from '../../src/tariffs/rate.ts';
import {
  agreedBill,
  day,
  flat,
  planDocument,
  refusalOf,
  requestOf,
  seriesOf,
  supplyPerDay,
  versionOf,
} from './fixtures.ts';

const brisbane = 'Australia/Brisbane';
const april = { zone: brisbane, from: '2025-04-01', to: '2025-05-01' };
/** A plan has a component; this one has no line where no roof is. */
const silent = { ...flat('0', 'SOLAR'), optional: true };
const problems = (parts: Record<string, unknown>) =>
  refusalOf(() => readPlan(planDocument({ components: [supplyPerDay('1')], ...parts }))).fields.map(
    ({ pointer, message }) => `${pointer}: ${message}`,
  );

describe('a fee for an event', () => {
  const fees = [
    { code: 'LATE', description: 'Reminder', trigger: 'EVENT', amount: '12' },
    { code: 'MOVE', description: 'Connection', trigger: 'EVENT', amount: '50' },
  ];
  const due = (...events: [code: string, on: string, reason?: string][]) => {
    const facts = {
      fees: events.map(([code, on, reason]): FeeDue => ({ code, on: day(on), ...(reason && { reason }) })),
    };
    const plan = planDocument({ components: [silent], fees });
    return agreedBill({ ...april, plan, registers: {}, facts }).lines.map(
      line => `${line.code} ${line.from} ${line.to} ${line.description}: ${arithmeticOf(line)}`,
    );
  };

  it('falls due on the days of the bill, the first one too, and not on those around it', () => {
    expect(due(['LATE', '2025-03-31'], ['LATE', '2025-05-01'])).toEqual([]);
    expect(due(['LATE', '2025-04-01'], ['MOVE', '2025-04-30', 'of meter 7'])).toEqual([
      'LATE 2025-04-01 2025-04-01 Reminder: 1 each × 12.00 = 12.00',
      'MOVE 2025-04-30 2025-04-30 Connection: of meter 7: 1 each × 50.00 = 50.00',
    ]);
  });

  it('that falls due twice on one day is two lines of two names', () => {
    expect(due(['LATE', '2025-04-03'], ['LATE', '2025-04-07'], ['LATE', '2025-04-07'])).toEqual([
      'LATE 2025-04-03 2025-04-03 Reminder: 1 each × 12.00 = 12.00',
      'LATE 2025-04-07 2025-04-07 Reminder: 1 each × 12.00 = 12.00',
      'LATE.3 2025-04-07 2025-04-07 Reminder: 1 each × 12.00 = 12.00',
    ]);
  });
});

it('a fee of part of a month or year says which part', () => {
  const fees = [
    { code: 'PAPER', description: 'Paper bill', trigger: 'MONTHLY', amount: '3' },
    { code: 'YEAR', description: 'Licence', trigger: 'ANNUAL', amount: '73' },
  ];
  const days = { zone: brisbane, from: '2024-12-22', to: '2025-01-11' };
  const { lines } = agreedBill({ ...days, plan: planDocument({ components: [silent], fees }), registers: {} });
  expect(lines.map(line => `${line.from} ${line.to} ${line.description}: ${arithmeticOf(line)}`)).toEqual([
    '2024-12-22 2024-12-31 Paper bill, 10 of 31 days of the month: 10 day × 3.00 / 31 = 0.97',
    '2025-01-01 2025-01-10 Paper bill, 10 of 31 days of the month: 10 day × 3.00 / 31 = 0.97',
    '2024-12-22 2024-12-31 Licence: 1 each × 73.00 × 10 / 366 days = 1.99',
    '2025-01-01 2025-01-10 Licence: 1 each × 73.00 × 10 / 365 days = 2.00',
  ]);
});

describe('a supply charge', () => {
  const supply = (terms: Record<string, unknown>) => ({ kind: 'supply', code: 'S', per: 'DAY', tax: 'GST', ...terms });
  const each = (terms: Record<string, unknown>, days: { from: string; to: string }, quantity = 13_000_000) => {
    const plan = planDocument({ components: [supply({ amount: '2', ...terms })] });
    const facts = { quantities: { AGREED: quantity } };
    return agreedBill({ zone: brisbane, ...days, plan, registers: {}, facts }).lines.map(arithmeticOf);
  };

  it.each([
    ['a day', 'DAY', 'kW', '2025-04-01', '2025-04-02', ['13 kW × 2.00 = 26.00']],
    ['two days', 'DAY', 'kW', '2025-04-01', '2025-04-03', ['13 kW × 2.00 × 2 days = 52.00']],
    ['a whole month', 'MONTH', 'kW', '2025-04-01', '2025-05-01', ['13 kW × 2.00 = 26.00']],
    ['a day of a month', 'MONTH', 'kVA', '2025-04-01', '2025-04-02', ['13 kVA × 2.00 × 1 day / 30 = 0.87']],
    ['half a month', 'MONTH', 'kVA', '2025-04-01', '2025-04-16', ['13 kVA × 2.00 × 15 days / 30 = 13.00']],
    ['pieces', 'DAY', 'each', '2025-04-01', '2025-04-03', ['13 each × 2.00 × 2 days = 52.00']],
  ])('for each of what is agreed: %s', (_, per, unit, from, to, expected) => {
    expect(each({ per, each: { quantity: 'AGREED', unit } }, { from, to })).toEqual(expected);
  });

  it('for each of what nobody agreed is refused', () => {
    const plan = planDocument({ components: [supply({ amount: '1', each: { quantity: 'AGREED', unit: 'kW' } })] });
    expect(refusalOf(() => rate(requestOf({ ...april, plan, registers: {} }))).message).toBe(
      'the plan charges for each kW of AGREED, which is not known',
    );
  });

  it.each([
    ['in bands by days needs no readings', 'DAYS', undefined],
    ['in bands by use needs them', 'KWH_PER_DAY', 'register-missing'],
  ])('%s', (_, bandsBy, expected) => {
    const bands = [{ upTo: '10', amount: '0.5' }, { amount: '0.8' }];
    const request = requestOf({
      ...april,
      plan: planDocument({ components: [supply({ bands, bandsBy })] }),
      registers: {},
    });
    if (expected) expect(refusalOf(() => rate(request)).code).toBe(expected);
    else expect(rate(request).lines.map(arithmeticOf)).toEqual(['10 day × 0.50 = 5.00', '20 day × 0.80 = 16.00']);
  });

  it.each([
    ['neither an amount nor bands', {}],
    ['both', { amount: '1', bands: [{ amount: '1' }] }],
  ])('with %s is refused', (_, terms) => {
    expect(problems({ components: [supply(terms)] })).toContain(
      '/components/0/amount: a supply charge has either an amount or bands',
    );
  });
});

describe('a fee is refused', () => {
  const fee = { code: 'F', description: 'F', trigger: 'EVENT', amount: '1' };
  it.each([
    [
      'without an amount',
      { ...fee, amount: undefined },
      'amount: a fee has an amount, or a rate when it is PERCENT_OF_BILL',
    ],
    [
      'of a share without the share',
      { ...fee, trigger: 'PERCENT_OF_BILL', amount: undefined },
      'amount: a fee has an amount, or a rate when it is PERCENT_OF_BILL',
    ],
    [
      'of a share and an amount',
      { ...fee, trigger: 'PERCENT_OF_BILL', rate: '0.1' },
      'rate: only a fee that is PERCENT_OF_BILL has a rate, and it has no amount',
    ],
    [
      'of a month that falls on a day',
      { ...fee, trigger: 'MONTHLY', on: '04-01' },
      'on: only an ANNUAL fee falls on a day of the year',
    ],
    [
      'on a day that no year has',
      { ...fee, trigger: 'ANNUAL', on: '13-01' },
      'on: must be month and day such as "07-01"',
    ],
  ])('%s', (_, terms, expected) => {
    expect(problems({ fees: [terms] })).toContain(`/fees/0/${expected}`);
  });
});

describe('the minimum', () => {
  const minimum = { amount: '300', period: 'P1M', appliesTo: ['USAGE'] };
  const of = (days: { from: string; to: string; monthStartsOn?: number }, ...minimums: (typeof minimum)[]) => {
    const plan = minimums.map((terms, at) =>
      versionOf(
        planDocument({ effectiveFrom: at === 0 ? '2000-01-01' : '2025-04-11', components: [silent], minimum: terms }),
        at + 1,
      ),
    );
    return agreedBill({ zone: brisbane, ...days, plan, registers: {} }).lines.map(
      line => `${line.description}: ${arithmeticOf(line)}`,
    );
  };
  const half = { from: '2025-04-01', to: '2025-04-16' };
  const one = (amount: string) => [`Top-up to the minimum of ${amount}: 1 each × ${amount} = ${amount}`];

  it.each([
    ['of a bill is for the bill, however short', { ...minimum, period: 'BILL' }, half, '300.00'],
    ['of a day is for its days', { ...minimum, amount: '2', period: 'P1D' }, half, '30.00'],
    ['of a month is for its part of the month', minimum, half, '150.00'],
    ['of a year is for its part of the calendar year', { ...minimum, amount: '730', period: 'P1Y' }, half, '30.00'],
    [
      'of a month is for the months of the contract',
      { ...minimum, amount: '28' },
      { from: '2011-02-20', to: '2011-03-07', monthStartsOn: 7 },
      '15.00',
    ],
    [
      'of a year is for calendar years wherever its months begin',
      { ...minimum, amount: '730', period: 'P1Y' },
      { from: '2024-12-27', to: '2025-01-06', monthStartsOn: 7 },
      // 5 × 730 / 366 and 5 × 730 / 365
      '19.97',
    ],
  ])('%s', (_, terms, days, expected) => {
    expect(of(days, terms)).toEqual(one(expected));
  });

  it.each([
    ['for a whole bill', { ...minimum, period: 'BILL' }],
    ['without sharing it', { ...minimum, prorate: false }],
  ])('of a version that set it %s is for its days of the bill', (_, before) => {
    // 300 × 10 / 30, and 330 × 20 / 30 of the version that follows.
    expect(of(april, before, { ...minimum, amount: '330' })).toEqual(one('320.00'));
    // The version of the last day speaks for the whole bill.
    expect(of(april, { ...minimum, amount: '330' }, before)).toEqual(one('300.00'));
  });
});

it('what the site uses is not asked of a plan that only charges days', () => {
  const plan = planDocument({ components: [supplyPerDay('1')] });
  const hole = seriesOf(april.from, april.to, brisbane, () => Number.NaN);
  expect(agreedBill({ ...april, plan, registers: { IMPORT: hole } }).lines.map(arithmeticOf)).toEqual([
    '30 day × 1.00 = 30.00',
  ]);
});
