import { describe, expect, it } from 'vitest';
import { qualityCode } from '../../src/readings/reading.ts';
import type { EarlierEnergy } from '../../src/tariffs/facts.ts';
import { readPlan } from '../../src/tariffs/plan.ts';
import { rate } from '../../src/tariffs/rate.ts';
import type { MicroKwh } from '../../src/units/energy.ts';
import {
  agreedBill,
  day,
  flat,
  onPaper,
  planDocument,
  refusalOf,
  requestOf,
  type Sketch,
  seriesOf,
  supplyPerDay,
  versionOf,
} from './fixtures.ts';

const kWh = 1_000_000;
const april = { zone: 'Australia/Brisbane', from: '2025-04-01', to: '2025-05-01' };
const hour = (
  energy: (wall: { minute: number; weekday: number; day: string }) => number,
  from = april.from,
  to = april.to,
) => seriesOf(from, to, april.zone, wall => energy(wall) * kWh, 3600);
const use = (rates: object[], terms: object = {}) => ({
  kind: 'energy',
  code: 'USE',
  register: 'IMPORT',
  tax: 'GST',
  rates,
  ...terms,
});
const upTo = (bound: string) => [{ upTo: bound, unitPrice: '0.1' }, { unitPrice: '0.3' }];
const evening = [{ from: '16:00', to: '21:00' }];
const lines = (components: object[], registers: Sketch['registers'], more: Partial<Sketch> = {}) =>
  agreedBill({ ...april, plan: planDocument({ components }), registers, ...more }).lines;

describe('tiers of several rates', () => {
  // 30 days of 2 kWh an hour, 5 in the evening and 19 else: 300 and 1140 kWh.
  const registers = { IMPORT: hour(() => 2) };
  const two = [
    { code: 'PEAK', windows: evening, tiers: upTo('500') },
    { code: 'REST', tiers: upTo('500') },
  ];

  it.each([
    ['each rate in its own', {}, ['PEAK.T1 300', 'REST.T1 500', 'REST.T2 640']],
    [
      'the rates one after the other',
      { tierScope: 'COMPONENT' },
      ['PEAK.T1 100', 'PEAK.T2 200', 'REST.T1 400', 'REST.T2 740'],
    ],
    ['each rate wholly in the tier it ends in', { tierMode: 'ALL_UNITS' }, ['PEAK.T1 300', 'REST.T2 1140']],
    [
      'all rates wholly in the tier where they end together',
      { tierMode: 'TABLE_BY_TOTAL' },
      ['PEAK.T2 300', 'REST.T2 1140'],
    ],
  ])('fill %s', (_, terms, expected) => {
    const found = lines([use(two, { tierPeriod: 'BILL', ...terms })], registers);
    expect(found.map(line => `${line.code.slice(4)} ${line.quantity / kWh}`)).toEqual(expected);
  });

  it('say in words what a price is for', () => {
    const words = (terms: object) =>
      lines([use([{ code: 'ALL', tiers: upTo('10') }], terms)], registers).map(line => line.description);
    expect(words({ tierPeriod: 'BILL' })).toEqual(['From grid, first 10 kWh', 'From grid, over 10 kWh']);
    expect(words({ tierPeriod: 'P1D', tierAllowance: 'EACH' })).toEqual([
      'From grid, first 10 kWh a day',
      'From grid, over 10 kWh a day',
    ]);
    expect(words({ tierPeriod: 'P1D', tierAllowance: 'POOLED' })).toEqual([
      'From grid, first 300 kWh',
      'From grid, over 300 kWh',
    ]);
    expect(words({ tierPeriod: 'BILL', tierMode: 'ALL_UNITS' })).toEqual(['From grid, at the price for over 10 kWh']);
  });

  it('a day of its own has its bound, also where a rate has no hour on that day', () => {
    const dayTypes = { WD: ['MON', 'TUE', 'WED', 'THU', 'FRI'], WE: ['SAT', 'SUN'] };
    const rates = [
      { code: 'WEEKEND', windows: [{ days: 'WE', from: '00:00', to: '24:00' }], tiers: upTo('30') },
      { code: 'WEEK', tiers: upTo('40') },
    ];
    const plan = planDocument({ dayTypes, components: [use(rates, { tierPeriod: 'P1D', tierAllowance: 'EACH' })] });
    const of = (from: string, to: string) =>
      agreedBill({ ...april, from, to, plan, registers }).lines.map(line => `${line.code} ${line.quantity / kWh}`);
    // Friday to Monday, 48 kWh a day; then Saturday first.
    const expected = ['USE.WEEKEND.T1 60', 'USE.WEEKEND.T2 36', 'USE.WEEK.T1 80', 'USE.WEEK.T2 16'];
    expect(of('2025-04-04', '2025-04-08')).toEqual(expected);
    expect(of('2025-04-05', '2025-04-08')).toEqual([...expected.slice(0, 2), 'USE.WEEK.T1 40', 'USE.WEEK.T2 8']);
  });

  it('a flat amount of a tier is for its days', () => {
    const tiers = [
      { upTo: '1000', unitPrice: '0.1', flat: '30' },
      { unitPrice: '0.2', flat: '60' },
    ];
    const half = { from: '2025-04-01', to: '2025-04-16' };
    const found = lines([use([{ code: 'ALL', tiers }], { tierPeriod: 'P1M' })], registers, half);
    expect(found.map(line => `${onPaper(line)}${line.factors.map(({ words }) => ` ${words}`).join('')}`)).toEqual([
      'USE.ALL.T1 500 kWh 0.1 50.00',
      'USE.ALL.T1.FLAT 1 each 30 15.00 × 15 / 30 days',
      'USE.ALL.T2 220 kWh 0.2 44.00',
      'USE.ALL.T2.FLAT 1 each 60 30.00 × 15 / 30 days',
    ]);
    const only = lines(
      [use([{ code: 'ALL', tiers: [{ unitPrice: '0.1', flat: '30' }] }], { tierPeriod: 'P1M' })],
      registers,
    );
    expect(only.map(onPaper)).toEqual(['USE.ALL 1440 kWh 0.1 144.00', 'USE.ALL.FLAT 1 each 30 30.00']);
  });

  it('are none of a site without the register, when the plan says so', () => {
    const solar = { ...use(two, { tierPeriod: 'BILL', tierScope: 'COMPONENT' }), register: 'SOLAR', optional: true };
    expect(lines([solar, supplyPerDay('1')], {}).map(line => line.code)).toEqual(['SUPPLY']);
    const dials = [
      { code: 'A', register: 'R1', unitPrice: '1' },
      { code: 'B', register: 'R2', unitPrice: '2' },
    ];
    const found = lines([use(dials, { optional: true, register: 'R3' })], { R2: hour(() => 1) });
    expect(found.map(onPaper)).toEqual(['USE.B 720 kWh 2 1440.00']);
    expect(found[0]?.trace.measured).toMatchObject({ register: 'R2', bucket: 1 });
  });
});

