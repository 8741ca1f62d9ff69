import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { folders } from '../config.ts';
import type { House } from '../house.ts';
import { copyDatabase, type Database, openSnapshot } from '../kernel/database.ts';
import { DamageFound, Refusal } from '../kernel/errors.ts';
import {
  hashFile,
  isTemporary,
  makeFolder,
  readParts,
  standingAt,
  syncFile,
  writeAtomic,
  writeAtomicParts,
} from '../kernel/files.ts';
import type { JournalPosition } from '../readings/journal.ts';
import { journalFileName } from '../readings/journal-file.ts';
import { journalDays } from '../readings/recover.ts';
import { formatUtc, instantOfMs } from '../units/time.ts';
import { type BackedUpFile, type BackupManifest, backupManifestName } from './backup-manifest.ts';
import { restoreAdvice } from './check.ts';

export interface BackupReport {
  folder: string;
  files: number;
  bytes: number;
}

// What the database speaks of, and settings; sockets and the lock stay where they are.
const dataFolders = ['imports', 'outbox'];
const dataFiles = ['seller.json'];

/**
 * Copies a home into `folder` while it is being used. Database and journal are those of one moment: of a later journal the database
 * would not know the meters and files, and an earlier one would lack what the database takes for kept. Of the archives, which stand
 * still until then, the database says which are behind. Nothing acknowledged before the backup began is missing. Throws
 * 'backup-folder-taken', and DamageFound when the journal is not what was written.
 */
export async function backup(house: House, folder: string): Promise<BackupReport> {
  refuseTaken(folder);
  makeFolder(join(folder, 'data'));
  const { data, archive, logs } = folders(house.config.home);
  const takenAt = formatUtc(instantOfMs(house.clock.now()));
  // A PDF that is missing is made again; one whose invoice the database does not have would stand for another of its number.
  const files = await copyFolder(join(data, 'invoices'), folder, 'data/invoices');
  const { journal, snapshot } = await house.archiver.exclusively(async () => {
    files.push(...(await copyFolder(archive, folder, 'archive')));
    return house.journal.barrier(position => ({
      journal: { ...position },
      snapshot: openSnapshot(house.database.name),
    }));
  });
  files.push(await backUpDatabase(snapshot, folder));
  for (const name of dataFolders) files.push(...(await copyFolder(join(data, name), folder, `data/${name}`)));
  for (const name of dataFiles) {
    if (existsSync(join(data, name))) files.push(await copyOne(join(data, name), folder, `data/${name}`));
  }
  files.push(...(await copyJournal(logs, folder, journal)));
  const manifest: BackupManifest = { version: 1, takenAt, zone: house.config.zone, journal, files };
  writeAtomic(join(folder, backupManifestName), `${JSON.stringify(manifest, null, 1)}\n`);
  return { folder, files: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
}

function refuseTaken(folder: string): void {
  const { path, stats } = standingAt(folder);
  if (!stats.isDirectory()) throw new Refusal('backup-folder-taken', `${path} is no folder`);
  if (path === folder && readdirSync(folder).length > 0)
    throw new Refusal('backup-folder-taken', `${folder} is not empty`);
}

async function backUpDatabase(snapshot: Database, folder: string): Promise<BackedUpFile> {
  const path = 'data/wattledger.db';
  try {
    await copyDatabase(snapshot, join(folder, path));
  } finally {
    snapshot.close();
  }
  await syncFile(join(folder, path));
  return { path, ...(await hashFile(join(folder, path))) };
}

async function copyFolder(from: string, folder: string, name: string): Promise<BackedUpFile[]> {
  if (!existsSync(from)) return [];
  const files: BackedUpFile[] = [];
  const entries = readdirSync(from, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    if (!entry.isFile() || isTemporary(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    files.push(await copyOne(path, folder, `${name}${path.slice(from.length)}`));
  }
  return files;
}

/**
 * Every file up to the one the position is in, and that one up to the position: what follows is being written. Throws DamageFound when
 * it is not there or shorter, for a database without its journal cannot be opened.
 */
async function copyJournal(logs: string, folder: string, { day, offset }: JournalPosition): Promise<BackedUpFile[]> {
  const files: BackedUpFile[] = [];
  for (const each of journalDays(logs).filter(known => known <= day)) {
    const name = journalFileName(each);
    files.push(await copyOne(join(logs, name), folder, `logs/${name}`, each === day ? offset : undefined));
  }
  const name = journalFileName(day);
  if (files.find(({ path }) => path === `logs/${name}`)?.bytes !== offset)
    throw new DamageFound(`${join(logs, name)} is missing or shorter than what was written to it`, restoreAdvice);
  return files;
}

async function copyOne(from: string, folder: string, path: string, bytesMax?: number): Promise<BackedUpFile> {
  return { path, ...(await writeAtomicParts(join(folder, path), readParts(from, bytesMax))) };
}
