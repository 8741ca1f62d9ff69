import { describe, expect, it } from 'vitest';
import { advanceOnDial, onOneDial } from '../../src/readings/dial.ts';
import { judge } from '../../src/readings/judge.ts';
import type { Reading } from '../../src/readings/reading.ts';
import { instant } from '../../src/units/time.ts';
import { facts, kWh } from '../consumption/register-map-fixture.ts';

function reading(at: number, value: number): Reading {
  return { at: instant(at), value: kWh(value), minutes: 0, quality: 'actual', source: 1, line: 0, versionAt: 0 };
}

const now = 10_000;

describe('a value lower than the one before it', () => {
  it.each([
    [99_990, 20, 5, 30],
    [99_999, 0, 5, 1],
    [50_001, 0, 5, 49_999],
    [50_000, 0, 5, undefined],
    [99_990, 20, 6, undefined],
    [99_990, 20, undefined, undefined],
    [100_000, 20, 5, undefined],
    [9_999_999, 1, 7, 2],
    [20, 99_990, 5, 99_970],
    [7, 7, undefined, 0],
  ])('from %d to %d on %s digits is an advance of %s', (from, to, digits, advance) => {
    const expected = advance === undefined ? undefined : advance * 1e6;
    expect(advanceOnDial(kWh(from), kWh(to), digits)).toBe(expected);
  });

  // before, value, after, digits
  it.each([
    [99_990, 20, undefined, 5, 'accepted'],
    [99_990, 20, undefined, undefined, 'reading-goes-backwards'],
    [60_000, 20_000, undefined, 5, 'reading-goes-backwards'],
    [99_990, 99_995, 20, 5, 'accepted'],
    [99_990, 10, 20, 5, 'accepted'],
    [99_990, 30, 20, 5, 'reading-goes-backwards'],
    [99_990, 50_000, 20, 5, 'reading-goes-backwards'],
    // Two rollovers where there was none.
    [90_000, 20_000, 95_000, 5, 'reading-goes-backwards'],
    [undefined, 99_990, 20, 5, 'accepted'],
    [100, 150, 200, undefined, 'accepted'],
    [100, 250, 200, undefined, 'reading-goes-backwards'],
  ])('after %s, %s, before %s, on %s digits, is %s', (before, value, after, digits, verdict) => {
    const around = {
      kind: 'register' as const,
      existing: undefined,
      before: before === undefined ? undefined : reading(100, before),
      after: after === undefined ? undefined : reading(300, after),
      digits,
    };
    expect(judge(reading(200, value), around, now)).toBe(verdict);
  });
});

it('an exchange of the meter begins a new dial: what stands on its other side is not held against a reading', () => {
  const map = [facts(0, { digits: 5 }), facts(150, { exchange: { finalValue: kWh(900), firstValue: kWh(0) } })];
  const [old, young] = [reading(100, 800), reading(200, 5)];
  const atYoung = onOneDial(map, young.at, { existing: undefined, before: old, after: undefined });
  expect(atYoung).toEqual({ existing: undefined, before: undefined, after: undefined, digits: 5 });
  expect(onOneDial(map, old.at, { existing: undefined, before: undefined, after: young }).after).toBeUndefined();
  expect(onOneDial(undefined, young.at, { existing: undefined, before: old, after: undefined }).before).toBe(old);
});
