import { describe, expect, it } from 'vitest';
import { arithmeticOf } from '../../src/tariffs/amount.ts';
import { readPlan } from '../../src/tariffs/plan.ts';
import { rate } from '../../src/tariffs/rate.ts';
import type { RatedBill } from '../../src/tariffs/rated-bill.ts';
import { secondOpinion } from '../../src/tariffs/second-opinion.ts';
import { type Cents, formatCents } from '../../src/units/money.ts';
import {
  day,
  flat,
  planDocument,
  refusalOf,
  requestOf,
  type Sketch,
  seriesOf,
  supplyPerDay,
  versionOf,
} from './fixtures.ts';

const kWh = 1_000_000;
// No clock is changed in Brisbane, and April has 30 days.
const april = { zone: 'Australia/Brisbane', from: '2025-04-01', to: '2025-05-01' };
const energy = (microKwh: number, from = april.from, to = april.to) =>
  seriesOf(from, to, april.zone, ({ slot }) => (slot === 3 ? microKwh : 0));
const registers = { IMPORT: energy(1000 * kWh), EXPORT: energy(400 * kWh) };
const sold = { kind: 'feedIn', code: 'FIT', rates: [{ code: 'ALL', unitPrice: '0.05' }] };
// 200.00 for energy, 30.00 for supply, 20.00 for solar.
const household = [flat('0.2'), supplyPerDay('1'), sold];

/** The bill, which the second opinion must find as well. */
function billOf(sketch: Sketch): RatedBill {
  const request = requestOf(sketch);
  const bill = rate(request);
  expect(secondOpinion(request, bill)).toEqual([]);
  return bill;
}

const bill = (parts: Record<string, unknown>, more: Partial<Sketch> = {}) =>
  billOf({ ...april, plan: planDocument({ components: household, ...parts }), registers, ...more });

const sums = (bill: RatedBill) => bill.lines.map(line => `${line.code}: ${arithmeticOf(line)}`);
/** The lines that follow from others. */
const following = (bill: RatedBill) => sums(bill).filter(text => !/^(USE|SUPPLY|FIT)/.test(text));
const totals = ({ chargesExTax, tax, total }: RatedBill) => [chargesExTax, tax, total].map(formatCents);

