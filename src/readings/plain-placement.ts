import { type Instant, secondsPerDay } from '../units/time.ts';
import type { DayBlock } from './day-block.ts';
import { type DayNumber, dayNumberOf, firstNotBefore } from './day-number.ts';
import type { OriginTable } from './origin.ts';
import type { ResidentBlocks, SeriesTail } from './resident-blocks.ts';

/** Where the plain readings of a series go. */
export interface PlainPlace {
  seriesId: number;
  /** 0 for a register, which has one dial for ever. */
  minutes: number;
  /** Kept by `put`. */
  tail: SeriesTail;
}

/** 'known': the same value stands there, of an interval as long. 'unclear': nothing was done, and the rules have to judge it. */
export type PlainOutcome = 'put' | 'known' | 'unclear';

/**
 * Puts a reading where nothing stands and where it plainly fits between those around it, as nearly all do. Most come behind everything
 * that is known of their series, and of those that do not most are of a wave that another one overtook. What is not in memory is not
 * asked for.
 */
export class PlainPlacement {
  readonly #blocks: ResidentBlocks;
  readonly #origins: OriginTable;

  constructor(blocks: ResidentBlocks, origins: OriginTable) {
    this.#blocks = blocks;
    this.#origins = origins;
  }

  /** The end of a series, for a place. */
  tailOf(seriesId: number): SeriesTail {
    return this.#blocks.tail(seriesId);
  }

  /** `value` in micro-kWh, `origin` of the table of origins, without a version; `since` is when it came, epoch seconds. */
  put(place: PlainPlace, at: Instant, value: number, origin: number, since: number): PlainOutcome {
    const { last, lastDay } = place.tail;
    const offset = at - lastDay * secondsPerDay;
    const position = last ? last.count - 1 : -1;
    const isNext =
      last?.changedIn === this.#blocks.flushes &&
      position >= 0 &&
      offset < secondsPerDay &&
      last.offset[position]! < offset &&
      this.#endsBy(last, position, offset, value, place.minutes);
    if (!isNext) return this.#putAmong(place, at, value, origin, since);
    last.append(offset, value, origin, since);
    return 'put';
  }

  /** The same wherever the instant is. */
  #putAmong(place: PlainPlace, at: Instant, value: number, origin: number, since: number): PlainOutcome {
    const { seriesId, minutes } = place;
    const day = dayNumberOf(at);
    const offset = at - day * secondsPerDay;
    const days = this.#blocks.days(seriesId);
    const index = firstNotBefore(days, day);
    const hasDay = days[index] === day;
    const block = hasDay ? this.#blocks.inMemory(seriesId, day) : undefined;
    if (hasDay && !block) return 'unclear';
    const position = block?.search(offset) ?? 0;
    if (block?.has(position, offset)) return this.#isKnown(block, position, value, minutes) ? 'known' : 'unclear';
    const dayBefore = days[index - 1];
    const isStepOn =
      block && position > 0
        ? this.#endsBy(block, position - 1, offset, value, minutes)
        : dayBefore === undefined || this.#dayEndsBy(place, dayBefore, at, value);
    if (!isStepOn) return 'unclear';
    const dayAfter = days[hasDay ? index + 1 : index];
    const isStepBefore =
      block && position < block.count
        ? beginsFrom(block, position, offset, value, minutes)
        : dayAfter === undefined || this.#dayBeginsFrom(place, dayAfter, at, value);
    if (!isStepBefore) return 'unclear';
    this.#blocks.changeable(seriesId, day).insert(position, offset, value, origin, since);
    place.tail = this.#blocks.tail(seriesId);
    return 'put';
  }

  #isKnown(block: DayBlock, position: number, value: number, minutes: number): boolean {
    return block.value[position] === value && this.#origins.minutesOf(block.origin[position]!) === minutes;
  }

  /** Whether what stands at a position of a block lets a later one at `offset` stand behind it. */
  #endsBy(block: DayBlock, position: number, offset: number, value: number, minutes: number): boolean {
    return minutes > 0
      ? block.offset[position]! + this.#origins.minutesOf(block.origin[position]!) * 60 <= offset
      : block.value[position]! <= value;
  }

  #dayEndsBy({ seriesId, minutes }: PlainPlace, day: DayNumber, at: Instant, value: number): boolean {
    const block = this.#blocks.inMemory(seriesId, day);
    return block !== undefined && this.#endsBy(block, block.count - 1, at - day * secondsPerDay, value, minutes);
  }

  #dayBeginsFrom({ seriesId, minutes }: PlainPlace, day: DayNumber, at: Instant, value: number): boolean {
    const block = this.#blocks.inMemory(seriesId, day);
    return block !== undefined && beginsFrom(block, 0, at - day * secondsPerDay, value, minutes);
  }
}

/** Whether what stands at a position of a block lets an earlier one at `offset` stand before it. */
function beginsFrom(block: DayBlock, position: number, offset: number, value: number, minutes: number): boolean {
  return minutes > 0 ? offset + minutes * 60 <= block.offset[position]! : value <= block.value[position]!;
}
