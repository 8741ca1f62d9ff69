import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { localDayAt, localDayOf, startOfLocalDay } from '../../src/units/local-day.ts';
import {
  addDays,
  dayOf,
  formatLocal,
  formatUtc,
  formatWallClock,
  instant,
  offsetAt,
  parseZone,
  startOfDay,
} from '../../src/units/time.ts';

// Clocks that skip midnight (Beirut), move by half an hour (Lord Howe), stand off by a quarter (Chatham), or lost a whole day (Apia).
const zones = [
  'UTC',
  'Europe/London',
  'Asia/Beirut',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
  'Pacific/Apia',
  '-09:30',
];
const zone = fc.constantFrom(...zones.map(name => parseZone(name)!));
const moment = fc.integer({ min: 0, max: 4_102_444_800 }).map(instant);

describe('days that are counted', () => {
  it('begin and end as the days of the calendar do', () => {
    fc.assert(
      fc.property(moment, zone, (at, zone) => {
        const [counted, day] = [localDayAt(at, zone), dayOf(at, zone)];
        expect(counted).toBe(localDayOf(day));
        expect(startOfLocalDay(counted, zone)).toBe(startOfDay(day, zone));
        expect(startOfLocalDay(counted + 1, zone)).toBe(startOfDay(addDays(day, 1), zone));
      }),
    );
  });
});

describe('a time in text', () => {
  it('is what the platform writes of it', () => {
    fc.assert(
      fc.property(moment, zone, (at, zone) => {
        const wall = new Date((at + offsetAt(at, zone)) * 1000).toISOString().slice(0, 19);
        expect(formatWallClock(at, zone)).toBe(wall);
        expect(formatLocal(at, zone).slice(0, 19)).toBe(wall);
        expect(Date.parse(formatLocal(at, zone))).toBe(at * 1000);
        expect(formatUtc(at)).toBe(`${new Date(at * 1000).toISOString().slice(0, 19)}Z`);
      }),
    );
  });
});