describe('tiers that run on over bills', () => {
  const rates = [
    { code: 'PEAK', windows: evening, tiers: upTo('1000') },
    { code: 'REST', tiers: upTo('4000') },
  ];
  const terms = { tierPeriod: 'P1Y', tierProration: 'NONE' };
  const registers = { IMPORT: hour(() => 2) };
  const earlier = (code: string, energy: number, from = '2025-01-01', to = '2025-04-01'): EarlierEnergy => ({
    code,
    from: day(from),
    to: day(to),
    energy: (energy * kWh) as MicroKwh,
  });
  const bill = (list: object[], energies: EarlierEnergy[], more: object = {}) =>
    lines([use(list, { ...terms, ...more })], registers, { facts: { energies } }).map(
      line => `${line.code.slice(4)} ${line.quantity / kWh}`,
    );
  const one = [{ code: 'ALL', tiers: upTo('5000') }];

  it('count what the year used before, rate by rate', () => {
    expect(bill(rates, [earlier('USE.PEAK', 900), earlier('USE.REST', 100)])).toEqual([
      'PEAK.T1 100',
      'PEAK.T2 200',
      'REST.T1 1140',
    ]);
  });

  it('or all rates together', () => {
    const both = rates.map(each => ({ ...each, tiers: upTo('5000') }));
    expect(bill(both, [earlier('USE', 4900)], { tierScope: 'COMPONENT' })).toEqual([
      'PEAK.T1 20',
      'PEAK.T2 280',
      'REST.T1 80',
      'REST.T2 1060',
    ]);
  });

  it('in as many pieces as it was billed, and nobody else’s', () => {
    const pieces = [
      earlier('USE.ALL', 1000, '2025-01-01', '2025-02-01'),
      earlier('USE.ALL', 3500, '2025-02-01', '2025-04-01'),
    ];
    const others = [
      earlier('USE.PEAK', 9000),
      earlier('OTHER.ALL', 9000),
      earlier('USE.ALL', 9000, '2024-12-01', '2025-01-01'),
      earlier('USE.ALL', 9000, '2025-05-01', '2025-06-01'),
    ];
    expect(bill(one, [...others, ...pieces])).toEqual(['ALL.T1 500', 'ALL.T2 940']);
  });

  it('and refuse to guess a day of it', () => {
    const refusal = refusalOf(() => bill(one, [earlier('USE.ALL', 1, '2025-01-02', '2025-04-01')]));
    expect([refusal.code, refusal.message]).toEqual([
      'fact-missing',
      'the tiers of USE.ALL count from 2025-01-01, and the energy from then up to 2025-04-01 was given for 89 of 90 days',
    ]);
    expect(refusalOf(() => bill(one, [])).code).toBe('fact-missing');
  });

  it('nothing is asked where the period begins in the bill, and what is before a part of it counts', () => {
    const days = { from: '2024-12-30', to: '2025-01-03' };
    const short = { IMPORT: hour(() => 2, days.from, days.to) };
    const plan = planDocument({
      components: [use(one, { ...terms, rates: [{ code: 'ALL', tiers: upTo('100') }], tierPeriod: 'P1M' })],
    });
    const facts = { energies: [earlier('USE.ALL', 90, '2024-12-01', '2024-12-30')] };
    const found = agreedBill({ ...april, ...days, plan, registers: short, facts }).lines;
    expect(found.map(line => `${line.from} ${line.code} ${line.quantity / kWh}`)).toEqual([
      '2024-12-30 USE.ALL.T1 10',
      '2024-12-30 USE.ALL.T2 86',
      '2025-01-01 USE.ALL.T1 96',
    ]);
  });

  it('need the readings of the days before them in the bill, where tiers by days do not', () => {
    const version = (tierProration: string) => [
      versionOf(planDocument({ components: [supplyPerDay('1')] }), 1),
      versionOf(
        planDocument({ effectiveFrom: '2025-04-11', components: [use(one, { tierPeriod: 'P1M', tierProration })] }),
        2,
      ),
    ];
    const hole = { IMPORT: hour(({ day }) => (day === '2025-04-03' ? Number.NaN : 2)) };
    const request = (tierProration: string) => requestOf({ ...april, plan: version(tierProration), registers: hole });
    expect(refusalOf(() => rate(request('NONE'))).code).toBe('intervals-missing');
    expect(rate(request('BY_DAYS')).lines.map(line => line.code)).toEqual(['SUPPLY', 'USE.ALL.T1']);
  });
});

