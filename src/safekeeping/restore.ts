import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { folders } from '../config.ts';
import { DamageFound, Refusal } from '../kernel/errors.ts';
import { hashFile, readParts, writeAtomicParts } from '../kernel/files.ts';
import { journalDays } from '../readings/recover.ts';
import { type BackupManifest, readBackupManifest } from './backup-manifest.ts';

/**
 * Copies a backup into an empty home, after every file of it was held against its hash. Throws DamageFound at the first file that is
 * missing or altered, before anything is written, and 'home-taken' when there is a home already. The caller holds the home's lock.
 */
export async function restore(folder: string, home: string): Promise<BackupManifest> {
  const manifest = readBackupManifest(folder);
  const { data, logs } = folders(home);
  if (existsSync(join(data, 'wattledger.db')) || journalDays(logs).length > 0) {
    throw new Refusal('home-taken', `${home} holds a database or a journal already`);
  }
  for (const { path, sha256 } of manifest.files) {
    const file = join(folder, path);
    if (!existsSync(file)) throw damaged(`${file} is missing`);
    if ((await hashFile(file)).sha256 !== sha256) throw damaged(`${file} is not what was backed up`);
  }
  for (const { path, sha256 } of manifest.files) {
    const copied = await writeAtomicParts(join(home, path), readParts(join(folder, path)));
    if (copied.sha256 !== sha256) throw damaged(`${join(folder, path)} changed while it was restored`);
  }
  return manifest;
}

function damaged(what: string): DamageFound {
  return new DamageFound(what, 'Nothing may be built on this backup; take the one before.');
}
