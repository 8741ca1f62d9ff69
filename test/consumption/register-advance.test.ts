import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RegisterMap } from '../../src/accounts/register-map.ts';
import { countRegister, dialBetween } from '../../src/consumption/count-register.ts';
import type { IntervalSeries } from '../../src/consumption/interval-series.ts';
import { advances, arithmeticOf } from '../../src/consumption/register-advance.ts';
import { registerEnergy } from '../../src/consumption/register-energy.ts';
import type { Reading } from '../../src/readings/reading.ts';
import { formatKwh, microKwh } from '../../src/units/energy.ts';
import { instant } from '../../src/units/time.ts';
import { facts, kWh } from './register-map-fixture.ts';

const day = 86_400;

function reading(at: number, value: number, quality: Reading['quality'] = 'actual'): Reading {
  return { at: instant(at), value: kWh(value), minutes: 0, quality, source: 1, line: 0, versionAt: 0 };
}

const fiveDigits = [facts(0, { digits: 5 })];
const timesForty = [facts(0, { digits: 5, multiplierMicro: 40_000_000 })];
const exchanged = [
  facts(0, { digits: 5 }),
  facts(10 * day, { exchange: { finalValue: kWh(250), firstValue: kWh(3) }, multiplierMicro: 2_000_000 }),
];

describe('between two readings', () => {
  it.each<[string, RegisterMap | undefined, number, number, string]>([
    ['forward', undefined, 100, 130.5, '130.5 − 100 = 30.5 kWh'],
    ['across the end of five digits', fiveDigits, 99_990, 20, '20 − 99990 + 100000 = 30 kWh'],
    ['multiplied', timesForty, 100, 110.5, '(110.5 − 100) × 40 = 420 kWh'],
    ['multiplied across the end', timesForty, 99_990, 20, '(20 − 99990 + 100000) × 40 = 1200 kWh'],
    ['two dials', exchanged, 200, 13, '(250 − 200) × 2 + (13 − 3) × 2 = 120 kWh'],
  ])('%s', (_what, map, from, to, words) => {
    const [advance] = advances([reading(9 * day, from), reading(11 * day, to)], map);
    expect(arithmeticOf(advance!)).toBe(words);
  });

  it.each<[string, RegisterMap | undefined, number, number]>([
    ['down without digits', undefined, 99_990, 20],
    ['down by more than half the dial', fiveDigits, 60_000, 20_000],
    ['down from a value the dial cannot show', fiveDigits, 100_500, 20],
    ['down on the old meter before its exchange', exchanged, 300_000, 13],
  ])('%s: nothing is known', (_what, map, from, to) => {
    expect(advances([reading(9 * day, from), reading(11 * day, to)], map)).toEqual([undefined]);
  });

  it('a multiplier holds from its day on, and before the first that was told as well', () => {
    const map = [facts(10 * day, { multiplierMicro: 2_000_000 }), facts(20 * day, { multiplierMicro: 3_000_000 })];
    const read = [0, 10, 20, 30].map((at, value) => reading(at * day, value));
    expect(advances(read, map).map(advance => formatKwh(advance!.energy))).toEqual(['2', '2', '3']);
  });

  it('the dial at a boundary nobody read stands on the line between them, around the end if need be', () => {
    const [advance] = advances([reading(0, 99_990), reading(4 * day, 30)], fiveDigits);
    const shown = [0, 1, 2, 4].map(at => formatKwh(dialBetween(advance!, instant(at * day))!.value));
    expect(shown).toEqual(['99990', '0', '10', '30']);
    expect(dialBetween(advance!, instant(5 * day))).toBeUndefined();
  });
});

