import { describe, expect, it } from 'vitest';
import { readPlan } from '../../src/tariffs/plan.ts';
import { describeWindows } from '../../src/tariffs/when.ts';
import { agreedBill, day, flat, planDocument, refusalOf, seriesOf, supplyPerDay, zone } from './fixtures.ts';

const refused = (parts: Record<string, unknown>) =>
  refusalOf(() => readPlan(JSON.parse(JSON.stringify(planDocument({ components: [flat('1')], ...parts })))));
const problems = (parts: Record<string, unknown>) =>
  refused(parts).fields.map(({ pointer, message }) => `${pointer}: ${message}`);
const read = (parts: Record<string, unknown> = {}) => readPlan(planDocument({ components: [flat('1')], ...parts }));

describe('what a plan leaves out', () => {
  it('is decided by its jurisdiction, else as most do', () => {
    expect(read()).toMatchObject({
      ...{ taxMode: 'TOTAL', taxes: { GST: { halfCents: 'UP' } }, effectiveTo: undefined },
      calendar: { zone: undefined },
    });
    expect(read({ jurisdiction: 'NZ' })).toMatchObject({ taxes: { GST: { halfCents: 'DOWN' } } });
    expect(read({ taxMode: 'LINE', effectiveTo: '2031-01-01', timeZone: 'AEST' })).toMatchObject({
      ...{ taxMode: 'LINE', effectiveTo: '2031-01-01' },
      calendar: { zone: '+10:00' },
    });
  });
});

describe('a plan is refused', () => {
  const two = { taxes: { GST: { name: 'GST', percent: '10' }, LEVY: { name: 'Levy', percent: '1' } } };
  const discount = { methodUType: 'percentOfUse', category: 'X', type: 'GUARANTEED', rate: '0.1' };
  const fixed = { methodUType: 'fixedAmount', category: 'Y', type: 'GUARANTEED', amount: '1' };
  const concession = {
    ...{ code: 'LOW', displayName: 'Low', discountType: 'FIXED_AMOUNT', appliedTo: ['INVOICE'], perDay: '1' },
    order: 'BEFORE_TAX',
  };
  const feedIn = { kind: 'feedIn', code: 'FIT', rates: [{ code: 'ALL', unitPrice: '0.05' }], tax: 'GST' };

  it.each<[what: string, parts: Record<string, unknown>, problems: string[]]>([
    [
      'that ends on its first day',
      { effectiveTo: '2000-01-01' },
      ['/effectiveTo: must be after effectiveFrom; it is the first day without the plan'],
    ],
    [
      'of a fixed discount that bears one tax or the other',
      { ...two, discounts: [fixed] },
      ['/discounts/0/tax: the plan has several taxes: say which, or NONE'],
    ],
    [
      'of a fixed discount with a tax nobody defined',
      { discounts: [{ ...fixed, tax: 'VAT' }] },
      ["/discounts/0/tax: VAT is not among the plan's taxes: GST, NONE"],
    ],
    [
      'of a concession that lowers one tax or the other',
      { ...two, concessionsEligible: [concession] },
      ['/concessionsEligible/0/tax: the plan has several taxes: say which, or NONE'],
    ],
    [
      'of a household’s taxed solar',
      { components: [feedIn] },
      ['/components/0/tax: must be NONE: a household’s feed-in credit is outside tax'],
    ],
    [
      'of a field with a slash in it',
      { 'a/b~c': 1 },
      ['/a~1b~0c: "a/b~c" is not a field this version of wattledger can bill'],
    ],
    [
      'of an energy that green power cannot count',
      {
        components: [
          supplyPerDay('1'),
          { kind: 'greenPower', code: 'G', percentOfKwh: '1', unitPrice: '1', of: ['SUPPLY'], tax: 'GST' },
        ],
      },
      ['/components/1/of/0: SUPPLY is no component of this plan that measures a quantity'],
    ],
    [
      'of a kind nobody knows, and only that',
      {
        components: [
          { kind: 'magic', code: 'M' },
          { kind: 'greenPower', code: 'G', percentOfKwh: '1', unitPrice: '1', of: ['NOPE'], tax: 'GST' },
        ],
      },
      [expect.stringContaining('/components/0/kind: there is no component kind "magic"; there are energy, ')],
    ],
    [
      'of a day in two types, before its rates are looked at',
      {
        dayTypes: { A: ['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'], B: ['SUN'] },
        components: [
          {
            ...flat('1'),
            rates: [{ code: 'A', unitPrice: '1', windows: [{ days: 'A', from: '00:00', to: '12:00' }] }],
          },
        ],
      },
      [expect.stringMatching(/^\/dayTypes/)],
    ],
  ])('%s', (_, parts, expected) => {
    expect(problems(parts)).toEqual(expected);
  });

  const minimum = { amount: '1', period: 'P1M', appliesTo: ['USAGE'] };
  it.each<[what: string, parts: Record<string, unknown>, place: string]>([
    ['a minimum below zero', { minimum: { ...minimum, amount: '-1' } }, '/minimum/amount'],
    ['a discount from a day that is none', { discounts: [{ ...discount, from: '2025-02-30' }] }, '/discounts/0/from'],
    ['a fixed discount with a share', { discounts: [{ ...fixed, rate: '0.1' }] }, '/discounts/0/amount'],
    ['a share with an amount', { discounts: [{ ...discount, amount: '1' }] }, '/discounts/0/amount'],
    [
      'a fixed concession with a share',
      { concessionsEligible: [{ ...concession, percent: '0.1' }] },
      '/concessionsEligible/0/discountType',
    ],
    [
      'a share without a share',
      { concessionsEligible: [{ ...concession, perDay: undefined, discountType: 'FIXED_PERCENTAGE' }] },
      '/concessionsEligible/0/discountType',
    ],
    [
      'an amount from case to case that is set',
      { concessionsEligible: [{ ...concession, discountType: 'VARIABLE' }] },
      '/concessionsEligible/0/discountType',
    ],
    ['rounding to half a cent', { payableRounding: { increment: '0.005' } }, '/payableRounding/increment'],
    ['rounding to less than nothing', { payableRounding: { increment: '-0.05' } }, '/payableRounding/increment'],
  ])('of %s', (_, parts, place) => {
    expect(refused(parts).fields.map(({ pointer }) => pointer)).toEqual([place]);
  });

  it.each<[what: string, parts: Record<string, unknown>]>([
    ['a share of use that is taxed as the use', { ...two, discounts: [discount] }],
    ['a concession outside tax', { ...two, concessionsEligible: [{ ...concession, order: 'AFTER_TAX' }] }],
    ['an enterprise’s taxed solar', { components: [feedIn], customerType: 'BUSINESS' }],
    [
      'two discounts and two concessions of different names',
      { discounts: [discount, fixed], concessionsEligible: [concession, { ...concession, code: 'OLD' }] },
    ],
    ['a discount that only begins', { discounts: [{ ...discount, from: '2025-01-01' }] }],
    ['a discount that only ends', { discounts: [{ ...discount, to: '2025-01-01' }] }],
    ['an end on a later day', { effectiveTo: '2000-01-02' }],
    ['a minimum of nothing', { minimum: { ...minimum, amount: '0' } }],
  ])('but not %s', (_, parts) => {
    expect(() => read(parts)).not.toThrow();
  });

  it.each(['aud', 'AUDX', 'XAUD', 'A', '', 'JPY', 'KWD'])('in the currency "%s"', currency => {
    expect(problems({ currency })).toEqual(['/currency: must be a currency code with two decimals, such as AUD']);
  });

  it('with its first problem in words, and how many more there are', () => {
    const end = '/effectiveTo: must be after effectiveFrom; it is the first day without the plan';
    expect(refused({ effectiveTo: '2000-01-01' }).message).toBe(end);
    const many = refused({ effectiveTo: '2000-01-01', components: [flat('1'), flat('1'), flat('1')] });
    expect([many.message, many.fields.length]).toEqual([`${end} (and 2 more)`, 3]);
  });
});

