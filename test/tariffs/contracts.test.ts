import { describe, expect, it } from 'vitest';
import { qualityCode } from '../../src/readings/reading.ts';
import { contractSegments } from '../../src/tariffs/contracts.ts';
import { withPriceChanges } from '../../src/tariffs/price-override.ts';
import { rate } from '../../src/tariffs/rate.ts';
import { secondOpinion } from '../../src/tariffs/second-opinion.ts';
import {
  day,
  embeddedNetwork,
  flat,
  onPaper,
  planDocument,
  rateSketch,
  refusalOf,
  requestOf,
  seriesOf,
  versionOf,
  zone,
} from './fixtures.ts';

const april = { zone: 'Australia/Brisbane', from: '2025-04-01', to: '2025-05-01' };
const every = (energy = 1_000_000) => seriesOf(april.from, april.to, april.zone, () => energy, 3600);
const plan = (planCode: string, price: string, id: number) =>
  versionOf(planDocument({ planCode, components: [flat(price)] }), id);
const cheap = plan('CHEAP', '0.20', 1);
const dear = plan('DEAR', '0.40', 2);
const cheaper = [{ at: '/components/0/rates/0/unitPrice', was: '0.40', is: '0.35' }];

describe('a site that changes its contract inside the bill', () => {
  const segments = contractSegments(
    [
      { from: day('2025-04-11'), to: undefined, versions: [dear], changes: cheaper },
      { from: day('2024-01-01'), to: day('2025-04-11'), versions: [cheap] },
    ],
    day(april.from),
    day(april.to),
  );
  const request = { segments, zone: zone(april.zone), registers: new Map([['IMPORT', every()]]), holidayCalendars: [] };

  it('pays each plan for its own days, at its own prices', () => {
    const bill = rate(request);
    expect(bill.lines.map(line => `${line.trace.planCode} ${line.from} ${line.to} ${onPaper(line)}`)).toEqual([
      'CHEAP 2025-04-01 2025-04-10 USE.ALL 240 kWh 0.2 48.00',
      'DEAR 2025-04-11 2025-04-30 USE.ALL 480 kWh 0.35 168.00',
    ]);
    expect(secondOpinion(request, bill)).toEqual([]);
  });

  it('is shown what its contract changed in the plan', () => {
    const traces = rate(request).lines.map(line => line.trace);
    expect(traces.map(trace => trace.override)).toEqual([undefined, cheaper]);
    expect(traces[1]?.planSha256).not.toBe(dear.sha256);
    expect(traces[1]?.segment).toEqual({ from: '2025-04-11', to: '2025-05-01' });
  });

  it.each([
    ['no contract holds on 2025-04-11', [{ from: day('2025-01-01'), to: day('2025-04-11'), versions: [cheap] }]],
    [
      'two contracts hold on 2025-04-11',
      [
        { from: day('2025-01-01'), to: undefined, versions: [cheap] },
        { from: day('2025-04-11'), to: undefined, versions: [dear] },
      ],
    ],
  ])('is refused where %s', (message, contracts) => {
    const refusal = refusalOf(() => contractSegments(contracts, day(april.from), day(april.to)));
    expect([refusal.code, refusal.message]).toEqual(['plan-not-in-force', message]);
  });
});

describe("a contract's own prices", () => {
  it('are one plan version for the same difference, so that its windows are compiled once', () => {
    expect(withPriceChanges(dear, [...cheaper])).toBe(withPriceChanges(dear, cheaper));
    expect(dear.plan.document).toMatchObject({ components: [{ rates: [{ unitPrice: '0.40' }] }] });
  });

  it.each([
    [
      'the plan has another price by now',
      '/components/0/rates/0/unitPrice',
      '0.41',
      '/0/was: the plan says "0.40" at /components/0/rates/0/unitPrice, not 0.41',
    ],
    [
      'the plan has no such place',
      '/components/3/rates/0/unitPrice',
      '0.40',
      '/0/was: the plan says nothing at /components/3/rates/0/unitPrice, not 0.40',
    ],
  ])('are refused when %s', (_, at, was, message) => {
    const refusal = refusalOf(() => withPriceChanges(dear, [{ at, was, is: '0.35' }]));
    expect([refusal.code, refusal.message]).toEqual(['override-stale', message]);
  });

  it('are proved like any plan', () => {
    expect(refusalOf(() => withPriceChanges(dear, [{ ...cheaper[0]!, is: '35 cents' }])).code).toBe('plan-invalid');
  });
});

