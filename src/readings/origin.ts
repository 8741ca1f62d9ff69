import { type Quality, qualities, qualityCode } from './reading.ts';

/** What neighbouring readings share: how and from where they came. Interned, so that a reading carries one small integer. */
export interface Origin {
  /** Length of a channel's interval, 0 for a register's value. */
  minutes: number;
  quality: Quality;
  /** Row of the `source` table. */
  source: number;
  /** Line in the source file, 0 when it did not come from a file. */
  line: number;
  /** The sender's version stamp in epoch seconds, 0 when it has none. */
  versionAt: number;
}

// 20 kB: a table of a slice's blocks needs no more, and a long one never moves what it has.
const pageLength = 1024;
const pageBits = 10;
const [wordsEach, sourceWord, lineWord] = [3, 1, 2];
const qualityBits = 3;
const firstSlots = pageLength * 2;
// All are moved long before the table is full again.
const movedAtOnce = 4;

/**
 * Origins by number, in typed arrays and found again through a hash table: 28 to 40 bytes each, where an object and its key are 250.
 * Every line of an imported file is an origin of its own, so there are as many as days of all meters. Growing takes no time: hashing
 * half a million anew at once took 55 ms, so each that comes moves a few of those that are there.
 */
export class OriginTable {
  #count = 0;
  /** Pages of minutes and quality, source, line. */
  readonly #words: Uint32Array[] = [];
  readonly #versions: Float64Array[] = [];
  /** Id plus one of the origin whose hash leads here, 0 for none; never more than half full. */
  #slots = new Uint32Array(firstSlots);
  /** The slots before they were doubled: ids from `#moved` to half their number are found only here. */
  #before: Uint32Array | undefined;
  #moved = 0;
  #lastId = -1;

  intern({ minutes, quality, source, line, versionAt }: Origin): number {
    return this.internParts(minutes, qualityCode(quality), source, line, versionAt);
  }

  /** The same without an object; `quality` is a code of reading.ts. */
  internParts(minutes: number, quality: number, source: number, line: number, versionAt: number): number {
    // Readings come in runs of one origin.
    if (this.#lastId >= 0 && this.#is(this.#lastId, minutes, quality, source, line, versionAt)) return this.#lastId;
    // What was interned line by line is asked for line by line; looked up by its hash, each is somewhere else in memory.
    const next = this.#lastId + 1;
    if (next < this.#count && this.#is(next, minutes, quality, source, line, versionAt)) return ++this.#lastId;
    const hash = hashOf(minutes * 2 ** qualityBits + quality, source, line, versionAt);
    this.#lastId = this.#find(hash, minutes, quality, source, line, versionAt);
    if (this.#lastId < 0) {
      this.#makeRoom();
      this.#lastId = this.#add(minutes, quality, source, line, versionAt);
      this.#place(this.#lastId, hash);
    }
    return this.#lastId;
  }

  get(id: number): Origin {
    return {
      minutes: this.minutesOf(id),
      quality: this.qualityOf(id),
      source: this.sourceOf(id),
      line: this.#words[id >>> pageBits]![(id % pageLength) * wordsEach + lineWord]!,
      versionAt: this.versionOf(id),
    };
  }

  minutesOf(id: number): number {
    return this.#words[id >>> pageBits]![(id % pageLength) * wordsEach]! >>> qualityBits;
  }

  qualityOf(id: number): Quality {
    return qualities[this.#words[id >>> pageBits]![(id % pageLength) * wordsEach]! % 2 ** qualityBits]!;
  }

  sourceOf(id: number): number {
    return this.#words[id >>> pageBits]![(id % pageLength) * wordsEach + sourceWord]!;
  }

  versionOf(id: number): number {
    return this.#versions[id >>> pageBits]![id % pageLength]!;
  }

  #is(id: number, minutes: number, quality: number, source: number, line: number, versionAt: number): boolean {
    const words = this.#words[id >>> pageBits]!;
    const at = (id % pageLength) * wordsEach;
    return (
      words[at + lineWord] === line &&
      words[at + sourceWord] === source &&
      words[at] === minutes * 2 ** qualityBits + quality &&
      this.versionOf(id) === versionAt
    );
  }

  /** -1 when there is none. */
  #find(hash: number, minutes: number, quality: number, source: number, line: number, versionAt: number): number {
    for (let slots: Uint32Array | undefined = this.#slots; slots; ) {
      const mask = slots.length - 1;
      for (let slot = hash & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
        const id = slots[slot]! - 1;
        if (this.#is(id, minutes, quality, source, line, versionAt)) return id;
      }
      slots = slots === this.#slots ? this.#before : undefined;
    }
    return -1;
  }

  #makeRoom(): void {
    if (this.#count * 2 === this.#slots.length) {
      this.#before = this.#slots;
      this.#moved = 0;
      this.#slots = new Uint32Array(this.#before.length * 2);
    }
    if (!this.#before) return;
    const end = Math.min(this.#moved + movedAtOnce, this.#before.length / 2);
    for (; this.#moved < end; this.#moved++) this.#place(this.#moved, this.#hashOf(this.#moved));
    if (this.#moved * 2 === this.#before.length) this.#before = undefined;
  }

  #add(minutes: number, quality: number, source: number, line: number, versionAt: number): number {
    const id = this.#count++;
    const at = id % pageLength;
    if (at === 0) {
      this.#words.push(new Uint32Array(pageLength * wordsEach));
      this.#versions.push(new Float64Array(pageLength));
    }
    const words = this.#words.at(-1)!;
    words[at * wordsEach] = minutes * 2 ** qualityBits + quality;
    words[at * wordsEach + sourceWord] = source;
    words[at * wordsEach + lineWord] = line;
    this.#versions.at(-1)![at] = versionAt;
    return id;
  }

  #place(id: number, hash: number): void {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = id + 1;
  }

  #hashOf(id: number): number {
    const words = this.#words[id >>> pageBits]!;
    const at = (id % pageLength) * wordsEach;
    return hashOf(words[at]!, words[at + sourceWord]!, words[at + lineWord]!, this.versionOf(id));
  }
}

/** Multiplies and mixes, so that lines that follow each other spread; the constants are those of MurmurHash3. */
function hashOf(kind: number, source: number, line: number, versionAt: number): number {
  let hash = Math.imul(line ^ (kind << 16), 0xcc9e2d51);
  hash = Math.imul(hash ^ (hash >>> 15) ^ source, 0x1b873593);
  hash = Math.imul(hash ^ (hash >>> 13) ^ (versionAt | 0), 0x85ebca6b);
  return hash ^ (hash >>> 16);
}
