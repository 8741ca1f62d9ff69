import { describe, expect, it } from 'vitest';
import { qualityCode } from '../../src/readings/reading.ts';
import { type EstimationMethod, estimateMissing } from '../../src/tariffs/estimate-missing.ts';
import { rate } from '../../src/tariffs/rate.ts';
import { day, flat, planDocument, rateSketch, refusalOf, requestOf, seriesOf } from './fixtures.ts';

// No clock is changed in Brisbane; eight-hour intervals, so that a day is three numbers.
const zone = 'Australia/Brisbane';
const hours8 = 8 * 3600;
const period = { from: day('2025-07-08'), to: day('2025-07-10') };

/** The readings of days from `from`, three a day; NaN is a hole. */
function filled(from: string, energy: number[], method: EstimationMethod | undefined, ...days: [string?, string?]) {
  const count = energy.length / 3;
  const to = new Date(Date.parse(from) + count * 86_400_000).toISOString().slice(0, 10);
  const series = seriesOf(from, to, zone, ({ slot }) => energy[slot]!, hours8);
  const plan = planDocument({ components: [flat('1')] });
  const request = requestOf({
    plan,
    zone,
    ...period,
    registers: { IMPORT: series },
    ...(method && { estimation: method }),
  });
  const span = { from: day(days[0] ?? period.from), to: day(days[1] ?? period.to) };
  const { registers, estimates } = estimateMissing(request, span);
  return { given: series, series: registers.get('IMPORT')!, estimates };
}

const hole = Number.NaN;
/** Days before the hole, oldest first, each of one number; then the day with the hole in its second interval; then days after it. */
const around = (before: (number | undefined)[], after: (number | undefined)[] = []) => [
  ...before.flatMap(value => (value === undefined ? [hole, hole, hole] : [1, value, 1])),
  ...[5, hole, 5],
  ...after.flatMap(value => (value === undefined ? [hole, hole, hole] : [1, value, 1])),
];
const week = (value: number | undefined) => [value, 900, 901, 902, 903, 904, 905];
const dayBefore = (days: number) => new Date(Date.parse('2025-07-08') - days * 86_400_000).toISOString().slice(0, 10);