describe('missing readings, estimated by a named method', () => {
  const wide = { zone: april.zone, from: '2025-03-01', to: '2025-05-01' };
  const versions = planDocument({ components: [flat('1')] });
  /** 1 kWh an hour, 2 in April; `hole` is missing. */
  const holed = (hole: (day: string, minute: number) => boolean) =>
    seriesOf(
      wide.from,
      wide.to,
      wide.zone,
      ({ day, minute }) => (hole(day, minute) ? Number.NaN : day < '2025-04-01' ? 1_000_000 : 2_000_000),
      3600,
    );
  const noonOfThe10th = holed((day, minute) => day === '2025-04-10' && minute === 720);

  it('are refused when no method is named', () => {
    expect(refusalOf(() => rateSketch({ ...april, plan: versions, registers: { IMPORT: noonOfThe10th } })).code).toBe(
      'intervals-missing',
    );
  });

  it.each([
    // The same noon of 3 April (2 kWh) and of 27, 20 and 13 March (1 kWh each): 1.25.
    ['LIKE_WEEKS', '1439.25'],
    ['PREVIOUS_DAYS', '1440'],
  ] as const)('%s fills the hole and says so', (estimation, energy) => {
    const request = requestOf({ ...april, plan: versions, registers: { IMPORT: noonOfThe10th }, estimation });
    const bill = rate(request);
    expect(bill.lines.map(onPaper)).toEqual([`USE.ALL ${energy} kWh 1 ${Number(energy).toFixed(2)}`]);
    expect(bill.lines[0]).toMatchObject({
      estimated: true,
      trace: { measured: { qualities: { actual: 719, estimated: 1 } } },
    });
    expect(bill.estimates).toEqual([{ register: 'IMPORT', method: estimation, intervals: 1 }]);
    expect(noonOfThe10th.energy.filter(Number.isNaN)).toHaveLength(1);
    expect(secondOpinion(request, bill)).toEqual([]);
  });

  it('stay missing where the method knows nothing like them', () => {
    const registers = { IMPORT: holed((_, minute) => minute === 720) };
    const refusal = refusalOf(() => rateSketch({ ...april, plan: versions, registers, estimation: 'LIKE_WEEKS' }));
    expect(refusal.message).toContain('lacks 30 of 720 intervals');
  });

  it('are filled at the end of the period as well, where nobody read at all', () => {
    const short = seriesOf('2025-03-01', '2025-04-30', april.zone, () => 1_000_000, 3600);
    const { estimates, lines } = rateSketch({
      ...april,
      plan: versions,
      registers: { IMPORT: short },
      estimation: 'PREVIOUS_DAYS',
    });
    expect(estimates).toEqual([{ register: 'IMPORT', method: 'PREVIOUS_DAYS', intervals: 24 }]);
    expect(lines[0]?.trace.measured?.qualities).toEqual({ actual: 696, estimated: 24 });
  });

  it('mark only the lines they are in', () => {
    const series = seriesOf(april.from, april.to, april.zone, () => 1_000_000);
    series.quality.fill(qualityCode('substituted'), 36, 38);
    const { lines } = rateSketch({ ...april, plan: embeddedNetwork, registers: { IMPORT: series } });
    expect(lines.map(line => `${line.code} ${line.estimated}`)).toEqual([
      'USE.PEAK true',
      'USE.SHOULDER false',
      'USE.OFF_PEAK false',
      'SUPPLY false',
    ]);
  });
});
