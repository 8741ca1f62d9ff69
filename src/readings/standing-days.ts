import { secondsPerDay } from '../units/time.ts';
import { BitReader } from './bits.ts';
import { DayBlock } from './day-block.ts';
import { decodeReadings, type OriginKeeper } from './day-block-codec.ts';
import type { DayNumber } from './day-number.ts';
import type { ReadingRun } from './decided-reading.ts';
import type { RunPiece } from './run-pieces.ts';

/** Where the days of a series stand as they are packed. */
export interface PackedDays {
  /** The days from `from` to `to`, both inclusive, each in a frame: days after `from` and bytes, of four bytes each, then the block. */
  framedDays(seriesId: number, from: DayNumber, to: DayNumber): Uint8Array;
}

const frameBytes = 8;
// A run of a market's day lies in two UTC days. Whoever goes on to a third goes on, as a file does that comes again.
const firstDays = 2;
const nextDays = 32;

/**
 * Compares runs with what is stored, for files that come again: days are looked into where they lie, one after the other in the same
 * memory, and neither blocks nor origins of the index are made of them. It looks no further in a series that had something else once.
 */
export class StandingDays {
  readonly #stored: PackedDays;
  #seriesId = 0;
  #isOver = false;
  #from: DayNumber = 0;
  #to: DayNumber = -1;
  #frames: Frames = noFrames;
  /** The day that was unpacked last, and what of. */
  #day: DayNumber | undefined;
  #block = new DayBlock(48);
  readonly #origins = new PlainOrigins();

  constructor(stored: PackedDays) {
    this.#stored = stored;
  }

  /** Whether each reading of the run stands there with its length, its value and no older a version. false is also the answer when it is not plain. */
  hold(run: ReadingRun, pieces: readonly RunPiece[]): boolean {
    if (run.seriesId !== this.#seriesId) {
      this.forget();
      this.#seriesId = run.seriesId;
      this.#isOver = false;
    }
    if (!this.#isOver) this.#isOver = !pieces.every(piece => this.#holdsPiece(run, piece));
    return !this.#isOver;
  }

  /** What is stored may be another by now. */
  forget(): void {
    [this.#from, this.#to, this.#frames, this.#day] = [0, -1, noFrames, undefined];
  }

  get seriesId(): number {
    return this.#seriesId;
  }

  #holdsPiece({ minutes, values, versionAt }: ReadingRun, { day, offset, step, from, to }: RunPiece): boolean {
    const block = this.#unpack(day);
    if (!block) return false;
    const position = block.search(offset);
    const end = Math.min(offset + (to - from) * step, secondsPerDay);
    if (block.search(end) - position !== to - from) return false;
    for (let at = from, each = position; at < to; at++, each++) {
      const isKnown =
        block.offset[each] === offset + (at - from) * step &&
        Object.is(block.value[each], values[at]) &&
        this.#origins.holds(block.origin[each]!, minutes, versionAt);
      if (!isKnown) return false;
    }
    return true;
  }

  #unpack(day: DayNumber): DayBlock | undefined {
    if (day === this.#day) return this.#block;
    if (day < this.#from || day > this.#to) this.#open(day);
    const { reader, places } = this.#frames;
    const place = places[day - this.#from];
    if (place === undefined) return undefined;
    reader.moveTo(place.at, place.end);
    this.#origins.clear();
    this.#block = decodeReadings(reader, this.#origins, this.#block);
    this.#day = day;
    return this.#block;
  }

  #open(day: DayNumber): void {
    const goesOn = day === this.#to + 1;
    this.#from = day;
    this.#to = day + (goesOn ? nextDays : firstDays) - 1;
    this.#frames = framesOf(this.#stored.framedDays(this.#seriesId, this.#from, this.#to));
  }
}

interface Frames {
  reader: BitReader;
  /** By days after the first. */
  places: ({ at: number; end: number } | undefined)[];
}

const noFrames: Frames = { reader: new BitReader(new Uint8Array(0)), places: [] };

function framesOf(bytes: Uint8Array): Frames {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const places: Frames['places'] = [];
  for (let at = 0; at < bytes.length; ) {
    const [day, length] = [view.getUint32(at), view.getUint32(at + 4)];
    const end = at + frameBytes + length;
    places[day] = { at: at + frameBytes, end };
    at = end;
  }
  return { reader: new BitReader(bytes), places };
}

/** Of one block's origins, as much as is asked. */
class PlainOrigins implements OriginKeeper {
  readonly #minutes: number[] = [];
  readonly #versions: number[] = [];
  #count = 0;

  internParts(minutes: number, _quality: number, _source: number, _line: number, versionAt: number): number {
    this.#minutes[this.#count] = minutes;
    this.#versions[this.#count] = versionAt;
    return this.#count++;
  }

  /** Whether that origin is of intervals of this length, and of this version or a newer one. */
  holds(id: number, minutes: number, versionAt: number): boolean {
    return this.#minutes[id] === minutes && this.#versions[id]! >= versionAt;
  }

  clear(): void {
    this.#count = 0;
  }
}
