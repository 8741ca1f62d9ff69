import { describe, expect, it } from 'vitest';
import type { Facts } from '../../src/tariffs/facts.ts';
import { rate } from '../../src/tariffs/rate.ts';
import type { RatedBill } from '../../src/tariffs/rated-bill.ts';
import { instant } from '../../src/units/time.ts';
import { flat, onPaper, planDocument, refusalOf, requestOf, type Sketch, seriesOf, versionOf } from './fixtures.ts';

const kWh = 1_000_000;
const home = 'Australia/Adelaide';
const july = { zone: home, from: '2025-07-01', to: '2025-08-01' };

function billOf(components: unknown[], sketch: Partial<Sketch>, facts: Partial<Facts> = {}): RatedBill {
  const plan = planDocument({ dayTypes: { WD: ['MON', 'TUE', 'WED', 'THU', 'FRI'], WE: ['SAT', 'SUN'] }, components });
  return rate({ ...requestOf({ plan, ...july, registers: {}, ...sketch }), facts });
}

describe('hours of use', () => {
  const demand = { kind: 'demand', code: 'DEM', unitPrice: '0', interval: 'PT60M', tax: 'GST' };
  const hours = (terms: Record<string, unknown> = {}) => ({
    kind: 'hoursUse',
    code: 'HU',
    demand: 'DEM',
    tax: 'GST',
    tiers: [{ upToHours: '200', unitPrice: '0.30' }, { upToHours: '400', unitPrice: '0.20' }, { unitPrice: '0.10' }],
    ...terms,
  });
  // 50 kW once, else what makes 24,000 kWh in the 744 hours of July.
  const steady = seriesOf(
    july.from,
    july.to,
    home,
    ({ slot }) => (slot === 10 ? 50 * kWh : slot < 410 ? 40 * kWh : 23.8 * kWh),
    3600,
  );
  const lines = (terms: Record<string, unknown> = {}, sketch: Partial<Sketch> = {}) =>
    billOf([demand, hours(terms)], { registers: { IMPORT: steady }, ...sketch }).lines.filter(
      line => line.kind === 'hoursUse',
    );

  it('price the kWh by how many hours the billing demand would have taken', () => {
    // 409 × 40 + 50 + 334 × 23.8 = 24,359.2 kWh; 200 h and 400 h of 50 kW are 10,000 and 20,000.
    const found = lines();
    expect(found.map(onPaper)).toEqual([
      'HU.B1 10000 kWh 0.3 3000.00',
      'HU.B2 10000 kWh 0.2 2000.00',
      'HU.B3 4359.2 kWh 0.1 435.92',
    ]);
    expect(found.map(line => line.description)).toEqual([
      'Hours of use, first 200 h of 50 kW',
      'Hours of use, 200 to 400 h of 50 kW',
      'Hours of use, over 400 h of 50 kW',
    ]);
  });

  it('may have steps of kWh inside a block', () => {
    const steps = [{ upTo: '3000', unitPrice: '0.40' }, { unitPrice: '0.35' }];
    const tiers = [{ upToHours: '200', tiers: steps }, { unitPrice: '0.10' }];
    expect(lines({ tiers }).map(line => `${onPaper(line)} ${line.description}`)).toEqual([
      'HU.B1.T1 3000 kWh 0.4 1200.00 Hours of use, first 200 h of 50 kW, first 3000 kWh',
      'HU.B1.T2 7000 kWh 0.35 2450.00 Hours of use, first 200 h of 50 kW, over 3000 kWh',
      'HU.B2 14359.2 kWh 0.1 1435.92 Hours of use, over 200 h of 50 kW',
    ]);
  });

  it('share their blocks by days where a price changed, with one demand for both', () => {
    const version = (number: number, from: string, price: string) =>
      versionOf(
        planDocument({
          effectiveFrom: from,
          components: [demand, hours({ tiers: [{ upToHours: '310', unitPrice: price }, { unitPrice: '0.10' }] })],
        }),
        number,
      );
    const plan = [version(1, '2025-01-01', '0.30'), version(2, '2025-07-11', '0.33')];
    // 240 h to the 10th: 9,610 kWh; the block 310 × 50 × 10/31 = 5,000. Then 14,749.2 kWh; the block 310 × 50 × 21/31 = 10,500.
    expect(lines({}, { plan }).map(onPaper)).toEqual([
      'HU.B1 5000 kWh 0.3 1500.00',
      'HU.B2 4610 kWh 0.1 461.00',
      'HU.B1 10500 kWh 0.33 3465.00',
      'HU.B2 4249.2 kWh 0.1 424.92',
    ]);
  });

  it('count only the energy of their windows', () => {
    // 23 weekdays of July × 5 h; the first 409 hours reach into the 18th at 01:00: 13 weekdays of 40, 10 of 23.8.
    const [line] = lines({ windows: [{ days: 'WD', from: '16:00', to: '21:00' }], tiers: [{ unitPrice: '0.10' }] });
    expect(onPaper(line!)).toBe('HU.B1 3790 kWh 0.1 379.00');
    expect(line?.when).toBe('Mon to Fri 16:00 to 21:00');
  });

  it.each`
    terms                                                                                                      | pointer                 | says
    ${{ demand: 'NONE' }}                                                                                      | ${'/demand'}            | ${'NONE is no demand of this plan'}
    ${{ demand: 'USE' }}                                                                                       | ${'/demand'}            | ${'USE is no demand of this plan'}
    ${{ tiers: [{ upToHours: '200', unitPrice: '1' }] }}                                                       | ${'/tiers/0/upToHours'} | ${'the last block must be open'}
    ${{ tiers: [{ unitPrice: '1' }, { unitPrice: '1' }] }}                                                     | ${'/tiers/0/upToHours'} | ${'only the last block may be open'}
    ${{ tiers: [{ upToHours: '9', unitPrice: '1' }, { upToHours: '9', unitPrice: '1' }, { unitPrice: '1' }] }} | ${'/tiers/1/upToHours'} | ${'must ascend'}
    ${{ tiers: [{ upToHours: '9' }, { unitPrice: '1' }] }}                                                     | ${'/tiers/0/unitPrice'} | ${'either a unitPrice or tiers'}
    ${{ windows: [{ season: 'HOT', from: '16:00', to: '21:00' }] }}                                            | ${'/windows/0/season'}  | ${'there is no season HOT'}
  `('$terms are refused on save: $says', ({ terms, pointer, says }) => {
    const refusal = refusalOf(() => versionOf(planDocument({ components: [demand, hours(terms), flat('0.1')] })));
    expect(refusal.fields[0]).toMatchObject({ pointer: `/components/1${pointer}` });
    expect(refusal.fields[0]?.message).toContain(says);
  });
});