describe('a price over time', () => {
  it.each([
    ['MONTH', undefined, '2025-04-01', '2025-05-01', ['1 month × 30.00 = 30.00']],
    ['MONTH', undefined, '2025-04-01', '2025-04-16', ['15 day × 30.00 / 30 = 15.00']],
    ['MONTH', '12/365.25', '2025-05-01', '2025-06-01', ['31 day × 30.00 × 12 / 365.25 = 30.55']],
    ['MONTH', '365', '2025-05-01', '2025-06-01', ['31 day × 30.00 × 12 / 365 = 30.58']],
    ['YEAR', undefined, '2024-01-01', '2024-03-31', ['90 day × 30.00 / 366 = 7.38']],
    ['YEAR', '365', '2024-01-01', '2024-03-31', ['90 day × 30.00 / 365 = 7.40']],
    ['YEAR', '365.25', '2024-01-01', '2024-03-31', ['90 day × 30.00 / 365.25 = 7.39']],
    [
      'YEAR',
      'CALENDAR_MONTH',
      '2025-02-01',
      '2025-03-16',
      ['1 month × 30.00 / 12 = 2.50', '15 day × 30.00 / 12 / 31 = 1.21'],
    ],
  ])('per %s on a basis of %s from %s to %s', (per, dayBasis, from, to, expected) => {
    const plan = planDocument({ components: [{ kind: 'supply', code: 'S', amount: '30', per, dayBasis, tax: 'GST' }] });
    expect(
      billOf({ zone: april.zone, from, to, plan: JSON.parse(JSON.stringify(plan)), registers: {} }).lines.map(
        arithmeticOf,
      ),
    ).toEqual(expected);
  });

  it('is for months from the day on which those of the contract begin', () => {
    const plan = planDocument({ components: [{ kind: 'supply', code: 'S', amount: '28', per: 'MONTH', tax: 'GST' }] });
    const of = (from: string, to: string) =>
      billOf({ zone: april.zone, from, to, plan, registers: {}, monthStartsOn: 7 }).lines.map(arithmeticOf);
    expect(of('2011-02-07', '2011-02-15')).toEqual(['8 day × 28.00 / 28 = 8.00']);
    expect(of('2011-02-07', '2011-03-10')).toEqual(['1 month × 28.00 = 28.00', '3 day × 28.00 / 31 = 2.71']);
  });

  it('is for each kilowatt the contract names', () => {
    const each = { quantity: 'CONTRACT_KW', unit: 'kW' };
    const plan = (per: string, amount: string) =>
      planDocument({ components: [{ kind: 'supply', code: 'S', amount, per, each, tax: 'GST' }] });
    const facts = { quantities: { CONTRACT_KW: 13_250_000 } };
    const sumsOf = (per: string, amount: string) =>
      billOf({ ...april, plan: plan(per, amount), registers: {}, facts }).lines.map(arithmeticOf);
    expect(sumsOf('MONTH', '2')).toEqual(['13.25 kW × 2.00 = 26.50']);
    expect(sumsOf('DAY', '0.1')).toEqual(['13.25 kW × 0.10 × 30 days = 39.75']);
    expect(refusalOf(() => rate(requestOf({ ...april, plan: plan('DAY', '1'), registers: {} }))).code).toBe(
      'fact-missing',
    );
  });

  it.each([
    ['KWH_PER_DAY', 300_000_000, ['30 day × 0.50 = 15.00']],
    ['KWH_PER_DAY', 300_000_001, ['30 day × 0.80 = 24.00']],
    ['KWH_PER_DAY', 601_000_000, ['30 day × 1.00 = 30.00']],
    ['DAYS', 0, ['10 day × 0.50 = 5.00', '10 day × 0.80 = 8.00', '10 day × 1.00 = 10.00']],
  ])('in bands by %s of %i micro-kWh', (bandsBy, used, expected) => {
    const bands = [{ upTo: '10', amount: '0.5' }, { upTo: '20', amount: '0.8' }, { amount: '1' }];
    const plan = planDocument({ components: [{ kind: 'supply', code: 'S', bands, bandsBy, per: 'DAY', tax: 'GST' }] });
    expect(billOf({ ...april, plan, registers: { IMPORT: energy(used) } }).lines.map(arithmeticOf)).toEqual(expected);
  });
});

describe('fees and green power', () => {
  it('fall due by event, day, month and share of the bill, with or without tax inside', () => {
    const fees = [
      { code: 'LATE', description: 'Reminder', trigger: 'EVENT', amount: '12' },
      { code: 'CLUB', description: 'Membership', trigger: 'ANNUAL', amount: '60', on: '04-09' },
      { code: 'GONE', description: 'Membership', trigger: 'ANNUAL', amount: '60', on: '05-01' },
      { code: 'YEAR', description: 'Licence', trigger: 'ANNUAL', amount: '73' },
      {
        code: 'PAPER',
        description: 'Paper bill',
        trigger: 'MONTHLY',
        amount: '2.20',
        tax: 'GST',
        taxBasis: 'INCLUSIVE',
      },
      { code: 'CARD', description: 'Card', trigger: 'PERCENT_OF_BILL', rate: '0.01' },
    ];
    const facts = {
      fees: [
        { code: 'LATE', on: day('2025-04-03'), reason: 'of 3 April' },
        { code: 'LATE', on: day('2025-05-01') },
      ],
    };
    const rated = bill({ fees }, { facts });
    expect(following(rated)).toEqual([
      'LATE: 1 each × 12.00 = 12.00',
      'CLUB: 1 each × 60.00 = 60.00',
      'YEAR: 1 each × 73.00 × 30 / 365 days = 6.00',
      'PAPER: 1 month × 2.20 = 2.20',
      // 200 + 30 + 12 + 60 + 6 + 2.20, without the solar credit.
      'CARD: 1 each × 310.20 × 1 % = 3.10',
    ]);
    expect(rated.lines.find(line => line.code === 'LATE')?.description).toBe('Reminder: of 3 April');
    // 23.00 on top of 230.00, and 0.20 inside 2.20.
    expect(rated.taxes.map(({ basis, taxable, amount }) => `${basis} ${taxable} ${amount}`)).toEqual([
      'EXCLUSIVE 23000 2300',
      'INCLUSIVE 200 20',
    ]);
    expect(totals(rated)).toEqual(['293.10', '23.20', '316.30']);
  });

  it('green power is a share of what was used, at its own price', () => {
    const green = { kind: 'greenPower', code: 'GREEN', percentOfKwh: '0.20', unitPrice: '0.055', tax: 'GST' };
    const rated = bill({ components: [...household, green] });
    expect(following(rated)).toEqual(['GREEN: 1000 kWh × 0.055 × 20 % = 11.00']);
  });
});

