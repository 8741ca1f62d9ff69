import type { MicroKwh } from '../units/energy.ts';
import { secondsPerDay } from '../units/time.ts';

// A register that is read once a month has one reading in its block; whatever has more than these has a day of half-hours, mostly.
const firstCapacity = 6;
const secondCapacity = 48;
// Arrays of up to 64 bytes V8 keeps in its own heap, without a buffer each that the collector has to count.
const inHeapMax = 8;

/**
 * The current readings of one series on one UTC day, by time: four parallel typed arrays, 20 bytes a reading. Meters
 * mostly send in order, so an insert is an append; a late one moves at most a day's worth of neighbours.
 */
export class DayBlock {
  count = 0;
  /** The index's count of flushes when it was last changed; 0: as the store has it. */
  changedIn = 0;
  value!: Float64Array;
  /** Seconds since the day began. */
  offset!: Uint32Array;
  /** Ids of the OriginTable. */
  origin!: Uint32Array;
  /** Since when each is the current one, epoch seconds; 0 when nobody noted it. */
  since!: Uint32Array;

  /** All readings of these arrays, which may be parts of longer ones and shared: it is to be read, and `copy` of it may be changed. */
  static over(value: Float64Array, offset: Uint32Array, origin: Uint32Array, since: Uint32Array): DayBlock {
    const block = new DayBlock(0);
    block.count = value.length;
    block.value = value;
    block.offset = offset;
    block.origin = origin;
    block.since = since;
    return block;
  }

  constructor(capacity = firstCapacity) {
    if (capacity > 0) this.#allocate(capacity);
  }

  /** The position of the reading at `offset`, or of the first later one, which may be `count`. */
  search(offset: number): number {
    const last = this.count - 1;
    if (last < 0 || this.offset[last]! < offset) return this.count;
    let low = 0;
    let high = last;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.offset[middle]! < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  has(position: number, offset: number): boolean {
    return position < this.count && this.offset[position] === offset;
  }

  /** Sets the reading at `offset`, replacing the one that stood there. */
  put(offset: number, value: MicroKwh, origin: number, since = 0): void {
    const position = this.search(offset);
    // As nearly all come: what moves nobody need not ask four arrays to move nothing.
    if (position === this.count) {
      this.append(offset, value, origin, since);
      return;
    }
    if (!this.has(position, offset)) {
      this.insert(position, offset, value, origin, since);
      return;
    }
    this.offset[position] = offset;
    this.value[position] = value;
    this.origin[position] = origin;
    this.since[position] = since;
  }

  /** Makes room for `more` readings at once. */
  reserve(more: number): void {
    if (this.count + more > this.offset.length) this.#grow(this.count + more);
  }

  /** Sets a reading that comes after all the others. */
  append(offset: number, value: number, origin: number, since: number): void {
    const position = this.count;
    if (position === this.offset.length) this.#grow(position + 1);
    this.offset[position] = offset;
    this.value[position] = value;
    this.origin[position] = origin;
    this.since[position] = since;
    this.count = position + 1;
  }

  /** Sets a reading that `search` has a place for and that is not there yet. */
  insert(position: number, offset: number, value: number, origin: number, since: number): void {
    if (this.count === this.offset.length) this.#grow(this.count + 1);
    // A late one is late by a few places mostly, for which no array need be asked to move its own.
    for (let at = this.count; at > position; at--) {
      this.offset[at] = this.offset[at - 1]!;
      this.value[at] = this.value[at - 1]!;
      this.origin[at] = this.origin[at - 1]!;
      this.since[at] = this.since[at - 1]!;
    }
    this.offset[position] = offset;
    this.value[position] = value;
    this.origin[position] = origin;
    this.since[position] = since;
    this.count += 1;
  }

  /** Takes out the reading at `position`. */
  remove(position: number): void {
    this.offset.copyWithin(position, position + 1, this.count);
    this.value.copyWithin(position, position + 1, this.count);
    this.origin.copyWithin(position, position + 1, this.count);
    this.since.copyWithin(position, position + 1, this.count);
    this.count -= 1;
  }

  /**
   * Sets `to - from` readings that come `step` seconds after each other, the first at `offset`, with the values from position `from`
   * on. None may stand between the first and the last.
   */
  putRun(
    offset: number,
    step: number,
    values: Float64Array,
    from: number,
    to: number,
    origin: number,
    since: number,
  ): void {
    const added = to - from;
    const position = this.search(offset);
    // A channel that sends a run sends the whole day so.
    if (this.count + added > this.offset.length)
      this.#grow(Math.max(this.count + added, Math.ceil(secondsPerDay / step)));
    if (position < this.count) {
      this.offset.copyWithin(position + added, position, this.count);
      this.value.copyWithin(position + added, position, this.count);
      this.origin.copyWithin(position + added, position, this.count);
      this.since.copyWithin(position + added, position, this.count);
    }
    for (let at = 0; at < added; at++) {
      this.offset[position + at] = offset + at * step;
      this.value[position + at] = values[from + at]!;
    }
    this.origin.fill(origin, position, position + added);
    this.since.fill(since, position, position + added);
    this.count += added;
  }

  /** With memory of its own. */
  copy(): DayBlock {
    const copy = new DayBlock(Math.max(this.offset.length, 1));
    copy.count = this.count;
    copy.value.set(this.value);
    copy.offset.set(this.offset);
    copy.origin.set(this.origin);
    copy.since.set(this.since);
    return copy;
  }

  // One buffer for large ones, because each has a few hundred bytes of its own and a fleet has a block for every series.
  #allocate(capacity: number): void {
    if (capacity <= inHeapMax) {
      this.value = new Float64Array(capacity);
      this.offset = new Uint32Array(capacity);
      this.origin = new Uint32Array(capacity);
      this.since = new Uint32Array(capacity);
      return;
    }
    const buffer = new ArrayBuffer(capacity * 20);
    this.value = new Float64Array(buffer, 0, capacity);
    this.offset = new Uint32Array(buffer, capacity * 8, capacity);
    this.origin = new Uint32Array(buffer, capacity * 12, capacity);
    this.since = new Uint32Array(buffer, capacity * 16, capacity);
  }

  #grow(needed: number): void {
    const { value, offset, origin, since } = this;
    this.#allocate(Math.max(offset.length * 2, needed, secondCapacity));
    this.value.set(value);
    this.offset.set(offset);
    this.origin.set(origin);
    this.since.set(since);
  }
}