describe('when a rate applies, in words', () => {
  const dayTypes = [
    { name: 'WD', days: ['MON', 'TUE', 'WED', 'THU', 'FRI'] },
    { name: 'WE', days: ['SAT', 'SUN', 'PUBLIC_HOLIDAY'] },
    { name: 'PH', days: ['PUBLIC_HOLIDAY'] },
    { name: 'THREE', days: ['TUE', 'WED', 'THU'] },
    { name: 'APART', days: ['MON', 'WED', 'THU', 'SUN'] },
    { name: 'ONE', days: ['FRI'] },
  ];
  const plain = dayTypes.map(({ name, days }) => ({ name, days: days.filter(day => day !== 'PUBLIC_HOLIDAY') }));
  const calendar = {
    zone: undefined,
    seasons: [{ name: 'HOT', from: '12-01', to: '03-31' }],
    dayTypes,
    holidayCalendar: 'X',
  };
  const words = (windows: { season?: string; days?: string; from: number; to: number }[], of = calendar) => {
    const rate = { code: 'A', windows };
    return describeWindows(rate, [rate, { code: 'B' }], of);
  };
  const morning = { from: 7 * 60, to: 9 * 60 };

  it.each([
    ['every day', [morning], 'Every day 07:00 to 09:00'],
    ['from midnight', [{ from: 0, to: 540 }], 'Every day 00:00 to 09:00'],
    ['to midnight', [{ from: 540, to: 1440 }], 'Every day 09:00 to 24:00'],
    ['all day', [{ days: 'ONE', from: 0, to: 1440 }], 'Fri except public holidays all day'],
    [
      'two times of the same days',
      [
        { days: 'WD', ...morning },
        { days: 'WD', from: 1020, to: 1200 },
      ],
      'Mon to Fri except public holidays 07:00 to 09:00 and 17:00 to 20:00',
    ],
    [
      'other days apart',
      [
        { days: 'WD', ...morning },
        { days: 'WE', from: 0, to: 1440 },
      ],
      'Mon to Fri except public holidays 07:00 to 09:00; Sat, Sun and public holidays all day',
    ],
    ['holidays alone', [{ days: 'PH', ...morning }], 'public holidays 07:00 to 09:00'],
    ['three days in a row', [{ days: 'THREE', ...morning }], 'Tue to Thu except public holidays 07:00 to 09:00'],
    ['days apart', [{ days: 'APART', ...morning }], 'Mon, Wed, Thu and Sun except public holidays 07:00 to 09:00'],
    [
      'a season',
      [{ season: 'HOT', days: 'ONE', ...morning }],
      '1 Dec to 31 Mar, Fri except public holidays 07:00 to 09:00',
    ],
  ])('%s', (_, windows, expected) => {
    expect(words(windows)).toBe(expected);
  });

  it('do not speak of holidays in a plan that prices them as any day', () => {
    expect(words([{ days: 'WE', ...morning }], { ...calendar, dayTypes: plain })).toBe('Sat and Sun 07:00 to 09:00');
  });

  it('name a clock that is not the site’s own', () => {
    const on = (clock: string) =>
      describeWindows({ code: 'A', windows: [morning] }, [{ code: 'A' }, { code: 'B' }], {
        ...calendar,
        zone: zone(clock),
      });
    expect(on('+10:00')).toBe('Every day 07:00 to 09:00 (UTC+10:00 time)');
    expect(on('America/Port-au-Prince')).toBe('Every day 07:00 to 09:00 (America/Port-au-Prince time)');
  });

  it('are none for dials, which say themselves when they count, and for the only rate', () => {
    const dial = { code: 'A', register: 'R1' };
    expect(describeWindows(dial, [dial, { code: 'B' }], calendar)).toBe('');
    expect(describeWindows({ code: 'A', windows: [morning] }, [{ code: 'A' }], calendar)).toBe('');
    const undialled = { code: 'A', register: undefined, windows: undefined };
    expect(describeWindows(undialled, [undialled, { code: 'B' }], calendar)).toBe('all other times');
  });

  it('name a price in tiers by its bounds', () => {
    const rates = [
      {
        code: 'PEAK',
        windows: [{ from: '07:00', to: '09:00' }],
        tiers: [{ upTo: '5', unitPrice: '1' }, { upTo: '7.5', unitPrice: '2' }, { unitPrice: '3' }],
      },
      { code: 'OFF_PEAK_2', unitPrice: '4', description: undefined },
    ];
    const plan = planDocument({ components: [{ ...flat('1'), rates, tierPeriod: 'BILL' }] });
    expect(
      readPlan(plan).components[0]?.prices.map(({ description, when, per }) => `${description}, ${per}, ${when}`),
    ).toEqual([
      'From grid: Peak, first 5 kWh, kWh, Every day 07:00 to 09:00',
      'From grid: Peak, 5 to 7.5 kWh, kWh, Every day 07:00 to 09:00',
      'From grid: Peak, over 7.5 kWh, kWh, Every day 07:00 to 09:00',
      'From grid: Off peak 2, kWh, all other times',
    ]);
  });
});

