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
  const ends = { first: 0, final: undefined, gone: undefined };
  expect(atYoung).toEqual({ existing: undefined, before: undefined, after: undefined, digits: 5, ends });
  expect(onOneDial(map, old.at, { existing: undefined, before: undefined, after: young }).after).toBeUndefined();
  expect(onOneDial(undefined, young.at, { existing: undefined, before: old, after: undefined }).before).toBe(old);
});

describe('a value beside an exchange of the meter', () => {
  // The old meter showed 900 last at 200, the new one 3 first; that one showed 50 last at 400, the third 0 first.
  const exchangeAt = (at: number, final: number, first: number) =>
    facts(at, { exchange: { finalValue: kWh(final), firstValue: kWh(first) } });
  const twice = [exchangeAt(200, 900, 3), exchangeAt(400, 50, 0)];
  const [beyond, backwards, fine] = ['reading-beyond-exchange', 'reading-goes-backwards', 'accepted'];

  it.each([
    // at, value, those before and after it on its dial, digits
    [100, 900, undefined, undefined, undefined, fine],
    [100, 900.000001, undefined, undefined, undefined, beyond],
    [199, 901, 800, undefined, undefined, beyond],
    [199, 899, 800, undefined, undefined, fine],
    [199, 700, 800, undefined, undefined, backwards],
    // A reading that is nearer says more than the exchange.
    [100, 850, undefined, 860, undefined, fine],
    [100, 870, undefined, 860, undefined, backwards],
    // At the moment itself the new dial is read.
    [200, 3, undefined, undefined, undefined, fine],
    [200, 900, undefined, undefined, undefined, beyond],
    [200, 2.9, undefined, undefined, undefined, beyond],
    [201, 3, undefined, undefined, undefined, fine],
    [201, 2.9, undefined, undefined, undefined, beyond],
    [300, 50, 10, undefined, undefined, fine],
    [300, 51, 10, undefined, undefined, beyond],
    [300, 9, 10, undefined, undefined, backwards],
    [400, 0, undefined, undefined, undefined, fine],
    [500, 1_000_000, undefined, undefined, undefined, fine],
    // With three digits 990 comes before 900 by a rollover that is longer than half the dial, and before 50 by a short one.
    [100, 990, undefined, undefined, 3, beyond],
    [300, 990, undefined, undefined, 3, beyond],
  ])('at %d, %d, after %s and before %s, with %s digits, is %s', (at, value, before, after, digits, verdict) => {
    const map = [...(digits === undefined ? [] : [facts(0, { digits })]), ...twice];
    const near = {
      existing: undefined,
      before: before === undefined ? undefined : reading(at - 1, before),
      after: after === undefined ? undefined : reading(at + 1, after),
    };
    const around = { kind: 'register' as const, ...onOneDial(map, instant(at), near) };
    expect(judge(reading(at, value), around, now)).toBe(verdict);
  });

  it('is held against the value that was told last', () => {
    const corrected = [exchangeAt(200, 900, 3), { ...exchangeAt(200, 950, 3), versionAt: instant(1) }];
    const around = onOneDial(corrected, instant(100), { existing: undefined, before: undefined, after: undefined });
    expect(judge(reading(100, 940), { kind: 'register', ...around }, now)).toBe('accepted');
  });

  it('may lie across the end of the dial', () => {
    const map = [facts(0, { digits: 3 }), exchangeAt(200, 20, 990)];
    const judged = (at: number, value: number) => {
      const around = onOneDial(map, instant(at), { existing: undefined, before: undefined, after: undefined });
      return judge(reading(at, value), { kind: 'register', ...around }, now);
    };
    expect([judged(100, 990), judged(100, 21), judged(300, 5), judged(300, 980)]).toEqual([fine, beyond, fine, beyond]);
  });
});
