import { microKwh } from '../units/energy.ts';
import { type Instant, instant, secondsPerDay } from '../units/time.ts';
import type { DayBlock } from './day-block.ts';
import { type DayNumber, dayNumberOf, firstNotBefore } from './day-number.ts';
import type { ReadingRun } from './decided-reading.ts';
import type { OriginTable } from './origin.ts';
import { endOf, type Reading } from './reading.ts';
import type { ReadingColumns } from './reading-columns.ts';
import type { KnownReading } from './reading-history.ts';
import type { ResidentBlocks } from './resident-blocks.ts';
import { runPieces } from './run-pieces.ts';
import type { Surroundings } from './surroundings.ts';
import { type Visit, visitBlocks } from './visit-blocks.ts';

/** What can be asked about the current readings of a series: those of an instant, around it, of a span. Changes nothing. */
export class CurrentReadings {
  readonly origins: OriginTable;
  protected readonly blocks: ResidentBlocks;

  constructor(blocks: ResidentBlocks, origins: OriginTable) {
    this.blocks = blocks;
    this.origins = origins;
  }

  find(seriesId: number, at: Instant): Reading | undefined {
    const day = dayNumberOf(at);
    const block = this.blocks.resident(seriesId, day);
    const position = block.search(at - day * secondsPerDay);
    return block.has(position, at - day * secondsPerDay) ? this.#reading(day, block, position) : undefined;
  }

  /** The reading at `at`; the nearest ones before and after it, on whatever days, when there is none. */
  around(seriesId: number, at: Instant): Omit<Surroundings, 'kind'> {
    const day = dayNumberOf(at);
    const offset = at - day * secondsPerDay;
    const block = this.blocks.resident(seriesId, day);
    const position = block.search(offset);
    if (block.has(position, offset))
      return { existing: this.#reading(day, block, position), before: undefined, after: undefined };
    return {
      existing: undefined,
      before: position > 0 ? this.#reading(day, block, position - 1) : this.#lastBefore(seriesId, day),
      after: position < block.count ? this.#reading(day, block, position) : this.#firstAfter(seriesId, day),
    };
  }

  /**
   * Whether all that is known of a channel ends at `at` or earlier: what a meter in order sends next meets nothing. false is also the
   * answer when the store would have to be asked.
   */
  endsBy(seriesId: number, at: Instant): boolean {
    const known = this.blocks.lastInMemory(seriesId);
    if (!known) return false;
    const last = known.block.count - 1;
    const lastAt = known.day * secondsPerDay + known.block.offset[last]!;
    return lastAt < at && lastAt + this.origins.minutesOf(known.block.origin[last]!) * 60 <= at;
  }

  /** Whether nothing was ever known of a series. false is also the answer when the store would have to be asked. */
  isUnheardOf(seriesId: number): boolean {
    return this.blocks.isUnheardOf(seriesId);
  }

  /** The nearest reading before `at`, on whatever day. */
  before(seriesId: number, at: Instant): Reading | undefined {
    const day = dayNumberOf(at);
    const block = this.blocks.resident(seriesId, day);
    const position = block.search(at - day * secondsPerDay);
    return position > 0 ? this.#reading(day, block, position - 1) : this.#lastBefore(seriesId, day);
  }

  /** The nearest reading after `at`, on whatever day. */
  after(seriesId: number, at: Instant): Reading | undefined {
    const day = dayNumberOf(at);
    const block = this.blocks.resident(seriesId, day);
    const position = block.search(at + 1 - day * secondsPerDay);
    return position < block.count ? this.#reading(day, block, position) : this.#firstAfter(seriesId, day);
  }

  /** The current reading at `at` with the second since which it is current. */
  findKnown(seriesId: number, at: Instant): KnownReading | undefined {
    const day = dayNumberOf(at);
    const block = this.blocks.glimpse(seriesId, day);
    const position = block?.search(at - day * secondsPerDay) ?? 0;
    if (!block?.has(position, at - day * secondsPerDay)) return undefined;
    return { reading: this.#reading(day, block, position), since: block.since[position]! };
  }

  /** The readings in [from, to) with the second since which each is current, by time. */
  listKnown(seriesId: number, from: Instant, to: Instant): KnownReading[] {
    const found: KnownReading[] = [];
    if (to <= from) return found;
    for (const { day, block } of this.blocks.list(seriesId, dayNumberOf(from), dayNumberOf(instant(to - 1)))) {
      for (let i = block.search(Math.max(0, from - day * secondsPerDay)); i < block.count; i++) {
        const reading = this.#reading(day, block, i);
        if (reading.at >= to) break;
        found.push({ reading, since: block.since[i]! });
      }
    }
    return found;
  }

  /** Calls `visit` for each reading in [from, to), by time. */
  forEach(seriesId: number, from: Instant, to: Instant, visit: Visit): void {
    if (to <= from) return;
    visitBlocks(this.blocks.list(seriesId, dayNumberOf(from), dayNumberOf(instant(to - 1))), from, to, visit);
  }

  /** The readings in [from, to), by time, into `columns` behind what is there: for who sums them, a call for each would be most of it. */
  readInto(columns: ReadingColumns, seriesId: number, from: Instant, to: Instant): void {
    if (to <= from) return;
    for (const placed of this.blocks.list(seriesId, dayNumberOf(from), dayNumberOf(instant(to - 1))))
      columns.addBlock(placed, from, to);
  }

  /** The readings in [from, to), at most `limit`, by time; days beyond the limit are not read. */
  list(seriesId: number, from: Instant, to: Instant, limit = Number.POSITIVE_INFINITY): Reading[] {
    const readings: Reading[] = [];
    for (const day of this.blocks.days(seriesId)) {
      if (day < dayNumberOf(from) || readings.length >= limit) continue;
      if (day * secondsPerDay >= to) break;
      const block = this.blocks.read(seriesId, day);
      for (
        let i = block.search(Math.max(0, from - day * secondsPerDay));
        i < block.count && readings.length < limit;
        i++
      ) {
        const reading = this.#reading(day, block, i);
        if (reading.at >= to) break;
        readings.push(reading);
      }
    }
    return readings;
  }

  /**
   * What stands where a run of a channel is to go. 'free': nothing, and no neighbour reaches in. 'known': each of its readings, with
   * its length, its value and no older a version. 'mixed': anything else, be it that the first of it is known and the rest is not.
   */
  meetRun(run: ReadingRun): 'free' | 'known' | 'mixed' {
    if (this.blocks.holdStored(run)) return 'known';
    const { seriesId, startsAt, minutes, values, versionAt } = run;
    const end = startsAt + values.length * minutes * 60;
    let known = 0;
    for (const { day, offset, step, from, to } of runPieces(run)) {
      const block = this.blocks.glimpse(seriesId, day);
      const position = block ? block.search(offset) : 0;
      const standing = block ? block.search(Math.min(end - day * secondsPerDay, secondsPerDay)) - position : 0;
      if (!block || standing === 0) {
        if (known > 0) return 'mixed';
        continue;
      }
      if (known < from || standing !== to - from) return 'mixed';
      for (let at = 0; at < standing; at++) {
        const isKnown =
          block.offset[position + at] === offset + at * step &&
          Object.is(block.value[position + at], values[from + at]) &&
          this.origins.minutesOf(block.origin[position + at]!) === minutes &&
          this.origins.versionOf(block.origin[position + at]!) >= versionAt;
        if (!isKnown) return 'mixed';
      }
      known = to;
    }
    if (known > 0) return known === values.length ? 'known' : 'mixed';
    return this.#endBefore(seriesId, startsAt) <= startsAt && this.#startAfter(seriesId, startsAt) >= end
      ? 'free'
      : 'mixed';
  }

  #reading(day: DayNumber, block: DayBlock, position: number): Reading {
    const origin = this.origins.get(block.origin[position]!);
    return {
      at: instant(day * secondsPerDay + block.offset[position]!),
      value: microKwh(block.value[position]!),
      minutes: origin.minutes,
      quality: origin.quality,
      source: origin.source,
      line: origin.line,
      versionAt: origin.versionAt,
    };
  }

  /** When the last interval that begins before `at` ends; the beginning of time when there is none. */
  #endBefore(seriesId: number, at: Instant): number {
    const day = dayNumberOf(at);
    const block = this.blocks.glimpse(seriesId, day);
    const position = block ? block.search(at - day * secondsPerDay) - 1 : -1;
    if (block && position >= 0)
      return day * secondsPerDay + block.offset[position]! + this.origins.minutesOf(block.origin[position]!) * 60;
    const before = this.#lastBefore(seriesId, day);
    return before ? endOf(before) : Number.NEGATIVE_INFINITY;
  }

