import { describe, expect, it } from 'vitest';
import type { Facts } from '../../src/tariffs/facts.ts';
import { rate } from '../../src/tariffs/rate.ts';
import { instant } from '../../src/units/time.ts';
import {
  agreedBill,
  flat,
  onPaper,
  planDocument,
  refusalOf,
  requestOf,
  type Sketch,
  seriesOf,
  versionOf,
} from './fixtures.ts';

const kWh = 1_000_000;
const home = 'Australia/Brisbane';
const july = { zone: home, from: '2025-07-01', to: '2025-08-01' };
const dayTypes = { WD: ['MON', 'TUE', 'WED', 'THU', 'FRI'], WE: ['SAT', 'SUN'] };
const evening = [{ days: 'WD', from: '16:00', to: '21:00' }];
const demand = { kind: 'demand', code: 'DEM', unitPrice: '0', tax: 'GST' };
const sketch = (components: unknown[], more: Partial<Sketch> = {}): Sketch => ({
  ...july,
  plan: planDocument({ dayTypes, seasons: { WINTER: ['07-01', '07-31'], REST: ['08-01', '06-30'] }, components }),
  registers: {},
  ...more,
});
const problems = (components: unknown[]) =>
  refusalOf(() => versionOf(planDocument({ components }))).fields.map(
    ({ pointer, message }) => `${pointer}: ${message}`,
  );

describe('hours of use', () => {
  const hours = (terms: Record<string, unknown> = {}) => ({
    ...{ kind: 'hoursUse', code: 'HU', demand: 'DEM', tax: 'GST' },
    tiers: [{ upToHours: '100', unitPrice: '0.30' }, { unitPrice: '0.10' }],
    ...terms,
  });
  const lines = (energy: (slot: number) => number, terms: Record<string, unknown> = {}, more: Partial<Sketch> = {}) => {
    const { from, to } = { ...july, ...more };
    const registers = { IMPORT: seriesOf(from, to, home, ({ slot }) => energy(slot) * kWh) };
    return agreedBill(sketch([demand, hours(terms)], { registers, ...more }))
      .lines.filter(line => line.kind === 'hoursUse')
      .map(line => `${onPaper(line)}, ${line.description}`);
  };

  // 10 kW once: 100 h of it are 1000 kWh.
  it.each([
    ['no energy is one line of nothing', 0, 0, ['HU.B1 0 kWh 0.3 0.00, Hours of use, first 100 h of 0 kW']],
    ['energy within the first block', 5, 995, ['HU.B1 1000 kWh 0.3 300.00, Hours of use, first 100 h of 10 kW']],
    [
      'energy beyond it',
      5,
      996,
      [
        'HU.B1 1000 kWh 0.3 300.00, Hours of use, first 100 h of 10 kW',
        'HU.B2 1 kWh 0.1 0.10, Hours of use, over 100 h of 10 kW',
      ],
    ],
  ])('%s', (_, peak, rest, expected) => {
    expect(lines(slot => (slot === 0 ? peak : slot <= 1000 ? rest / 1000 : 0))).toEqual(expected);
  });

  it('in one open block say no hours', () => {
    expect(lines(() => 1, { tiers: [{ unitPrice: '0.10' }] })).toEqual([
      'HU.B1 1488 kWh 0.1 148.80, Hours of use of 2 kW',
    ]);
  });

  it('begin with the steps of the first block when nothing was used', () => {
    const tiers = [
      { upToHours: '100', tiers: [{ upTo: '500', unitPrice: '0.3' }, { unitPrice: '0.2' }] },
      { unitPrice: '0.1' },
    ];
    expect(lines(() => 0, { tiers })).toEqual([
      'HU.B1.T1 0 kWh 0.3 0.00, Hours of use, first 100 h of 0 kW, first 500 kWh',
    ]);
  });

  it('have no line for days without a minute of their windows', () => {
    const weekend = { from: '2025-07-05', to: '2025-07-07' };
    expect(lines(() => 1, { windows: evening }, weekend)).toEqual([]);
  });

  it('of a bill that is longer than a month: blocks for each month, or for the bill', () => {
    const two = { from: '2025-07-01', to: '2025-09-01' };
    const dem = (measurementPeriod: string) => ({ ...demand, measurementPeriod });
    const bill = (measurementPeriod: string, tierPeriod: string) =>
      agreedBill(
        sketch([dem(measurementPeriod), hours({ tierPeriod })], {
          ...two,
          registers: { IMPORT: seriesOf(two.from, two.to, home, () => kWh) },
        }),
      )
        .lines.filter(line => line.kind === 'hoursUse')
        .map(line => `${line.from} ${line.to} ${onPaper(line)}`);
    expect(bill('BILL', 'BILL')).toEqual([
      '2025-07-01 2025-08-31 HU.B1 200 kWh 0.3 60.00',
      '2025-07-01 2025-08-31 HU.B2 2776 kWh 0.1 277.60',
    ]);
    expect(bill('MONTH', 'P1M')).toEqual([
      '2025-07-01 2025-07-31 HU.B1 200 kWh 0.3 60.00',
      '2025-07-01 2025-07-31 HU.B2 1288 kWh 0.1 128.80',
      '2025-08-01 2025-08-31 HU.B1 200 kWh 0.3 60.00',
      '2025-08-01 2025-08-31 HU.B2 1288 kWh 0.1 128.80',
    ]);
  });

  it('need the readings of their register', () => {
    const other = { ...demand, register: 'MAIN' };
    const registers = { MAIN: seriesOf(july.from, july.to, home, () => kWh) };
    const refused = (register: string) =>
      refusalOf(() => rate(requestOf(sketch([other, hours({ register })], { registers }))));
    expect(refused('IMPORT').code).toBe('register-missing');
    expect(refused('IMPORT').message).toContain('IMPORT');
  });

  it('have no step with a flat amount', () => {
    const tiers = [
      {
        upToHours: '9',
        tiers: [
          { upTo: '5', unitPrice: '1' },
          { unitPrice: '1', flat: '2' },
        ],
      },
      { unitPrice: '1' },
    ];
    expect(problems([demand, hours({ tiers })])).toEqual([
      '/components/1/tiers/0/tiers: a step inside a block has no flat amount',
    ]);
  });
});

