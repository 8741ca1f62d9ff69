import { isEstimate, qualities } from '../readings/reading.ts';
import { type MicroKwh, microKwh } from '../units/energy.ts';
import { localDayAt, startOfLocalDay } from '../units/local-day.ts';
import {
  dayOf,
  type Instant,
  instant,
  monthOf,
  monthPeriod,
  offsetAt,
  type Period,
  secondsPerHour,
  type Zone,
} from '../units/time.ts';
import type { IntervalSeries } from './interval-series.ts';

export const groupings = ['interval', 'hour', 'day', 'month'] as const;
export type Grouping = (typeof groupings)[number];

/** The energy of some intervals, with what is known of it. */
export interface GroupedEnergy extends Period {
  /** undefined when any interval is missing: a part is not the whole, and a gap is not zero. */
  energy: MicroKwh | undefined;
  /** The intervals that have a value; undefined when none has. */
  knownEnergy: MicroKwh | undefined;
  /** How much of the known energy is estimated, in micro-kWh. */
  estimatedEnergy: MicroKwh;
  intervals: number;
  missing: number;
  /** Intervals per quality, by its name; only those that occur. */
  qualities: Record<string, number>;
}

/** The intervals of `series` summed by local hour, day or month of `zone`; an interval belongs to the group it begins in. */
export function groupEnergy(series: IntervalSeries, to: Instant, grouping: Grouping, zone: Zone): GroupedEnergy[] {
  const groups: GroupedEnergy[] = [];
  const slots = series.energy.length;
  for (let first = 0, next = 0; first < slots; first = next) {
    const from = instant(series.from + first * series.stepSeconds);
    const end = Math.min(endOfGroup(from, series.stepSeconds, grouping, zone), to);
    next = Math.max(first + 1, Math.min(slots, Math.ceil((end - series.from) / series.stepSeconds)));
    groups.push(sumSlots(series, first, next, { from, to: instant(end) }));
  }
  return groups;
}

/** All of it as one group. */
export function totalOf(series: IntervalSeries, to: Instant): GroupedEnergy {
  return sumSlots(series, 0, series.energy.length, { from: series.from, to });
}

function endOfGroup(at: Instant, stepSeconds: number, grouping: Grouping, zone: Zone): number {
  switch (grouping) {
    case 'interval':
      return at + stepSeconds;
    case 'hour':
      return at - ((at + offsetAt(at, zone)) % secondsPerHour) + secondsPerHour;
    case 'day':
      return startOfLocalDay(localDayAt(at, zone) + 1, zone);
    case 'month':
      return monthPeriod(monthOf(dayOf(at, zone)), zone).to;
  }
}

function sumSlots({ energy, quality }: IntervalSeries, first: number, next: number, period: Period): GroupedEnergy {
  let [known, estimated, missing] = [0, 0, 0];
  const counts: Record<string, number> = {};
  for (let start = first, end = first; start < next; start = end) {
    // Intervals come in runs of one quality.
    const code = quality[start]!;
    let sum = 0;
    for (; end < next && quality[end] === code; end++) {
      const value = energy[end]!;
      if (Number.isNaN(value)) missing += 1;
      else sum += value;
    }
    const name = qualities[code]!;
    counts[name] = (counts[name] ?? 0) + end - start;
    known += sum;
    if (isEstimate(name)) estimated += sum;
  }
  const intervals = next - first;
  return {
    ...period,
    energy: missing === 0 && intervals > 0 ? microKwh(known) : undefined,
    knownEnergy: missing < intervals ? microKwh(known) : undefined,
    estimatedEnergy: microKwh(estimated),
    intervals,
    missing,
    qualities: counts,
  };
}