describe('the minimum', () => {
  const minimum = { amount: '300', period: 'P1M', appliesTo: ['USAGE', 'SUPPLY', 'FEED_IN'] };

  it.each([
    ['the rest is a line of its own', { minimum }, ['MINIMUM: 1 each × 90.00 = 90.00']],
    [
      'lines that do not count do not help',
      { minimum: { ...minimum, appliesTo: ['SUPPLY'] } },
      ['MINIMUM: 1 each × 270.00 = 270.00'],
    ],
    ['a bill above it pays nothing', { minimum: { ...minimum, amount: '210' } }, []],
    [
      'a bill in credit pays it whole, not more',
      { minimum, components: [sold] },
      ['MINIMUM: 1 each × 300.00 = 300.00'],
    ],
    [
      'per day it is for the days',
      { minimum: { ...minimum, amount: '7.5', period: 'P1D' } },
      ['MINIMUM: 1 each × 15.00 = 15.00'],
    ],
  ])('%s', (_, parts, expected) => {
    expect(following(bill(parts))).toEqual(expected);
  });

  it('is shared by days, unless the plan says otherwise', () => {
    const half = { from: '2025-04-01', to: '2025-04-16', registers: { IMPORT: energy(0) } };
    const of = (prorate: boolean) =>
      following(bill({ components: [flat('0.2')], minimum: { ...minimum, prorate } }, half));
    expect(of(true)).toEqual(['MINIMUM: 1 each × 150.00 = 150.00']);
    expect(of(false)).toEqual(['MINIMUM: 1 each × 300.00 = 300.00']);
  });

  it('changes with the price inside the bill: 100 for ten days and 220 for twenty', () => {
    const version = (amount: string, from: string, id: number) =>
      versionOf(planDocument({ effectiveFrom: from, components: [flat('0')], minimum: { ...minimum, amount } }), id);
    const rated = billOf({
      ...april,
      plan: [version('300', '2000-01-01', 1), version('330', '2025-04-11', 2)],
      registers,
    });
    expect(following(rated)).toEqual(['MINIMUM: 1 each × 320.00 = 320.00']);
  });
});