describe('a coincident peak', () => {
  const coincident = (terms: Record<string, unknown> = {}) => ({
    ...{ kind: 'coincident', code: 'CP', events: 'NETWORK', unitPrice: '10', tax: 'GST' },
    ...terms,
  });
  const at = (text: string) => instant(Date.parse(`${text}+10:00`) / 1000);
  const listOf = (name: string, ...periods: [string, string][]) => ({
    name,
    periods: periods.map(([from, to]) => ({ from: at(from), to: at(to) })),
  });
  const load = seriesOf(july.from, july.to, home, ({ slot }) => slot * 1000);
  const bill = (facts: Partial<Facts>, more: Partial<Sketch> = {}) =>
    agreedBill(sketch([coincident()], { registers: { IMPORT: load }, facts, ...more })).lines.map(
      line => `${line.from} ${line.to} ${onPaper(line)}`,
    );

  it('reads the list it names', () => {
    const lists = [
      listOf('OTHER', ['2025-07-31T23:30', '2025-08-01T00:00']),
      listOf('NETWORK', ['2025-07-01T00:30', '2025-07-01T01:00']),
    ];
    expect(bill({ events: lists })).toEqual(['2025-07-01 2025-07-31 CP 0.002 kW 10 0.02']);
  });

  it.each([
    ['ends where the bill begins', '2025-06-30T23:10', '2025-07-01T00:00'],
    ['begins where the bill ends', '2025-08-01T00:00', '2025-08-01T00:10'],
    ['begins after it', '2025-08-01T00:10', '2025-08-01T00:20'],
  ])('an event that %s is none of its own, whatever its length', (_, from, to) => {
    expect(bill({ events: [listOf('NETWORK', [from, to])] })).toEqual([]);
  });

  it.each([
    ['began before the bill', '2025-06-30T23:30', '2025-07-01T00:30', '0 kW'],
    ['ends after it', '2025-07-31T23:30', '2025-08-01T01:00', '2.974 kW'],
  ])('an event that %s counts with its part', (_, from, to, expected) => {
    expect(bill({ events: [listOf('NETWORK', [from, to])] })[0]).toContain(`CP ${expected}`);
  });

  it.each([
    ['begins', '2025-06-30T23:45', '2025-07-01T00:30'],
    ['ends', '2025-07-31T23:30', '2025-08-01T00:15'],
  ])('an event that touches the bill and %s inside a half-hour is refused', (_, from, to) => {
    const facts = { events: [listOf('NETWORK', [from, to])] };
    const request = requestOf(sketch([coincident()], { registers: { IMPORT: load }, facts }));
    expect(refusalOf(() => rate(request)).code).toBe('intervals-misaligned');
  });

  it('on the first day of a new price has that price', () => {
    const version = (number: number, effectiveFrom: string, unitPrice: string) =>
      versionOf(planDocument({ effectiveFrom, components: [coincident({ unitPrice })] }), number);
    const plan = [version(1, '2025-01-01', '10'), version(2, '2025-07-16', '20')];
    const on = (day: string) => bill({ events: [listOf('NETWORK', [`${day}T00:00`, `${day}T00:30`])] }, { plan });
    expect(on('2025-07-15')).toEqual(['2025-07-01 2025-07-15 CP 1.344 kW 10 13.44']);
    expect(on('2025-07-16')).toEqual(['2025-07-16 2025-07-31 CP 1.44 kW 20 28.80']);
  });

  it('is not looked for where readings are missing, in any part of the bill', () => {
    const facts = { events: [listOf('NETWORK', ['2025-07-03T00:00', '2025-07-03T01:00'])] };
    const refused = (registers: Sketch['registers'], components: unknown[] = [coincident()]) =>
      refusalOf(() => rate(requestOf(sketch(components, { registers, facts })))).code;
    expect(refused({})).toBe('register-missing');
    const hole = seriesOf(july.from, july.to, home, ({ slot }) => (slot === 1000 ? Number.NaN : kWh));
    expect(refused({ IMPORT: hole })).toBe('intervals-missing');
  });
});