it('of several holiday calendars the plan’s own is read', () => {
  const dayTypes = { WD: ['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'], PH: ['PUBLIC_HOLIDAY'] };
  const rates = [
    { code: 'HOLIDAY', unitPrice: '1', windows: [{ days: 'PH', from: '00:00', to: '24:00' }] },
    { code: 'REST', unitPrice: '2' },
  ];
  const plan = planDocument({ dayTypes, holidayCalendar: 'MINE', components: [{ ...flat('1'), rates }] });
  const july = { zone: 'Australia/Brisbane', from: '2025-07-01', to: '2025-07-03' };
  const calendar = (name: string, on: string) => ({
    name,
    ...{ from: day('2025-01-01'), to: day('2026-01-01'), days: [day(on)] },
  });
  const registers = {
    IMPORT: seriesOf(july.from, july.to, july.zone, ({ day }) => (day === '2025-07-01' ? 1 : 2) * 1_000_000, 3600),
  };
  const holidays = [calendar('OTHER', '2025-07-01'), calendar('MINE', '2025-07-02')];
  const { lines } = agreedBill({ ...july, plan, registers, holidays });
  expect(lines.map(line => `${line.code} ${line.quantity / 1_000_000}`)).toEqual(['USE.HOLIDAY 48', 'USE.REST 24']);
});