describe('over the days of a period', () => {
  it('an exchange loses nothing: the final reading of one dial, the first of the next', () => {
    const energy = daysOf([reading(9 * day, 200), reading(11 * day, 13)], exchanged, 9, 2);
    expect(Array.from(energy, each => each / 1e6)).toEqual([100, 20]);
  });

  it('what cannot be explained is missing, and the days around it are not', () => {
    const read = [reading(0, 10), reading(day, 15), reading(2 * day, 3), reading(3 * day, 4)];
    expect(Array.from(daysOf(read, undefined, 0, 3), each => each / 1e6)).toEqual([5, Number.NaN, 1]);
  });

  const steps = fc.array(
    fc.record({
      seconds: fc.integer({ min: 1, max: 40 * day }),
      // Less than half of the four digits' dial, as far as a rollover can be told.
      advance: fc.integer({ min: 0, max: 4_999_000_000 }),
    }),
    { minLength: 1, maxLength: 12 },
  );
  const multiplier = fc.constantFrom(1_000_000, 40_000_000, 500_000, 1_370_000, 1);

  it('no advance is negative, and the days add up to what the dial and the multiplier say, to the last micro-kWh', () => {
    fc.assert(
      fc.property(steps, multiplier, fc.integer({ min: 0, max: 9_999_999_999 }), (list, multiplierMicro, first) => {
        const { read, truth } = turning(list, first);
        const map = [facts(0, { digits: 4, multiplierMicro })];
        const told = advances(read, map);
        for (const advance of told) expect(advance!.energy).toBeGreaterThanOrEqual(0);
        const whole = told.reduce((sum, advance) => sum + advance!.energy, 0);
        const expected =
          (BigInt(first + truth) * BigInt(multiplierMicro)) / 1_000_000n -
          (BigInt(first) * BigInt(multiplierMicro)) / 1_000_000n;
        expect(BigInt(whole)).toBe(expected);
        const days = Math.ceil(read.at(-1)!.at / day);
        const shares = daysOf([...read, ...tail(read, days)], map, 0, days);
        expect(shares.every(share => share >= 0)).toBe(true);
        expect(shares.reduce((sum, share) => sum + share, 0)).toBe(whole);
      }),
    );
  });

  it('a reading more or less in between changes the days, never the whole', () => {
    fc.assert(
      fc.property(steps, multiplier, fc.nat(), (list, multiplierMicro, left) => {
        const small = list.map(step => ({ ...step, advance: Math.trunc(step.advance / 4) }));
        const { read } = turning(small, 9_900_000_000);
        if (read.length < 3) return;
        const map = [facts(0, { digits: 4, multiplierMicro })];
        const fewer = read.filter((_, at) => at !== 1 + (left % (read.length - 2)));
        expect(wholeOf(fewer, map)).toBe(wholeOf(read, map));
      }),
    );
  });
});

/** Readings of a dial of four digits that goes on and on; the first is at 0. */
function turning(list: { seconds: number; advance: number }[], first: number): { read: Reading[]; truth: number } {
  const range = 10_000_000_000;
  let [at, counted] = [0, 0];
  const read = [{ ...reading(0, 0), value: microKwh(first % range) }];
  for (const { seconds, advance } of list) {
    at += seconds;
    counted += advance;
    read.push({ ...reading(at, 0), value: microKwh((first + counted) % range) });
  }
  return { read, truth: counted };
}

/** The last reading once more at the end of its day, so that the day is whole. */
function tail(read: Reading[], days: number): Reading[] {
  const last = read.at(-1)!;
  return last.at === days * day ? [] : [{ ...last, at: instant(days * day) }];
}

function daysOf(read: Reading[], map: RegisterMap | undefined, fromDay: number, days: number): number[] {
  const into: IntervalSeries = {
    from: instant(fromDay * day),
    stepSeconds: day,
    energy: new Float64Array(days).fill(Number.NaN),
    quality: new Uint8Array(days),
  };
  for (const run of countRegister(read, map)) registerEnergy(run, into);
  return Array.from(into.energy);
}

function wholeOf(read: Reading[], map: RegisterMap): number {
  return advances(read, map).reduce((sum, advance) => sum + advance!.energy, 0);
}
