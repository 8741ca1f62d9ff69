import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dayOfHome, household, registersAt } from '../../src/demo/households.ts';
import { addDays, type Day, dayPeriod, minuteOfDay, weekdayOf, type Zone } from '../../src/units/time.ts';

const sydney = 'Australia/Sydney' as Zone;
const homes = Array.from({ length: 40 }, (_, number) => household(number, 30));
const days = (from: string, count: number) => Array.from({ length: count }, (_, at) => addDays(from as Day, at));

describe('simulated households', () => {
  it('P0-18 are called 531-XXX-XXX and begin between 100 and 500 kWh', () => {
    expect(household(4711, 0).identifier).toBe('531-004-711');
    expect(new Set(homes.map(({ identifier }) => identifier)).size).toBe(homes.length);
    for (const home of homes) {
      expect(home.firstWattHours).toBeGreaterThanOrEqual(100_000);
      expect(home.firstWattHours).toBeLessThanOrEqual(500_000);
    }
  });

  it('have registers that never count down and join from day to day, over both clock changes too', () => {
    for (const home of homes.slice(0, 8)) {
      for (const day of [...days('2026-04-04', 3), ...days('2026-10-03', 3)]) {
        const slots = dayOfHome(home, day, sydney);
        const { from, to } = dayPeriod(day, sydney);
        expect(slots.length).toBe((to - from) / 1800);
        const [begins, ends] = [registersAt(home, day, sydney), registersAt(home, addDays(day, 1), sydney)];
        for (const flow of ['fromGrid', 'toGrid'] as const) {
          expect(slots.every(slot => Number.isSafeInteger(slot[flow]) && slot[flow] >= 0)).toBe(true);
          expect(begins[flow] + slots.reduce((sum, slot) => sum + slot[flow], 0)).toBe(ends[flow]);
        }
      }
    }
  });

  it('take more in the evening than by night, and give only while the sun is up, if they have a roof with panels', () => {
    const byHour = profileOf(slot => slot.fromGrid);
    expect(byHour[37]!).toBeGreaterThan(1.5 * byHour[6]!);
    for (const home of homes) {
      const given = dayOfHome(home, '2026-01-10' as Day, sydney).map(({ toGrid }) => toGrid);
      expect(given.some(energy => energy > 0)).toBe(home.solarWatts > 0);
      expect(
        given
          .slice(0, 8)
          .concat(given.slice(44))
          .every(energy => energy === 0),
      ).toBe(true);
    }
  });

  it('feel summer and winter where they are', () => {
    const yieldIn = (day: string, zone: string) =>
      days(day, 14).reduce(
        (sum, each) =>
          sum +
          homes.reduce((all, home) => all + dayOfHome(home, each, zone as Zone).reduce((s, t) => s + t.toGrid, 0), 0),
        0,
      );
    expect(yieldIn('2026-01-05', 'Australia/Sydney')).toBeGreaterThan(1.4 * yieldIn('2026-07-05', 'Australia/Sydney'));
    expect(yieldIn('2026-07-05', 'Europe/London')).toBeGreaterThan(1.4 * yieldIn('2026-01-05', 'Europe/London'));
  });
});

function profileOf(energy: (slot: { fromGrid: number; toGrid: number }) => number, weekend = false): number[] {
  const sums = Array.from({ length: 48 }, () => 0);
  for (const home of homes.filter(({ solarWatts }) => solarWatts === 0)) {
    for (const day of days('2025-07-01', 365).filter((each, at) => at % 5 === 0 && weekdayOf(each) > 5 === weekend)) {
      for (const slot of dayOfHome(home, day, sydney)) sums[minuteOfDay(slot.at, sydney) / 30]! += energy(slot);
    }
  }
  return sums;
}

const file = join(import.meta.dirname, '../../../shared/data/loads/ausgrid-customer12/data_2011-2012.csv');
const here = existsSync(file);
if (!here) console.warn(`!!! SKIPPED: ${file} is not here; the simulated homes are not compared with a real one !!!`);

describe.skipIf(!here)('beside a real home in Sydney, half-hourly over a year', () => {
  interface Row {
    slot: number;
    weekend: boolean;
    load: number;
    sun: number;
    day: string;
  }
  const rows = (): Row[] =>
    readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map(line => {
        const [at = '', load, sun] = line.split(',');
        const slot = Number(at.slice(11, 13)) * 2 + Number(at.slice(14, 16)) / 30;
        const weekend = weekdayOf(at.slice(0, 10) as Day) > 5;
        return { slot, weekend, load: Number(load), sun: Number(sun), day: at.slice(0, 10) };
      });

  const profile = (from: Row[], value: (row: Row) => number) => {
    const sums = Array.from({ length: 48 }, () => 0);
    for (const row of from) sums[row.slot]! += value(row);
    return sums;
  };

  it('P0-18 its days have the shape of theirs', () => {
    const real = rows();
    const weekdays = correlation(
      profile(
        real.filter(row => !row.weekend),
        row => row.load,
      ),
      profileOf(slot => slot.fromGrid),
    );
    const weekends = correlation(
      profile(
        real.filter(row => row.weekend),
        row => row.load,
      ),
      profileOf(slot => slot.fromGrid, true),
    );
    const roofs = homes.filter(({ solarWatts }) => solarWatts > 0);
    const sun = Array.from({ length: 48 }, () => 0);
    const theirDays: number[] = [];
    for (const day of days('2025-07-01', 365)) {
      const given = dayOfHome(roofs[0]!, day, sydney);
      theirDays.push(given.reduce((sum, { toGrid }) => sum + toGrid, 0));
      for (const slot of given) sun[minuteOfDay(slot.at, sydney) / 30]! += slot.toGrid;
    }
    const solar = correlation(
      profile(real, row => row.sun),
      sun,
    );
    const byDay = new Map<string, number>();
    for (const row of real) byDay.set(row.day, (byDay.get(row.day) ?? 0) + row.sun);
    const spreads = homes
      .filter(({ solarWatts }) => solarWatts === 0)
      .map(home =>
        variation(days('2025-07-01', 365).flatMap(day => dayOfHome(home, day, sydney).map(slot => slot.fromGrid))),
      );
    const fit = {
      weekdays,
      weekends,
      solar,
      halfHours: [variation(real.map(row => row.load)), spreads.reduce((sum, each) => sum + each, 0) / spreads.length],
      solarDays: [variation([...byDay.values()]), variation(theirDays)],
    };
    if (process.env.SHOW_FIT) console.log(fit);
    expect(weekdays).toBeGreaterThan(0.8);
    expect(weekends).toBeGreaterThan(0.8);
    expect(solar).toBeGreaterThan(0.95);
    expect(Math.abs(fit.halfHours[0]! - fit.halfHours[1]!)).toBeLessThan(0.15);
    expect(Math.abs(fit.solarDays[0]! - fit.solarDays[1]!)).toBeLessThan(0.15);
  });
});

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Standard deviation over mean. */
function variation(values: number[]): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map(value => (value - middle) ** 2))) / middle;
}

function correlation(a: number[], b: number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  const together = mean(a.map((value, at) => (value - meanA) * (b[at]! - meanB)));
  return together / Math.sqrt(mean(a.map(value => (value - meanA) ** 2)) * mean(b.map(value => (value - meanB) ** 2)));
}
