import type { DayBlock } from '../readings/day-block.ts';
import { dayNumberOf } from '../readings/day-number.ts';
import type { DecidedReading } from '../readings/decided-reading.ts';
import { OriginTable } from '../readings/origin.ts';
import type { Reading } from '../readings/reading.ts';
import { isSameReading } from '../readings/reading-history.ts';
import type { ReadingStore } from '../readings/reading-store.ts';
import { secondsPerDay } from '../units/time.ts';

// A day of ten thousand meters with two channels: the journal goes through the days in the order of time, nearly.
const blocksMax = 20_000;

/** Whether readings stand in the store as they were kept, asked for many that lie close together. */
export class StoredReadings {
  readonly #store: ReadingStore;
  readonly #blocks = new Map<string, DayBlock | undefined>();
  // Of its own: the house's table would keep the origins of everything that is ever verified.
  #origins = new OriginTable();

  constructor(store: ReadingStore) {
    this.#store = store;
  }

  /** As the current reading of its instant or, when another one is current, among the versions kept beside: with all that it says, and when it came. */
  has({ seriesId, reading, receivedAt, outcome }: DecidedReading): boolean {
    const beside = outcome === 'conflict' || outcome === 'older';
    if (!beside && this.#isCurrent(seriesId, reading, receivedAt)) return true;
    return this.#store.versions
      .list(seriesId, reading.at, reading.at)
      .some(
        ({ reading: kept, receivedAt: keptAt }) =>
          isSameReading(kept, reading) && kept.quality === reading.quality && isThen(keptAt, receivedAt),
      );
  }

  #isCurrent(
    seriesId: number,
    { at, value, minutes, quality, source, line, versionAt }: Reading,
    receivedAt: number,
  ): boolean {
    const day = dayNumberOf(at);
    const offset = at - day * secondsPerDay;
    const block = this.#block(seriesId, day);
    if (!block) return false;
    const position = block.search(offset);
    if (!block.has(position, offset) || !Object.is(block.value[position], value)) return false;
    if (!isThen(block.since[position]!, receivedAt)) return false;
    const origin = this.#origins.get(block.origin[position]!);
    return (
      origin.minutes === minutes &&
      origin.quality === quality &&
      origin.source === source &&
      origin.line === line &&
      origin.versionAt === versionAt
    );
  }

  #block(seriesId: number, day: number): DayBlock | undefined {
    const key = `${seriesId} ${day}`;
    if (this.#blocks.has(key)) return this.#blocks.get(key);
    if (this.#blocks.size >= blocksMax) {
      this.#blocks.clear();
      this.#origins = new OriginTable();
    }
    const block = this.#store.findBlock(seriesId, day, this.#origins);
    this.#blocks.set(key, block);
    return block;
  }
}

/** A store that was upgraded does not know of all that it has when it came. */
function isThen(noted: number, receivedAt: number): boolean {
  return noted === receivedAt || noted === 0;
}
