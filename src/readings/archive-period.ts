import {
  type Day,
  dayOf,
  dayPeriod,
  instant,
  type Month,
  monthOf,
  monthPeriod,
  type Period,
  secondsPerDay,
  type Zone,
} from '../units/time.ts';
import type { DayNumber } from './day-number.ts';

/** A local day or month of the site's zone that has an archive of its own. */
export type ArchivePeriod = { kind: 'day'; period: Day } | { kind: 'month'; period: Month };

/** An archive that is behind the store; `marks` counts how often it was said. */
export type ArchiveDue = ArchivePeriod & { marks: number };

/** The archives that show readings of these UTC days: a UTC day overlaps two local days nearly everywhere. */
export function archivePeriodsOf(days: Iterable<DayNumber>, zone: Zone): ArchivePeriod[] {
  const localDays = new Set<Day>();
  for (const day of days) {
    localDays.add(dayOf(instant(day * secondsPerDay), zone));
    localDays.add(dayOf(instant((day + 1) * secondsPerDay - 1), zone));
  }
  const months = new Set([...localDays].map(monthOf));
  return [
    ...Array.from(localDays, period => ({ kind: 'day' as const, period })),
    ...Array.from(months, period => ({ kind: 'month' as const, period })),
  ];
}

/** "daily_2026-11-21.csv", "monthly_2026-11.csv": the names the predecessors' users know. */
export function archiveFileName({ kind, period }: ArchivePeriod): string {
  return kind === 'day' ? `daily_${period}.csv` : `monthly_${period}.csv`;
}

/** From its first instant in `zone` to the first after it. */
export function instantsOf({ kind, period }: ArchivePeriod, zone: Zone): Period {
  return kind === 'day' ? dayPeriod(period, zone) : monthPeriod(period, zone);
}

/** The month a period is or lies in. */
export function monthOfPeriod({ kind, period }: ArchivePeriod): Month {
  return kind === 'month' ? period : monthOf(period);
}
