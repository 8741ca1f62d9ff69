import { describe, expect, it } from 'vitest';
import { qualityCode } from '../../src/readings/reading.ts';
import type { Facts } from '../../src/tariffs/facts.ts';
import { rate } from '../../src/tariffs/rate.ts';
import type { ChargeLine } from '../../src/tariffs/rated-bill.ts';
import { formatCents } from '../../src/units/money.ts';
import type { Month } from '../../src/units/time.ts';
import {
  onPaper,
  planDocument,
  refusalOf,
  requestOf,
  type Sketch,
  seriesOf,
  versionOf,
  type Wall,
} from './fixtures.ts';

const kWh = 1_000_000;
const home = 'Australia/Sydney';
const weekdays = { WD: ['MON', 'TUE', 'WED', 'THU', 'FRI'], WE: ['SAT', 'SUN'] };

const demand = (terms: Record<string, unknown>) => ({
  kind: 'demand',
  code: 'DEM',
  unitPrice: '10',
  tax: 'GST',
  ...terms,
});
const planWith = (terms: Record<string, unknown>, parts: Record<string, unknown> = {}) =>
  planDocument({ dayTypes: weekdays, components: [demand(terms)], ...parts });

/** Half an hour's kWh by "day hh:mm", `base` elsewhere. */
const load = (peaks: Record<string, number>, base = 0.5) => {
  return ({ day, minute }: Wall) => {
    const time = `${String(Math.trunc(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
    return Math.round((peaks[`${day} ${time}`] ?? base) * kWh);
  };
};

interface Bill extends Partial<Sketch> {
  terms: Record<string, unknown>;
  load: (wall: Wall) => number;
  stepSeconds?: number;
  facts?: Partial<Facts>;
  monthStartsOn?: number;
  parts?: Record<string, unknown>;
}

function linesOf({ terms, load, stepSeconds = 1800, facts, monthStartsOn = 1, parts, ...sketch }: Bill): ChargeLine[] {
  const place = { zone: home, from: '2025-07-01', to: '2025-08-01', ...sketch };
  const registers = { IMPORT: seriesOf(place.from, place.to, place.zone, load, stepSeconds), ...sketch.registers };
  const request = requestOf({ plan: planWith(terms, parts), ...place, registers });
  return rate({ ...request, monthStartsOn, ...(facts && { facts }) }).lines;
}

const told = (lines: ChargeLine[]) =>
  lines.map(line => `${onPaper(line)}${line.factors.map(factor => ` ${factor.words}`).join('')}`);
const july = { '2025-07-15 17:30': 21.25, '2025-07-16 08:00': 20 };

describe('the peak of a month', () => {
  it('is billed with its kW, its date and its half-hour', () => {
    const [line] = linesOf({ terms: {}, load: load(july) });
    expect(onPaper(line!)).toBe('DEM 42.5 kW 10 425.00');
    expect(line).toMatchObject({
      description: 'Demand charge: 42.5 kW on 15 Jul 2025, 17:30 to 18:00',
      from: '2025-07-01',
      to: '2025-07-31',
      category: 'DEMAND',
      kind: 'demand',
    });
    expect(line?.trace.measured).toEqual({
      register: 'IMPORT',
      bucket: 0,
      slots: 1488,
      firstSlot: Date.parse('2025-07-01T00:00:00+10:00') / 1000,
      lastSlot: Date.parse('2025-07-31T23:30:00+10:00') / 1000,
      qualities: { actual: 1488 },
      peaks: [{ at: Date.parse('2025-07-15T17:30:00+10:00') / 1000, quantity: 42.5 * kWh }],
    });
  });

  it('is the earliest of equal ones, and the line says so', () => {
    const equal = { '2025-07-15 23:30': 21.25, '2025-07-16 08:00': 21.25, '2025-07-20 00:00': 21.25 };
    expect(linesOf({ terms: {}, load: load(equal) })[0]?.description).toBe(
      'Demand charge: 42.5 kW on 15 Jul 2025, 23:30 to 24:00, the first of 3 equal peaks',
    );
    expect(linesOf({ terms: {}, load: () => 0 })[0]?.description).toBe(
      'Demand charge: 0 kW on 1 Jul 2025, 00:00 to 00:30',
    );
  });

  it.each`
    step  | interval   | kw     | why
    ${5}  | ${'PT30M'} | ${7.2} | ${'5-minute readings are summed to the half-hour: 6 × 0.6 kWh × 2'}
    ${5}  | ${'PT5M'}  | ${7.2} | ${'each of 0.6 kWh × 12'}
    ${15} | ${'PT15M'} | ${2.4} | ${'0.6 kWh × 4'}
    ${15} | ${'PT30M'} | ${2.4} | ${'1.2 kWh × 2'}
    ${30} | ${'PT30M'} | ${1.2} | ${'0.6 kWh × 2'}
    ${30} | ${'PT60M'} | ${1.2} | ${'1.2 kWh × 1'}
    ${60} | ${'PT1H'}  | ${0.6} | ${'0.6 kWh × 1'}
  `('from $step-minute readings over $interval is $kw kW: $why', ({ step, interval, kw }) => {
    const [line] = linesOf({ terms: { interval }, load: () => 0.6 * kWh, stepSeconds: step * 60 });
    expect(line?.quantity).toBe(Math.round(kw * kWh));
  });

  it('is not the highest 5 minutes when the tariff looks at half-hours', () => {
    // 2.5 kWh in one five minutes is 30 kW for that long and 5 kW for the half-hour.
    const burst = ({ day, minute }: Wall) => (day === '2025-07-15' && minute === 605 ? 2.5 * kWh : 0);
    const [line] = linesOf({ terms: {}, load: burst, stepSeconds: 300 });
    expect(line?.description).toBe('Demand charge: 5 kW on 15 Jul 2025, 10:00 to 10:30');
  });

  it('cannot be told from longer readings than the tariff looks at', () => {
    const refusal = refusalOf(() => linesOf({ terms: {}, load: () => kWh, stepSeconds: 3600 }));
    expect(refusal.code).toBe('intervals-misaligned');
  });

  it('is not guessed where a reading is missing, anywhere in the bill', () => {
    const hole = ({ slot }: Wall) => (slot === 100 ? Number.NaN : kWh);
    expect(refusalOf(() => linesOf({ terms: {}, load: hole })).code).toBe('intervals-missing');
  });

  it('counts how many of its half-hours were estimated', () => {
    const series = seriesOf('2025-07-01', '2025-08-01', home, () => kWh, 300);
    series.quality[3] = qualityCode('estimated');
    series.quality[4] = qualityCode('substituted');
    const [line] = linesOf({ terms: {}, load: () => kWh, registers: { IMPORT: series } });
    expect(line?.trace.measured?.qualities).toEqual({ actual: 1487, estimated: 1 });
  });
});

describe('windows', () => {
  const peaks = { '2025-07-12 17:00': 30, '2025-07-15 21:00': 25, '2025-07-16 20:30': 20, '2025-07-16 02:00': 22 };
  const evening = [{ days: 'WD', from: '16:00', to: '21:00' }];
  const night = [{ days: 'WD', from: '22:00', to: '06:00' }];

  it.each`
    windows                                         | kw    | when                                                     | why
    ${undefined}                                    | ${60} | ${''}                                                    | ${'Saturday counts when nothing is left out'}
    ${evening}                                      | ${40} | ${'Mon to Fri 16:00 to 21:00'}                           | ${'21:00 is outside, Saturday too'}
    ${night}                                        | ${44} | ${'Mon to Fri 22:00 to 06:00'}                           | ${'past midnight'}
    ${[{ from: '16:00', to: '21:30' }]}             | ${60} | ${'Every day 16:00 to 21:30'}                            | ${'every day'}
    ${[...evening, { from: '21:00', to: '22:00' }]} | ${50} | ${'Mon to Fri 16:00 to 21:00; Every day 21:00 to 22:00'} | ${'two windows are one'}
  `('$windows give $kw kW: $why', ({ windows, kw, when }) => {
    const [line] = linesOf({ terms: { windows }, load: load(peaks) });
    expect(line?.quantity).toBe(kw * kWh);
    expect(line?.when).toBe(when);
  });

  it('know public holidays', () => {
    const holidayPlan = {
      holidayCalendar: 'NSW',
      dayTypes: { WD: weekdays.WD, WE: ['SAT', 'SUN', 'PUBLIC_HOLIDAY'] },
    };
    const calendar = { name: 'NSW', from: '2025-01-01', to: '2026-01-01', days: ['2025-07-16'] };
    const [line] = linesOf({
      terms: { windows: evening },
      load: load(peaks),
      parts: holidayPlan,
      holidays: [calendar as never],
    });
    expect(line?.quantity).toBe(kWh);
  });

  const seasons = { SUMMER: ['12-01', '03-31'], REST: ['04-01', '11-30'] };
  const summer = [{ season: 'SUMMER', days: 'WD', from: '16:00', to: '21:00' }];

  it('of another season have no line, or one of nothing when the plan says ZERO', () => {
    const winter = { load: load(peaks), parts: { seasons } };
    expect(linesOf({ ...winter, terms: { windows: summer } })).toEqual([]);
    const [zero] = linesOf({ ...winter, terms: { windows: summer, emptyWindow: 'ZERO' } });
    expect(`${onPaper(zero!)}: ${zero!.description}`).toBe(
      'DEM 0 kW 10 0.00: Demand charge: nothing was measured in its hours',
    );
    const [least] = linesOf({ ...winter, terms: { windows: summer, emptyWindow: 'ZERO', min: '3' } });
    expect(onPaper(least!)).toBe('DEM 3 kW 10 30.00');
  });

  it('are charged a part each when a plan has several: the published day of two windows comes to 200.00 (B15)', () => {
    const byHour = [1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1, 1, 1, 1];
    const tier = (first: string, then: string) => ({ tiers: [{ upTo: '100', unitPrice: first }, { unitPrice: then }] });
    const plan = planDocument({
      dayTypes: weekdays,
      components: [
        demand({
          code: 'PEAK',
          unitPrice: undefined,
          ...tier('20', '15'),
          windows: [{ days: 'WD', from: '15:00', to: '20:00' }],
          interval: 'PT60M',
          measurementPeriod: 'BILL',
          chargePeriod: 'DAY',
        }),
        demand({
          code: 'OFF',
          unitPrice: undefined,
          ...tier('10', '5'),
          windows: [
            { from: '20:00', to: '15:00' },
            { days: 'WE', from: '15:00', to: '20:00' },
          ],
          interval: 'PT60M',
          measurementPeriod: 'BILL',
          chargePeriod: 'DAY',
        }),
      ],
    });
    const lines = linesOf({
      plan,
      terms: {},
      from: '2025-07-16',
      to: '2025-07-17',
      load: ({ minute }) => byHour[minute / 60]! * kWh,
      stepSeconds: 3600,
    });
    expect(told(lines)).toEqual(['PEAK.T1 5 kW 20 100.00', 'OFF.T1 10 kW 10 100.00']);
  });

  it('are read by the wall clock on days of 46 and of 50 half-hours', () => {
    // 2025-10-05: 02:00 to 03:00 does not exist; 2025-04-06: it is there twice.
    const early = [{ from: '02:00', to: '04:00' }];
    const spring = linesOf({
      terms: { windows: early, chargePeriod: 'DAY' },
      from: '2025-10-05',
      to: '2025-10-06',
      load: load({ '2025-10-05 03:30': 4, '2025-10-05 04:00': 9 }),
    });
    expect(spring[0]?.description).toBe('Demand charge: 8 kW on 5 Oct 2025, 03:30 to 04:00');
    expect(spring[0]?.trace.measured?.slots).toBe(2);
    const autumn = linesOf({
      terms: { windows: early, chargePeriod: 'DAY' },
      from: '2025-04-06',
      to: '2025-04-07',
      load: load({ '2025-04-06 02:30': 4 }),
    });
    expect(autumn[0]?.description).toBe(
      'Demand charge: 8 kW on 6 Apr 2025, 02:30 to 03:00, the first of 2 equal peaks',
    );
    expect(autumn[0]?.trace.measured?.slots).toBe(6);
  });

  it('on another clock than the site are read on that clock, and the peak is told on the site’s', () => {
    const [line] = linesOf({
      terms: { windows: [{ from: '16:00', to: '17:00' }] },
      parts: { timeZone: 'AEST' },
      from: '2025-01-01',
      to: '2025-02-01',
      load: load({ '2025-01-15 16:00': 9, '2025-01-15 17:00': 4 }),
    });
    expect(line?.description).toBe('Demand charge: 8 kW on 15 Jan 2025, 17:00 to 17:30');
  });
});

describe('several peaks', () => {
  const peaks = { '2025-07-15 17:00': 20, '2025-07-15 17:30': 19, '2025-07-20 08:00': 18, '2025-07-21 08:00': 15 };

  it.each`
    peak                                              | kw           | why
    ${{ fn: 'MAX' }}                                  | ${40}        | ${'the highest'}
    ${{ fn: 'MAX', n: 1, isolation: 'NONE' }}         | ${40}        | ${'said at length'}
    ${{ fn: 'AVG_OF_N', n: 3, isolation: 'NONE' }}    | ${38}        | ${'(40 + 38 + 36) / 3'}
    ${{ fn: 'AVG_OF_N', n: 3, isolation: 'PER_DAY' }} | ${35.333333} | ${'(40 + 36 + 30) / 3: the 15th counts once'}
    ${{ fn: 'AVG_OF_N', n: 7, isolation: 'PER_DAY' }} | ${15.714286} | ${'(40 + 36 + 30 + 4 × 1) / 7'}
  `('$peak give $kw kW: $why', ({ peak, kw }) => {
    expect(linesOf({ terms: { peak }, load: load(peaks) })[0]?.quantity).toBe(Math.round(kw * kWh));
  });

  it('are told one by one', () => {
    const terms = { peak: { fn: 'AVG_OF_N', n: 2, isolation: 'PER_DAY' } };
    const [line] = linesOf({ terms, load: load(peaks) });
    expect(line?.description).toBe(
      'Demand charge: average of 2 peaks: 40 kW on 15 Jul 2025, 17:00 to 17:30; 36 kW on 20 Jul 2025, 08:00 to 08:30',
    );
    expect(line?.trace.measured?.peaks).toHaveLength(2);
  });

  it('of fewer days than are asked for are averaged over those there are', () => {
    const terms = { peak: { fn: 'AVG_OF_N', n: 4, isolation: 'PER_DAY' }, chargePeriod: 'DAY' };
    const [line] = linesOf({ terms, from: '2025-07-15', to: '2025-07-17', load: load(peaks) });
    // 40 and 1 kW.
    expect(onPaper(line!)).toBe('DEM 20.5 kW 10 410.00');
  });
});

describe('the price of a kW', () => {
  it.each`
    from            | to              | price                                                                     | lines
    ${'2025-07-01'} | ${'2025-08-01'} | ${{ chargePeriod: 'MONTH' }}                                              | ${['DEM 10 kW 10 100.00']}
    ${'2025-07-11'} | ${'2025-08-01'} | ${{ chargePeriod: 'MONTH' }}                                              | ${['DEM 10 kW 10 67.74 × 21 days / 31']}
    ${'2025-07-01'} | ${'2025-08-01'} | ${{ chargePeriod: 'MONTH', dayBasis: '12/365.25' }}                       | ${['DEM 10 kW 10 101.85 × 31 days × 12 / 365.25']}
    ${'2025-07-01'} | ${'2025-08-01'} | ${{ chargePeriod: 'DAY', unitPrice: '0.1797' }}                           | ${['DEM 10 kW 0.1797 55.71 × 31 days']}
    ${'2025-07-01'} | ${'2025-08-01'} | ${{ chargePeriod: 'YEAR', unitPrice: '120' }}                             | ${['DEM 10 kW 120 101.92 × 31 days / 365']}
    ${'2024-02-01'} | ${'2024-03-01'} | ${{ chargePeriod: 'YEAR', unitPrice: '120' }}                             | ${['DEM 10 kW 120 95.08 × 29 days / 366']}
    ${'2025-07-01'} | ${'2025-08-01'} | ${{ chargePeriod: 'YEAR', unitPrice: '120', dayBasis: 'CALENDAR_MONTH' }} | ${['DEM 10 kW 120 100.00 / 12']}
    ${'2025-06-20'} | ${'2025-07-11'} | ${{ chargePeriod: 'MONTH' }}                                              | ${['DEM 10 kW 10 36.67 × 11 days / 30', 'DEM 10 kW 10 32.26 × 10 days / 31']}
    ${'2025-06-20'} | ${'2025-07-11'} | ${{ chargePeriod: 'MONTH', measurementPeriod: 'BILL' }}                   | ${['DEM 10 kW 10 36.67 × 11 days / 30', 'DEM 10 kW 10 32.26 × 10 days / 31']}
    ${'2025-06-20'} | ${'2025-07-11'} | ${{ chargePeriod: 'DAY', unitPrice: '1', measurementPeriod: 'BILL' }}     | ${['DEM 10 kW 1 210.00 × 21 days']}
  `('of $from to $to by $price is $lines', ({ from, to, price, lines }) => {
    expect(told(linesOf({ terms: price, from, to, load: () => 5 * kWh }))).toEqual(lines);
  });

  it('runs by months of its own when they begin on another day', () => {
    const lines = linesOf({ terms: {}, from: '2025-06-20', to: '2025-07-20', load: () => 5 * kWh, monthStartsOn: 20 });
    expect(told(lines)).toEqual(['DEM 10 kW 10 100.00']);
  });

  it('of a Dutch grid bill: 58 kW × 1.53 (B06), of an Australian one: 38.58 kVA × 0.1797 × 31 days (B38)', () => {
    const of = (kw: number, terms: Record<string, unknown>) => linesOf({ terms, load: () => kw * (kWh / 2) });
    expect(told(of(58, { unitPrice: '1.53' }))).toEqual(['DEM 58 kW 1.53 88.74']);
    expect(told(of(38.58, { unitPrice: '0.1797', chargePeriod: 'DAY' }))).toEqual([
      'DEM 38.58 kW 0.1797 214.92 × 31 days',
    ]);
  });

  it.each`
    terms                                                                              | kw       | lines
    ${{ tiers: [{ upTo: '100', unitPrice: '10' }, { unitPrice: '12' }] }}              | ${131.5} | ${['DEM.T1 100 kW 10 1000.00', 'DEM.T2 31.5 kW 12 378.00']}
    ${{ tiers: [{ upTo: '100', unitPrice: '10' }, { unitPrice: '12' }], free: '50' }}  | ${131.5} | ${['DEM.T1 50 kW 10 500.00', 'DEM.T2 31.5 kW 12 378.00']}
    ${{ tiers: [{ upTo: '100', unitPrice: '10' }, { unitPrice: '12' }], free: '110' }} | ${131.5} | ${['DEM.T2 21.5 kW 12 258.00']}
    ${{ tiers: [{ upTo: '5', unitPrice: '7' }, { unitPrice: '0' }], free: '1' }}       | ${20}    | ${['DEM.T1 4 kW 7 28.00', 'DEM.T2 15 kW 0 0.00']}
    ${{ unitPrice: '10', free: '50' }}                                                 | ${40}    | ${['DEM 0 kW 10 0.00']}
    ${{ unitPrice: '10', min: '30' }}                                                  | ${25}    | ${['DEM 30 kW 10 300.00']}
    ${{ unitPrice: '10', min: '30' }}                                                  | ${30.5}  | ${['DEM 30.5 kW 10 305.00']}
  `('$terms of $kw kW is $lines', ({ terms, kw, lines }) => {
    expect(told(linesOf({ terms: { unitPrice: undefined, ...terms }, load: () => (kw * kWh) / 2 }))).toEqual(lines);
  });

  it('names its tiers, and the least that is billed', () => {
    const tiers = [{ upTo: '10', unitPrice: '1' }, { upTo: '20', unitPrice: '2' }, { unitPrice: '3' }];
    const lines = linesOf({ terms: { unitPrice: undefined, tiers, min: '25' }, load: load({ '2025-07-15 17:30': 5 }) });
    expect(lines.map(({ description }) => description)).toEqual([
      'Demand charge, first 10 kW: 10 kW on 15 Jul 2025, 17:30 to 18:00; billed 25 kW, the least of this plan',
      'Demand charge, 10 to 20 kW: 10 kW on 15 Jul 2025, 17:30 to 18:00; billed 25 kW, the least of this plan',
      'Demand charge, over 20 kW: 10 kW on 15 Jul 2025, 17:30 to 18:00; billed 25 kW, the least of this plan',
    ]);
  });
});

describe('a change of price in the month', () => {
  const version = (number: number, price: string, from: string, terms: Record<string, unknown> = {}) =>
    versionOf(planWith({ unitPrice: price, ...terms }, { effectiveFrom: from }), number);

  it('leaves the peak one number: each price takes its days of it, before and after the peak alike', () => {
    const plan = [version(1, '10', '2025-01-01'), version(2, '12', '2025-07-11')];
    // 42.5 × 10 × 10/31 = 137.097; 42.5 × 12 × 21/31 = 345.484
    expect(told(linesOf({ plan, terms: {}, load: load(july) }))).toEqual([
      'DEM 42.5 kW 10 137.10 × 10 days / 31',
      'DEM 42.5 kW 12 345.48 × 21 days / 31',
    ]);
  });

  it('to a plan with a demand charge does not look at the days before it', () => {
    const flat = versionOf(
      planDocument({
        effectiveFrom: '2025-01-01',
        components: [{ kind: 'supply', code: 'SUPPLY', amount: '1', per: 'DAY', tax: 'GST' }],
      }),
    );
    const plan = [flat, version(2, '12', '2025-07-16')];
    // The 15th, 42.5 kW, was on the old plan; the 16th had 40 kW. 40 × 12 × 16/31
    expect(told(linesOf({ plan, terms: {}, load: load(july) }))).toEqual([
      'SUPPLY 15 day 1 15.00',
      'DEM 40 kW 12 247.74 × 16 days / 31',
    ]);
  });
});

describe('measurement periods', () => {
  it('DAY: every day its own peak, the kW added up at the price of a day', () => {
    const lines = linesOf({
      terms: { measurementPeriod: 'DAY', chargePeriod: 'DAY', unitPrice: '0.20' },
      load: load(july, 1),
    });
    // 29 days of 2 kW, 42.5 and 40: 140.5 kW-days.
    expect(told(lines)).toEqual(['DEM 140.5 kW 0.2 28.10']);
    expect(lines[0]?.description).toBe(
      'Demand charge: 31 daily peaks, the highest 42.5 kW on 15 Jul 2025, 17:30 to 18:00',
    );
  });

  it('DAY with windows on weekdays: only those days, or nothing for the others; tiers and the least hold for each day', () => {
    const terms = {
      measurementPeriod: 'DAY',
      chargePeriod: 'DAY',
      unitPrice: '1',
      windows: [{ days: 'WD', from: '16:00', to: '21:00' }],
    };
    // July 2025 has 23 weekdays; 22 of 2 kW and 42.5.
    expect(told(linesOf({ terms, load: load(july, 1) }))).toEqual(['DEM 86.5 kW 1 86.50']);
    const least = { ...terms, emptyWindow: 'ZERO', min: '3' };
    // 30 × 3 + 42.5
    expect(told(linesOf({ terms: least, load: load(july, 1) }))).toEqual(['DEM 132.5 kW 1 132.50']);
    const tiers = { ...terms, unitPrice: undefined, tiers: [{ upTo: '2', unitPrice: '1' }, { unitPrice: '2' }] };
    expect(told(linesOf({ terms: tiers, load: load(july, 1) }))).toEqual([
      'DEM.T1 46 kW 1 46.00',
      'DEM.T2 40.5 kW 2 81.00',
    ]);
  });

  it('DAY at the price of a month: each day a share of its own month', () => {
    const terms = { measurementPeriod: 'DAY', unitPrice: '31' };
    const lines = linesOf({ terms, from: '2025-06-30', to: '2025-07-03', load: () => kWh });
    // 2 kW × 31 / 30, then 4 kW-days × 31 / 31.
    expect(told(lines)).toEqual(['DEM 2 kW 31 2.07 × 1 day / 30', 'DEM 4 kW 31 4.00 × 1 day / 31']);
  });

  const known = (...peaks: [string, number][]) => ({
    peaks: peaks.map(([month, kw]) => ({ code: 'DEM', month: month as Month, quantity: kw * kWh })),
  });

  it('MONTH split between two bills: each its own part, or the highest of both when the plan says so', () => {
    const half = { from: '2025-07-10', to: '2025-08-01', load: load({ '2025-07-15 17:30': 5 }) };
    const carry = { carry: 'IF_PERIOD_SPLIT:MAX_OF_PARTS' };
    const quantityOf = (lines: ChargeLine[]) => lines.map(line => `${line.quantity / kWh} ${line.description}`);
    expect(quantityOf(linesOf({ ...half, terms: {} }))).toEqual([
      '10 Demand charge: 10 kW on 15 Jul 2025, 17:30 to 18:00',
    ]);
    expect(quantityOf(linesOf({ ...half, terms: carry, facts: known(['2025-07', 30], ['2025-06', 90]) }))).toEqual([
      '30 Demand charge: 30 kW in Jul 2025',
    ]);
    expect(quantityOf(linesOf({ ...half, terms: carry, facts: known(['2025-07', 8]) }))).toEqual([
      '10 Demand charge: 10 kW on 15 Jul 2025, 17:30 to 18:00',
    ]);
    expect(quantityOf(linesOf({ ...half, terms: carry, facts: { peaks: [] } }))).toHaveLength(1);
    const refusal = refusalOf(() => linesOf({ ...half, terms: carry }));
    expect(refusal.code).toBe('fact-missing');
    expect(refusal.message).toBe('DEM needs its peaks of the months from 2025-07');
    // A whole month needs nothing from before.
    expect(linesOf({ terms: carry, load: half.load })).toHaveLength(1);
  });

  it('ROLLING_12M: the highest of this month and the eleven before it', () => {
    const terms = { measurementPeriod: 'ROLLING_12M' };
    const kw = (...peaks: [string, number][]) =>
      linesOf({ terms, load: load(july), facts: known(...peaks) }).map(line => line.quantity / kWh);
    expect(kw()).toEqual([42.5]);
    expect(kw(['2024-08', 50])).toEqual([50]);
    expect(kw(['2024-07', 50])).toEqual([42.5]);
    expect(refusalOf(() => linesOf({ terms, load: load(july) })).message).toBe(
      'DEM needs its peaks of the months from 2024-08',
    );
    // In a bill of two months the first one's peak counts for the second, not the other way about.
    const two = linesOf({
      terms,
      from: '2025-07-01',
      to: '2025-09-01',
      load: load({ ...july, '2025-08-01 00:00': 30 }),
      facts: known(),
    });
    expect(two.map(line => line.quantity / kWh)).toEqual([42.5, 60]);
    const other = linesOf({ terms, from: '2025-07-01', to: '2025-09-01', load: load(july), facts: known() });
    expect(other.map(line => line.quantity / kWh)).toEqual([42.5, 42.5]);
  });

  it('TARIFF_PERIOD: the highest of the season so far, and a new one from its first day', () => {
    const seasons = { SUMMER: ['12-01', '03-31'], REST: ['04-01', '11-30'] };
    const bill = (from: string, to: string, ...peaks: [string, number][]) =>
      linesOf({
        terms: { measurementPeriod: 'TARIFF_PERIOD' },
        parts: { seasons },
        from,
        to,
        load: load({ '2025-03-20 17:30': 10, '2025-04-05 17:30': 4 }),
        facts: known(...peaks),
      }).map(line => `${line.from} ${line.quantity / kWh}`);
    expect(bill('2025-03-01', '2025-04-01', ['2025-02', 25], ['2024-11', 99])).toEqual(['2025-03-01 25']);
    expect(bill('2025-03-01', '2025-04-01', ['2024-12', 15])).toEqual(['2025-03-01 20']);
    expect(bill('2025-03-15', '2025-04-15', ['2025-03', 21])).toEqual(['2025-03-15 21', '2025-04-01 8']);
  });

  it('TARIFF_PERIOD of a season that is the whole year begins anew on its first day', () => {
    const year = (from: string, to: string, ...peaks: [string, number][]) =>
      linesOf({
        terms: { measurementPeriod: 'TARIFF_PERIOD' },
        parts: { seasons: { YEAR: ['07-01', '06-30'] } },
        from,
        to,
        load: load({ '2025-06-20 17:30': 10 }),
        facts: known(...peaks),
      }).map(line => `${line.from} ${line.quantity / kWh}`);
    expect(year('2025-06-15', '2025-07-15', ['2024-07', 30], ['2024-06', 99])).toEqual([
      '2025-06-15 30',
      '2025-07-01 1',
    ]);
  });

  describe('with a ratchet', () => {
    const ratchet = { percent: '0.75', months: [1, 4, 12] };

    it('bills a share of an earlier month’s peak and says which', () => {
      const [line] = linesOf({
        terms: { ratchet },
        load: load(july),
        facts: known(['2025-04', 400], ['2025-06', 900]),
      });
      expect(onPaper(line!)).toBe('DEM 300 kW 10 3000.00');
      expect(line?.description).toBe(
        'Demand charge: 42.5 kW on 15 Jul 2025, 17:30 to 18:00; billed 300 kW, 0.75 × 400 kW in Apr 2025',
      );
    });

    it('bills the floor', () => {
      const [line] = linesOf({ terms: { ratchet: { ...ratchet, floor: '100' } }, load: load(july), facts: known() });
      expect(onPaper(line!)).toBe('DEM 100 kW 10 1000.00');
      expect(line?.description).toContain('; billed 100 kW, the least of this plan');
    });

    it('is refused when nobody has looked up the earlier peaks, and knows the other components’ from its own', () => {
      expect(refusalOf(() => linesOf({ terms: { ratchet }, load: load(july) })).code).toBe('fact-missing');
      const other = { peaks: [{ code: 'OTHER', month: '2025-04' as Month, quantity: 400 * kWh }] };
      expect(linesOf({ terms: { ratchet }, load: load(july), facts: other })[0]?.quantity).toBe(42.5 * kWh);
    });

    it('comes to the published 74,500 over a year billed in one (B17a)', () => {
      const year = [200, 100, 100, 400, 100, 500, 100, 100, 100, 100, 100, 300];
      const prices = [10, 10, 20, 50, 20, 10, 20, 20, 20, 20, 20, 5];
      const peaks = (of: number): [string, number][] =>
        year.map((kw, at) => [`${of}-${String(at + 1).padStart(2, '0')}`, kw]);
      const versions = prices.map((price, at) =>
        versionOf(
          planWith(
            { unitPrice: String(price), ratchet },
            { effectiveFrom: `2022-${String(at + 1).padStart(2, '0')}-01` },
          ),
          at + 1,
        ),
      );
      const lines = linesOf({
        terms: {},
        plan: versions,
        from: '2022-01-01',
        to: '2023-01-01',
        load: ({ day }) => (year[Number(day.slice(5, 7)) - 1]! * kWh) / 2,
        facts: known(...peaks(2021)),
      });
      expect(lines.map(line => line.quantity / kWh)).toEqual([
        300, 300, 300, 400, 300, 500, 300, 300, 300, 300, 300, 300,
      ]);
      expect(formatCents(lines.reduce((sum, line) => sum + line.amount, 0n) as never)).toBe('74500.00');
    });
  });
});

describe('kVA', () => {
  const reactive = seriesOf('2025-07-01', '2025-08-01', home, load({ '2025-07-16 08:00': 15 }, 0));

  it('is told from active and reactive energy of the same half-hour', () => {
    // On the 16th 40 kW and 30 kVAr make 50 kVA, above the 42.5 kVA of the 15th.
    const [line] = linesOf({
      terms: { quantity: 'KVA', reactiveRegister: 'Q1' },
      load: load(july),
      registers: { Q1: reactive },
    });
    expect(onPaper(line!)).toBe('DEM 50 kVA 10 500.00');
    expect(line?.description).toBe('Demand charge: 50 kVA on 16 Jul 2025, 08:00 to 08:30');
  });

  it('needs the reactive register, without a hole', () => {
    const terms = { quantity: 'KVA', reactiveRegister: 'Q1' };
    expect(refusalOf(() => linesOf({ terms, load: load(july) })).code).toBe('register-missing');
    const hole = { ...reactive, energy: reactive.energy.with(7, Number.NaN) };
    expect(refusalOf(() => linesOf({ terms, load: load(july), registers: { Q1: hole } })).message).toContain(
      'Q1 lacks 1',
    );
  });
});

describe('terms that mean nothing are refused on save', () => {
  it.each`
    terms                                                                   | pointer                 | says
    ${{ unitPrice: undefined }}                                             | ${'/unitPrice'}         | ${'either a unitPrice or tiers'}
    ${{ tiers: [{ unitPrice: '1' }] }}                                      | ${'/unitPrice'}         | ${'either a unitPrice or tiers'}
    ${{ unitPrice: undefined, tiers: [{ unitPrice: '1', flat: '2' }] }}     | ${'/tiers'}             | ${'no flat amount'}
    ${{ quantity: 'KVA' }}                                                  | ${'/reactiveRegister'}  | ${'KVA needs the register'}
    ${{ reactiveRegister: 'Q1' }}                                           | ${'/reactiveRegister'}  | ${'only KVA'}
    ${{ interval: 'PT7M' }}                                                 | ${'/interval'}          | ${'must divide the hour'}
    ${{ interval: '30' }}                                                   | ${'/interval'}          | ${'such as PT30M'}
    ${{ chargePeriod: 'DAY', dayBasis: 'CALENDAR_MONTH' }}                  | ${'/dayBasis'}          | ${'a price per day counts local days'}
    ${{ peak: { fn: 'AVG_OF_N' } }}                                         | ${'/peak/n'}            | ${'needs n'}
    ${{ peak: { fn: 'MAX', n: 4 } }}                                        | ${'/peak/n'}            | ${'MAX is one peak'}
    ${{ peak: { fn: 'AVG_OF_N', n: 3 }, measurementPeriod: 'ROLLING_12M' }} | ${'/peak/fn'}           | ${'only the highest is known'}
    ${{ measurementPeriod: 'TARIFF_PERIOD' }}                               | ${'/measurementPeriod'} | ${'this plan has none'}
    ${{ measurementPeriod: 'DAY', ratchet: { percent: '0.5' } }}            | ${'/ratchet'}           | ${'binds the peak of a MONTH or BILL'}
    ${{ ratchet: { percent: '75' } }}                                       | ${'/ratchet/percent'}   | ${'a fraction up to 1'}
    ${{ measurementPeriod: 'BILL', carry: 'IF_PERIOD_SPLIT:MAX_OF_PARTS' }} | ${'/carry'}             | ${'only a MONTH can be split'}
    ${{ windows: [{ days: 'XX', from: '16:00', to: '21:00' }] }}            | ${'/windows/0/days'}    | ${'there is no day type XX'}
    ${{ windows: [{ from: '16:15', to: '21:00' }] }}                        | ${'/windows/0/from'}    | ${'16:15 lies inside a demand interval of 30 minutes'}
    ${{ windows: [{ from: '16:00', to: '16:00' }] }}                        | ${'/windows/0/to'}      | ${'the same time'}
    ${{ reset: true }}                                                      | ${'/reset'}             | ${'not a field'}
  `('$terms: $says', ({ terms, pointer, says }) => {
    const refusal = refusalOf(() => planWith(terms) && versionOf(planWith(terms)));
    expect(refusal.code).toBe('plan-invalid');
    expect(refusal.fields[0]?.pointer).toBe(`/components/0${pointer}`);
    expect(refusal.fields[0]?.message).toContain(says);
  });
});