describe('a coincident peak', () => {
  const coincident = (terms: Record<string, unknown> = {}) => ({
    kind: 'coincident',
    code: 'CP',
    events: 'NETWORK',
    unitPrice: '10',
    tax: 'GST',
    ...terms,
  });
  const at = (text: string) => instant(Date.parse(text) / 1000);
  const events = (...periods: [string, string][]): Partial<Facts> => ({
    events: [{ name: 'NETWORK', periods: periods.map(([from, to]) => ({ from: at(from), to: at(to) })) }],
  });
  // 9 kW in the evening half-hours from 18:00 local, 09:30 to 11:00 UTC 4 to 6 kW, 2 kW otherwise.
  const load = seriesOf(july.from, july.to, home, ({ minute, day }) =>
    minute >= 1080 && minute < 1200 ? 4.5 * kWh : day === '2025-07-03' && minute === 600 ? 3 * kWh : kWh,
  );
  const lines = (facts: Partial<Facts>, sketch: Partial<Sketch> = {}) =>
    billOf([coincident()], { registers: { IMPORT: load }, ...sketch }, facts).lines;

  it('is the highest demand inside the events, and only there', () => {
    const [line] = lines(
      events(['2025-07-03T00:00Z', '2025-07-03T02:00Z'], ['2025-07-09T01:00Z', '2025-07-09T02:00Z']),
    );
    expect(onPaper(line!)).toBe('CP 6 kW 10 60.00');
    expect(line?.description).toBe('Coincident peak: 6 kW on 3 Jul 2025, 10:00 to 10:30');
    expect(line?.trace.measured).toMatchObject({
      slots: 6,
      peaks: [{ at: at('2025-07-03T00:30Z'), quantity: 6 * kWh }],
    });
  });

  it('of two lists comes to the published 15.00 for a flat kilowatt (B20)', () => {
    const year = { zone: 'UTC', from: '2023-01-01', to: '2024-01-01' };
    const step = (number: number): [string, string] => {
      const from = Date.parse('2023-01-01T00:00Z') + (number - 1) * 3_600_000;
      return [new Date(from).toISOString(), new Date(from + 3_600_000).toISOString()];
    };
    const facts = {
      events: [
        { ...events(step(1), step(2), step(100)).events![0]!, name: 'A' },
        { ...events(step(6000), step(7000)).events![0]!, name: 'B' },
      ],
    };
    const hourly = { interval: 'PT60M' };
    const components = [
      coincident({ ...hourly, events: 'A' }),
      coincident({ ...hourly, code: 'CP2', events: 'B', unitPrice: '5' }),
    ];
    const registers = { IMPORT: seriesOf(year.from, year.to, year.zone, () => kWh, 3600) };
    expect(billOf(components, { ...year, registers }, facts).chargesExTax).toBe(1500n);
  });

  it('has no line without an event in the bill, and is refused without a list', () => {
    expect(lines(events())).toEqual([]);
    expect(
      lines(events(['2025-08-03T00:00Z', '2025-08-03T01:00Z'], ['2025-06-03T00:10Z', '2025-06-03T00:40Z'])),
    ).toEqual([]);
    const refusal = refusalOf(() => lines({}));
    expect([refusal.code, refusal.message]).toEqual(['fact-missing', 'CP needs the list of events NETWORK']);
  });

  it('is refused when an event cuts a demand interval', () => {
    const refusal = refusalOf(() => lines(events(['2025-07-03T00:00Z', '2025-07-03T00:45Z'])));
    expect(refusal.message).toBe(
      'the event from 2025-07-03T00:00:00Z to 2025-07-03T00:45:00Z does not fill demand intervals of 30 minutes',
    );
  });

  it('is charged once, at the price in force when it occurred', () => {
    const version = (number: number, from: string, unitPrice: string) =>
      versionOf(planDocument({ effectiveFrom: from, components: [coincident({ unitPrice })] }), number);
    const plan = [version(1, '2025-01-01', '10'), version(2, '2025-07-16', '20')];
    const two: [string, string][] = [
      ['2025-07-03T00:00Z', '2025-07-03T01:00Z'],
      ['2025-07-20T08:30Z', '2025-07-20T09:30Z'],
    ];
    expect(lines(events(...two), { plan }).map(onPaper)).toEqual(['CP 9 kW 20 180.00']);
    expect(lines(events(two[0]!), { plan }).map(onPaper)).toEqual(['CP 6 kW 10 60.00']);
  });
});

