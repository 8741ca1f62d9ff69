import type { SeriesKind } from '../accounts/meter-point.ts';
import type { ScannedReading } from './scanned-reading.ts';

/** What a reading says of where it belongs. */
export interface ReadingName {
  meterPoint: string;
  kind: SeriesKind;
  /** Of the register or channel; undefined is the meter point's only one. */
  code: string | undefined;
}

/** Where a name stands in bytes. */
type NamePlace = Pick<ScannedReading, 'meterPointFrom' | 'meterPointTo' | 'codeFrom' | 'codeTo' | 'isChannel'>;

const firstCapacity = 1024;
// Ten million series, each with and without its code: beyond it names are read as text.
const namesMax = 20_000_000;

/**
 * Names that were resolved before, found again by their bytes: a text for each reading, its hash and two maps of objects cost more
 * than all the rest of it. A number stands for a name as long as the process lives; what it leads to is asked elsewhere.
 */
export class ReadingNames {
  #count = 0;
  /** Meter point and code of each, one behind the other. */
  #bytes = new Uint8Array(firstCapacity * 16);
  #begin = new Uint32Array(firstCapacity + 1);
  #meterPointLength = new Uint8Array(firstCapacity);
  /** 0 for none. */
  #codeLength = new Uint8Array(firstCapacity);
  #isChannel = new Uint8Array(firstCapacity);
  #hash = new Int32Array(firstCapacity);
  /** Number plus one of the name whose hash leads here, 0 for none; never more than half full. */
  #slots = new Uint32Array(firstCapacity * 2);
  #last = -1;
  readonly #leads: (name: ReadingName) => boolean;

  /** `leads`: whether a name leads to a series that there is. */
  constructor(leads: (name: ReadingName) => boolean = () => false) {
    this.#leads = leads;
  }

  get count(): number {
    return this.#count;
  }

  /** The number of the name that `reading` has in `bytes`; -1 when it is not known. */
  find(bytes: Uint8Array, reading: NamePlace): number {
    // Meters are sent in one order, and the readings of one behind each other.
    if (this.#is(this.#last + 1, bytes, reading)) {
      this.#last += 1;
      return this.#last;
    }
    if (this.#last >= 0 && this.#is(this.#last, bytes, reading)) return this.#last;
    const hash = hashOf(bytes, reading);
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; this.#slots[slot] !== 0; slot = (slot + 1) & mask) {
      const name = this.#slots[slot]! - 1;
      if (this.#hash[name] !== hash || !this.#is(name, bytes, reading)) continue;
      this.#last = name;
      return name;
    }
    return -1;
  }

  /** The number of a name that was not known and leads somewhere, so that only what meter points have is remembered; -1 otherwise. */
  learn(name: ReadingName): number {
    if (!this.#leads(name)) return -1;
    const before = this.#count;
    this.add(name);
    return this.#count > before ? before : -1;
  }

  /** Remembers a name of printable ASCII; nothing when it is known, is not plain, or there are too many. */
  add({ meterPoint, kind, code = '' }: ReadingName): void {
    const bytes = Buffer.from(meterPoint + code, 'latin1');
    const reading: NamePlace = {
      meterPointFrom: 0,
      meterPointTo: meterPoint.length,
      codeFrom: meterPoint.length,
      codeTo: bytes.length,
      isChannel: kind === 'channel',
    };
    const isPlain = /^[ -~]+$/.test(meterPoint + code);
    if (!isPlain || this.#count === namesMax || this.find(bytes, reading) >= 0) return;
    this.#reserve(bytes.length);
    const name = this.#count++;
    const begin = this.#begin[name]!;
    this.#bytes.set(bytes, begin);
    this.#begin[name + 1] = begin + bytes.length;
    this.#meterPointLength[name] = meterPoint.length;
    this.#codeLength[name] = code.length;
    this.#isChannel[name] = kind === 'channel' ? 1 : 0;
    this.#hash[name] = hashOf(bytes, reading);
    this.#place(name);
  }

  get(name: number): ReadingName {
    const begin = this.#begin[name]!;
    const end = begin + this.#meterPointLength[name]!;
    const text = Buffer.from(this.#bytes.buffer, begin, this.#begin[name + 1]! - begin).toString('latin1');
    return {
      meterPoint: text.slice(0, end - begin),
      kind: this.#isChannel[name] === 1 ? 'channel' : 'register',
      code: this.#codeLength[name] === 0 ? undefined : text.slice(end - begin),
    };
  }

  #is(name: number, bytes: Uint8Array, reading: NamePlace): boolean {
    if (name >= this.#count) return false;
    const meterPointLength = this.#meterPointLength[name]!;
    const codeLength = this.#codeLength[name]!;
    if (
      reading.meterPointTo - reading.meterPointFrom !== meterPointLength ||
      reading.codeTo - reading.codeFrom !== codeLength ||
      (this.#isChannel[name] === 1) !== reading.isChannel
    )
      return false;
    const own = this.#bytes;
    const begin = this.#begin[name]!;
    // From the end, where names that differ do so first.
    for (let at = meterPointLength - 1; at >= 0; at--)
      if (own[begin + at] !== bytes[reading.meterPointFrom + at]) return false;
    for (let at = 0; at < codeLength; at++)
      if (own[begin + meterPointLength + at] !== bytes[reading.codeFrom + at]) return false;
    return true;
  }

  #place(name: number): void {
    const mask = this.#slots.length - 1;
    let slot = this.#hash[name]! & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = name + 1;
  }

  #reserve(length: number): void {
    const used = this.#begin[this.#count]!;
    if (used + length > this.#bytes.length) this.#bytes = enlarged(this.#bytes, new Uint8Array(this.#bytes.length * 2));
    if (this.#count < this.#hash.length) return;
    const capacity = this.#hash.length * 2;
    this.#begin = enlarged(this.#begin, new Uint32Array(capacity + 1));
    this.#meterPointLength = enlarged(this.#meterPointLength, new Uint8Array(capacity));
    this.#codeLength = enlarged(this.#codeLength, new Uint8Array(capacity));
    this.#isChannel = enlarged(this.#isChannel, new Uint8Array(capacity));
    this.#hash = enlarged(this.#hash, new Int32Array(capacity));
    this.#slots = new Uint32Array(capacity * 2);
    for (let name = 0; name < this.#count; name++) this.#place(name);
  }
}

/** Multiplies and mixes each byte (FNV-1a), and the whole once more, because only its low bits are looked at. */
function hashOf(bytes: Uint8Array, reading: NamePlace): number {
  let hash = reading.isChannel ? 0x811c9dc5 : 0x01000193;
  for (let at = reading.meterPointFrom; at < reading.meterPointTo; at++)
    hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  hash = Math.imul(hash ^ 256, 0x01000193);
  for (let at = reading.codeFrom; at < reading.codeTo; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  return (hash ^ (hash >>> 15)) | 0;
}

function enlarged<T extends Uint8Array | Uint32Array | Int32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