describe('discounts', () => {
  const discount = (methodUType: string, terms: Record<string, unknown>) => ({
    discounts: [{ methodUType, category: 'PAY_ON_TIME', type: 'GUARANTEED', ...terms }],
  });

  it.each([
    [
      'of use',
      discount('percentOfUse', { rate: '0.10' }),
      ['DISCOUNT.PAY_ON_TIME: 1 each × -200.00 × 10 % = -20.00'],
      '211.00',
    ],
    [
      'of the bill, but not of solar',
      discount('percentOfBill', { rate: '0.10' }),
      ['DISCOUNT.PAY_ON_TIME: 1 each × -230.00 × 10 % = -23.00'],
      '207.70',
    ],
    [
      'of use above 50.00',
      discount('percentOverThreshold', { rate: '0.10', usageAmount: '50' }),
      ['DISCOUNT.PAY_ON_TIME: 1 each × -150.00 × 10 % = -15.00'],
      '216.50',
    ],
    [
      'of use above what was used',
      discount('percentOverThreshold', { rate: '0.10', usageAmount: '500' }),
      [],
      '233.00',
    ],
    [
      'of an amount',
      discount('fixedAmount', { amount: '12.34' }),
      ['DISCOUNT.PAY_ON_TIME: 1 each × -12.34 = -12.34'],
      '219.43',
    ],
  ])('%s are lines before tax', (_, parts, expected, total) => {
    const rated = bill(parts);
    expect(following(rated)).toEqual(expected);
    expect(formatCents(rated.total)).toBe(total);
  });

  it('that must be earned stand beside the bill with the total they lead to', () => {
    const rated = bill(discount('percentOfUse', { rate: '0.10', type: 'CONDITIONAL', displayName: 'Pay by 12 May' }));
    expect(following(rated)).toEqual([]);
    expect(formatCents(rated.total)).toBe('233.00');
    const [promised, ...more] = rated.conditional;
    expect(more).toEqual([]);
    const { lines, ...beside } = promised!;
    expect(beside).toEqual({
      code: 'DISCOUNT.PAY_ON_TIME',
      description: 'Pay by 12 May',
      amount: -2200n,
      total: 21100n,
    });
    // What is credited once it is earned: before tax, with the tax of what it takes off.
    expect(lines.map(({ code, amount, taxCode, from, to }) => ({ code, amount, taxCode, from, to }))).toEqual([
      { code: 'DISCOUNT.PAY_ON_TIME', amount: -2000n, taxCode: 'GST', from: '2025-04-01', to: '2025-04-30' },
    ]);
  });

  it('cut the bill where they begin and end', () => {
    const rated = bill({
      ...discount('percentOfBill', { rate: '0.50', from: '2025-04-11', to: '2025-04-21' }),
      components: [supplyPerDay('1')],
    });
    expect(rated.lines.map(line => `${line.code} ${line.from} ${formatCents(line.amount)}`)).toEqual([
      'SUPPLY 2025-04-01 10.00',
      'SUPPLY 2025-04-11 10.00',
      'SUPPLY 2025-04-21 10.00',
      'DISCOUNT.PAY_ON_TIME 2025-04-11 -5.00',
    ]);
  });

  it('of lines with and without tax are two lines', () => {
    const rated = bill({
      ...discount('percentOfBill', { rate: '0.10' }),
      components: [flat('0.2'), { ...supplyPerDay('1'), tax: 'NONE' }],
    });
    expect(following(rated)).toEqual([
      'DISCOUNT.PAY_ON_TIME: 1 each × -200.00 × 10 % = -20.00',
      'DISCOUNT.PAY_ON_TIME.NONE.EXCLUSIVE: 1 each × -30.00 × 10 % = -3.00',
    ]);
    expect(formatCents(rated.tax)).toBe('18.00');
  });
});

