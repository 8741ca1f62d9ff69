import { Spool } from '../../kernel/spool-store.ts';

/** Readings of one IntervalBlock, or of a part of it, column by column. */
export interface Columns {
  count: number;
  /** Epoch seconds; NaN when the reading has no time of its own. */
  starts: Float64Array;
  /** As sent, before powerOfTenMultiplier; NaN when there is no value. */
  values: Float64Array;
  /** Seconds; -1 when not said. */
  durations: Int32Array;
  lines: Int32Array;
  /** Codes of readings/reading.ts `qualities`; `qualityNotSaid`. */
  qualities: Uint8Array;
}

/** Columns that were put aside. */
export type Part = Uint8Array | number;

export const qualityNotSaid = 255;
/** Readings of a part: a block of more has several. */
export const partLength = 1024;
const bytesPerReading = 8 + 8 + 4 + 4 + 1;
// Most feeds are a year at most, and need no file.
const inMemoryMax = 8_000_000;

export function emptyColumns(): Columns {
  return columnsIn(new ArrayBuffer(partLength * bytesPerReading), 0, partLength, 0);
}

/** Keeps columns until what they mean is known: the first megabytes in memory, the others on disk. */
export class ColumnStore {
  #spool: Spool | undefined;
  #inMemory = 0;

  keep({ count, starts, values, durations, lines, qualities }: Columns): Part {
    const bytes = new Uint8Array(count * bytesPerReading);
    const kept = columnsIn(bytes.buffer, 0, count, count);
    kept.starts.set(starts.subarray(0, count));
    kept.values.set(values.subarray(0, count));
    kept.durations.set(durations.subarray(0, count));
    kept.lines.set(lines.subarray(0, count));
    kept.qualities.set(qualities.subarray(0, count));
    if (this.#inMemory + bytes.length <= inMemoryMax) {
      this.#inMemory += bytes.length;
      return bytes;
    }
    this.#spool ??= new Spool();
    return this.#spool.put(bytes);
  }

  open(part: Part): Columns {
    // A copy begins where numbers of eight bytes may.
    const bytes = typeof part === 'number' ? Uint8Array.from(this.#spool!.get(part)) : part;
    const count = bytes.length / bytesPerReading;
    return columnsIn(bytes.buffer, bytes.byteOffset, count, count);
  }

  close(): void {
    this.#spool?.close();
    this.#spool = undefined;
  }
}

function columnsIn(buffer: ArrayBufferLike, from: number, length: number, count: number): Columns {
  return {
    count,
    starts: new Float64Array(buffer, from, length),
    values: new Float64Array(buffer, from + length * 8, length),
    durations: new Int32Array(buffer, from + length * 16, length),
    lines: new Int32Array(buffer, from + length * 20, length),
    qualities: new Uint8Array(buffer, from + length * 24, length),
  };
}