describe('energy netted inside each interval', () => {
  const net = { ...flat('1'), net: 'PER_INTERVAL' };
  const used = hour(() => 2);

  it('needs what was sent only at a site that sends, and then all of it', () => {
    expect(lines([net], { IMPORT: used }).map(onPaper)).toEqual(['USE.ALL 1440 kWh 1 1440.00']);
    const hole = hour(({ day, minute }) => (day === '2025-04-03' && minute === 0 ? Number.NaN : 1));
    const request = requestOf({
      ...april,
      plan: planDocument({ components: [net] }),
      registers: { IMPORT: used, EXPORT: hole },
    });
    expect(refusalOf(() => rate(request)).code).toBe('intervals-missing');
  });

  it('is what is left of each interval, as doubtful as the worse of the two', () => {
    const sent = hour(({ minute }) => (minute === 720 ? 3 : minute === 780 ? 0.5 : 0));
    sent.quality[12] = qualityCode('estimated');
    const own = hour(() => 2);
    own.quality[13] = qualityCode('substituted');
    own.quality[12] = qualityCode('final');
    const [line] = lines([net], { IMPORT: own, EXPORT: sent });
    expect(line?.quantity).toBe((1440 - 30 * 2.5) * kWh);
    expect(line?.trace.measured?.qualities).toEqual({ actual: 718, estimated: 1, substituted: 1 });
  });

  it('of other steps says which', () => {
    const half = seriesOf(april.from, april.to, april.zone, () => kWh, 1800);
    const request = requestOf({
      ...april,
      plan: planDocument({ components: [net] }),
      registers: { IMPORT: used, EXPORT: half },
    });
    expect(refusalOf(() => rate(request)).message).toBe(
      'energy is netted inside an interval, and these are 60 and 30 minutes long',
    );
  });
});

