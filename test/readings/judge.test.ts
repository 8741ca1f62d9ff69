import { describe, expect, it } from 'vitest';
import { judge } from '../../src/readings/judge.ts';
import type { Quality, Reading } from '../../src/readings/reading.ts';
import type { Surroundings } from '../../src/readings/surroundings.ts';
import { microKwh } from '../../src/units/energy.ts';
import { instant } from '../../src/units/time.ts';

const now = 1_795_255_800;
const halfHour = 1800;

interface Sketch {
  value?: number;
  /** Seconds from now. */
  in?: number;
  quality?: Quality;
  versionAt?: number;
  minutes?: number;
}

function reading({ value = 100, in: seconds = 0, quality = 'actual', versionAt = 0, minutes = 0 }: Sketch): Reading {
  const at = instant(now + seconds);
  return { at, value: microKwh(value), minutes, quality, source: 1, line: 0, versionAt };
}

function judged(
  kind: Surroundings['kind'],
  sent: Sketch,
  around: { existing?: Sketch; before?: Sketch; after?: Sketch },
) {
  const minutes = kind === 'channel' ? 30 : 0;
  const known = (sketch: Sketch | undefined) => sketch && reading({ minutes, ...sketch });
  const { existing, before, after } = around;
  return judge(
    reading({ minutes, ...sent }),
    { kind, existing: known(existing), before: known(before), after: known(after) },
    now,
  );
}

// The order is the precedence: in each row the rules above it have nothing to say.
describe('a register value', () => {
  it.each<[string, Sketch, Parameters<typeof judged>[2], string]>([
    ['later than now and half an hour', { in: halfHour + 1 }, {}, 'reading-from-the-future'],
    ['later, even when it is known', { in: 3600 }, { existing: { in: 3600 } }, 'reading-from-the-future'],
    ['later, and an estimate is no excuse', { in: 3600, quality: 'estimated' }, {}, 'reading-from-the-future'],
    ['half an hour ahead, as a fast clock is', { in: halfHour }, {}, 'accepted'],
    ['known with the same value', { value: 5 }, { existing: { value: 5 } }, 'duplicate'],
    [
      'known, although a neighbour is higher',
      { value: 5 },
      { existing: { value: 5 }, before: { value: 9 } },
      'duplicate',
    ],
    ['an older stamp, same value', { versionAt: 1 }, { existing: { versionAt: 2 } }, 'duplicate'],
    ['a newer stamp, same value and quality', { versionAt: 3 }, { existing: { versionAt: 2 } }, 'confirmed'],
    ['a newer stamp, same value, other quality', { versionAt: 3, quality: 'final' }, { existing: {} }, 'revised'],
    ['a newer stamp, other value', { value: 1, versionAt: 3 }, { existing: { versionAt: 2 } }, 'revised'],
    ['an older stamp, other value', { value: 1, versionAt: 1 }, { existing: { versionAt: 2 } }, 'older'],
    ['a value where one was missing', { value: 1 }, { existing: { value: Number.NaN, quality: 'missing' } }, 'revised'],
    ['metered where it was estimated', { value: 1 }, { existing: { quality: 'estimated' } }, 'revised'],
    [
      'by the customer where it was deemed',
      { value: 1, quality: 'customer' },
      { existing: { quality: 'deemed' } },
      'revised',
    ],
    [
      'an estimate for an estimate',
      { value: 1, quality: 'substituted' },
      { existing: { quality: 'estimated' } },
      'conflict',
    ],
    ['an estimate for a metered value', { value: 1, quality: 'estimated' }, { existing: {} }, 'conflict'],
    [
      'missing for an estimate',
      { value: Number.NaN, quality: 'missing' },
      { existing: { quality: 'estimated' } },
      'conflict',
    ],
    ['another value for the same instant', { value: 1 }, { existing: {} }, 'conflict'],
    ['lower than the one before', { value: 4 }, { before: { value: 5, in: -halfHour } }, 'reading-goes-backwards'],
    ['higher than the one after', { value: 6 }, { after: { value: 5, in: halfHour } }, 'reading-goes-backwards'],
    ['as high as the one before', { value: 5 }, { before: { value: 5, in: -halfHour } }, 'accepted'],
    [
      'between its neighbours',
      { value: 5 },
      { before: { value: 4, in: -60 }, after: { value: 6, in: 60 } },
      'accepted',
    ],
    ['the first one', {}, {}, 'accepted'],
  ])('%s', (_why, sent, around, verdict) => {
    expect(judged('register', sent, around)).toBe(verdict);
  });
});

describe('an interval energy', () => {
  it.each<[string, Sketch, Parameters<typeof judged>[2], string]>([
    ['measured in the future', { in: halfHour + 1 }, {}, 'reading-from-the-future'],
    ['a forward estimate (N12-41)', { in: 86_400, quality: 'estimated' }, {}, 'accepted'],
    ['known with the same value', {}, { existing: {} }, 'duplicate'],
    // A channel without sun says 0 of half an hour, and of an hour.
    ['the same value of a longer interval', { minutes: 60 }, { existing: { minutes: 30 } }, 'conflict'],
    ['the same value of a shorter interval', { minutes: 15 }, { existing: {} }, 'conflict'],
    [
      'the same value of a longer interval, newer',
      { minutes: 60, versionAt: 1 },
      { existing: {}, after: { in: 3600 } },
      'revised',
    ],
    ['the same value of a longer interval, older', { minutes: 60 }, { existing: { versionAt: 1 } }, 'older'],
    [
      'missing, twice',
      { value: Number.NaN, quality: 'missing' },
      { existing: { value: Number.NaN, quality: 'missing' } },
      'duplicate',
    ],
    ['lower than its neighbours', { value: 1 }, { before: { in: -halfHour }, after: { in: halfHour } }, 'accepted'],
    ['begun inside the one before (N12-38)', {}, { before: { in: -900 } }, 'conflict'],
    ['reaching into the one after (N12-38)', { minutes: 60 }, { after: { in: halfHour } }, 'conflict'],
    [
      'newer and longer than what it would replace, over the one after (N12-38)',
      { minutes: 60, versionAt: 1 },
      { existing: {}, after: { in: halfHour } },
      'conflict',
    ],
    [
      'newer, longer, and nothing else under it',
      { minutes: 60, versionAt: 1, value: 2 },
      { existing: {}, after: { in: 3600 } },
      'revised',
    ],
    [
      'newer and shorter',
      { minutes: 15, versionAt: 1, value: 2 },
      { existing: {}, after: { in: halfHour } },
      'revised',
    ],
    ['touching both', {}, { before: { in: -halfHour }, after: { in: halfHour } }, 'accepted'],
  ])('%s', (_why, sent, around, verdict) => {
    expect(judged('channel', sent, around)).toBe(verdict);
  });
});

// A day is a number of 17 bits in the store, so an instant outside of it would end up among another register's readings.
describe('an instant that no day of the store holds', () => {
  it.each<[string, number]>([
    ['before 1970', -now - 1],
    ['in the year 9999', 253_402_300_799 - now],
  ])('%s is refused, forward estimate or not', (_why, seconds) => {
    const expected = seconds < 0 ? 'reading-before-1970' : 'reading-from-the-future';
    expect(judged('channel', { in: seconds }, {})).toBe(expected);
    expect(judged('channel', { in: seconds, quality: 'estimated' }, {})).toBe(expected);
    expect(judged('register', { in: seconds }, {})).toBe(expected);
  });
});
