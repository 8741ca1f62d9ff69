import type { Batch } from './posted-batch.ts';

// What a socket hands over at once, and several times what a decoder does.
const portionBytes = 64 * 1024;
const scratchBytesKept = 4 * portionBytes;

/**
 * Reads a body as it comes, portion by portion, into a Batch. Of the bytes themselves only the item is kept that has not come whole.
 * What is wrong with the body is said at its end, when all of it was seen: nothing of it was judged until then.
 */
export abstract class PortionReader {
  readonly #held = new HeldBytes();
  /** Not worth looking before so many bytes are held: an item that comes in a thousand portions is not begun a thousand times. */
  #wanted = 0;
  /** Why all of the body is refused. */
  protected refusal: Error | undefined;

  /** The next bytes; they are the caller's again when this returns. */
  take(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length && !this.refusal; from += portionBytes)
      this.#takePortion(bytes.subarray(from, from + portionBytes));
  }

  /** What is kept of the bytes that came, and of items that could not be told in numbers. */
  get heldBytes(): number {
    return this.#held.capacity + this.batch.carefulBytes;
  }

  /** No more come. Throws what is wrong with the body as a whole. */
  end(): Batch {
    if (this.#held.length > 0 && !this.refusal) {
      const length = this.#held.length;
      const bytes = scratchOf(length + 2);
      this.#held.copyTo(bytes);
      // So that the last line has an end, too.
      bytes[length] = 10;
      bytes[length + 1] = 0;
      this.scan(bytes, length + 1, true);
    }
    if (!this.refusal) this.assertWhole();
    if (this.refusal) throw this.refusal;
    return this.batch;
  }

  protected abstract readonly batch: Batch;

  /**
   * Reads whole items of bytes[0, end), behind which stands a 0, and returns where the one begins that has not come whole; `end` when
   * that is none. `isLast`: nothing comes behind.
   */
  protected abstract scan(bytes: Uint8Array, end: number, isLast: boolean): number;

  /** Sets `refusal` when something is missing at the end. */
  protected abstract assertWhole(): void;

  #takePortion(portion: Uint8Array): void {
    const length = this.#held.length + portion.length;
    if (length < this.#wanted) {
      this.#held.add(portion);
      return;
    }
    const bytes = scratchOf(length + 1);
    this.#held.copyTo(bytes);
    bytes.set(portion, this.#held.length);
    bytes[length] = 0;
    const read = this.scan(bytes, length, false);
    this.#held.clear();
    this.#held.add(bytes.subarray(read, length));
    this.#wanted = this.#held.length * 2;
  }
}

/** Bytes that wait for those that come behind them, in pieces: one that grew by doubling would need three times what it holds to do so. */
export class HeldBytes {
  #pieces: Buffer[] = [];
  /** Of the last piece. */
  #used = 0;
  length = 0;

  add(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length; ) {
      const last = this.#lastWithRoom(bytes.length - from);
      const part = bytes.subarray(from, from + last.length - this.#used);
      last.set(part, this.#used);
      this.#used += part.length;
      this.length += part.length;
      from += part.length;
    }
  }

  copyTo(bytes: Uint8Array): void {
    let at = 0;
    for (const piece of this.#pieces) {
      const part = piece.subarray(0, this.length - at);
      bytes.set(part, at);
      at += part.length;
    }
  }

  /** All of it; valid until the next change. */
  get bytes(): Buffer {
    const [first = nothing] = this.#pieces;
    if (this.length <= first.length) return first.subarray(0, this.length);
    return Buffer.concat(this.#pieces, this.length);
  }

  /** What it takes in memory. */
  get capacity(): number {
    return this.#pieces.reduce((sum, { length }) => sum + length, 0);
  }

  clear(): void {
    this.length = 0;
    this.#used = 0;
    this.#pieces.length = Math.min(this.#pieces.length, 1);
  }

  /** All pieces but the last are full. Most bodies hold half an item, so that the first one is as large as that. */
  #lastWithRoom(wanted: number): Buffer {
    const last = this.#pieces.at(-1);
    if (last && this.#used < last.length) return last;
    if (last && this.#pieces.length === 1 && last.length < portionBytes) {
      const larger = Buffer.allocUnsafeSlow(Math.min(portionBytes, Math.max(this.#used + wanted, 2 * last.length)));
      last.copy(larger);
      this.#pieces[0] = larger;
      return larger;
    }
    const next = Buffer.allocUnsafeSlow(last ? portionBytes : Math.min(portionBytes, wanted));
    this.#pieces.push(next);
    this.#used = 0;
    return next;
  }
}

const nothing = Buffer.alloc(0);

// One for all bodies, because a portion is read to its end before another one is begun.
let scratch = Buffer.allocUnsafeSlow(scratchBytesKept);

function scratchOf(length: number): Buffer {
  if (length > scratch.length || (scratch.length > scratchBytesKept && length <= scratchBytesKept))
    scratch = Buffer.allocUnsafeSlow(Math.max(length, scratchBytesKept));
  return scratch;
}
