import { isEstimate, qualities } from '../readings/reading.ts';
import { type MicroKwh, microKwh } from '../units/energy.ts';
import {
  dayOf,
  dayPeriod,
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
      return dayPeriod(dayOf(at, zone), zone).to;
    case 'month':
      return monthPeriod(monthOf(dayOf(at, zone)), zone).to;
  }
}

function sumSlots({ energy, quality }: IntervalSeries, first: number, next: number, period: Period): GroupedEnergy {
  let [known, estimated, missing] = [0, 0, 0];
  const counts = new Map<string, number>();
  for (let slot = first; slot < next; slot++) {
    const name = qualities[quality[slot]!]!;
    counts.set(name, (counts.get(name) ?? 0) + 1);
    if (Number.isNaN(energy[slot])) {
      missing += 1;
      continue;
    }
    known += energy[slot]!;
    if (isEstimate(name)) estimated += energy[slot]!;
  }
  const intervals = next - first;
  return {
    ...period,
    energy: missing === 0 && intervals > 0 ? microKwh(known) : undefined,
    knownEnergy: missing < intervals ? microKwh(known) : undefined,
    estimatedEnergy: microKwh(estimated),
    intervals,
    missing,
    qualities: Object.fromEntries(counts),
  };
}
