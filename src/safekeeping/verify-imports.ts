import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DamageFound } from '../kernel/errors.ts';
import { hashFile } from '../kernel/files.ts';
import { restoreAdvice } from './check.ts';

/** Imported files are kept under the hash of what they hold. */
export async function verifyImports(folder: string): Promise<string> {
  const names = existsSync(folder) ? readdirSync(folder).filter(name => /^[0-9a-f]{64}$/.test(name)) : [];
  for (const name of names) {
    const { sha256 } = await hashFile(join(folder, name));
    if (sha256 !== name) throw new DamageFound(`data/imports/${name} is not the file that was imported`, restoreAdvice);
  }
  return `${names.length} files`;
}
