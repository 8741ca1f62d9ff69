import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type GroupedEnergy, type Grouping, groupEnergy, totalOf } from '../../src/consumption/group-energy.ts';
import type { IntervalSeries } from '../../src/consumption/interval-series.ts';
import { isEstimate, qualities, qualityCode } from '../../src/readings/reading.ts';
import { dayOf, instant, monthOf, offsetAt, parseZone, type Zone } from '../../src/units/time.ts';

const zones = ['UTC', 'Europe/London', 'Australia/Lord_Howe', 'Pacific/Apia'].map(name => parseZone(name)!);
const slot = fc.record({ energy: fc.integer({ min: -5000, max: 5_000_000 }), quality: fc.constantFrom(...qualities) });
const asked = fc.record({
  // Half-hours from 2011 on, when a day was left out in Apia.
  from: fc.integer({ min: 720_000, max: 900_000 }).map(half => half * 1800),
  slots: fc.array(slot, { minLength: 1, maxLength: 300 }),
  zone: fc.constantFrom(...zones),
  grouping: fc.constantFrom<Grouping>('hour', 'day', 'month'),
});

function seriesOf(from: number, slots: { energy: number; quality: (typeof qualities)[number] }[]): IntervalSeries {
  return {
    from: instant(from),
    stepSeconds: 1800,
    energy: Float64Array.from(slots, ({ energy, quality }) => (quality === 'missing' ? Number.NaN : energy)),
    quality: Uint8Array.from(slots, ({ quality }) => qualityCode(quality)),
  };
}

function nameOf(at: number, grouping: Grouping, zone: Zone): string {
  const day = dayOf(instant(at), zone);
  if (grouping === 'hour')
    return `${Math.floor((at + offsetAt(instant(at), zone)) / 3600)} ${offsetAt(instant(at), zone)}`;
  return grouping === 'day' ? day : monthOf(day);
}

describe('grouped energy', () => {
  it('is what adding each interval to the hour, day or month that it begins in gives', () => {
    fc.assert(
      fc.property(asked, ({ from, slots, zone, grouping }) => {
        const series = seriesOf(from, slots);
        const named = Map.groupBy(
          slots.map((each, at) => ({ ...each, at: from + at * 1800 })),
          ({ at }) => nameOf(at, grouping, zone),
        );
        const sums = [...named.values()].map(each => {
          const known = each.filter(({ quality }) => quality !== 'missing');
          const sum = (of: typeof known) => of.reduce((all, { energy }) => all + energy, 0);
          return {
            from: each[0]!.at,
            energy: known.length === each.length ? sum(known) : undefined,
            knownEnergy: known.length > 0 ? sum(known) : undefined,
            estimatedEnergy: sum(known.filter(({ quality }) => isEstimate(quality))),
            intervals: each.length,
            missing: each.length - known.length,
            qualities: Object.fromEntries(
              [...Map.groupBy(each, ({ quality }) => quality)].map(([name, of]) => [name, of.length]),
            ),
          };
        });
        const end = instant(from + slots.length * 1800);
        const groups: GroupedEnergy[] = groupEnergy(series, end, grouping, zone);
        expect(groups.map(({ to, ...group }) => group)).toEqual(sums);
        expect(groups.map(({ to }) => to)).toEqual([...groups.slice(1).map(group => group.from), end]);
        expect(totalOf(series, end).intervals).toBe(slots.length);
      }),
      { numRuns: 200 },
    );
  });
});