  /** When the first reading after `at` stands; the end of time when there is none. */
  #startAfter(seriesId: number, at: Instant): number {
    const day = dayNumberOf(at);
    const block = this.blocks.glimpse(seriesId, day);
    const position = block ? block.search(at + 1 - day * secondsPerDay) : 0;
    if (block && position < block.count) return day * secondsPerDay + block.offset[position]!;
    return this.#firstAfter(seriesId, day)?.at ?? Number.POSITIVE_INFINITY;
  }

  #lastBefore(seriesId: number, day: DayNumber): Reading | undefined {
    const days = this.blocks.days(seriesId);
    const earlier = days[firstNotBefore(days, day) - 1];
    if (earlier === undefined) return undefined;
    const block = this.blocks.read(seriesId, earlier);
    return this.#reading(earlier, block, block.count - 1);
  }

  #firstAfter(seriesId: number, day: DayNumber): Reading | undefined {
    const days = this.blocks.days(seriesId);
    const later = days[firstNotBefore(days, day + 1)];
    return later === undefined ? undefined : this.#reading(later, this.blocks.read(seriesId, later), 0);
  }
}

/** What is current and cannot be beside `reading`: of the same instant, or of an interval over the same minutes. By time. */
export function overlappedBy(
  readings: Pick<CurrentReadings, 'before' | 'list'>,
  seriesId: number,
  reading: Reading,
): Reading[] {
  const { at } = reading;
  const before = readings.before(seriesId, at);
  const reaches = before && endOf(before) > at ? [before] : [];
  return [...reaches, ...readings.list(seriesId, at, instant(Math.max(endOf(reading), at + 1)))];
}
