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

const firstCapacity = 1024;

/**
 * Origins by number, in parallel typed arrays and found again through a hash table: 35 bytes each, where an object and its key are 250.
 * Every line of an imported file is an origin of its own, so there are as many as days of all meters.
 */
export class OriginTable {
  #count = 0;
  #minutes = new Uint16Array(firstCapacity);
  #quality = new Uint8Array(firstCapacity);
  #source = new Uint32Array(firstCapacity);
  #line = new Uint32Array(firstCapacity);
  #versionAt = new Float64Array(firstCapacity);
  /** Id plus one of the origin whose hash leads here, 0 for none; never more than half full. */
  #slots = new Uint32Array(firstCapacity * 2);
  #lastId = -1;

  intern({ minutes, quality, source, line, versionAt }: Origin): number {
    return this.internParts(minutes, qualityCode(quality), source, line, versionAt);
  }

  /** The same without an object; `quality` is a code of reading.ts. */
  internParts(minutes: number, quality: number, source: number, line: number, versionAt: number): number {
    // Readings come in runs of one origin.
    if (this.#lastId >= 0 && this.#is(this.#lastId, minutes, quality, source, line, versionAt)) return this.#lastId;
    const mask = this.#slots.length - 1;
    let slot = hashOf(minutes, quality, source, line, versionAt) & mask;
    for (; this.#slots[slot] !== 0; slot = (slot + 1) & mask) {
      const id = this.#slots[slot]! - 1;
      if (this.#is(id, minutes, quality, source, line, versionAt)) {
        this.#lastId = id;
        return id;
      }
    }
    const id = this.#count;
    if (id === this.#minutes.length) {
      this.#grow();
      return this.internParts(minutes, quality, source, line, versionAt);
    }
    this.#minutes[id] = minutes;
    this.#quality[id] = quality;
    this.#source[id] = source;
    this.#line[id] = line;
    this.#versionAt[id] = versionAt;
    this.#slots[slot] = id + 1;
    this.#count += 1;
    this.#lastId = id;
    return id;
  }

  get(id: number): Origin {
    return {
      minutes: this.#minutes[id]!,
      quality: qualities[this.#quality[id]!]!,
      source: this.#source[id]!,
      line: this.#line[id]!,
      versionAt: this.#versionAt[id]!,
    };
  }

  minutesOf(id: number): number {
    return this.#minutes[id]!;
  }

  sourceOf(id: number): number {
    return this.#source[id]!;
  }

  versionOf(id: number): number {
    return this.#versionAt[id]!;
  }

  #is(id: number, minutes: number, quality: number, source: number, line: number, versionAt: number): boolean {
    return (
      this.#line[id] === line &&
      this.#source[id] === source &&
      this.#versionAt[id] === versionAt &&
      this.#quality[id] === quality &&
      this.#minutes[id] === minutes
    );
  }

  #grow(): void {
    const capacity = this.#minutes.length * 2;
    this.#minutes = enlarged(this.#minutes, new Uint16Array(capacity));
    this.#quality = enlarged(this.#quality, new Uint8Array(capacity));
    this.#source = enlarged(this.#source, new Uint32Array(capacity));
    this.#line = enlarged(this.#line, new Uint32Array(capacity));
    this.#versionAt = enlarged(this.#versionAt, new Float64Array(capacity));
    const slots = new Uint32Array(capacity * 2);
    const mask = slots.length - 1;
    for (let id = 0; id < this.#count; id++) {
      const hash = hashOf(
        this.#minutes[id]!,
        this.#quality[id]!,
        this.#source[id]!,
        this.#line[id]!,
        this.#versionAt[id]!,
      );
      let slot = hash & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = id + 1;
    }
    this.#slots = slots;
  }
}

/** Multiplies and mixes, so that lines that follow each other spread; the constants are those of MurmurHash3. */
function hashOf(minutes: number, quality: number, source: number, line: number, versionAt: number): number {
  let hash = Math.imul(line ^ (minutes << 20) ^ (quality << 28), 0xcc9e2d51);
  hash = Math.imul(hash ^ (hash >>> 15) ^ source, 0x1b873593);
  hash = Math.imul(hash ^ (hash >>> 13) ^ (versionAt | 0), 0x85ebca6b);
  return hash ^ (hash >>> 16);
}

function enlarged<T extends Uint8Array | Uint16Array | Uint32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
