import { createHash, type Hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { csvLine } from '../kernel/csv.ts';
import { DamageFound } from '../kernel/errors.ts';
import { hashFile, readParts } from '../kernel/files.ts';
import { manifestName, readManifest } from '../readings/archive-manifest.ts';
import { type ArchivePeriod, archiveFileName, monthOfPeriod } from '../readings/archive-period.ts';
import { type ArchiveForm, archiveColumns, archiveTexts } from '../readings/archive-text.ts';
import type { Archiver } from '../readings/archiver.ts';
import type { ReadingStore } from '../readings/reading-store.ts';
import { restoreAdvice } from './check.ts';

/**
 * Renders every archive again from the store and compares it with the file and with the manifest, byte for byte by their hashes. An
 * archive that is known to be behind the store (its day runs on, or late readings just came) is not compared.
 */
export function verifyArchives(archiver: Archiver): Promise<string> {
  return archiver.exclusively(async () => {
    const { folder, store } = archiver.deps;
    const manifest = readManifest(folder);
    if (!manifest && existsSync(join(folder, manifestName))) throw manifestDamaged('cannot be read');
    const behind = new Set(store.archivesDue.list().map(archiveFileName));
    let archives = 0;
    const periods = new Map((await archiver.listPeriods()).map(period => [archiveFileName(period), period]));
    for (const name of manifest?.keys() ?? []) {
      // One that lost its last reading, as an import was undone, is behind like any other: it goes when its turn comes.
      if (periods.has(name) || (await isBehind(store, name))) continue;
      if (!archiver.has(name)) throw manifestDamaged(`names ${name}, which is no archive`);
      throw new DamageFound(`archive/${name} shows readings that the store does not hold`, restoreAdvice);
    }
    const compared = [...periods.values()].filter(period => !behind.has(archiveFileName(period)));
    const forms = new Map<ArchivePeriod, ArchiveForm>();
    for (const each of compared) forms.set(each, await formOf(archiver, each));
    for (const together of Map.groupBy(compared, each => `${monthOfPeriod(each)} ${forms.get(each)}`).values()) {
      const hashes = new Map<ArchivePeriod, Hash>();
      const hash = (period: ArchivePeriod, text: Uint8Array) => {
        const hashed = hashes.get(period) ?? createHash('sha256');
        hashes.set(period, hashed.update(text));
      };
      await archiveTexts(archiver.deps, together, hash, forms.get(together[0]!));
      for (const period of together) {
        const name = archiveFileName(period);
        const rendered = hashes.get(period)?.digest('hex');
        if (rendered === undefined && !archiver.has(name)) continue;
        archives += 1;
        if (!archiver.has(name)) {
          if (await isBehind(store, name)) continue;
          throw damaged(period, 'is missing');
        }
        const file = await hashFile(join(folder, name));
        const written = manifest?.get(name);
        if (written && (file.sha256 !== written.sha256 || file.bytes !== written.bytes))
          throw damaged(period, 'was changed after it was written');
        // A flush may have come in between: then the archive was right about what the store held before.
        if (file.sha256 !== rendered && !(await isBehind(store, name)))
          throw damaged(period, 'does not show what the store holds');
      }
    }
    return `${archives} archives, rendered again from the store${behind.size > 0 ? `; ${behind.size} more are not due yet` : ''}`;
  });
}

/** Whether an archive is due by now. A flush shows its readings slice by slice and says so when it counts, so one under way is waited for. */
async function isBehind({ archivesDue, turns }: ReadingStore, name: string): Promise<boolean> {
  const isDue = () => archivesDue.list().some(due => archiveFileName(due) === name);
  return isDue() || turns.take(async () => isDue());
}

/** Archives that were written before they had all columns of today stay as they are until something changes in them. */
async function formOf(archiver: Archiver, period: ArchivePeriod): Promise<ArchiveForm> {
  const name = archiveFileName(period);
  if (!archiver.has(name)) return 'now';
  const before = csvLine(archiveColumns.before);
  const begins = await Array.fromAsync(readParts(join(archiver.deps.folder, name), before.length));
  return Buffer.concat(begins).toString() === before ? 'before' : 'now';
}

function manifestDamaged(what: string): DamageFound {
  return new DamageFound(
    `archive/${manifestName} ${what}`,
    'Make it again, with the archives: npx wattledger archive rebuild --all',
  );
}

function damaged(period: ArchivePeriod, what: string): DamageFound {
  const option = period.kind === 'day' ? `--day ${period.period}` : `--month ${period.period}`;
  return new DamageFound(
    `archive/${archiveFileName(period)} ${what}`,
    `The store is what counts; make the archive again: npx wattledger archive rebuild ${option}`,
  );
}
