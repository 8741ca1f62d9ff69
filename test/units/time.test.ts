import { describe, expect, it } from 'vitest';
import {
  addDays,
  addMonths,
  type Day,
  dayOf,
  dayPeriod,
  daysBetween,
  firstDayOf,
  formatLocal,
  formatUtc,
  formatWallClock,
  type Instant,
  instant,
  instantOfMs,
  instantOfWallClock,
  type Month,
  minuteOfDay,
  monthOf,
  monthPeriod,
  offsetAt,
  parseDay,
  parseInstant,
  parseMonth,
  parseZone,
  startOfDay,
  weekdayOf,
  type Zone,
} from '../../src/units/time.ts';

const utc = (text: string) => instant(Date.parse(text) / 1000);
const zone = (text: string) => text as Zone;
const day = (text: string) => text as Day;
const [adelaide, lordHowe] = [zone('Australia/Adelaide'), zone('Australia/Lord_Howe')];

describe('days and months', () => {
  it.each([
    ['2026-03-29', true],
    ['2024-02-29', true],
    ['2000-02-29', true],
    ['2025-02-29', false],
    ['1900-02-29', false],
    ['2026-04-31', false],
    ['2026-12-31', true],
    ['2026-13-01', false],
    ['2026-00-10', false],
    ['2026-01-00', false],
    ['2026-01-01', true],
    ['26-1-1', false],
    ['2026-01-011', false],
    ['12026-01-01', false],
    ['', false],
  ])('%j: a day? %s', (text, is) => {
    expect(parseDay(text)).toBe(is ? text : undefined);
  });

  it.each([
    ['2026-01', true],
    ['2026-09', true],
    ['2026-10', true],
    ['2026-12', true],
    ['2026-00', false],
    ['2026-13', false],
    ['2026-1', false],
    ['2026-01-', false],
    ['x2026-01', false],
  ])('%j: a month? %s', (text, is) => {
    expect(parseMonth(text)).toBe(is ? text : undefined);
  });

  it.each([
    ['2026-02-28', 1, '2026-03-01'],
    ['2024-02-28', 1, '2024-02-29'],
    ['2026-01-01', -1, '2025-12-31'],
    ['2026-01-01', 0, '2026-01-01'],
    ['2025-01-01', 365, '2026-01-01'],
    ['2026-03-01', -366, '2025-02-28'],
  ])('%s and %d days is %s', (from, count, to) => {
    expect(addDays(day(from), count)).toBe(to);
    expect(daysBetween(day(from), day(to))).toBe(count);
  });

  it.each([
    ['2026-01', 1, '2026-02'],
    ['2026-12', 1, '2027-01'],
    ['2026-01', -1, '2025-12'],
    ['2026-11', 14, '2028-01'],
    ['2026-06', -18, '2024-12'],
    ['2026-06', 0, '2026-06'],
    ['0999-12', 1, '1000-01'],
    ['0998-12', 1, '0999-01'],
  ])('%s and %d months is %s', (from, count, to) => {
    expect(addMonths(from as Month, count)).toBe(to);
  });

  it('counts the week from Monday as 1 to Sunday as 7', () => {
    const week = ['2026-11-16', '2026-11-17', '2026-11-18', '2026-11-19', '2026-11-20', '2026-11-21', '2026-11-22'];
    expect(week.map(each => weekdayOf(day(each)))).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('knows the month of a day and the first day of a month', () => {
    expect(monthOf(day('2026-11-21'))).toBe('2026-11');
    expect(firstDayOf('2026-11' as Month)).toBe('2026-11-01');
  });
});

describe('zones', () => {
  it.each(['Australia/Adelaide', '+10:00', 'UTC', 'America/St_Johns'])('%s is one', text => {
    expect(parseZone(text)).toBe(text);
  });

  it.each(['', 'Adelaide', 'Mars/Olympus', '+25:00', '2026-01-01T00:00Z', '2026-01-01T00:00[UTC]'])(
    '%j is none',
    text => {
      expect(parseZone(text)).toBeUndefined();
    },
  );

  // Seconds from UTC just before, at and after each change of the clock, by the IANA database.
  it.each([
    ['Australia/Adelaide', '2025-04-05T16:29:59Z', 37_800],
    ['Australia/Adelaide', '2025-04-05T16:30:00Z', 34_200],
    ['Australia/Adelaide', '2025-10-04T16:29:59Z', 34_200],
    ['Australia/Adelaide', '2025-10-04T16:30:00Z', 37_800],
    ['Australia/Adelaide', '2025-12-31T23:59:59Z', 37_800],
    ['Australia/Adelaide', '2026-01-01T00:00:00Z', 37_800],
    ['Australia/Lord_Howe', '2025-04-05T14:59:59Z', 39_600],
    ['Australia/Lord_Howe', '2025-04-05T15:00:00Z', 37_800],
    ['America/St_Johns', '2025-03-09T05:29:59Z', -12_600],
    ['America/St_Johns', '2025-03-09T05:30:00Z', -9_000],
    ['Europe/London', '2025-10-26T00:59:59Z', 3_600],
    ['Europe/London', '2025-10-26T01:00:00Z', 0],
    ['Asia/Kathmandu', '2025-07-01T00:00:00Z', 20_700],
    // Samoa left out the 30th of December 2011.
    ['Pacific/Apia', '2011-12-30T09:59:59Z', -36_000],
    ['Pacific/Apia', '2011-12-30T10:00:00Z', 50_400],
    // A change at the very first second of a UTC year belongs to that year.
    ['Asia/Kathmandu', '1985-12-31T18:29:59Z', 19_800],
    ['Asia/Kathmandu', '1985-12-31T18:30:00Z', 20_700],
    ['+10:00', '2025-07-01T00:00:00Z', 36_000],
  ])('%s at %s is %d s from UTC', (text, at, offset) => {
    expect(offsetAt(utc(at), zone(text))).toBe(offset);
  });
});

describe('a local day', () => {
  it.each([
    ['Australia/Adelaide', '2025-07-01', '2025-06-30T14:30:00Z', 48],
    ['Australia/Adelaide', '2025-04-06', '2025-04-05T13:30:00Z', 50],
    ['Australia/Adelaide', '2025-10-05', '2025-10-04T14:30:00Z', 46],
    ['Australia/Lord_Howe', '2025-04-06', '2025-04-05T13:00:00Z', 49],
    ['Australia/Lord_Howe', '2025-10-05', '2025-10-04T13:30:00Z', 47],
    // Beirut skips midnight: the day begins at 01:00.
    ['Asia/Beirut', '2025-03-30', '2025-03-29T22:00:00Z', 46],
  ])('in %s, %s, begins at %s and has %d half-hours', (text, name, begins, halfHours) => {
    const period = dayPeriod(day(name), zone(text));
    expect(startOfDay(day(name), zone(text))).toBe(utc(begins));
    expect(period.from).toBe(utc(begins));
    expect((period.to - period.from) / 1800).toBe(halfHours);
  });

  it('is found again from its first and its last second', () => {
    for (const name of ['2025-04-06', '2025-10-05', '2025-12-31', '2026-01-01', '2024-02-29']) {
      const { from, to } = dayPeriod(day(name), lordHowe);
      expect([from, to - 1, from - 1, to].map(at => dayOf(instant(at), lordHowe))).toEqual([
        name,
        name,
        addDays(day(name), -1),
        addDays(day(name), 1),
      ]);
    }
  });

  it('makes a month from its first day to the first of the next', () => {
    const { from, to } = monthPeriod('2025-10' as Month, adelaide);
    expect([formatUtc(from), formatUtc(to)]).toEqual(['2025-09-30T14:30:00Z', '2025-10-31T13:30:00Z']);
    expect((to - from) / 1800).toBe(31 * 48 - 2);
  });

  it.each([
    ['2025-07-01T14:29:59Z', 1439],
    ['2025-07-01T14:30:00Z', 0],
    ['2025-07-01T00:00:00Z', 570],
    ['2025-07-01T00:00:59Z', 570],
    ['2025-07-01T00:01:00Z', 571],
    // Long before 1970 a remainder would be negative.
    ['1969-12-31T12:00:00Z', 21 * 60 + 30],
  ])('in Adelaide at %s shows minute %d', (at, minute) => {
    expect(minuteOfDay(utc(at), adelaide)).toBe(minute);
  });
});

describe('an instant on paper', () => {
  it.each([
    ['2026-11-21T10:30:00Z', 'Australia/Adelaide', '2026-11-21T21:00:00', '+10:30'],
    ['2026-06-21T10:30:00Z', 'Australia/Adelaide', '2026-06-21T20:00:00', '+09:30'],
    ['2026-01-01T02:00:01Z', 'America/St_Johns', '2025-12-31T22:30:01', '-03:30'],
    ['2026-01-01T00:00:00Z', 'UTC', '2026-01-01T00:00:00', '+00:00'],
    ['2026-01-01T00:00:00Z', 'Asia/Kathmandu', '2026-01-01T05:45:00', '+05:45'],
  ])('%s in %s is %s with %s', (at, text, wall, offset) => {
    expect(formatLocal(utc(at), zone(text))).toBe(`${wall}${offset}`);
    expect(formatWallClock(utc(at), zone(text))).toBe(wall);
    expect(formatUtc(utc(at))).toBe(at);
  });

  it('drops what is less than a second, downward', () => {
    expect(instantOfMs(1_999)).toBe(1);
    expect(instantOfMs(-1)).toBe(-1);
  });
});

describe('the wall clock', () => {
  it.each([
    // Shown twice: the earlier one counts.
    ['Australia/Adelaide', '2025-04-06', 2, 30, '2025-04-05T16:00:00Z'],
    ['Australia/Adelaide', '2025-04-06', 1, 59, '2025-04-05T15:29:00Z'],
    ['Australia/Adelaide', '2025-04-06', 3, 0, '2025-04-05T17:30:00Z'],
    ['Europe/London', '2025-10-26', 1, 30, '2025-10-26T00:30:00Z'],
    // Never shown.
    ['Australia/Adelaide', '2025-10-05', 2, 0, undefined],
    ['Australia/Adelaide', '2025-10-05', 2, 59, undefined],
    ['Australia/Adelaide', '2025-10-05', 1, 59, '2025-10-04T16:29:00Z'],
    ['Australia/Adelaide', '2025-10-05', 3, 0, '2025-10-04T16:30:00Z'],
    ['Australia/Lord_Howe', '2025-10-05', 2, 15, undefined],
    ['Australia/Lord_Howe', '2025-10-05', 2, 30, '2025-10-04T15:30:00Z'],
    ['America/St_Johns', '2025-01-01', 0, 0, '2025-01-01T03:30:00Z'],
  ])('of %s on %s at %d:%d', (text, name, hour, minute, at) => {
    const found = instantOfWallClock(day(name), hour, minute, 0, zone(text));
    expect(found).toBe(at && utc(at));
  });

  it('has seconds', () => {
    expect(instantOfWallClock(day('2025-07-01'), 9, 30, 59, adelaide)).toBe(utc('2025-07-01T00:00:59Z'));
  });
});

describe('an instant from text or number', () => {
  it.each([
    ['2026-03-01T00:00:00Z', '2026-03-01T00:00:00Z'],
    ['2026-03-01t00:00:00Z', undefined],
    ['2026-03-01T00:00:00z', '2026-03-01T00:00:00Z'],
    ['2026-03-01 10:30:15+10:30', '2026-03-01T00:00:15Z'],
    ['2026-03-01T10:30+1030', '2026-03-01T00:00:00Z'],
    ['2026-02-28T20:30:00-03:30', '2026-03-01T00:00:00Z'],
    ['2026-03-01T00:00:00.000Z', '2026-03-01T00:00:00Z'],
    // No suffix: the wall clock of the zone that was handed in.
    ['2026-03-01T10:30:00', '2026-03-01T00:00:00Z'],
    ['2026-03-01 10:30', '2026-03-01T00:00:00Z'],
    ['2026-03-01T23:59:59', '2026-03-01T13:29:59Z'],
    ['2025-10-05T02:30:00', undefined],
    ['2026-03-01T00:00:00.5Z', undefined],
    ['2026-03-01T00:00:00.Z', undefined],
    ['2026-02-30T00:00:00Z', undefined],
    ['2026-03-01T24:00:00Z', undefined],
    ['2026-03-01T23:60:00Z', undefined],
    ['2026-03-01T23:59:60Z', undefined],
    ['2026-03-01T23:59:59Z', '2026-03-01T23:59:59Z'],
    ['2026-03-01T24:00:00', undefined],
    ['2026-03-01', undefined],
    ['2026-03-01T1:00Z', undefined],
    ['x2026-03-01T00:00Z', undefined],
    ['2026-03-01T00:00Zx', undefined],
    ['1772323200', '2026-03-01T00:00:00Z'],
    ['999999999', '2001-09-09T01:46:39Z'],
    ['99999999', undefined],
    ['17723232000', undefined],
    ['x1772323200', undefined],
    ['0099-06-01T00:00:00Z', '0099-06-01T00:00:00Z'],
    ['0000-01-01T00:00:00Z', '0000-01-01T00:00:00Z'],
    ['2026-03-01T00:00:00+23:59', '2026-02-28T00:01:00Z'],
    ['2026-03-01T00:00:00+24:00', undefined],
    ['2026-03-01T00:00:00+00:60', undefined],
    ['2026-03-01T00:00:00-99:99', undefined],
    ['', undefined],
  ])('%j in Adelaide is %s', (text, at) => {
    expect(parseInstant(text, adelaide)).toBe(at && utc(at));
  });

  it.each([
    [0, 0],
    [1_772_323_200, 1_772_323_200],
    [9_999_999_999, 9_999_999_999],
    [10_000_000_000, undefined],
    [-1, undefined],
    [1.5, undefined],
    [Number.NaN, undefined],
  ])('the number %d is %s', (number, at) => {
    expect(parseInstant(number, adelaide)).toBe(at as Instant | undefined);
  });
});
