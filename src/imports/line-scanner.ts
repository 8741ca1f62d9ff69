/** How a line ended: with CR LF, with LF alone (or CR alone, in files that have no LF), or with the file. */
export type LineEnding = 'crlf' | 'lf' | 'none';

export interface LineHandler {
  /** One line without its end, `bytes[start, end)`; the bytes are valid during the call only. */
  line(bytes: Buffer, start: number, end: number, number: number, ending: LineEnding): void;
  /** A line longer than `lineMax`; only its beginning is left. */
  lineTooLong(beginning: string, number: number): void;
  /** Line 1 began with a UTF-8 byte order mark, which `line` does not see. */
  byteOrderMark(): void;
}

/** Bytes. The longest legal record, 1440 one-minute values of 17 characters, is 26 kB. */
export const lineMax = 1 << 20;
const beginningKept = 64;
const lf = 10;
const cr = 13;

/** Cuts bytes into lines, whatever the portions they come in; holds at most one unfinished line. */
export class LineScanner {
  readonly #handler: LineHandler;
  #carry = Buffer.alloc(4096);
  #carried = 0;
  #overflowed = false;
  #number = 0;
  /** What lines end in: CR in a file that begins with a megabyte, or all it has, without LF. */
  #end = lf;

  constructor(handler: LineHandler) {
    this.#handler = handler;
  }

  /** Lines finished so far. */
  get lines(): number {
    return this.#number;
  }

  push(chunk: Uint8Array): void {
    this.#cut(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
  }

  end(): void {
    if (this.#mayEndInCr()) this.#cutAtCr();
    if (this.#carried === 0) return;
    this.#emit(this.#carry, 0, this.#carried, false);
    this.#carried = 0;
  }

  #cut(bytes: Buffer): void {
    let from = 0;
    for (;;) {
      const at = endOfLine(bytes, from, this.#end);
      if (at < 0) break;
      if (this.#carried === 0 && (this.#number > 0 || at - from <= lineMax)) {
        this.#emit(bytes, from, at, true);
      } else {
        const kept = this.#keep(bytes, from, at);
        if (this.#overflowed && this.#mayEndInCr()) {
          this.#cutAtCr();
          this.#cut(bytes.subarray(from + kept));
          return;
        }
        this.#emit(this.#carry, 0, this.#carried, true);
        this.#carried = 0;
      }
      from = at + 1;
    }
    const kept = this.#keep(bytes, from, bytes.length);
    if (this.#overflowed && this.#mayEndInCr()) {
      this.#cutAtCr();
      this.#cut(bytes.subarray(from + kept));
    }
  }

  /** No line has ended yet, and what is held has a CR that is not its last byte. */
  #mayEndInCr(): boolean {
    if (this.#number > 0 || this.#end === cr) return false;
    const at = this.#carry.subarray(0, this.#carried).indexOf(cr);
    return at >= 0 && at < this.#carried - 1;
  }

  #cutAtCr(): void {
    const held = Buffer.from(this.#carry.subarray(0, this.#carried));
    this.#end = cr;
    this.#carried = 0;
    this.#overflowed = false;
    this.#cut(held);
  }

  /**
   * Keeps one byte more than lineMax, enough to know that the line is too long, and no more, however long it becomes; returns how many it
   * kept.
   */
  #keep(bytes: Buffer, from: number, to: number): number {
    const length = Math.min(to - from, lineMax + 1 - this.#carried);
    if (length < to - from) this.#overflowed = true;
    const needed = this.#carried + length;
    if (needed > this.#carry.length) {
      const larger = Buffer.alloc(Math.max(needed, this.#carry.length * 2));
      this.#carry.copy(larger, 0, 0, this.#carried);
      this.#carry = larger;
    }
    bytes.copy(this.#carry, this.#carried, from, from + length);
    this.#carried = needed;
    return length;
  }

  #emit(bytes: Buffer, from: number, to: number, terminated: boolean): void {
    this.#number += 1;
    const overflowed = this.#overflowed;
    this.#overflowed = false;
    let start = from;
    if (this.#number === 1 && bytes[from] === 0xef && bytes[from + 1] === 0xbb && bytes[from + 2] === 0xbf) {
      start = Math.min(from + 3, to);
      this.#handler.byteOrderMark();
    }
    if (overflowed || to - from > lineMax) {
      this.#handler.lineTooLong(bytes.toString('latin1', start, start + beginningKept), this.#number);
      return;
    }
    const hasCr = to > start && bytes[to - 1] === cr;
    this.#handler.line(bytes, start, hasCr ? to - 1 : to, this.#number, !terminated ? 'none' : hasCr ? 'crlf' : 'lf');
  }
}

// Most records of most formats end before; a call into the engine takes as long as looking at this many bytes.
const lookedAt = 48;

function endOfLine(bytes: Buffer, from: number, end: number): number {
  const to = Math.min(from + lookedAt, bytes.length);
  for (let at = from; at < to; at++) if (bytes[at] === end) return at;
  return bytes.indexOf(end, to);
}
