import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type WrittenFile, writeAtomicParts } from '../kernel/files.ts';
import { Slices } from '../kernel/slices.ts';
import { Turns } from '../kernel/turns.ts';
import type { Instant, Zone } from '../units/time.ts';
import { type ArchiveManifest, readManifest, writeManifest } from './archive-manifest.ts';
import { type ArchivePeriod, archiveFileName, archivePeriodsOf, instantsOf } from './archive-period.ts';
import { type ArchiveTextDeps, archiveText } from './archive-text.ts';
import type { DayNumber } from './reading-index.ts';

export interface ArchiverDeps extends ArchiveTextDeps {
  folder: string;
}

/**
 * Writes the archives. They are projections: each is always made whole from the store, so writing one twice gives the same bytes, and
 * manifest.json beside them says which bytes those are. Made in slices, one archive at a time.
 */
export class Archiver {
  readonly deps: ArchiverDeps;
  readonly #turns = new Turns();

  constructor(deps: ArchiverDeps) {
    this.deps = deps;
  }

  /** Rewrites every archive that is behind the store and that `wanted` lets through; returns the names written. */
  writeDue(wanted: (period: ArchivePeriod) => boolean): Promise<string[]> {
    const { store } = this.deps;
    return this.#turns.take(async () => {
      const due = store.listDue().filter(wanted);
      if (due.length === 0) return [];
      const written = await this.#write(due);
      // Only when the manifest is on disk as well: after a crash in between, all of them are made again.
      for (const each of due) store.clearDue(each);
      return written;
    });
  }

  /** Makes archives again, whether they are behind or not; returns the names written. */
  rebuild(periods: readonly ArchivePeriod[]): Promise<string[]> {
    return this.#turns.take(() => this.#write(periods));
  }

  /** Every day and month that has readings in the store, by time. */
  async listPeriods(): Promise<ArchivePeriod[]> {
    const slices = new Slices();
    const days = new Set<DayNumber>();
    for (const some of this.deps.store.eachDays()) {
      for (const day of some) days.add(day);
      await slices.pause();
    }
    return archivePeriodsOf(
      [...days].sort((a, b) => a - b),
      this.deps.zone,
    );
  }

  has(name: string): boolean {
    return existsSync(join(this.deps.folder, name));
  }

  /** While nothing is being written. */
  exclusively<T>(act: () => Promise<T>): Promise<T> {
    return this.#turns.take(act);
  }

  async #write(periods: readonly ArchivePeriod[]): Promise<string[]> {
    const sums: ArchiveManifest = new Map(readManifest(this.deps.folder));
    const written: string[] = [];
    for (const period of periods) {
      const name = archiveFileName(period);
      const sum = await this.#writeOne(period, name);
      if (sum) {
        sums.set(name, sum);
        written.push(name);
      } else {
        sums.delete(name);
        rmSync(join(this.deps.folder, name), { force: true });
      }
    }
    writeManifest(this.deps.folder, sums);
    return written;
  }

  /** undefined for a period without readings, which has no archive: a UTC day marks both local days it overlaps. */
  async #writeOne(period: ArchivePeriod, name: string): Promise<WrittenFile | undefined> {
    const text = archiveText(this.deps, period);
    const first = await text.next();
    if (first.done) return undefined;
    return writeAtomicParts(join(this.deps.folder, name), startingWith(first.value, text));
  }
}

async function* startingWith(first: string, rest: AsyncIterable<string>): AsyncGenerator<string> {
  yield first;
  yield* rest;
}

/** Days and months that are over at `now`: an archive of one still running would be rewritten with every flush. */
export function isOver(now: Instant, zone: Zone): (period: ArchivePeriod) => boolean {
  return period => instantsOf(period, zone).to <= now;
}

/** At shutdown the running day is written as well, so that what stands in the folder is all there is. */
export function isOverOrDay(now: Instant, zone: Zone): (period: ArchivePeriod) => boolean {
  return period => period.kind === 'day' || instantsOf(period, zone).to <= now;
}
