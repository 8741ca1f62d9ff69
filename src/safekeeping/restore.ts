import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { folders } from '../config.ts';
import { openDatabase } from '../kernel/database.ts';
import { DamageFound, Refusal } from '../kernel/errors.ts';
import { hashFile, readParts, writeAtomicParts } from '../kernel/files.ts';
import { journalDays } from '../readings/recover.ts';
import { HomeSettingStore } from '../settings/home-setting-store.ts';
import { instant, parseInstant, type Zone } from '../units/time.ts';
import { type BackedUpFile, type BackupManifest, readBackupManifest } from './backup-manifest.ts';

/**
 * Copies a backup into an empty home, after every file of it was held against its hash. Throws DamageFound at the first file that is
 * missing or altered, before anything is written, and 'home-taken' when there is a home already. The caller holds the home's lock.
 */
export async function restore(folder: string, home: string): Promise<BackupManifest> {
  const manifest = readBackupManifest(folder);
  const { data, logs } = folders(home);
  const database = join(data, 'wattledger.db');
  if (existsSync(database) || journalDays(logs).length > 0) {
    throw new Refusal('home-taken', `${home} holds a database or a journal already`);
  }
  // Archives and invoices that the backup does not have would be taken for its own.
  const left = keptFolders.find(name => holdsAnything(join(home, name)));
  if (left) throw new Refusal('home-taken', `${join(home, left)} is not empty`);
  for (const { path, sha256 } of manifest.files) {
    const file = join(folder, path);
    if (!existsSync(file)) throw damaged(`${file} is missing`);
    if ((await hashFile(file)).sha256 !== sha256) throw damaged(`${file} is not what was backed up`);
  }
  // The journal first and the database last: what has a journal alone is refused, and what has none would open as a home of its own.
  const rankOf = ({ path }: BackedUpFile) => (path.startsWith('logs/') ? 0 : join(home, path) === database ? 2 : 1);
  for (const { path, sha256 } of manifest.files.toSorted((a, b) => rankOf(a) - rankOf(b))) {
    const copied = await writeAtomicParts(join(home, path), readParts(join(folder, path)));
    if (copied.sha256 !== sha256) throw damaged(`${join(folder, path)} changed while it was restored`);
  }
  if (manifest.zone) rememberZone(database, manifest.zone, manifest.takenAt);
  return manifest;
}

const keptFolders = ['archive', 'data/imports', 'data/invoices', 'data/outbox'];

function holdsAnything(folder: string): boolean {
  return existsSync(folder) && readdirSync(folder).length > 0;
}

/** A backup that is older than what homes remember says the zone in its manifest alone. */
function rememberZone(path: string, zone: Zone, takenAt: string): void {
  const database = openDatabase(path, { alone: true });
  try {
    const settings = new HomeSettingStore(database);
    if (settings.find('TIME_ZONE')) return;
    settings.note({
      name: 'TIME_ZONE',
      value: zone,
      saidAt: parseInstant(takenAt, zone) ?? instant(0),
      saidBy: 'backup',
    });
  } finally {
    database.close();
  }
}

function damaged(what: string): DamageFound {
  return new DamageFound(what, 'Nothing may be built on this backup; take the one before.');
}