describe('what is said of tiers is refused', () => {
  const tiers = upTo('5');
  const flatTiers = [{ upTo: '5', unitPrice: '1', flat: '2' }, { unitPrice: '1' }];
  const dials = [
    { code: 'A', register: 'R1', tiers },
    { code: 'B', register: 'R2', tiers },
  ];
  const two = [
    { code: 'A', windows: evening, tiers: flatTiers },
    { code: 'B', tiers },
  ];
  const problems = (component: object) =>
    refusalOf(() => readPlan(planDocument({ components: [component] }))).fields.map(
      ({ pointer, message }) => `${pointer}: ${message}`,
    );

  it.each([
    [
      'a share by days of a day',
      use([{ code: 'ALL', tiers }], { tierPeriod: 'P1D', tierAllowance: 'POOLED', tierProration: 'BY_DAYS' }),
      'tierProration: a bound per day needs no share by days',
    ],
    [
      'dials in the same tiers',
      use(dials, { tierPeriod: 'BILL', tierScope: 'COMPONENT' }),
      'tierScope: dials do not tell which of their energy flowed first, so they cannot fill the same tiers',
    ],
    [
      'a flat amount that runs on',
      use([{ code: 'ALL', tiers: flatTiers }], { tierPeriod: 'P1Y', tierProration: 'NONE' }),
      'tierProration: a flat amount per tier needs bounds that begin anew: BY_DAYS',
    ],
    [
      'a flat amount for a day',
      use([{ code: 'ALL', tiers: flatTiers }], { tierPeriod: 'P1D', tierAllowance: 'EACH' }),
      'tierPeriod: a flat amount per tier is not for a day',
    ],
    [
      'a flat amount of all rates',
      use(two, { tierPeriod: 'BILL', tierScope: 'COMPONENT' }),
      'tierScope: a flat amount per tier is one per rate; with COMPONENT nobody knows whose',
    ],
  ])('%s', (_, component, problem) => {
    expect(problems(component)).toEqual([`/components/0/${problem}`]);
  });

  it.each([
    ['dials in tiers of their own', use(dials, { tierPeriod: 'BILL' })],
    ['dials in a table', use(dials, { tierPeriod: 'BILL', tierScope: 'COMPONENT', tierMode: 'ALL_UNITS' })],
    [
      'rates in the same tiers',
      use(
        [
          { code: 'A', windows: evening, tiers },
          { code: 'B', tiers },
        ],
        { tierPeriod: 'BILL', tierScope: 'COMPONENT' },
      ),
    ],
    ['a flat amount of one rate of two', use(two, { tierPeriod: 'BILL' })],
    [
      'a flat amount of the only rate',
      use([{ code: 'ALL', tiers: flatTiers }], { tierPeriod: 'BILL', tierScope: 'COMPONENT' }),
    ],
    [
      'one open tier with a flat amount',
      use([{ code: 'ALL', tiers: [{ unitPrice: '1', flat: '2' }] }], { tierPeriod: 'P1M' }),
    ],
  ])('but not %s', (_, component) => {
    expect(() => readPlan(planDocument({ components: [component] }))).not.toThrow();
  });

  const bands = (list: object[], bandsBy = 'KWH_PER_DAY') => ({
    kind: 'supply',
    code: 'S',
    bands: list,
    bandsBy,
    per: 'DAY',
    tax: 'GST',
  });
  it.each([
    [
      'a closed last band',
      bands([{ upTo: '5', amount: '1' }]),
      'bands/0/upTo: the last band must be open: leave out its upTo',
    ],
    [
      'an open band before the last',
      bands([{ amount: '1' }, { amount: '2' }]),
      'bands/0/upTo: only the last band may be open',
    ],
    [
      'equal bounds of bands',
      bands([{ upTo: '5', amount: '1' }, { upTo: '5', amount: '1' }, { amount: '2' }]),
      'bands/1/upTo: the bounds of bands must ascend from above 0',
    ],
    ['half a day', bands([{ upTo: '2.5', amount: '1' }, { amount: '2' }], 'DAYS'), 'bands/0/upTo: days are whole'],
  ])('%s', (_, component, problem) => {
    expect(problems(component)).toEqual([`/components/0/${problem}`]);
  });

  it('but not half a kWh a day, nor more days than the bill has', () => {
    expect(() =>
      readPlan(planDocument({ components: [bands([{ upTo: '2.5', amount: '1' }, { amount: '2' }])] })),
    ).not.toThrow();
    const long = bands([{ upTo: '10', amount: '1' }, { upTo: '60', amount: '2' }, { amount: '3' }], 'DAYS');
    expect(lines([long], {}).map(onPaper)).toEqual(['S.B1 10 day 1 10.00', 'S.B2 20 day 2 40.00']);
  });
});