describe('concessions', () => {
  // 300.00 charged, 30.00 of solar.
  const components = [flat('0.3'), { ...sold, rates: [{ code: 'ALL', unitPrice: '0.075' }] }];
  const held = { facts: { concessions: [{ code: 'LOW', from: day('2020-01-01') }] } };
  const concession = (terms: Record<string, unknown>, plan: Record<string, unknown> = {}) => ({
    components,
    ...plan,
    concessionsEligible: [
      { code: 'LOW', displayName: 'Low income', appliedTo: ['INVOICE'], discountType: 'FIXED_AMOUNT', ...terms },
    ],
  });

  it.each([
    ['AU-SA', '260.00', '30.00'],
    ['AU-NSW', '260.00', '30.00'],
    ['AU-VIC', '256.00', '26.00'],
    ['AU-QLD', '256.00', '26.00'],
  ])('of 40.00 in %s: total %s with tax %s', (jurisdiction, total, tax) => {
    const rated = bill(concession({ perBill: '40' }, { jurisdiction }), held);
    expect([formatCents(rated.total), formatCents(rated.tax)]).toEqual([total, tax]);
  });

  it.each([
    [
      'a share after tax counts tax and solar',
      { percent: '0.1', discountType: 'FIXED_PERCENTAGE', order: 'AFTER_TAX' },
      ['CONCESSION.LOW: 1 each × -300.00 × 10 % = -30.00'],
    ],
    [
      'a share before tax counts neither',
      { percent: '0.1', discountType: 'FIXED_PERCENTAGE', order: 'BEFORE_TAX' },
      ['CONCESSION.LOW: 1 each × -300.00 × 10 % = -30.00'],
    ],
    [
      'a share of service charges where there are none',
      { percent: '0.1', discountType: 'FIXED_PERCENTAGE', order: 'BEFORE_TAX', appliedTo: ['SERVICE_CHARGE'] },
      [],
    ],
    ['an amount per day', { perDay: '0.5', order: 'AFTER_TAX' }, ['CONCESSION.LOW: 30 day × -0.50 = -15.00']],
    [
      'an amount per quarter',
      { perQuarter: '91', order: 'AFTER_TAX' },
      ['CONCESSION.LOW: 1 each × -91.00 × 30 / 91 days = -30.00'],
    ],
    [
      'an amount per year',
      { perYear: '365', order: 'AFTER_TAX' },
      ['CONCESSION.LOW: 1 each × -365.00 × 30 / 365 days = -30.00'],
    ],
    [
      'some days of it',
      { perDay: '0.5', order: 'AFTER_TAX', from: '2025-04-21' },
      ['CONCESSION.LOW: 10 day × -0.50 = -5.00'],
    ],
    [
      'a cap',
      {
        percent: '0.175',
        discountType: 'FIXED_PERCENTAGE',
        order: 'BEFORE_TAX',
        cap: { amount: '91', per: 'QUARTER' },
      },
      ['CONCESSION.LOW: 1 each × -30.00 = -30.00'],
    ],
    [
      'never more than there is',
      { perBill: '5000', order: 'AFTER_TAX' },
      ['CONCESSION.LOW: 1 each × -300.00 = -300.00'],
    ],
  ])('%s', (_, terms, expected) => {
    expect(following(bill(concession(terms), held))).toEqual(expected);
  });

  it('are for those who hold them', () => {
    const plan = concession({ perBill: '40', order: 'AFTER_TAX' });
    expect(following(bill(plan))).toEqual([]);
    expect(following(bill(plan, { facts: { concessions: [{ code: 'LOW', from: day('2025-05-01') }] } }))).toEqual([]);
    expect(following(bill(plan, { facts: { concessions: [{ code: 'OTHER', from: day('2020-01-01') }] } }))).toEqual([]);
  });

  it('of a variable amount need the amount', () => {
    const plan = concession({ discountType: 'VARIABLE', order: 'AFTER_TAX' });
    const facts = { concessions: [{ code: 'LOW', from: day('2020-01-01'), amount: '17.05' }] };
    expect(following(bill(plan, { facts }))).toEqual(['CONCESSION.LOW: 1 each × -17.05 = -17.05']);
    const request = requestOf({ ...april, plan: planDocument(plan), registers, ...held });
    expect(refusalOf(() => rate(request)).code).toBe('fact-missing');
  });
});

describe('tax', () => {
  const small = ['S1', 'S2', 'S3'].map(code => ({
    kind: 'supply',
    code,
    amount: '0.06833333',
    per: 'DAY',
    tax: 'GST',
  }));

  it.each([
    ['once on the sum', { taxMode: 'TOTAL' }, '0.62', [undefined, undefined, undefined]],
    ['on each line', { taxMode: 'LINE' }, '0.63', [21n, 21n, 21n]],
    [
      'once on the sum in New Zealand, where half a cent is disregarded',
      { jurisdiction: 'NZ' },
      '0.61',
      [undefined, undefined, undefined],
    ],
    ['on each line with half cents down', { jurisdiction: 'NZ', taxMode: 'LINE' }, '0.60', [20n, 20n, 20n]],
  ])('of three lines of 2.05 is taken %s', (_, place, tax, lineTaxes) => {
    const rated = bill({ components: small, ...place });
    expect(rated.lines.map(line => formatCents(line.amount))).toEqual(['2.05', '2.05', '2.05']);
    expect(formatCents(rated.tax)).toBe(tax);
    expect(rated.lines.map(line => line.tax)).toEqual(lineTaxes);
  });

  it('may be inside the price of one component of a plan whose prices are without', () => {
    const rated = bill({
      components: [supplyPerDay('1'), { ...supplyPerDay('0.55'), code: 'CLUB', taxBasis: 'INCLUSIVE' }],
    });
    // 3.00 on top of 30.00; 16.50 × 10 / 110 = 1.50 inside.
    expect(totals(rated)).toEqual(['45.00', '4.50', '49.50']);
  });
});

