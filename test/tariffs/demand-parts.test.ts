import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { qualityCode } from '../../src/readings/reading.ts';
import { apparentDemand, type DemandSeries, realDemand } from '../../src/tariffs/demand-series.ts';
import { averageDemand, highestPeak, type Peak, topPeaks } from '../../src/tariffs/peaks.ts';
import { type MonthPeak, ratchet } from '../../src/tariffs/ratchet.ts';
import { parseRate, type Rate } from '../../src/units/rate.ts';
import { instant, type Month } from '../../src/units/time.ts';
import { refusalOf } from './fixtures.ts';

const kW = 1_000_000;
const energyOf = (stepMinutes: number, energy: number[]) => ({
  from: instant(0),
  stepSeconds: stepMinutes * 60,
  energy: Float64Array.from(energy),
  quality: new Uint8Array(energy.length),
});
const demandsOf = (demand: number[]): DemandSeries => ({
  from: instant(0),
  stepSeconds: 1800,
  demand: Float64Array.from(demand),
  quality: new Uint8Array(demand.length),
});
const percent = (text: string) => parseRate(text) as Rate;

describe('kW from energy', () => {
  it.each`
    readings | demandMinutes | energy                            | demand                  | why
    ${30}    | ${30}         | ${[676_000]}                      | ${[1_352_000]}          | ${'0.676 kWh in half an hour is 1.352 kW'}
    ${5}     | ${30}         | ${[100_000, 0, 0, 0, 0, 576_000]} | ${[1_352_000]}          | ${'5-minute readings are first summed to the half-hour'}
    ${5}     | ${5}          | ${[100_000, 0]}                   | ${[1_200_000, 0]}       | ${'or taken as they are when the tariff says so'}
    ${15}    | ${30}         | ${[1, 2, 3, 4]}                   | ${[6, 14]}              | ${'whole micro-kW, nothing rounded'}
    ${15}    | ${60}         | ${[kW, kW, kW, 2 * kW]}           | ${[5 * kW]}             | ${'an hour is its kWh'}
    ${60}    | ${60}         | ${[5 * kW]}                       | ${[5 * kW]}             | ${'as read'}
    ${30}    | ${30}         | ${[Number.NaN, kW]}               | ${[Number.NaN, 2 * kW]} | ${'a missing reading has no demand'}
    ${15}    | ${30}         | ${[kW, Number.NaN]}               | ${[Number.NaN]}         | ${'not even half of one'}
  `('$readings-minute readings over $demandMinutes minutes: $why', ({ readings, demandMinutes, energy, demand }) => {
    expect([...realDemand(energyOf(readings, energy), demandMinutes * 60, 'IMPORT').demand]).toEqual(demand);
  });

  it.each([
    [60, 30, 2],
    [30, 60, 3],
    [20, 30, 3],
  ])('is refused when %i-minute readings cannot fill %i minutes', (readings, demandMinutes, count) => {
    const energy = energyOf(readings, new Array(count).fill(kW));
    const refusal = refusalOf(() => realDemand(energy, demandMinutes * 60, 'E1'));
    expect(refusal.code).toBe('intervals-misaligned');
    expect(refusal.message).toBe(
      `demand is measured over ${demandMinutes} minutes, which the ${readings}-minute intervals of E1 do not fill`,
    );
  });

  it('is as doubtful as the worst of its readings', () => {
    const series = energyOf(5, new Array(6).fill(kW));
    series.quality[4] = qualityCode('estimated');
    series.quality[5] = qualityCode('final');
    expect([...realDemand(series, 1800, 'IMPORT').quality]).toEqual([qualityCode('estimated')]);
  });
});

describe('kVA from kWh and kVArh', () => {
  const kva = (kw: number, kvar: number) => apparentDemand(demandsOf([kw]), demandsOf([kvar])).demand[0];

  it.each`
    kw         | kvar       | kva          | why
    ${30 * kW} | ${40 * kW} | ${50 * kW}   | ${'3-4-5'}
    ${30 * kW} | ${0}       | ${30 * kW}   | ${'nothing reactive'}
    ${kW}      | ${kW}      | ${1_414_214} | ${'the root of two, 1.41421356'}
    ${2}       | ${1}       | ${2}         | ${'2.236'}
    ${3}       | ${2}       | ${4}         | ${'3.606'}
    ${0}       | ${0}       | ${0}         | ${'nothing at all'}
  `('of $kw and $kvar is $kva: $why', ({ kw, kvar, kva: expected }) => {
    expect(kva(kw, kvar)).toBe(expected);
  });

  it('is the nearest whole number, by whole numbers, however near to a half it lies', () => {
    const size = fc.integer({ min: 1, max: 2 ** 45 });
    fc.assert(
      fc.property(size, size, (a, b) => {
        const twice = 2n * BigInt(kva(a, b)!);
        const square = 4n * (BigInt(a) ** 2n + BigInt(b) ** 2n);
        expect((twice - 1n) ** 2n < square && square < (twice + 1n) ** 2n).toBe(true);
      }),
    );
    // r² + r is the greatest square sum that rounds down to r; a = r and b² = r, at the edge of what a double tells apart.
    const b = 4_194_301;
    const a = b * b;
    expect(kva(a, b)).toBe(a);
    expect(kva(a, b + 1)).toBe(a + 1);
  });
});

