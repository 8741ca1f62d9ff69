import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AtomicFile, syncFolderInTurn, type WrittenFile } from '../kernel/files.ts';
import { Slices } from '../kernel/slices.ts';
import { Turns } from '../kernel/turns.ts';
import type { Instant, Zone } from '../units/time.ts';
import { type ArchiveManifest, readManifest, writeManifest } from './archive-manifest.ts';
import { type ArchivePeriod, archiveFileName, archivePeriodsOf, instantsOf, monthOfPeriod } from './archive-period.ts';
import { type ArchiveTextDeps, archiveTexts } from './archive-text.ts';
import type { DayNumber } from './day-number.ts';

export interface ArchiverDeps extends ArchiveTextDeps {
  folder: string;
}

/**
 * Writes the archives. They are projections: each is always made whole from the store, so writing one twice gives the same bytes, and
 * manifest.json beside them says which bytes those are. Made in slices, a month's together.
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
      const due = store.archivesDue.list().filter(wanted);
      if (due.length === 0) return [];
      const written = await this.#write(due);
      // Only when the manifest is on disk as well: after a crash in between, all of them are made again.
      store.archivesDue.clear(due);
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
    for (const together of Map.groupBy(periods, monthOfPeriod).values()) {
      const files = await this.#writeMonth(together);
      for (const name of together.map(archiveFileName)) {
        const sum = files.get(name);
        if (sum) {
          sums.set(name, sum);
          written.push(name);
        } else {
          // A period without readings has no archive: a UTC day marks both local days it overlaps.
          sums.delete(name);
          rmSync(join(this.deps.folder, name), { force: true });
        }
      }
    }
    // What was damaged in a manifest may name anything.
    for (const name of sums.keys()) if (!this.has(name)) sums.delete(name);
    await writeManifest(this.deps.folder, sums);
    return written;
  }

  /** By name; the folder holds the old archives or whole new ones. */
  async #writeMonth(periods: readonly ArchivePeriod[]): Promise<Map<string, WrittenFile>> {
    const { folder } = this.deps;
    const files = new Map<string, AtomicFile>();
    const written = new Map<string, WrittenFile>();
    try {
      await archiveTexts(this.deps, periods, async (period, text) => {
        const name = archiveFileName(period);
        const file = files.get(name) ?? (await AtomicFile.open(folder));
        files.set(name, file);
        await file.write(text);
      });
      for (const [name, file] of files) written.set(name, await file.commit(() => join(folder, name)));
    } catch (error) {
      for (const [name, file] of files) if (!written.has(name)) await file.abandon();
      throw error;
    }
    if (written.size > 0) await syncFolderInTurn(folder);
    return written;
  }
}

/** Days and months that are over at `now`: an archive of one still running would be rewritten with every flush. */
export function isOver(now: Instant, zone: Zone): (period: ArchivePeriod) => boolean {
  return period => instantsOf(period, zone).to <= now;
}

/** At shutdown the running day is written as well, so that what stands in the folder is all there is. */
export function isOverOrDay(now: Instant, zone: Zone): (period: ArchivePeriod) => boolean {
  return period => period.kind === 'day' || instantsOf(period, zone).to <= now;
}
