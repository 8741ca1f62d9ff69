import { microKwh } from '../units/energy.ts';
import { instant } from '../units/time.ts';
import type { BatchItem } from './post-readings.ts';
import { qualities } from './reading.ts';
import type { ReadingNames } from './reading-names.ts';
import type { ScannedReading } from './scanned-reading.ts';

export const itemsMax = 10_000;

const firstCapacity = 1000;
const bytesEach = 8 + 8 + 4 + 4 + 1;
// What an item that is an object takes beside its text: measured, and rounded up.
const carefulBytesEach = 300;
/** In the column of names: the item stands beside, as an object. */
export const careful = -1;

/** Many readings of one request, in columns: 25 bytes each. A class, because no JSON that is posted can be taken for one. */
export class Batch {
  readonly #names: ReadingNames;
  count = 0;
  at!: Float64Array;
  value!: Float64Array;
  /** Number of the name, or `careful`. */
  name!: Int32Array;
  /** Line of each item in the body, from 1; only when `hasLines`. */
  line!: Uint32Array;
  /** Codes of reading.ts `qualities`. */
  quality!: Uint8Array;
  readonly hasLines: boolean;
  readonly #careful = new Map<number, BatchItem>();
  /** What the items that stand as objects hold, nearly: ten times that of the columns, and more. */
  carefulBytes = 0;

  constructor(names: ReadingNames, hasLines: boolean) {
    this.#names = names;
    this.hasLines = hasLines;
    this.#allocate(firstCapacity);
  }

  /** A reading as it was scanned in `bytes`; one of a name that leads nowhere is kept as text. */
  add(bytes: Uint8Array, scanned: ScannedReading, line: number): void {
    let name = this.#names.find(bytes, scanned);
    if (name < 0) {
      const item = scanned.toPlain(bytes);
      name = this.#names.learn(item);
      if (name < 0) {
        this.addItem(item, line);
        return;
      }
    }
    const index = this.#next(line);
    this.name[index] = name;
    this.at[index] = scanned.at;
    this.value[index] = scanned.value;
    this.quality[index] = scanned.quality;
  }

  /** `textBytes`: length of what it was read from. */
  addItem(item: BatchItem, line: number, textBytes = 0): void {
    const index = this.#next(line);
    this.carefulBytes += textBytes + carefulBytesEach;
    this.name[index] = careful;
    this.#careful.set(index, item);
  }

  /** Any item, for the careful road. */
  itemAt(index: number): BatchItem {
    const name = this.name[index]!;
    if (name === careful) return this.#careful.get(index)!;
    const { meterPoint, kind, code } = this.#names.get(name);
    const [at, value] = [instant(this.at[index]!), microKwh(this.value[index]!)];
    return { meterPoint, kind, code, at, value, quality: qualities[this.quality[index]!]! };
  }

  items(): BatchItem[] {
    return Array.from({ length: this.count }, (_, index) => this.itemAt(index));
  }

  #next(line: number): number {
    if (this.count === this.at.length) this.#grow();
    this.line[this.count] = line;
    return this.count++;
  }

  #grow(): void {
    const { at, value, name, line, quality } = this;
    this.#allocate(Math.min(at.length * 4, itemsMax));
    this.at.set(at);
    this.value.set(value);
    this.name.set(name);
    this.line.set(line);
    this.quality.set(quality);
  }

  #allocate(capacity: number): void {
    const buffer = new ArrayBuffer(capacity * bytesEach);
    this.at = new Float64Array(buffer, 0, capacity);
    this.value = new Float64Array(buffer, capacity * 8, capacity);
    this.name = new Int32Array(buffer, capacity * 16, capacity);
    this.line = new Uint32Array(buffer, capacity * 20, capacity);
    this.quality = new Uint8Array(buffer, capacity * 24, capacity);
  }
}