describe('payable rounding', () => {
  const due = (amount: string, increment: string) => {
    const component = { kind: 'fee', code: 'ONE', description: 'One', trigger: 'ANNUAL', amount, on: '04-01' };
    const rated = bill({ components: [component], payableRounding: { increment } });
    return [...following(rated).slice(1), formatCents(rated.rounding), formatCents(rated.total)];
  };
  it.each([
    ['100.02', '0.05', ['ROUNDING: 1 each × -0.02 = -0.02', '-0.02', '100.00']],
    ['100.03', '0.05', ['ROUNDING: 1 each × 0.02 = 0.02', '0.02', '100.05']],
    ['99.50', '1.00', ['ROUNDING: 1 each × 0.50 = 0.50', '0.50', '100.00']],
    ['-99.50', '1.00', ['ROUNDING: 1 each × -0.50 = -0.50', '-0.50', '-100.00']],
    ['100.00', '1.00', ['0.00', '100.00']],
  ])('of %s to %s is a line of its own', (amount, increment, expected) => {
    expect(due(amount, increment)).toEqual(expected);
  });
});

describe('the sum in words', () => {
  it('leads to the same cents when a reader repeats it', () => {
    const rated = bill(
      {
        components: [
          ...household,
          { kind: 'supply', code: 'A', amount: '1585', per: 'YEAR', tax: 'GST' },
          { kind: 'supply', code: 'B', amount: '33.333', per: 'MONTH', dayBasis: '12/365.25', tax: 'GST' },
          { kind: 'greenPower', code: 'G', percentOfKwh: '0.175', unitPrice: '0.0777', tax: 'GST' },
        ],
        fees: [{ code: 'YEAR', description: 'Licence', trigger: 'ANNUAL', amount: '73.37' }],
        discounts: [{ methodUType: 'percentOfBill', category: 'ONLINE', type: 'GUARANTEED', rate: '0.0333' }],
      },
      {},
    );
    expect(rated.lines).toHaveLength(9);
    for (const line of rated.lines) expect(repeated(arithmeticOf(line))).toBe(line.amount);
  });

  /** A reader with a calculator of whole numbers: units dropped, "%" is a hundredth, every number after "/" divides. */
  function repeated(words: string): Cents {
    const [sum = ''] = words.split(' = ');
    let numerator = 1n;
    let denominator = 1n;
    for (const [, sign, digits = '', percent] of sum.matchAll(/(?:^|([×/]) )(-?[\d.]+)( %)?/g)) {
      const [whole = '', fraction = ''] = digits.split('.');
      const scale = 10n ** BigInt(fraction.length) * (percent ? 100n : 1n);
      const value = BigInt(whole + fraction);
      numerator *= sign === '/' ? scale : value;
      denominator *= sign === '/' ? value : scale;
    }
    const cents = numerator * 100n;
    const half = cents < 0n ? -denominator : denominator;
    return ((2n * cents + half) / (2n * denominator)) as Cents;
  }
});