describe('a demand charge', () => {
  const priced = (terms: Record<string, unknown>) => ({ ...demand, unitPrice: '10', ...terms });
  const bill = (
    terms: Record<string, unknown>,
    load: Parameters<typeof seriesOf>[3],
    days = { from: july.from, to: july.to },
  ) =>
    agreedBill(sketch([priced(terms)], { ...days, registers: { IMPORT: seriesOf(days.from, days.to, home, load) } }))
      .lines;
  const paper = (lines: ReturnType<typeof bill>) => lines.map(line => `${line.from} ${line.to} ${onPaper(line)}`);

  it('in tiers stands on the first when there was no power, and only there', () => {
    const tiers = [{ upTo: '10', unitPrice: '5' }, { unitPrice: '4' }];
    expect(paper(bill({ unitPrice: undefined, tiers }, () => 0))).toEqual(['2025-07-01 2025-07-31 DEM.T1 0 kW 5 0.00']);
    expect(paper(bill({ unitPrice: undefined, tiers, free: '10' }, () => 6 * kWh))).toEqual([
      '2025-07-01 2025-07-31 DEM.T2 2 kW 4 8.00',
    ]);
  });

  it('of daily peaks has no line for a month in which its windows never open', () => {
    const windows = [{ season: 'WINTER', from: '16:00', to: '21:00' }];
    const terms = { measurementPeriod: 'DAY', unitPrice: '31', windows };
    expect(paper(bill(terms, () => kWh, { from: '2025-07-30', to: '2025-08-03' }))).toEqual([
      '2025-07-30 2025-07-31 DEM 4 kW 31 4.00',
    ]);
  });

  it('of daily peaks shows the highest one and where it lies', () => {
    const lines = bill({ measurementPeriod: 'DAY', chargePeriod: 'DAY', unitPrice: '1' }, ({ day, minute }) =>
      minute === 600 ? (day === '2025-07-15' ? 5 * kWh : day === '2025-07-20' ? 4 * kWh : kWh) : 0,
    );
    expect(lines[0]?.trace.measured?.peaks).toEqual([
      { at: Date.parse('2025-07-15T10:00+10:00') / 1000, quantity: 10 * kWh },
    ]);
    expect(lines[0]?.description).toContain('31 daily peaks, the highest 10 kW on 15 Jul 2025, 10:00 to 10:30');
  });

  it('of equal daily peaks shows the first', () => {
    const [line] = bill({ measurementPeriod: 'DAY', chargePeriod: 'DAY', unitPrice: '1' }, () => kWh);
    expect(line?.trace.measured?.firstSlot).toBe(Date.parse('2025-07-01T00:00+10:00') / 1000);
    expect(line?.description).toContain('the highest 2 kW on 1 Jul 2025');
  });

  it('of one peak for a bill of two months is priced month by month, each for its own days', () => {
    const two = { from: '2025-07-22', to: '2025-09-01' };
    expect(paper(bill({ measurementPeriod: 'BILL', unitPrice: '31' }, () => kWh, two))).toEqual([
      '2025-07-22 2025-07-31 DEM 2 kW 31 20.00',
      '2025-08-01 2025-08-31 DEM 2 kW 31 62.00',
    ]);
  });
});

describe('dials', () => {
  const dials = [
    { code: 'A', register: 'B1', unitPrice: '0.05' },
    { code: 'B', unitPrice: '0.04' },
  ];
  it('cannot be netted inside an interval, nor have one allowance for all of them', () => {
    const net = { ...flat('1'), net: 'PER_INTERVAL' };
    const feedIn = { kind: 'feedIn', code: 'FIT', dailyAllowance: { kWh: '5' } };
    expect(problems([{ ...net, rates: dials }])).toContain(
      '/components/0/net: dials cannot be netted inside an interval',
    );
    expect(problems([{ ...feedIn, rates: dials }])).toContain(
      '/components/0/dailyAllowance: an allowance is of one register; its rates cannot read dials of their own',
    );
  });

  it('what is passed through is proved as what is sold', () => {
    const gap = [{ code: 'DAY', unitPrice: '1', windows: [{ from: '07:00', to: '19:00' }] }];
    const passThrough = { kind: 'passThrough', code: 'NET', tax: 'GST', rates: gap };
    const sold = { ...flat('1'), rates: gap };
    const found = problems([passThrough]);
    expect(found.length).toBeGreaterThan(0);
    expect(found).toEqual(problems([sold]));
  });
});
