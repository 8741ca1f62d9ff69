import { describe, expect, it } from 'vitest';
import { qualityCode } from '../../src/readings/reading.ts';
import type { EarlierPeak } from '../../src/tariffs/facts.ts';
import { readPlan } from '../../src/tariffs/plan.ts';
import { rate } from '../../src/tariffs/rate.ts';
import type { Month } from '../../src/units/time.ts';
import {
  agreedBill,
  planDocument,
  refusalOf,
  requestOf,
  type Sketch,
  seriesOf,
  supplyPerDay,
  versionOf,
} from './fixtures.ts';

const kWh = 1_000_000;
const zone = 'Australia/Brisbane';
const july = { zone, from: '2025-07-01', to: '2025-08-01' };
const summer = { zone, from: '2025-07-01', to: '2025-09-01' };
const demand = (terms: object) => ({ kind: 'demand', code: 'DEM', unitPrice: '10', tax: 'GST', ...terms });
const peak = (month: string, kw: number, code = 'DEM'): EarlierPeak => ({
  code,
  month: month as Month,
  quantity: kw * kWh,
});
/** 2 kW, and more in the half-hour of noon on the days named. */
const load = (days: Record<string, number>, { from, to }: { from: string; to: string }) =>
  seriesOf(from, to, zone, ({ day, minute }) => ((minute === 720 && days[day]) || 2) * 0.5 * kWh);

function sketch(
  terms: object,
  place: typeof july,
  days: Record<string, number>,
  peaks?: EarlierPeak[],
  parts: object = {},
): Sketch {
  return {
    ...place,
    plan: planDocument({ components: [demand(terms)], ...parts }),
    registers: { IMPORT: load(days, place) },
    ...(peaks && { facts: { peaks } }),
  };
}
const told = (of: Sketch) =>
  agreedBill(of).lines.map(
    line => `${line.from} ${line.quantity / kWh} kW, ${line.description.replace('Demand charge: ', '')}`,
  );
const codeOf = (of: Sketch) => refusalOf(() => rate(requestOf(of))).code;

describe('twelve months', () => {
  const rolling = { measurementPeriod: 'ROLLING_12M' };

  it('are the month and the eleven before it, the highest wherever it stands in the list', () => {
    const peaks = [
      peak('2025-03', 5),
      peak('2024-08', 40),
      peak('2025-05', 30),
      peak('2024-07', 90),
      peak('2025-02', 90, 'OTHER'),
    ];
    expect(told(sketch(rolling, july, {}, peaks))).toEqual(['2025-07-01 40 kW, 40 kW in Aug 2024']);
    expect(told(sketch(rolling, july, {}, peaks.toReversed()))).toEqual(['2025-07-01 40 kW, 40 kW in Aug 2024']);
  });

  it('name the earliest of equal ones', () => {
    const peaks = [peak('2025-05', 40), peak('2024-09', 40), peak('2025-01', 40)];
    expect(told(sketch(rolling, july, {}, peaks))).toEqual(['2025-07-01 40 kW, 40 kW in Sep 2024']);
  });

  it('are those of the bill as well, but never a month that is still to come', () => {
    const days = { '2025-07-15': 20, '2025-08-15': 50 };
    expect(told(sketch(rolling, summer, days, []))).toEqual([
      '2025-07-01 20 kW, 20 kW on 15 Jul 2025, 12:00 to 12:30',
      '2025-08-01 50 kW, 50 kW on 15 Aug 2025, 12:00 to 12:30',
    ]);
    expect(told(sketch(rolling, summer, { '2025-07-15': 20 }, []))[1]).toBe('2025-08-01 20 kW, 20 kW in Jul 2025');
  });

  it('of equal peaks are the bill’s own', () => {
    expect(told(sketch(rolling, july, { '2025-07-15': 40 }, [peak('2025-05', 40)]))).toEqual([
      '2025-07-01 40 kW, 40 kW on 15 Jul 2025, 12:00 to 12:30',
    ]);
  });
});

