import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Series } from '../../src/accounts/meter-point.ts';
import { StoppedClock } from '../../src/kernel/clock.ts';
import { decide, decideRun } from '../../src/readings/decide.ts';
import type { ReadingRun } from '../../src/readings/decided-reading.ts';
import { flush } from '../../src/readings/flush.ts';
import { instant, type Zone } from '../../src/units/time.ts';
import { testFolder } from '../open-house.ts';
import { type Books, midnight, openBooks, readingAt } from './books.ts';

const days = 40;
const now = midnight + (days + 3) * 86_400;
const clock = () => new StoppedClock(new Date(now * 1000).toISOString());
const flushed = (books: Books) => flush({ ...books, clock: clock(), zone: 'UTC' as Zone });

function channel(id: number): Series {
  const [meterPointId, serial, code, unit] = [id, '', 'E1', 'kWh'];
  return { id, meterPointId, serial, kind: 'channel', code, flow: 'from-grid', unit, intervalMinutes: 30 };
}

/** A day of the market's clock, ten hours ahead: it begins on the UTC day before. */
function dayOf(seriesId: number, day: number, values: readonly number[], more: Partial<ReadingRun> = {}): ReadingRun {
  return {
    seriesId,
    startsAt: instant(midnight + day * 86_400 - 10 * 3600),
    minutes: 30,
    values: Float64Array.from(values),
    qualities: new Uint8Array(values.length),
    source: 1,
    line: day + 1,
    lineStep: 0,
    versionAt: 100,
    ...more,
  };
}

const half = (value: (slot: number) => number) => Array.from({ length: 48 }, (_, slot) => value(slot));
// In watt-hours, finer than those, all alike, climbing as a counter does, with gaps, far apart.
const shapes = [
  half(slot => (slot % 7) * 1000),
  half(slot => 123_456 + slot * slot),
  half(() => 0),
  half(slot => 9e9 + slot * 10),
  half(slot => (slot % 5 === 0 ? Number.NaN : slot * 250_000)),
  half(slot => (slot % 2) * 2 ** 40),
];

const other = dayOf(2, 0, shapes[0]!);

async function withStored(act: (books: Books, runs: ReadingRun[]) => void | Promise<void>): Promise<void> {
  const books = openBooks(testFolder(), clock());
  const runs = Array.from({ length: days }, (_, day) => dayOf(1, day, shapes[day % shapes.length]!));
  for (const run of [...runs, other]) expect(decideRun(books, channel(run.seriesId), run, now)).toBe('accepted');
  await flushed(books);
  await act(books, runs);
  await books.close();
}

describe('days that are stored and come again', () => {
  it('are known whatever their values are like, and one that differs in anything is not', () =>
    withStored(async (books, runs) => {
      for (const run of runs) expect(decideRun(books, channel(1), run, now)).toBe('duplicate');
      const meet = (run: ReadingRun) => {
        // Of a series that had something else it is not asked again before another one was.
        expect(books.index.meetRun(other)).toBe('known');
        return books.index.meetRun(run);
      };
      fc.assert(
        fc.property(fc.nat(days - 1), fc.nat(47), (day, slot) => {
          const { values, startsAt } = runs[day]!;
          const changed = values.slice();
          changed[slot] = Number.isNaN(changed[slot]!) ? 0 : changed[slot]! + 1;
          const asIs = { ...runs[day]!, values: values.slice() };
          expect(meet({ ...asIs, values: changed })).toBe('mixed');
          expect(meet({ ...asIs, versionAt: 101 })).toBe('mixed');
          expect(meet({ ...asIs, minutes: 15 })).toBe('mixed');
          expect(meet({ ...asIs, startsAt: instant(startsAt + 900) })).toBe('mixed');
          expect(meet({ ...asIs, versionAt: 99 })).toBe('known');
          expect(meet({ ...asIs, values: values.slice(0, slot + 1) })).toBe('known');
        }),
        { numRuns: 60 },
      );
    }));

  it('are not known where they are as many, at the same times, and of another length', () =>
    withStored(async books => {
      const { startsAt } = other;
      for (let hour = 0; hour < 24; hour++)
        decide(books, channel(3), readingAt(startsAt + hour * 3600, 0, { minutes: 30, versionAt: 100 }), now);
      const hours = dayOf(
        3,
        0,
        Array.from({ length: 24 }, () => 0),
        { minutes: 60 },
      );
      expect(books.index.meetRun(hours)).toBe('mixed');
      await flushed(books);
      expect(books.index.meetRun(hours)).toBe('mixed');
    }));

  it('are looked into from day to day, thirty-two at a time, and no further where something else stands', () =>
    withStored((books, runs) => {
      const asked: [number, number][] = [];
      const { days } = books.store;
      const { framedDays } = days;
      days.framedDays = (seriesId, from, to) => {
        asked.push([from - midnight / 86_400, to - midnight / 86_400]);
        return framedDays.call(days, seriesId, from, to);
      };
      for (const run of runs) expect(books.index.meetRun(run)).toBe('known');
      expect(asked).toEqual([
        [-1, 0],
        [1, 32],
        [33, 64],
      ]);
      expect(books.index.meetRun(dayOf(3, 0, shapes[0]!))).toBe('free');
      expect(books.index.meetRun(dayOf(1, 0, shapes[1]!))).toBe('mixed');
      asked.length = 0;
      for (const run of runs) expect(books.index.meetRun(run)).toBe('known');
      expect(asked).toEqual([]);
    }));

  it('are what a flush in between has made of them', () =>
    withStored(async (books, runs) => {
      const reading = (value: number, versionAt: number) =>
        readingAt(midnight + 5 * 86_400, value, { minutes: 30, versionAt });
      expect(decide(books, channel(1), reading(77, 200), now).outcome).toBe('revised');
      // Both read ahead, past the day that memory has another form of.
      for (const run of runs.slice(0, 3)) expect(books.index.meetRun(run)).toBe('known');
      const standing = (day: number) => books.index.findKnown(1, instant(midnight + day * 86_400))?.reading.value;
      expect([standing(3), standing(4), standing(5)]).toEqual([9_000_000_200, Number.NaN, 77]);
      await flushed(books);
      expect(standing(5)).toBe(77);
      const revised = runs[5]!.values.slice();
      revised[20] = 77;
      expect(books.index.meetRun(runs[5]!)).toBe('mixed');
      expect(books.index.meetRun({ ...runs[5]!, values: revised })).toBe('known');
      expect(decide(books, channel(1), reading(77, 200), now).outcome).toBe('duplicate');
    }));
});
