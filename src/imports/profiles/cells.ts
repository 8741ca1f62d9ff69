import { skipBlanks } from './stamp-pattern.ts';

const quoteMark = 34;
const equals = 61;

/** The cells of one row as places in its bytes: trimmed, quotation marks and Excel's ="…" taken off, nothing copied (CSV-1). */
export class Cells {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** Cells found; no more than were asked for. */
  count = 0;
  /** Where a quotation mark opens that is not closed on this line, -1 when none. */
  openQuote = -1;
  readonly #delimiter: number;
  bytes: Buffer = Buffer.alloc(0);

  /** `most`: cells beyond are not looked at. */
  constructor(delimiter: string, most: number) {
    this.#delimiter = delimiter.charCodeAt(0);
    this.starts = new Int32Array(most);
    this.ends = new Int32Array(most);
  }

  /** Splits bytes [start, end), which stay the caller's. */
  split(bytes: Buffer, start: number, end: number, most = this.starts.length): void {
    const { starts, ends } = this;
    const delimiter = this.#delimiter;
    this.bytes = bytes;
    this.openQuote = -1;
    let count = 0;
    let at = start;
    while (count < most) {
      let from = at;
      const first = at < end ? bytes[at]! : 0;
      // A blank, a quotation mark, = or a no-break space: everything else begins its cell as it is.
      if (first <= quoteMark || first === equals || first === 0xc2) from = this.#begin(bytes, at, end);
      let to: number;
      if (from > at && bytes[from - 1] === quoteMark) {
        const closed = this.#closing(bytes, from, end);
        if (closed < 0) {
          this.openQuote = from - 1;
          this.count = count;
          return;
        }
        to = closed;
        for (at = closed + 1; at < end && bytes[at] !== delimiter; ) at += 1;
      } else {
        for (at = from; at < end && bytes[at] !== delimiter; ) at += 1;
        to = at;
      }
      while (to > from && isBlankBefore(bytes, to)) to -= bytes[to - 1] === 0xa0 ? 2 : 1;
      starts[count] = from;
      ends[count] = to;
      count += 1;
      if (at >= end) break;
      at += 1;
      // A delimiter at the very end opens one more, empty cell.
    }
    this.count = count;
  }

  text(index: number): string {
    if (index >= this.count) return '';
    const from = this.starts[index]!;
    const text = this.bytes.toString('utf8', from, this.ends[index]!);
    return text.includes('""') ? text.replaceAll('""', '"') : text;
  }

  isEmpty(index: number): boolean {
    return index >= this.count || this.starts[index] === this.ends[index];
  }

  #begin(bytes: Buffer, at: number, end: number): number {
    const blank = bytes[at] !== this.#delimiter ? skipUnlessDelimiter(bytes, at, end, this.#delimiter) : at;
    if (bytes[blank] === quoteMark && blank < end) return blank + 1;
    if (bytes[blank] === equals && bytes[blank + 1] === quoteMark && blank + 1 < end) return blank + 2;
    return blank;
  }

  #closing(bytes: Buffer, from: number, end: number): number {
    for (let at = from; at < end; at++) {
      if (bytes[at] !== quoteMark) continue;
      if (bytes[at + 1] !== quoteMark || at + 1 >= end) return at;
      at += 1;
    }
    return -1;
  }
}

function skipUnlessDelimiter(bytes: Buffer, at: number, end: number, delimiter: number): number {
  if (delimiter !== 9) return skipBlanks(bytes, at, end);
  let here = at;
  while (here < end && bytes[here] === 32) here += 1;
  return here;
}

function isBlankBefore(bytes: Buffer, to: number): boolean {
  const byte = bytes[to - 1]!;
  return byte === 32 || byte === 9 || (byte === 0xa0 && bytes[to - 2] === 0xc2);
}

/** A heading as it is compared: blanks around and between do not count, nor does the case of letters. */
export function plainHeading(text: string): string {
  return text.replace(/\s+/g, ' ').trim().toLowerCase();
}
