import {
  addDays,
  addMonths,
  dayOf,
  firstDayOf,
  type Instant,
  instant,
  monthOf,
  offsetAt,
  type Period,
  startOfDay,
  weekdayOf,
  type Zone,
} from '../units/time.ts';

export const namedPeriods = ['last_30min', 'today', 'this_week', 'this_month', 'last_month'] as const;
export type NamedPeriod = (typeof namedPeriods)[number];

/** What the same periods are called in the meter usage system. */
const otherNames: Record<string, NamedPeriod> = {
  last_half_hour: 'last_30min',
  week: 'this_week',
  month: 'this_month',
};
export const periodNames: readonly string[] = [...namedPeriods, ...Object.keys(otherNames)];

/** By its own name or that of the predecessors; undefined when there is none. */
export function findPeriod(name: string): NamedPeriod | undefined {
  return namedPeriods.find(each => each === name) ?? (Object.hasOwn(otherNames, name) ? otherNames[name] : undefined);
}

/** Whether the period reaches until now, and is longer a minute later. */
export function isRunning(name: NamedPeriod): boolean {
  return name !== 'last_30min' && name !== 'last_month';
}

const halfHour = 1800;

/** A period as people name it, in local time at `now`: weeks begin on Monday, last_30min is the last half-hour that is over. */
export function periodOf(name: NamedPeriod, now: Instant, zone: Zone): Period {
  const today = dayOf(now, zone);
  const thisMonth = monthOf(today);
  switch (name) {
    case 'last_30min': {
      // Half-hours of the wall clock: zones that are off by a quarter of an hour have theirs at :15 and :45 UTC.
      const to = instant(now - ((now + offsetAt(now, zone)) % halfHour));
      return { from: instant(to - halfHour), to };
    }
    case 'today':
      return { from: startOfDay(today, zone), to: now };
    case 'this_week':
      return { from: startOfDay(addDays(today, 1 - weekdayOf(today)), zone), to: now };
    case 'this_month':
      return { from: startOfDay(firstDayOf(thisMonth), zone), to: now };
    case 'last_month':
      return {
        from: startOfDay(firstDayOf(addMonths(thisMonth, -1)), zone),
        to: startOfDay(firstDayOf(thisMonth), zone),
      };
  }
}
