import type { Database } from '../kernel/database.ts';
import { type Day, type Instant, instant, type Month } from '../units/time.ts';
import type { MaintainedPeriods, MaintenanceKind, MaintenanceRun } from './maintenance-run.ts';

export class MaintenanceStore {
  readonly #done;
  readonly #last;
  readonly #addAll;

  constructor(database: Database) {
    // A run that carries a later time than now was made by a clock that was wrong; the day it names has yet to come.
    this.#done = database.prepare<[string, number], { period: string }>(
      'SELECT DISTINCT period FROM maintenance_run WHERE kind = ? AND started_at <= ? ORDER BY period',
    );
    this.#last = database.prepare<
      [string],
      { kind: MaintenanceKind; period: string; startedAt: number; finishedAt: number; startedBy: string }
    >(
      `SELECT kind, period, started_at AS startedAt, finished_at AS finishedAt, started_by AS startedBy
       FROM maintenance_run WHERE kind = ? ORDER BY id DESC LIMIT 1`,
    );
    const add = database.prepare<[MaintenanceRun]>(
      `INSERT INTO maintenance_run (kind, period, started_at, finished_at, started_by)
       VALUES (@kind, @period, @startedAt, @finishedAt, @startedBy)`,
    );
    this.#addAll = database.transaction((runs: readonly MaintenanceRun[]) => {
      for (const run of runs) add.run(run);
    }).immediate;
  }

  /** The days and months that were maintained at or before `now`. */
  listMaintained(now: Instant): MaintainedPeriods {
    return {
      daily: this.#done.all('daily', now).map(({ period }) => period as Day),
      monthly: this.#done.all('monthly', now).map(({ period }) => period as Month),
    };
  }

  /** The run that was carried out last. */
  findLast(kind: MaintenanceKind): MaintenanceRun | undefined {
    const row = this.#last.get(kind);
    return (
      row && {
        ...row,
        period: row.period as Day | Month,
        startedAt: instant(row.startedAt),
        finishedAt: instant(row.finishedAt),
      }
    );
  }

  /** All of them or none. */
  add(runs: readonly MaintenanceRun[]): void {
    this.#addAll(runs);
  }
}