describe('feed-in', () => {
  const feedIn = (terms: Record<string, unknown> = {}) => ({
    kind: 'feedIn',
    code: 'FIT',
    rates: [{ code: 'ALL', unitPrice: '0.05' }],
    ...terms,
  });
  const week = { from: '2025-07-07', to: '2025-07-14', zone: home };
  // 2 kWh an hour from 9 to 15, but 0.5 on Sunday the 13th: 12 kWh a day, 3 on Sunday.
  const sunny = seriesOf(week.from, week.to, home, ({ minute, weekday }) =>
    minute >= 540 && minute < 900 ? (weekday === 7 ? 0.25 * kWh : kWh) : 0,
  );
  const lines = (...components: unknown[]) => billOf(components, { ...week, registers: { EXPORT: sunny } }).lines;
  const midday = { from: '10:00', to: '15:00' };

  it.each`
    terms                                                                                                                                        | expected
    ${{}}                                                                                                                                        | ${['FIT.ALL -75 kWh 0.05 -3.75']}
    ${{ rates: [{ code: 'ALL', unitPrice: '-0.0123' }], dailyAllowance: { kWh: '6.85', window: midday } }}                                       | ${['FIT.ALLOWANCE -43.6 kWh 0 0.00', 'FIT.ALL -31.4 kWh -0.0123 0.39']}
    ${{ dailyAllowance: { kWh: '6.85' } }}                                                                                                       | ${['FIT.ALLOWANCE -44.1 kWh 0 0.00', 'FIT.ALL -30.9 kWh 0.05 -1.55']}
    ${{ dailyAllowance: { kWh: '10', unitPrice: '0.12' } }}                                                                                      | ${['FIT.ALLOWANCE -63 kWh 0.12 -7.56', 'FIT.ALL -12 kWh 0.05 -0.60']}
    ${{ dailyAllowance: { kWh: '24' } }}                                                                                                         | ${['FIT.ALLOWANCE -75 kWh 0 0.00', 'FIT.ALL 0 kWh 0.05 0.00']}
    ${{ tierPeriod: 'P1D', tierAllowance: 'EACH', rates: [{ code: 'ALL', tiers: [{ upTo: '10', unitPrice: '0.12' }, { unitPrice: '0.05' }] }] }} | ${['FIT.ALL.T1 -63 kWh 0.12 -7.56', 'FIT.ALL.T2 -12 kWh 0.05 -0.60']}
  `('$terms is $expected', ({ terms, expected }) => {
    // Midday only: 10 kWh a day and 2.5 on Sunday; 6 × 6.85 + 2.5 = 43.6 are allowed, 31.4 are not. All day: 6 × 6.85 + 3 = 44.1.
    expect(lines(feedIn(terms)).map(onPaper)).toEqual(expected);
  });

  it('says what is allowed and when, by the day', () => {
    const [allowed, rest] = lines(feedIn({ dailyAllowance: { kWh: '6.85', window: { days: 'WD', ...midday } } }));
    expect(allowed?.description).toBe('Solar feed-in, first 6.85 kWh a day');
    expect(allowed?.when).toBe('Mon to Fri 10:00 to 15:00');
    expect(allowed?.quantity).toBe(-34.25 * kWh);
    expect(rest?.quantity).toBe(-40.75 * kWh);
  });

  it('stacks: a retailer and a government each pay for all of it, and say so', () => {
    const scheme = feedIn({
      code: 'PFIT',
      scheme: 'Premium scheme',
      payer: 'GOVERNMENT',
      rates: [{ code: 'ALL', unitPrice: '0.44' }],
    });
    const found = lines(feedIn(), scheme);
    expect(found.map(onPaper)).toEqual(['FIT.ALL -75 kWh 0.05 -3.75', 'PFIT.ALL -75 kWh 0.44 -33.00']);
    expect(found[1]?.description).toBe('Solar feed-in, Premium scheme, paid by the government');
    expect(found.every(line => line.taxCode === 'NONE')).toBe(true);
  });

  it('gives each of the days its own allowance where the clock changes', () => {
    const spring = { zone: home, from: '2025-10-04', to: '2025-10-07' };
    const registers = { EXPORT: seriesOf(spring.from, spring.to, home, () => kWh) };
    const bill = billOf([feedIn({ dailyAllowance: { kWh: '5', window: { from: '00:00', to: '03:00' } } })], {
      ...spring,
      registers,
    });
    // 6 half-hours to 3 o'clock, 4 on the 5th: 5 + 4 + 5 of 48 + 46 + 48.
    expect(bill.lines.map(onPaper)).toEqual(['FIT.ALLOWANCE -14 kWh 0 0.00', 'FIT.ALL -128 kWh 0.05 -6.40']);
  });

  it('has no line for a site that sends nothing, when the plan says so', () => {
    const components = [feedIn({ optional: true, dailyAllowance: { kWh: '5' } })];
    expect(billOf(components, { ...week, registers: {} }).lines).toEqual([]);
  });

  it('refuses an allowance of a day type that is not there, and of several dials', () => {
    const window = { days: 'XX', ...midday };
    expect(refusalOf(() => lines(feedIn({ dailyAllowance: { kWh: '5', window } }))).fields[0]).toMatchObject({
      pointer: '/components/0/dailyAllowance/window/days',
    });
    const dials = [{ code: 'A', register: 'B1', unitPrice: '0.05' }];
    expect(refusalOf(() => lines(feedIn({ rates: dials, dailyAllowance: { kWh: '5' } }))).fields[0]?.message).toContain(
      'dials',
    );
  });
});
