import type { ArchivePeriod } from '../readings/archive-period.ts';
import { addDays, addMonths, type Day, dayOf, type Instant, type Month, monthOf, type Zone } from '../units/time.ts';

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

/** The periods maintained so far, of each kind, ascending. */
export interface MaintainedPeriods {
  daily: readonly Day[];
  monthly: readonly Month[];
}

/** What maintenance of a kind is about at `now`: yesterday, last month. */
export function periodToMaintain(kind: MaintenanceKind, now: Instant, zone: Zone): ArchivePeriod {
  const today = dayOf(now, zone);
  return kind === 'daily'
    ? { kind: 'day', period: addDays(today, -1) }
    : { kind: 'month', period: addMonths(monthOf(today), -1) };
}

/**
 * The days and months that are over and were not maintained yet, oldest first: several when the process did not run at midnight, and
 * those in between when the clock was set back and forth. Before the first run of all, only the latest of each kind is.
 */
export function dueMaintenance(done: MaintainedPeriods, now: Instant, zone: Zone): ArchivePeriod[] {
  const today = dayOf(now, zone);
  const thisMonth = monthOf(today);
  const [days, months] = [new Set(done.daily), new Set(done.monthly)];
  const due: ArchivePeriod[] = [];
  for (let day = done.daily[0] ?? addDays(today, -1); day < today; day = addDays(day, 1)) {
    if (!days.has(day)) due.push({ kind: 'day', period: day });
  }
  for (let month = done.monthly[0] ?? addMonths(thisMonth, -1); month < thisMonth; month = addMonths(month, 1)) {
    if (!months.has(month)) due.push({ kind: 'month', period: month });
  }
  return due;
}

/** The kind of run that closes a period. */
export function kindOf({ kind }: ArchivePeriod): MaintenanceKind {
  return kind === 'day' ? 'daily' : 'monthly';
}
