import { secondsPerDay } from '../units/time.ts';
import type { PlacedBlock } from './resident-blocks.ts';

const firstCapacity = 2048;

/** Readings of one series side by side, by time, in memory that the next series uses again. */
export class ReadingColumns {
  count = 0;
  /** Epoch seconds. */
  at = new Float64Array(firstCapacity);
  /** micro-kWh; NaN where the sender says that there is none. */
  value = new Float64Array(firstCapacity);
  /** Ids of the OriginTable. */
  origin = new Uint32Array(firstCapacity);

  clear(): void {
    this.count = 0;
  }

  add(at: number, value: number, origin: number): void {
    if (this.count === this.at.length) this.#reserve(1);
    this.at[this.count] = at;
    this.value[this.count] = value;
    this.origin[this.count] = origin;
    this.count += 1;
  }

  /** The readings of a block that lie in [from, to). */
  addBlock({ day, block }: PlacedBlock, from: number, to: number): void {
    const begins = day * secondsPerDay;
    const first = block.search(Math.max(0, from - begins));
    const end = to <= begins ? first : block.search(to - begins);
    if (end <= first) return;
    this.#reserve(end - first);
    const { at, value, origin } = this;
    const { offset, value: values, origin: origins } = block;
    let place = this.count;
    for (let i = first; i < end; i++) {
      at[place] = begins + offset[i]!;
      value[place] = values[i]!;
      origin[place] = origins[i]!;
      place += 1;
    }
    this.count = place;
  }

  #reserve(more: number): void {
    const needed = this.count + more;
    if (needed <= this.at.length) return;
    const capacity = Math.max(this.at.length * 2, needed);
    const { at, value, origin } = this;
    this.at = new Float64Array(capacity);
    this.value = new Float64Array(capacity);
    this.origin = new Uint32Array(capacity);
    this.at.set(at);
    this.value.set(value);
    this.origin.set(origin);
  }
}