describe('peaks', () => {
  const series = demandsOf([5, 9, 7, 9, 3, 8]);
  const all = Uint8Array.from([1, 1, 1, 1, 1, 1]);
  const whole = { first: 0, end: 6 };

  it.each`
    inside                | first | end  | peak
    ${[1, 1, 1, 1, 1, 1]} | ${0}  | ${6} | ${{ at: 1800, demand: 9 }}
    ${[1, 0, 1, 1, 1, 1]} | ${0}  | ${6} | ${{ at: 5400, demand: 9 }}
    ${[1, 0, 1, 0, 1, 1]} | ${0}  | ${6} | ${{ at: 9000, demand: 8 }}
    ${[1, 1, 1, 1, 1, 1]} | ${4}  | ${6} | ${{ at: 9000, demand: 8 }}
    ${[0, 0, 0, 0, 0, 0]} | ${0}  | ${6} | ${undefined}
    ${[1, 1, 1, 1, 1, 1]} | ${3}  | ${3} | ${undefined}
  `('inside $inside from $first to $end it is $peak', ({ inside, first, end, peak }) => {
    expect(highestPeak(series, Uint8Array.from(inside), { first, end })).toEqual(peak);
  });

  it('of nothing used is nothing, at the first interval', () => {
    expect(highestPeak(demandsOf([0, 0]), all, { first: 0, end: 2 })).toEqual({ at: 0, demand: 0 });
  });

  const peaks: Peak[] = [5, 9, 7, 9, 3, 8].map((demand, slot) => ({ at: instant(slot * 1800), demand }));

  it('are taken from the highest, the earlier first of equals, and all when there are fewer', () => {
    expect(topPeaks(peaks, 3).map(({ at }) => at / 1800)).toEqual([1, 3, 5]);
    expect(topPeaks(peaks, 1).map(({ at }) => at / 1800)).toEqual([1]);
    expect(topPeaks(peaks, 9)).toHaveLength(6);
    expect(highestPeak(series, all, whole)).toEqual(topPeaks(peaks, 1)[0]);
  });

  it.each`
    demands         | average
    ${[4]}          | ${4}
    ${[4, 5]}       | ${5}
    ${[1, 1, 2]}    | ${1}
    ${[1, 2, 2]}    | ${2}
    ${[9, 9, 8, 7]} | ${8}
  `('$demands average $average micro-kW', ({ demands, average }) => {
    expect(averageDemand(demands.map((demand: number) => ({ at: instant(0), demand })))).toBe(average);
  });
});

describe('the ratchet', () => {
  // The peaks of a year as a published test has them: 75 % of the highest of January, April and December.
  const year = [200, 100, 100, 400, 100, 500, 100, 100, 100, 100, 100, 300];
  const history = (of: number): MonthPeak[] =>
    year.map((peak, at) => ({ month: `${of}-${String(at + 1).padStart(2, '0')}` as Month, demand: peak * kW }));
  const terms = { percent: percent('0.75'), months: [1, 4, 12], lookbackMonths: 11, floor: 0 };

  it('binds each month to its share of the named months of the year before it', () => {
    const known = [...history(2021), ...history(2022)];
    const billed = history(2022).map(({ month, demand }) => ratchet(demand, month, known, terms).billing / kW);
    expect(billed).toEqual([300, 300, 300, 400, 300, 500, 300, 300, 300, 300, 300, 300]);
  });

  it.each`
    measured | month        | change                                | billing       | raisedBy     | why
    ${100}   | ${'2022-05'} | ${{}}                                 | ${300}        | ${'2022-04'} | ${'April'}
    ${100}   | ${'2022-05'} | ${{ months: undefined }}              | ${375}        | ${'2021-06'} | ${'June counts when no months are named'}
    ${100}   | ${'2022-06'} | ${{ months: undefined }}              | ${300}        | ${'2022-04'} | ${'June a year ago is out of sight'}
    ${100}   | ${'2022-06'} | ${{ lookbackMonths: 1 }}              | ${100}        | ${undefined} | ${'May is not named'}
    ${100}   | ${'2022-06'} | ${{ lookbackMonths: 2 }}              | ${300}        | ${'2022-04'} | ${'two months reach April'}
    ${300}   | ${'2022-05'} | ${{}}                                 | ${300}        | ${undefined} | ${'equal to its share'}
    ${100}   | ${'2022-05'} | ${{ floor: 350 * kW }}                | ${350}        | ${'floor'}   | ${'the floor is higher'}
    ${100}   | ${'2022-05'} | ${{ floor: 300 * kW }}                | ${300}        | ${'2022-04'} | ${'the peak is named before an equal floor'}
    ${500}   | ${'2022-06'} | ${{ floor: 350 * kW }}                | ${500}        | ${undefined} | ${'measured above all'}
    ${0}     | ${'2020-01'} | ${{}}                                 | ${0}          | ${undefined} | ${'a new customer has no history'}
    ${100}   | ${'2022-05'} | ${{ percent: percent('0.33333333') }} | ${133.333332} | ${'2022-04'} | ${'to the micro-kW'}
  `('$month: $measured kW are billed as $billing, $why', ({ measured, month, change, billing, raisedBy }) => {
    const result = ratchet(measured * kW, month, [...history(2021), ...history(2022)], { ...terms, ...change });
    expect(result.billing).toBe(Math.round(billing * kW));
    expect(typeof result.raisedBy === 'object' ? result.raisedBy.month : result.raisedBy).toBe(raisedBy);
  });
});