describe('earlier peaks are asked for', () => {
  const carry = { carry: 'IF_PERIOD_SPLIT:MAX_OF_PARTS' };
  const half = { zone, from: '2025-07-10', to: '2025-08-01' };
  const season = { measurementPeriod: 'TARIFF_PERIOD' };
  const seasons = { seasons: { COLD: ['07-01', '09-30'], REST: ['10-01', '06-30'] } };

  it.each<[what: string, of: Sketch, expected: string]>([
    ['of a month that began on the bill before', sketch(carry, half, {}), 'fact-missing'],
    ['not of a month that begins with the bill', sketch(carry, july, {}), '2 kW'],
    ['of a season that began before the bill', sketch(season, half, {}, undefined, seasons), 'fact-missing'],
    ['not of a season that begins with it', sketch(season, july, {}, undefined, seasons), '2 kW'],
    [
      'of the months a ratchet looks back',
      sketch({ ratchet: { percent: '0.5', lookbackMonths: 1 } }, july, {}),
      'fact-missing',
    ],
  ])('%s', (_, of, expected) => {
    if (expected === 'fact-missing') expect(codeOf(of)).toBe(expected);
    else expect(told(of)[0]).toContain(expected);
  });

  it('not of months that lie in the bill', () => {
    const ratchet = { percent: '0.5', lookbackMonths: 1 };
    const plan = [
      versionOf(planDocument({ components: [supplyPerDay('1')] }), 1),
      versionOf(planDocument({ effectiveFrom: '2025-08-01', components: [demand({ ratchet })] }), 2),
    ];
    const registers = { IMPORT: load({ '2025-07-15': 50 }, summer) };
    // July had no demand charge, so its peak binds nobody.
    expect(agreedBill({ ...summer, plan, registers }).lines[1]?.quantity).toBe(2 * kWh);
  });

  it('for the months of a season alone', () => {
    const peaks = [peak('2025-07', 30), peak('2025-06', 90)];
    const august = { zone, from: '2025-08-01', to: '2025-09-01' };
    expect(told(sketch(season, august, {}, peaks, seasons))).toEqual(['2025-08-01 30 kW, 30 kW in Jul 2025']);
  });
});

describe('a ratchet', () => {
  const ratchet = { percent: '0.5', lookbackMonths: 3 };

  it.each<[what: string, peaks: EarlierPeak[], expected: string]>([
    [
      'takes the highest in its months, wherever it stands',
      [peak('2025-04', 20), peak('2025-06', 30), peak('2025-05', 10)],
      '15 kW',
    ],
    ['sees the oldest of them', [peak('2025-04', 30)], '15 kW'],
    ['and none before it', [peak('2025-03', 30)], '2 kW'],
    ['nor of another charge', [peak('2025-05', 30, 'OTHER')], '2 kW'],
  ])('%s', (_, peaks, expected) => {
    expect(told(sketch({ ratchet }, july, {}, peaks))[0]).toContain(expected);
  });

  it('names the earliest of equal months', () => {
    const peaks = [peak('2025-06', 30), peak('2025-04', 30), peak('2025-05', 30)];
    expect(told(sketch({ ratchet }, july, {}, peaks))[0]).toContain('Apr 2025');
    expect(told(sketch({ ratchet }, july, {}, peaks.toReversed()))[0]).toContain('Apr 2025');
  });

  it('looks back inside the bill, not ahead', () => {
    expect(told(sketch({ ratchet }, summer, { '2025-07-15': 40 }, []))[1]).toContain('20 kW');
    expect(told(sketch({ ratchet }, summer, { '2025-08-15': 40 }, []))[0]).toContain('2 kW');
  });

  it('raises the demand only above what was measured; the least that is billed comes last', () => {
    expect(told(sketch({ ratchet, min: '25' }, july, {}, [peak('2025-06', 30)]))[0]).toMatch(/25 kW/);
    expect(told(sketch({ ratchet: { ...ratchet, floor: '12' } }, july, {}, []))[0]).toMatch(/12 kW/);
  });
});

describe('peaks', () => {
  it('that are equal count only inside the windows', () => {
    const windows = [{ from: '12:00', to: '13:00' }];
    const days = { '2025-07-03': 9, '2025-07-04': 9 };
    expect(told(sketch({ windows }, july, days))[0]).toContain(
      '9 kW on 3 Jul 2025, 12:00 to 12:30, the first of 2 equal peaks',
    );
    const night = {
      IMPORT: seriesOf(july.from, july.to, zone, ({ minute }) => (minute === 0 || minute === 720 ? kWh : 0)),
    };
    expect(told({ ...sketch({ windows }, july, {}), registers: night })[0]).toContain('the first of 31 equal peaks');
  });

  it('MAX of one peak is MAX, and averages of days leave out days without an hour in the windows', () => {
    expect(told(sketch({ peak: { fn: 'MAX', n: 1 } }, july, { '2025-07-03': 9 }))[0]).toContain('9 kW on 3 Jul');
    const dayTypes = { dayTypes: { ONE: ['THU'], REST: ['MON', 'TUE', 'WED', 'FRI', 'SAT', 'SUN'] } };
    const terms = {
      peak: { fn: 'AVG_OF_N', n: 3, isolation: 'PER_DAY' },
      windows: [{ days: 'ONE', from: '12:00', to: '13:00' }],
    };
    // The Thursdays of July are the 3rd, 10th, 17th, 24th and 31st.
    const [line] = agreedBill(
      sketch(terms, july, { '2025-07-03': 9, '2025-07-04': 90, '2025-07-10': 6 }, undefined, dayTypes),
    ).lines;
    expect(line?.quantity).toBe(Math.round(((9 + 6 + 2) / 3) * kWh));
  });

  it('are refused where midnight cuts a demand interval', () => {
    // On Lord Howe the clock goes forward by half an hour in October, and back in April.
    const island = { zone: 'Australia/Lord_Howe', from: '2025-10-01', to: '2026-04-10' };
    const registers = { IMPORT: seriesOf(island.from, island.to, island.zone, () => kWh) };
    const of = (interval: string): Sketch => ({
      ...island,
      plan: planDocument({ components: [demand({ interval })] }),
      registers,
    });
    const refusal = refusalOf(() => rate(requestOf(of('PT60M'))));
    expect([refusal.code, refusal.message]).toEqual([
      'intervals-misaligned',
      '2025-11-01T00:00:00+11:00 lies inside a demand interval of 60 minutes',
    ]);
    expect(rate(requestOf(of('PT30M'))).lines).toHaveLength(7);
  });

  it('in kVA are as doubtful as the worse of the two registers', () => {
    const reactive = load({}, july);
    reactive.quality.fill(qualityCode('estimated'), 0, 3);
    const terms = { quantity: 'KVA', reactiveRegister: 'Q1' };
    const [line] = agreedBill({
      ...sketch(terms, july, {}),
      registers: { IMPORT: load({}, july), Q1: reactive },
    }).lines;
    expect(line?.trace.measured?.qualities).toEqual({ actual: 1485, estimated: 3 });
    expect(line?.estimated).toBe(true);
  });
});

