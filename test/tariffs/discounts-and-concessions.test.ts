import { describe, expect, it } from 'vitest';
import { arithmeticOf } from '../../src/tariffs/amount.ts';
import type { ConcessionHeld } from '../../src/tariffs/facts.ts';
import { rate } from '../../src/tariffs/rate.ts';
import { cents, formatCents } from '../../src/units/money.ts';
import {
  agreedBill,
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
const once = (energy: number) => seriesOf(april.from, april.to, april.zone, ({ slot }) => (slot === 3 ? energy : 0));
const registers = {
  IMPORT: once(1000 * kWh),
  SOLAR: once(500 * kWh),
  CONTROLLED_LOAD: once(100 * kWh),
  EXPORT: once(400 * kWh),
};
const sold = { kind: 'feedIn', code: 'FIT', rates: [{ code: 'ALL', unitPrice: '0.05' }] };
const following = (sketch: Sketch) =>
  agreedBill(sketch)
    .lines.filter(line => ['DISCOUNT', 'CONCESSION'].includes(line.category))
    .map(line => `${line.code} ${line.from} ${line.to}: ${arithmeticOf(line)}`);

describe('a discount of an amount', () => {
  const discount = (terms: Record<string, unknown>) => ({
    methodUType: 'fixedAmount',
    category: 'WELCOME',
    type: 'GUARANTEED',
    amount: '10',
    ...terms,
  });
  const percent = { methodUType: 'percentOfBill', category: 'LOYAL', type: 'GUARANTEED', rate: '0.5' };
  const version = (number: number, effectiveFrom: string, discounts: object[]) =>
    versionOf(planDocument({ effectiveFrom, components: [supplyPerDay('1')], discounts }), number);
  const of = (...versions: ReturnType<typeof version>[]) => following({ ...april, plan: versions, registers: {} });

  it('comes off once, with the last days on which it holds', () => {
    const both = [version(1, '2025-01-01', [discount({})]), version(2, '2025-04-11', [discount({})])];
    expect(of(...both)).toEqual(['DISCOUNT.WELCOME 2025-04-11 2025-04-30: 1 each × -10.00 = -10.00']);
    expect(of(version(1, '2025-01-01', [discount({ to: '2025-04-11' })]))).toEqual([
      'DISCOUNT.WELCOME 2025-04-01 2025-04-10: 1 each × -10.00 = -10.00',
    ]);
  });

  it('whatever other discounts hold before or after it', () => {
    const ended = version(1, '2025-01-01', [percent, discount({ to: '2025-04-11' })]);
    expect(of(ended)).toEqual([
      'DISCOUNT.LOYAL 2025-04-01 2025-04-10: 1 each × -10.00 × 50 % = -5.00',
      'DISCOUNT.WELCOME 2025-04-01 2025-04-10: 1 each × -10.00 = -10.00',
      'DISCOUNT.LOYAL 2025-04-11 2025-04-30: 1 each × -20.00 × 50 % = -10.00',
    ]);
  });
});

describe('a discount of a share', () => {
  const over = (usageAmount: string) => ({
    components: [flat('0.2'), { ...flat('0.2', 'SOLAR'), tax: 'NONE' }],
    discounts: [{ methodUType: 'percentOverThreshold', category: 'BIG', type: 'GUARANTEED', rate: '0.1', usageAmount }],
  });

  // 200.00 with tax and 100.00 without.
  it.each([
    ['150', ['BIG 50.00', 'BIG.NONE.EXCLUSIVE 100.00']],
    ['200', ['BIG.NONE.EXCLUSIVE 100.00']],
    ['250', ['BIG.NONE.EXCLUSIVE 50.00']],
    ['300', []],
  ])('of use above %s spends the threshold on one tax after the other', (usageAmount, expected) => {
    const { lines } = agreedBill({ ...april, plan: planDocument(over(usageAmount)), registers });
    const discounts = lines.filter(line => line.category === 'DISCOUNT');
    expect(
      discounts.map(line => `${line.code.replace('DISCOUNT.', '')} ${formatCents(cents(-line.amount * 10n))}`),
    ).toEqual(expected);
  });

  it('of the bill does not see another discount of the bill', () => {
    const half = { methodUType: 'percentOfBill', type: 'GUARANTEED', rate: '0.5' };
    const discounts = [
      { ...half, category: 'FIRST' },
      { ...half, category: 'SECOND' },
    ];
    const plan = planDocument({ components: [supplyPerDay('1')], discounts });
    expect(following({ ...april, plan, registers: {} })).toEqual([
      'DISCOUNT.FIRST 2025-04-01 2025-04-30: 1 each × -30.00 × 50 % = -15.00',
      'DISCOUNT.SECOND 2025-04-01 2025-04-30: 1 each × -30.00 × 50 % = -15.00',
    ]);
  });

  it('that is promised is one promise, however many taxes it comes off', () => {
    const promised = { methodUType: 'percentOfBill', type: 'CONDITIONAL', rate: '0.1' };
    const discounts = [
      { ...promised, category: 'PAY_ON_TIME' },
      { ...promised, category: 'ONLINE' },
    ];
    const plan = planDocument({ components: [flat('0.2'), { ...supplyPerDay('1'), tax: 'NONE' }], discounts });
    const { conditional, total } = agreedBill({ ...april, plan, registers });
    expect(
      conditional.map(each => [
        each.code,
        each.description,
        each.amount,
        each.total,
        each.lines.map(({ code }) => code),
      ]),
    ).toEqual([
      [
        'DISCOUNT.PAY_ON_TIME',
        'Discount: Pay on time',
        -2500n,
        total - 2500n,
        ['DISCOUNT.PAY_ON_TIME', 'DISCOUNT.PAY_ON_TIME.NONE.EXCLUSIVE'],
      ],
      [
        'DISCOUNT.ONLINE',
        'Discount: Online',
        -2500n,
        total - 2500n,
        ['DISCOUNT.ONLINE', 'DISCOUNT.ONLINE.NONE.EXCLUSIVE'],
      ],
    ]);
  });
});

describe('a concession', () => {
  // 200.00 from the grid, 20.00 of controlled load, 30.00 for supply, 20.00 of solar sold: 230.00 with feed-in, before tax.
  const components = [flat('0.2'), flat('0.2', 'CONTROLLED_LOAD'), supplyPerDay('1'), sold];
  const terms = (more: Record<string, unknown>) => ({
    ...{ code: 'LOW', displayName: 'Low income', appliedTo: ['INVOICE'], order: 'AFTER_TAX' },
    discountType: more.percent === undefined ? 'FIXED_AMOUNT' : 'FIXED_PERCENTAGE',
    ...more,
  });
  const holds = (more: Partial<ConcessionHeld> = {}): ConcessionHeld => ({
    code: 'LOW',
    from: day('2020-01-01'),
    ...more,
  });
  const sketch = (concessionsEligible: object[], held: ConcessionHeld[], parts: object = {}): Sketch => ({
    ...april,
    ...{ plan: planDocument({ components, taxes: {}, concessionsEligible, ...parts }), registers },
    facts: { concessions: held },
  });
  const untaxed = { components: components.map(component => ({ ...component, tax: 'NONE' })) };
  const sums = (concessions: object[], held = [holds()]) =>
    following(sketch(concessions, held, untaxed)).map(text => text.replace('CONCESSION.', ''));

  it.each([
    ['within the days of the plan', { to: '2025-04-11' }, {}, '2025-04-01 2025-04-10: 10 day × -0.50 = -5.00'],
    ['within the days it is held', {}, { to: day('2025-04-21') }, '2025-04-01 2025-04-20: 20 day × -0.50 = -10.00'],
    ['from the day it is held', {}, { from: day('2025-04-29') }, '2025-04-29 2025-04-30: 2 day × -0.50 = -1.00'],
    [
      'on the days of both',
      { from: '2025-04-03', to: '2025-04-20' },
      { from: day('2025-04-10'), to: day('2025-06-01') },
      '2025-04-10 2025-04-19: 10 day × -0.50 = -5.00',
    ],
  ])('is for the days %s', (_, plan, held, expected) => {
    expect(sums([terms({ perDay: '0.5', ...plan })], [holds(held)])).toEqual([`LOW ${expected}`]);
  });

  it('is not for the day after the last one', () => {
    expect(sums([terms({ perDay: '0.5', to: '2025-04-01' })])).toEqual([]);
    expect(sums([terms({ perDay: '0.5' })], [holds({ from: day('2025-05-01') })])).toEqual([]);
  });

  it.each([
    [['INVOICE'], 'AFTER_TAX', '230.00'],
    [['INVOICE'], 'BEFORE_TAX', '250.00'],
    [['USAGE'], 'BEFORE_TAX', '200.00'],
    [['CONTROLLED_LOAD'], 'BEFORE_TAX', '20.00'],
    [['SERVICE_CHARGE'], 'BEFORE_TAX', '30.00'],
    [['USAGE', 'SERVICE_CHARGE'], 'AFTER_TAX', '230.00'],
  ])('of a tenth of %s %s counts %s', (appliedTo, order, base) => {
    const [sum] = sums([terms({ percent: '0.1', appliedTo, order })]);
    expect(sum).toContain(`1 each × -${base} × 10 %`);
  });

  it('finds what the one before it has left, never less than nothing', () => {
    const two = [terms({ perBill: '220' }), terms({ code: 'OLD', displayName: 'Pension', perBill: '50' })];
    const held = [holds(), holds({ code: 'OLD' })];
    expect(sums(two, held)).toEqual([
      'LOW 2025-04-01 2025-04-30: 1 each × -220.00 = -220.00',
      'OLD 2025-04-01 2025-04-30: 1 each × -10.00 = -10.00',
    ]);
    expect(sums([terms({ perBill: '230' }), two[1]!], held)).toEqual([
      'LOW 2025-04-01 2025-04-30: 1 each × -230.00 = -230.00',
    ]);
  });

  it('takes nothing off a bill in credit', () => {
    const inCredit = (more: object) => following(sketch([terms({ ...more })], [holds()], { components: [sold] }));
    expect(inCredit({ perBill: '40' })).toEqual([]);
    expect(inCredit({ percent: '0.1' })).toEqual([]);
  });

  it.each([
    [{ amount: '12', per: 'BILL' }, '12.00'],
    [{ amount: '2', per: 'DAY' }, '60.00'],
    [{ amount: '91', per: 'QUARTER' }, '30.00'],
    [{ amount: '730', per: 'YEAR' }, '60.00'],
    [{ amount: '1000', per: 'BILL' }, '230.00'],
  ])('of 500.00 capped at %o is %s, and the line says that it is a limit', (cap, expected) => {
    const plan = sketch([terms({ perBill: '500', cap })], [holds()], untaxed);
    const line = agreedBill(plan).lines.at(-1);
    expect([line?.description, line && formatCents(line.amount)]).toEqual([
      'Low income, up to its limit',
      `-${expected}`,
    ]);
  });

  it('that just reaches its limit is what it is', () => {
    const plan = sketch([terms({ perBill: '12', cap: { amount: '12', per: 'BILL' } })], [holds()], untaxed);
    expect(agreedBill(plan).lines.at(-1)).toMatchObject({ description: 'Low income', amount: -1200n });
  });

  it('for a part of the year has its part of a yearly cap', () => {
    const cap = { amount: '365', per: 'YEAR' };
    expect(sums([terms({ perDay: '5', cap, to: '2025-04-11' })])).toEqual([
      'LOW 2025-04-01 2025-04-10: 1 each × -10.00 = -10.00',
    ]);
  });

  it.each([
    [undefined, 'refused'],
    ['-1', 'refused'],
    ['1.005', 'refused'],
    ['0', []],
    ['17.05', ['LOW 2025-04-01 2025-04-30: 1 each × -17.05 = -17.05']],
  ])('whose amount is set from case to case, at %s', (amount, expected) => {
    const held = [holds(amount === undefined ? {} : { amount })];
    const plan = sketch([terms({ discountType: 'VARIABLE' })], held, untaxed);
    if (expected !== 'refused') expect(sums([terms({ discountType: 'VARIABLE' })], held)).toEqual(expected);
    else
      expect(refusalOf(() => rate(requestOf(plan)))).toMatchObject({
        code: 'fact-missing',
        message: 'concession LOW is set from case to case, and no amount was given for it',
      });
  });
});
