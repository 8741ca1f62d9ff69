import { type Field, ScannedReading } from './scanned-reading.ts';

/**
 * Reads rows without quotation marks, spaces and empty cells from bytes, without an object or a text; anything else is for the careful
 * road: false then. Behind the bytes it may read stands a 0, which is a surprise wherever it comes.
 */
export class RowScanner {
  readonly reading = new ScannedReading();
  /** Just behind the line that was read. */
  position = 0;
  readonly #columns: readonly Field[];

  constructor(columns: readonly Field[]) {
    this.#columns = columns;
    this.reading.isChannel = columns.includes('energy');
  }

  /** One line from `position` on; false at a surprise. */
  scan(bytes: Uint8Array, position: number): boolean {
    const { reading } = this;
    const columns = this.#columns;
    const last = columns.length - 1;
    let at = position;
    for (let column = 0; column <= last; column++) {
      const from = at;
      let byte = bytes[at]!;
      while (byte > 32 && byte < 127 && byte !== 44 && byte !== 34) byte = bytes[++at]!;
      if (at === from || !reading.put(columns[column]!, bytes, from, at)) return false;
      if (column < last) {
        if (byte !== 44) return false;
        at += 1;
      }
    }
    if (bytes[at] === 13) at += 1;
    if (bytes[at] !== 10) return false;
    this.position = at + 1;
    return true;
  }
}
