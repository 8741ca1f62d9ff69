import type { ArchivePeriod } from '../readings/archive-period.ts';
import {
  addDays,
  addMonths,
  type Day,
  dayOf,
  daysBetween,
  type Instant,
  type Month,
  monthOf,
  type Zone,
} from '../units/time.ts';

export const maintenanceKinds = ['daily', 'monthly'] as const;
export type MaintenanceKind = (typeof maintenanceKinds)[number];

/** Maintenance that was carried out for one local day or month. */
export interface MaintenanceRun {
  kind: MaintenanceKind;
  period: Day | Month;
  startedAt: Instant;
  finishedAt: Instant;
  startedBy: string;
}

/** The latest periods maintained so far, of each kind. */
export interface MaintainedUpTo {
  daily: Day | undefined;
  monthly: Month | undefined;
}

/** What maintenance of a kind is about at `now`: yesterday, last month. */
export function periodToMaintain(kind: MaintenanceKind, now: Instant, zone: Zone): ArchivePeriod {
  const today = dayOf(now, zone);
  return kind === 'daily'
    ? { kind: 'day', period: addDays(today, -1) }
    : { kind: 'month', period: addMonths(monthOf(today), -1) };
}

/**
 * The days and months that are over and were not maintained yet, oldest first: several when the process did not run at midnight.
 * Before the first run of all, only the latest of each kind is.
 */
export function dueMaintenance(done: MaintainedUpTo, now: Instant, zone: Zone): ArchivePeriod[] {
  const today = dayOf(now, zone);
  const thisMonth = monthOf(today);
  const firstDay = done.daily ? addDays(done.daily, 1) : addDays(today, -1);
  const firstMonth = done.monthly ? addMonths(done.monthly, 1) : addMonths(thisMonth, -1);
  const due: ArchivePeriod[] = [];
  for (let at = 0; at < daysBetween(firstDay, today); at++) due.push({ kind: 'day', period: addDays(firstDay, at) });
  for (let month = firstMonth; month < thisMonth; month = addMonths(month, 1)) {
    due.push({ kind: 'month', period: month });
  }
  return due;
}

export function kindOf({ kind }: ArchivePeriod): MaintenanceKind {
  return kind === 'day' ? 'daily' : 'monthly';
}