describe('a missing interval is filled', () => {
  const estimate = (method: EstimationMethod, before: (number | undefined)[], after: (number | undefined)[] = []) => {
    const found = filled(dayBefore(before.length), around(before, after), method, '2025-07-08', '2025-07-09');
    return found.series.energy[before.length * 3 + 1];
  };

  it.each<[what: string, before: (number | undefined)[], after: (number | undefined)[], expected: number]>([
    ['the same interval a week before', week(40), [], 40],
    ['the average of two weeks before, half up', [...week(40), ...week(41)], [], 41],
    ['the average of three', [...week(10), ...week(10), ...week(11)], [], 10],
    ['of four weeks at most', [...week(1000), ...week(8), ...week(6), ...week(4), ...week(2)], [], 5],
    ['what was metered among them', [...week(undefined), ...week(60)], [], 60],
    ['not what comes after, when something came before', week(40), [1, 2, 3, 4, 5, 6, 800], 40],
    ['what comes after, when nothing came before', week(undefined), [1, 2, 3, 4, 5, 6, 80, 1, 2, 3, 4, 5, 6, 90], 85],
    ['nothing, when neither is there', [1, 2, 3], [4, 5], hole],
  ])('LIKE_WEEKS from %s', (_, before, after, expected) => {
    expect(estimate('LIKE_WEEKS', before, after)).toBe(expected);
  });

  it.each<[what: string, before: (number | undefined)[], after: (number | undefined)[], expected: number]>([
    ['the day before', [10, 20, 30], [40], 30],
    ['the nearest day that was metered', [10, 20, undefined], [40], 20],
    ['seven days back', [70, ...new Array<undefined>(6).fill(undefined)], [], 70],
    ['not eight', [80, ...new Array<undefined>(7).fill(undefined)], [], hole],
    ['never a day after', [], [40, 50], hole],
  ])('PREVIOUS_DAYS from %s', (_, before, after, expected) => {
    expect(estimate('PREVIOUS_DAYS', before, after)).toBe(expected);
  });

  it('and says so, for each register, without a change to the readings that were given', () => {
    const { given, series, estimates } = filled('2025-07-07', [1, 2, 3, hole, 5, hole, 7, 8, 9], 'PREVIOUS_DAYS');
    expect(estimates).toEqual([{ register: 'IMPORT', method: 'PREVIOUS_DAYS', intervals: 2 }]);
    expect([...series.energy]).toEqual([1, 2, 3, 1, 5, 3, 7, 8, 9]);
    const [actual, estimated] = [qualityCode('actual'), qualityCode('estimated')];
    expect([...series.quality]).toEqual([actual, actual, actual, estimated, actual, estimated, actual, actual, actual]);
    expect([...given.energy]).toEqual([1, 2, 3, hole, 5, hole, 7, 8, 9]);
  });

  it('from readings alone, never from what was filled in before it', () => {
    const { series, estimates } = filled('2025-07-07', [1, 2, 3, hole, 5, 6, hole, 8, 9], 'PREVIOUS_DAYS');
    expect([...series.energy]).toEqual([1, 2, 3, 1, 5, 6, 1, 8, 9]);
    expect(estimates[0]?.intervals).toBe(2);
    const week = [hole, 2, 3, ...new Array<number>(18).fill(1), 50, hole, hole, ...new Array<number>(18).fill(1)];
    const later = filled('2025-07-01', [...week, hole, 2, 3], 'LIKE_WEEKS', '2025-07-01', '2025-07-16').series;
    // 1 July has only the 8th after it; the 15th only the 8th before it.
    expect([later.energy[0], later.energy[42]]).toEqual([50, 50]);
  });

  it('in the days of the bill alone, the last of them too, though nobody read so far', () => {
    const { series, estimates } = filled('2025-07-06', [hole, 2, 3, 4, 5, 6, hole, 8, 9], 'PREVIOUS_DAYS');
    expect([...series.energy]).toEqual([hole, 2, 3, 4, 5, 6, 4, 8, 9, 4, 8, 9]);
    expect([...series.quality.slice(9)]).toEqual(new Array(3).fill(qualityCode('estimated')));
    expect(estimates[0]?.intervals).toBe(4);
  });

  it('and the days before the first reading stay unread', () => {
    const { series, estimates } = filled('2025-07-09', [1, 2, hole], 'LIKE_WEEKS');
    expect([...series.energy]).toEqual([1, 2, hole]);
    expect(estimates).toEqual([]);
  });

  it('only when somebody chose how', () => {
    const { given, series, estimates } = filled('2025-07-07', [1, 2, 3, hole, 5, 6, 7, 8, 9], undefined);
    expect(series).toBe(given);
    expect(estimates).toEqual([]);
    expect(filled('2025-07-07', [1, 2, 3, 4, 5, 6, 7, 8, 9], 'LIKE_WEEKS').estimates).toEqual([]);
  });
});

describe('a bill of estimated energy', () => {
  const plan = planDocument({ components: [flat('1')] });
  const series = seriesOf('2025-07-07', '2025-07-10', zone, ({ slot }) => (slot === 4 ? hole : 1_000_000), hours8);
  const sketch = { plan, zone, ...period, registers: { IMPORT: series } };

  it('is marked, and refused where nothing is known', () => {
    const bill = rateSketch({ ...sketch, estimation: 'PREVIOUS_DAYS' });
    expect(bill.estimates).toEqual([{ register: 'IMPORT', method: 'PREVIOUS_DAYS', intervals: 1 }]);
    expect(bill.lines.map(line => [line.quantity, line.estimated, line.trace.measured?.qualities])).toEqual([
      [6_000_000, true, { actual: 5, estimated: 1 }],
    ]);
    expect(refusalOf(() => rate(requestOf({ ...sketch, estimation: 'LIKE_WEEKS' }))).code).toBe('intervals-missing');
  });
});
