import {
  closeSync,
  existsSync,
  fdatasync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { assert } from '../kernel/assert.ts';
import { syncFolder, writeAtomicParts, writeZeros } from '../kernel/files.ts';
import { fileHeader } from './journal-frame.ts';

// Zeros ahead of the tail: as many as the file has grown by, so that a small house keeps a small file.
const aheadBytesMin = 64 * 1024;
const aheadBytesMax = 4 * 1024 * 1024;
// The sync of a larger group is paid for by what is in it, and zeros would write it to the disk twice.
const largeGroupBytes = 64 * 1024;
const copiedAtOnce = 1024 * 1024;
// When there was no room for zeros.
const refillMs = 10_000;

/** "readings-2026-11-21.log", by UTC day. */
export function journalFileName(day: string): string {
  return `readings-${day}.log`;
}

/**
 * The journal's file of a day: bytes behind bytes; what they say is the journal's. Ahead of the tail it is filled with zeros that are on
 * disk already: a sync of bytes that have their place does not wait for the file system's own journal. Behind the last group zeros mean
 * nothing, and a file that is finished is cut to its length. Whatever the disk says goes to the caller as the system's own error.
 */
export class JournalFile {
  /** UTC, "2026-11-21". */
  readonly day: string;
  readonly #path: string;
  #file: number;
  readonly #onFailure: (error: unknown) => void;
  /** Of the file that stands at the path. */
  #inode: number;
  #end: number;
  /** Up to here the file has its place on disk, from the last group on as zeros. */
  #filledTo: number;
  /** Zeros are being written, where no group may be written meanwhile. */
  #filling: Promise<void> | undefined;
  /** No zeros before this, by performance.now(). */
  #fillsFrom = 0;
  /** Of the last group. */
  #groupBytes = 0;

  /**
   * Goes on at byte `end`, and cuts whatever stands behind; 0 makes the file, with its header. `onFailure` is told when zeros, which
   * nobody waits for, cannot be written for another reason than want of room.
   */
  constructor(folder: string, day: string, end: number, onFailure: (error: unknown) => void) {
    this.day = day;
    this.#onFailure = onFailure;
    this.#path = join(folder, journalFileName(day));
    if (end > 0 && existsSync(this.#path)) {
      this.#file = openSync(this.#path, 'r+');
      this.#end = end;
    } else {
      const header = Buffer.from(fileHeader(day));
      this.#file = createSynced(this.#path, header);
      syncFolder(folder);
      this.#end = header.length;
    }
    this.#filledTo = this.#end;
    const { size, ino } = fstatSync(this.#file);
    this.#inode = ino;
    assert(size >= this.#end, 'the journal is never shorter than what recovery read of it');
    if (size > this.#end) {
      this.cut();
      fsyncSync(this.#file);
    }
  }

  /** The byte behind the last group. */
  get end(): number {
    return this.#end;
  }

  /** Settles when the zeros that are being written are; undefined when none are. */
  get filling(): Promise<void> | undefined {
    return this.#filling;
  }

  /** Whether so many bytes fit in front of the zeros that are being written. */
  hasPlace(bytes: number): boolean {
    return this.#end + bytes <= this.#filledTo;
  }

  /** Writes a group behind the last one. When it throws, `cut` takes back what was written of it. */
  write(group: Buffer): void {
    writeFully(this.#file, group, this.#end);
    this.#end += group.length;
    this.#filledTo = Math.max(this.#filledTo, this.#end);
    this.#groupBytes = group.length;
  }

  /** Resolves when what was written is on disk, under its name. */
  async sync(): Promise<void> {
    await new Promise<void>((resolve, reject) => fdatasync(this.#file, error => (error ? reject(error) : resolve())));
    if (statSync(this.#path, { throwIfNoEntry: false })?.ino !== this.#inode) await this.#putBack();
  }

  /** Somebody moved it away or deleted it, with or without its folder. Until it is closed all of it can be read. */
  async #putBack(): Promise<void> {
    await this.#filling;
    await writeAtomicParts(this.#path, partsOf(this.#file, this.#end));
    closeSync(this.#file);
    this.#file = openSync(this.#path, 'r+');
    this.#inode = fstatSync(this.#file).ino;
    this.#filledTo = this.#end;
  }

  /** Has zeros written behind what has its place, once half of them are used up. */
  fillAhead(): void {
    const aheadBytes = Math.min(Math.max(this.#end, aheadBytesMin), aheadBytesMax);
    if (this.#filling || this.#groupBytes > largeGroupBytes) return;
    if (this.#filledTo - this.#end > aheadBytes / 2 || performance.now() < this.#fillsFrom) return;
    this.#filling = this.#fill(this.#end + aheadBytes);
  }

  async #fill(to: number): Promise<void> {
    try {
      // Through a descriptor of its own: an error that this sync is told of is told to the next one of a group as well.
      if (await writeZeros(this.#path, this.#filledTo, to)) this.#filledTo = to;
      else this.#fillsFrom = performance.now() + refillMs;
    } catch (error) {
      // Where the file is gone the next sync puts it back.
      if (existsSync(this.#path)) this.#onFailure(error);
    }
    this.#filling = undefined;
  }

  /** Takes away what stands behind the last group: zeros, or part of a group that could not be written. */
  cut(): void {
    ftruncateSync(this.#file, this.#end);
    this.#filledTo = this.#end;
  }

  /** While no zeros are being written. */
  close(): void {
    closeSync(this.#file);
  }
}

/** The descriptor of a new file that holds these bytes, which are on disk. */
function createSynced(path: string, bytes: Buffer): number {
  const file = openSync(path, 'w+');
  try {
    writeFully(file, bytes, 0);
    fsyncSync(file);
  } catch (error) {
    closeSync(file);
    throw error;
  }
  return file;
}

function writeFully(file: number, bytes: Buffer, offset: number): void {
  for (let written = 0; written < bytes.length; ) {
    written += writeSync(file, bytes, written, bytes.length - written, offset + written);
  }
}

function* partsOf(file: number, end: number): Generator<Uint8Array> {
  for (let position = 0; position < end; ) {
    const part = Buffer.allocUnsafe(Math.min(copiedAtOnce, end - position));
    const bytes = readSync(file, part, 0, part.length, position);
    assert(bytes > 0, 'the journal is never shorter than what was written to it');
    position += bytes;
    yield part.subarray(0, bytes);
  }
}
