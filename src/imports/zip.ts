import { crc32 } from 'node:zlib';
import { type Entry, fromBufferPromise, openPromise, type ZipFile } from 'yauzl';
import { Refusal } from '../kernel/errors.ts';
import { type ImportProblem, problemAt } from './problem.ts';

export interface ZipLimits {
  membersMax: number;
  /** Bytes of all members together, unpacked. */
  bytesMax: number;
  /** Unpacked ÷ packed of one member, for members above `ratioFreeBytes`. */
  ratioMax: number;
  ratioFreeBytes: number;
}

/**
 * Ten thousand members are a year of a retailer's daily files. A NEM12 year of a closed shop, all zeros, packs to a hundredth, so
 * small members may pack as they like and only large ones are held to a ratio, which deflate itself bounds at 1032.
 */
export const zipLimits: ZipLimits = { membersMax: 10_000, bytesMax: 4e9, ratioMax: 300, ratioFreeBytes: 32e6 };

export interface ZipMember {
  /** "archive.zip!member", as problems name it (N12-3). */
  member: string;
  /** The member's own name; for showing, never a path to write to. */
  name: string;
  /** Its bytes, once. Throws the refusal `archive-damaged` when they are not what the archive's directory promised. */
  chunks: AsyncIterable<Uint8Array>;
  /** How many bytes of the archive stand for one of the member's own. */
  packing: number;
}

/**
 * The members of a zip, one after the other; `source` is a path or the archive's bytes. A member that cannot be opened goes to
 * `onProblem` and the others follow; an archive that is damaged or too large throws a Refusal before anything of it is unpacked.
 */
export async function* readZip(
  source: string | Buffer,
  archiveName: string,
  onProblem: (problem: ImportProblem) => void,
  limits: ZipLimits = zipLimits,
): AsyncGenerator<ZipMember> {
  const archive = await open(source, archiveName);
  try {
    if (archive.entryCount > limits.membersMax) {
      throw new Refusal(
        'archive-unsafe',
        `${archiveName} has ${archive.entryCount} members; at most ${limits.membersMax} are read`,
      );
    }
    let bytes = 0;
    for await (const entry of entriesOf(archive, archiveName)) {
      const name = entry.fileName;
      if (name.endsWith('/') || isClutter(name)) continue;
      const member = `${archiveName}!${name}`;
      bytes += entry.uncompressedSize;
      refuseBomb(entry, member, bytes, limits);
      const why = whyClosed(entry);
      if (why === undefined) yield { member, name, chunks: read(archive, entry, member), packing: packingOf(entry) };
      else onProblem(problemAt(member, 0, { rule: 'N12-3', severity: 'error', says: why, action: 'rejected' }));
    }
  } finally {
    archive.close();
  }
}

async function open(source: string | Buffer, archiveName: string): Promise<ZipFile> {
  try {
    return await (typeof source === 'string' ? openPromise(source) : fromBufferPromise(source));
  } catch (error) {
    throw damaged(archiveName, error);
  }
}

async function* entriesOf(archive: ZipFile, archiveName: string): AsyncGenerator<Entry> {
  const entries = archive.eachEntry();
  for (;;) {
    let next: IteratorResult<Entry>;
    try {
      next = await entries.next();
    } catch (error) {
      throw damaged(archiveName, error);
    }
    if (next.done) return;
    yield next.value;
  }
}

// The directory's sizes can be trusted here: reading stops where a member grows beyond what was declared.
function refuseBomb(entry: Entry, member: string, bytes: number, limits: ZipLimits): void {
  if (bytes > limits.bytesMax) {
    throw new Refusal('archive-unsafe', `with ${member} the archive unpacks to more than ${limits.bytesMax} bytes`);
  }
  const ratio = entry.uncompressedSize / Math.max(entry.compressedSize, 1);
  if (entry.uncompressedSize > limits.ratioFreeBytes && ratio > limits.ratioMax) {
    throw new Refusal(
      'archive-unsafe',
      `${member} unpacks to ${Math.round(ratio)} times its size; at most ${limits.ratioMax} is read`,
    );
  }
}

function packingOf({ compressedSize, uncompressedSize }: Entry): number {
  return compressedSize / Math.max(uncompressedSize, 1);
}

function whyClosed(entry: Entry): string | undefined {
  if (entry.isEncrypted()) return 'the member is protected by a password';
  return entry.canDecodeFileData()
    ? undefined
    : `the member is packed by method ${entry.compressionMethod}, which is not supported`;
}

// yauzl holds the bytes to the declared length; the checksum is ours to compare.
async function* read(archive: ZipFile, entry: Entry, member: string): AsyncGenerator<Uint8Array> {
  let checksum = 0;
  try {
    for await (const chunk of await archive.openReadStreamPromise(entry)) {
      checksum = crc32(chunk, checksum);
      yield chunk;
    }
  } catch (error) {
    throw damaged(member, error);
  }
  if (checksum !== entry.crc32)
    throw new Refusal('archive-damaged', `${member} does not have the checksum the archive gives it`);
}

/** What desktops put into archives beside the files. */
function isClutter(name: string): boolean {
  return name.startsWith('__MACOSX/') || /(^|\/)(\.DS_Store|Thumbs\.db)$/.test(name);
}

function damaged(what: string, error: unknown): Refusal {
  return new Refusal(
    'archive-damaged',
    `${what} cannot be unpacked: ${error instanceof Error ? error.message : String(error)}`,
  );
}
