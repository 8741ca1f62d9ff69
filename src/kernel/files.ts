import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

const temporaryPrefix = '.tmp-';

/** Writes `content`, whole or part after part, to `path` so that a crash leaves the old file or the new one, never half of either. */
export function writeAtomic(path: string, content: Uint8Array | string | Iterable<string>): void {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true });
  const temporary = join(folder, `${temporaryPrefix}${process.pid}-${basename(path)}`);
  const file = openSync(temporary, 'w');
  try {
    if (content instanceof Uint8Array) writeFully(file, content);
    else
      for (const part of typeof content === 'string' ? [content] : content) writeFully(file, Buffer.from(part, 'utf8'));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  syncFolder(folder);
}

function writeFully(file: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
}

/** Makes a rename or a new file in `folder` survive a power cut. */
export function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Removes what a crash in writeAtomic left behind in `folder`; returns the names removed. */
export function sweepTemporaries(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name =>
    basename(name).startsWith(temporaryPrefix),
  );
  for (const name of names) rmSync(join(folder, name), { force: true });
  return names;
}
