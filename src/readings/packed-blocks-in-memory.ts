import { assert } from '../kernel/assert.ts';
import { BitWriter } from './bits.ts';
import type { DayBlock } from './day-block.ts';
import { decodeBlock, encodeBlock } from './day-block-codec.ts';
import type { DayNumber } from './day-number.ts';
import type { OriginTable } from './origin.ts';

const pageBytes = 2 ** 20;

/** Day blocks as bytes, in pages: a twentieth of what they take as blocks. A block that is put again leaves its old bytes behind. */
export class PackedBlocksInMemory {
  readonly #origins: OriginTable;
  readonly #pages: Uint8Array[] = [];
  /** Of the last page. */
  #used = pageBytes;
  /** By series and day: where its bytes begin, counted through all pages, times a page, and how many they are; 0 of an empty block. */
  readonly #places = new Map<number, Map<DayNumber, number>>();
  // What is written is copied in the same tick, so one is enough for all.
  readonly #writer = new BitWriter();

  constructor(origins: OriginTable) {
    this.#origins = origins;
  }

  put(seriesId: number, day: DayNumber, block: DayBlock): void {
    const places = this.#places.get(seriesId) ?? new Map<DayNumber, number>();
    this.#places.set(seriesId, places);
    if (block.count === 0) {
      places.set(day, 0);
      return;
    }
    this.#writer.clear();
    const bytes = encodeBlock(block, this.#origins, this.#writer);
    assert(bytes.length < pageBytes, 'a day fits into a page');
    if (this.#used + bytes.length > pageBytes) {
      this.#pages.push(new Uint8Array(pageBytes));
      this.#used = 0;
    }
    this.#pages.at(-1)!.set(bytes, this.#used);
    const start = (this.#pages.length - 1) * pageBytes + this.#used;
    places.set(day, start * pageBytes + bytes.length);
    this.#used += bytes.length;
  }

  /** Whether a block was put there, an empty one, too. */
  has(seriesId: number, day: DayNumber): boolean {
    return this.#places.get(seriesId)?.has(day) ?? false;
  }

  /** undefined of an empty block, too. */
  find(seriesId: number, day: DayNumber): DayBlock | undefined {
    const place = this.#places.get(seriesId)?.get(day) ?? 0;
    if (place === 0) return undefined;
    const start = Math.floor(place / pageBytes);
    const page = this.#pages[Math.floor(start / pageBytes)]!;
    const from = start % pageBytes;
    return decodeBlock(page.subarray(from, from + (place % pageBytes)), this.#origins);
  }

  /** Days of which a block was put that is not empty, in the order in which they came first. */
  listDays(seriesId: number): DayNumber[] {
    return Array.from(this.#places.get(seriesId) ?? []).flatMap(([day, place]) => (place === 0 ? [] : [day]));
  }
}