describe('terms of demand are refused', () => {
  const problems = (terms: object) =>
    refusalOf(() => readPlan(JSON.parse(JSON.stringify(planDocument({ components: [demand(terms)] }))))).fields.map(
      ({ pointer }) => pointer,
    );
  it.each<[what: string, terms: object, place: string]>([
    ['an interval of nothing', { interval: 'PT0M' }, '/interval'],
    ['an interval of seven minutes', { interval: 'PT7M' }, '/interval'],
    ['a ratchet of nothing', { ratchet: { percent: '0' } }, '/ratchet/percent'],
    [
      'a flat amount in a tier',
      { unitPrice: undefined, tiers: [{ upTo: '5', unitPrice: '1', flat: '1' }, { unitPrice: '1' }] },
      '/tiers',
    ],
    ['neither a price nor tiers', { unitPrice: undefined }, '/unitPrice'],
    ['an average over a season', { peak: { fn: 'AVG_OF_N', n: 2 }, measurementPeriod: 'TARIFF_PERIOD' }, '/peak/fn'],
  ])('%s', (_, terms, place) => {
    expect(problems(terms)).toContain(`/components/0${place}`);
  });

  it('but a ratchet of the whole peak, and of a bill, is not', () => {
    const ratchet = { percent: '1' };
    expect(() =>
      readPlan(planDocument({ components: [demand({ ratchet, measurementPeriod: 'BILL' })] })),
    ).not.toThrow();
  });
});

it('tax is what the version in force takes', () => {
  const version = (number: number, effectiveFrom: string, percent: string) =>
    versionOf(
      planDocument({ effectiveFrom, taxes: { GST: { name: 'GST', percent } }, components: [supplyPerDay('1')] }),
      number,
    );
  const plan = [version(1, '2000-01-01', '10'), version(2, '2025-07-11', '20')];
  // 10.00 × 10 % and 21.00 × 20 %.
  expect(agreedBill({ ...july, plan, registers: {} })).toMatchObject({ chargesExTax: 3100n, tax: 520n, total: 3620n });
});

describe('what a site lacks is refused', () => {
  const plan = planDocument({ components: [demand({}), demand({ code: 'DEM_2', register: 'E2' })] });
  const hole = seriesOf(july.from, july.to, zone, ({ slot }) => (slot === 5 ? Number.NaN : kWh));

  it('by each register and its first missing interval', () => {
    const refusal = refusalOf(() => rate(requestOf({ ...july, plan, registers: { IMPORT: hole, E2: hole } })));
    const sentence = 'lacks 1 of 1488 intervals, the first from 2025-07-01T02:30:00+10:00';
    expect(refusal.message).toBe(`IMPORT ${sentence}; E2 ${sentence}`);
    expect(refusal.fields).toEqual([
      { pointer: 'IMPORT', message: sentence },
      { pointer: 'E2', message: sentence },
    ]);
  });

  it('by what it has instead, if anything', () => {
    const message = (registers: Sketch['registers']) =>
      refusalOf(() => rate(requestOf({ ...july, plan, registers }))).message;
    const lacks = 'plan TEST-1 prices register IMPORT from 2025-07-01, and the site has';
    expect(message({})).toBe(`${lacks} none`);
    expect(message({ A: hole, B: hole })).toBe(`${lacks} A, B`);
  });

  it('also in a part of the bill before the charge, when the charge looks there', () => {
    const versions = (terms: object) => [
      versionOf(planDocument({ components: [demand({ ...terms, unitPrice: '1' })] }), 1),
      versionOf(planDocument({ effectiveFrom: '2025-07-16', components: [supplyPerDay('1')] }), 2),
    ];
    const late = seriesOf(july.from, july.to, zone, ({ day }) => (day === '2025-07-20' ? Number.NaN : kWh));
    expect(codeOf({ ...july, plan: versions({}), registers: { IMPORT: late } })).toBe('intervals-missing');
  });
});