describe('the proof of what is said of the whole bill', () => {
  const minimum = { amount: '1', period: 'P1M', appliesTo: ['USAGE'] };
  const percentOff = { methodUType: 'percentOfUse', category: 'X', type: 'GUARANTEED', rate: '0.1' };
  const concession = {
    code: 'LOW',
    displayName: 'Low',
    discountType: 'FIXED_AMOUNT',
    appliedTo: ['INVOICE'],
    perDay: '1',
    order: 'AFTER_TAX',
  };
  const fee = { code: 'F', description: 'F', trigger: 'EVENT', amount: '1' };
  const two = { taxes: { GST: { name: 'GST', percent: '10' }, LEVY: { name: 'Levy', percent: '1' } } };

  it.each([
    [
      'a concession nobody orders',
      { concessionsEligible: [{ ...concession, order: undefined }] },
      '/concessionsEligible/0/order: say BEFORE_TAX or AFTER_TAX: the plan names no jurisdiction that decides it',
    ],
    [
      'a concession of two amounts',
      { concessionsEligible: [{ ...concession, perYear: '1' }] },
      '/concessionsEligible/0/discountType: FIXED_AMOUNT has one of perDay, perQuarter, perYear and perBill, FIXED_PERCENTAGE a percent, VARIABLE neither',
    ],
    [
      'two concessions of one code',
      { concessionsEligible: [concession, concession] },
      '/concessionsEligible/1/code: a second concession is called LOW',
    ],
    [
      'ten percent written as ten',
      { discounts: [{ ...percentOff, rate: '10' }] },
      '/discounts/0/rate: must be a fraction from 0 to 1: ten percent is "0.10"',
    ],
    [
      'a discount without a rate',
      { discounts: [{ ...percentOff, rate: undefined }] },
      '/discounts/0/rate: fixedAmount has an amount, every other discount a rate',
    ],
    [
      'a threshold of a discount that has none',
      { discounts: [{ ...percentOff, usageAmount: '5' }] },
      '/discounts/0/usageAmount: percentOverThreshold, and it alone, has a usageAmount',
    ],
    [
      'two discounts of one code',
      { discounts: [percentOff, percentOff] },
      '/discounts/1/code: a second discount is called X',
    ],
    [
      'a discount that ends before it begins',
      { discounts: [{ ...percentOff, from: '2025-02-01', to: '2025-02-01' }] },
      '/discounts/0/to: must be after from',
    ],
    [
      'a minimum that could bear one tax or the other',
      { ...two, minimum },
      '/minimum/tax: the plan has several taxes: say which, or NONE',
    ],
    [
      'a minimum with a tax nobody defined',
      { minimum: { ...minimum, tax: 'VAT' } },
      "/minimum/tax: VAT is not among the plan's taxes: GST, NONE",
    ],
    [
      'a fee with a tax nobody defined',
      { fees: [{ ...fee, tax: 'VAT' }] },
      "/fees/0/tax: VAT is not among the plan's taxes: GST, NONE",
    ],
    [
      'a fee with the code of a component',
      { fees: [{ ...fee, code: 'USE' }] },
      '/fees/0/code: a second component is called USE',
    ],
    [
      'a fee of a share and an amount',
      { fees: [{ ...fee, rate: '0.1' }] },
      '/fees/0/rate: only a fee that is PERCENT_OF_BILL has a rate, and it has no amount',
    ],
    [
      'rounding to nothing',
      { payableRounding: { increment: '0' } },
      '/payableRounding/increment: must be whole cents above 0, such as "0.10" or "1.00"',
    ],
    [
      'green power of a component that is not there',
      {
        components: [
          flat('1'),
          { kind: 'greenPower', code: 'G', percentOfKwh: '1', unitPrice: '1', of: ['NOPE'], tax: 'GST' },
        ],
      },
      '/components/1/of/0: NOPE is no component of this plan that measures a quantity',
    ],
    [
      'a price per day over 365 days',
      { components: [{ ...supplyPerDay('1'), dayBasis: '365' }] },
      '/components/0/dayBasis: a price per day counts local days',
    ],
    [
      'bands that descend',
      {
        components: [
          {
            kind: 'supply',
            code: 'S',
            per: 'DAY',
            tax: 'GST',
            bands: [{ upTo: '5', amount: '1' }, { upTo: '4', amount: '1' }, { amount: '1' }],
          },
        ],
      },
      '/components/0/bands/1/upTo: the bounds of bands must ascend from above 0',
    ],
  ])('refuses %s', (_, parts, problem) => {
    const document = JSON.parse(JSON.stringify(planDocument({ components: [flat('1')], ...parts })));
    expect(
      refusalOf(() => readPlan(document)).fields.map(({ pointer, message }) => `${pointer}: ${message}`),
    ).toContain(problem);
  });
});
