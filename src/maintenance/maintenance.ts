import type { Clock } from '../kernel/clock.ts';
import { Refusal } from '../kernel/errors.ts';
import { type ArchivePeriod, archiveFileName } from '../readings/archive-period.ts';
import { type Archiver, isOver } from '../readings/archiver.ts';
import { compact } from '../readings/compact.ts';
import { type FlushDeps, flush } from '../readings/flush.ts';
import { instantOfMs } from '../units/time.ts';
import { dueMaintenance, kindOf, type MaintenanceKind, periodToMaintain } from './maintenance-run.ts';
import type { MaintenanceStore } from './maintenance-store.ts';

export interface MaintenanceDeps extends FlushDeps {
  archiver: Archiver;
  runs: MaintenanceStore;
  clock: Clock;
}

export interface Maintained {
  kind: MaintenanceKind;
  period: string;
  /** Name of the archive; undefined when the period has no readings. */
  archive: string | undefined;
}

/**
 * What is done when a day or a month is over: everything received goes to the store, its archive is brought up to date, and months
 * that are over are packed. Readings are taken in all the while. One run at a time.
 */
export class Maintenance {
  readonly #deps: MaintenanceDeps;
  #running = false;

  constructor(deps: MaintenanceDeps) {
    this.#deps = deps;
  }

  get running(): boolean {
    return this.#running;
  }

  /** Maintains yesterday, last month or both, also when that was done before. Throws 'maintenance-running'. */
  start(kinds: readonly MaintenanceKind[], by: string): Promise<Maintained[]> {
    const { clock, zone } = this.#deps;
    const now = instantOfMs(clock.now());
    return this.#run(
      kinds.map(kind => periodToMaintain(kind, now, zone)),
      by,
    );
  }

  /** Maintains every day and month that is over and was not maintained yet; none of them twice. Throws 'maintenance-running'. */
  catchUp(by: string): Promise<Maintained[]> {
    const { clock, zone, runs } = this.#deps;
    const now = instantOfMs(clock.now());
    return this.#run(dueMaintenance(runs.listMaintained(now), now, zone), by);
  }

  async #run(periods: ArchivePeriod[], by: string): Promise<Maintained[]> {
    if (this.#running) throw new Refusal('maintenance-running', 'System is already in maintenance mode');
    if (periods.length === 0) return [];
    const { clock, zone, archiver, runs } = this.#deps;
    this.#running = true;
    try {
      const startedAt = instantOfMs(clock.now());
      await flush(this.#deps);
      await archiver.writeDue(isOver(startedAt, zone));
      await compact(this.#deps);
      const finishedAt = instantOfMs(clock.now());
      runs.add(
        periods.map(each => ({ kind: kindOf(each), period: each.period, startedAt, finishedAt, startedBy: by })),
      );
      return periods.map(each => ({ kind: kindOf(each), period: each.period, archive: this.#archiveOf(each) }));
    } finally {
      this.#running = false;
    }
  }

  #archiveOf(period: ArchivePeriod): string | undefined {
    const name = archiveFileName(period);
    return this.#deps.archiver.has(name) ? name : undefined;
  }
}
