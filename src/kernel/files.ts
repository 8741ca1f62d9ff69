import { createHash, randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs';
import { type FileHandle, open, rename, rm, statfs } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

const temporaryPrefix = '.tmp-';

/**
 * Makes a folder and those above it. Node's own recursive mkdir never ends where a file system, such as /proc, answers "no such file"
 * to every new folder.
 */
export function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Somebody else may have made it meanwhile.
    if (!existsSync(path)) throw error;
  }
}

/** What stands at an absolute path, or nearest above it. Links are followed; one that leads nowhere stands for itself. */
export function standingAt(path: string): { path: string; stats: Stats } {
  const quietly = { throwIfNoEntry: false };
  const stats = statSync(path, quietly);
  if (stats) return { path, stats };
  const above = standingAt(dirname(path));
  const link = above.path === dirname(path) && above.stats.isDirectory() ? lstatSync(path, quietly) : undefined;
  return link ? { path, stats: link } : above;
}

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

/** What was written, for manifests. */
export interface WrittenFile {
  bytes: number;
  sha256: string;
}

type Parts = AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>;

/** As writeAtomic, for content that is made or copied in slices; hashed on the way. On failure nothing is left behind. */
export function writeAtomicParts(path: string, parts: Parts): Promise<WrittenFile> {
  return writeParts(dirname(path), parts, () => path);
}

/** As writeAtomicParts, under the hash of what came. A file of that name holds the same already and is left alone. */
export function writeByHash(
  folder: string,
  parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<WrittenFile> {
  return writeParts(folder, parts, ({ sha256 }) => {
    const path = join(folder, sha256);
    return existsSync(path) ? undefined : path;
  });
}

async function writeParts(
  folder: string,
  parts: Parts,
  pathOf: (written: WrittenFile) => string | undefined,
): Promise<WrittenFile> {
  const file = await AtomicFile.open(folder);
  try {
    for await (const part of parts) await file.write(part);
    const written = await file.commit(pathOf);
    await syncFolderInTurn(folder);
    return written;
  } catch (error) {
    await file.abandon();
    throw error;
  }
}

/** A file written part after part, which stands under its name when it is whole and on disk. Hashed on the way. */
export class AtomicFile {
  readonly #temporary: string;
  readonly #file: FileHandle;
  readonly #hash = createHash('sha256');
  #bytes = 0;

  private constructor(temporary: string, file: FileHandle) {
    this.#temporary = temporary;
    this.#file = file;
  }

  static async open(folder: string): Promise<AtomicFile> {
    mkdirSync(folder, { recursive: true });
    const temporary = join(folder, `${temporaryPrefix}${process.pid}-${randomUUID()}`);
    return new AtomicFile(temporary, await open(temporary, 'w'));
  }

  async write(part: Uint8Array | string): Promise<void> {
    const bytes = typeof part === 'string' ? Buffer.from(part, 'utf8') : part;
    this.#hash.update(bytes);
    this.#bytes += bytes.length;
    for (let written = 0; written < bytes.length; ) written += (await this.#file.write(bytes, written)).bytesWritten;
  }

  /**
   * Puts the file where `pathOf` says, over the one that stands there, or nowhere. That its name survives a power cut is for
   * syncFolderInTurn, once for many files.
   */
  async commit(pathOf: (written: WrittenFile) => string | undefined): Promise<WrittenFile> {
    const written = { bytes: this.#bytes, sha256: this.#hash.digest('hex') };
    const path = pathOf(written);
    if (path === undefined) await this.abandon();
    else {
      await this.#file.sync();
      await this.#file.close();
      await rename(this.#temporary, path);
    }
    return written;
  }

  async abandon(): Promise<void> {
    await this.#file.close().catch(() => undefined);
    await rm(this.#temporary, { force: true });
  }
}

const chunkBytes = 256 * 1024;
const zeros = new Uint8Array(chunkBytes);
// So much free space is left to others.
const roomBytesMin = 64 * 1024 * 1024;

/**
 * Fills a file with zeros in [from, to) and syncs them, while others are served. False when there is little room, or it cannot be
 * written: it may be longer by some zeros then. Throws when the sync fails.
 */
export async function writeZeros(path: string, from: number, to: number): Promise<boolean> {
  const file = await openWithRoom(path);
  if (!file) return false;
  try {
    if (!(await wroteZeros(file, from, to))) return false;
    await file.datasync();
    return true;
  } finally {
    await file.close();
  }
}

/** The first `bytesMax` bytes of a file, chunk after chunk. */
export async function* readParts(path: string, bytesMax = Number.POSITIVE_INFINITY): AsyncGenerator<Uint8Array> {
  const file = await open(path, 'r');
  try {
    for (let position = 0; position < bytesMax; ) {
      const wanted = Math.min(chunkBytes, bytesMax - position);
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(wanted), 0, wanted, position);
      if (bytesRead === 0) break;
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

async function openWithRoom(path: string): Promise<FileHandle | undefined> {
  try {
    const { bavail, bsize } = await statfs(dirname(path));
    return bavail * bsize < roomBytesMin ? undefined : await open(path, 'r+');
  } catch {
    return undefined;
  }
}

async function wroteZeros(file: FileHandle, from: number, to: number): Promise<boolean> {
  try {
    for (let at = from; at < to; ) at += (await file.write(zeros, 0, Math.min(zeros.length, to - at), at)).bytesWritten;
    return true;
  } catch {
    // Whoever has something to write finds out why.
    return false;
  }
}

/** What a file holds, without holding it. */
export async function hashFile(path: string): Promise<WrittenFile> {
  return hashParts(readParts(path));
}

async function hashParts(parts: AsyncIterable<Uint8Array | string>): Promise<WrittenFile> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const part of parts) {
    hash.update(part);
    bytes += Buffer.byteLength(part);
  }
  return { bytes, sha256: hash.digest('hex') };
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

/** As syncFolder, while others are served. */
export async function syncFolderInTurn(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes what somebody else wrote to a file survive a power cut. */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  syncFolder(dirname(path));
}

/** Half of a file that is being written, or was when the process was killed. */
export function isTemporary(name: string): boolean {
  return name.startsWith(temporaryPrefix);
}

/** Removes what a crash in writeAtomic left behind in `folder`; returns the names removed. */
export function sweepTemporaries(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name => isTemporary(basename(name)));
  for (const name of names) rmSync(join(folder, name), { force: true });
  return names;
}
