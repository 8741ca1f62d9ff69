import type { Instant } from '../units/time.ts';
import { type DayNumber, dayNumberOf } from './day-number.ts';
import type { ReadingVersion } from './decided-reading.ts';

/** Rows by series, the newest of each last; and of series that have many, by the day of their instants, as whoever decides asks for them. */
interface Rows {
  bySeries: Map<number, ReadingVersion[]>;
  byDay: Map<number, Map<DayNumber, ReadingVersion[]>>;
}

// Fewer are looked through sooner than they are put in order.
const manyMin = 64;
// Days that are asked for at once, and looked up one by one.
const daysMax = 4;

/** Rows of history that the store does not have yet. */
export class UnflushedVersions {
  #kept: Rows = { bySeries: new Map(), byDay: new Map() };
  #frozen: Rows | undefined;

  keep(version: ReadingVersion): void {
    add(this.#kept, version);
  }

  /** Those of [from, to], in the order of events for each instant. */
  list(seriesId: number, from: Instant, to: Instant): ReadingVersion[] {
    const kept = listIn(this.#kept, seriesId, from, to);
    return this.#frozen ? [...listIn(this.#frozen, seriesId, from, to), ...kept] : kept;
  }

  *each(): Generator<ReadingVersion> {
    for (const rows of [this.#frozen, this.#kept]) for (const kept of rows?.bySeries.values() ?? []) yield* kept;
  }

  /** What a flush takes; it ends with `release` or `thaw`. */
  freeze(): Map<number, ReadingVersion[]> {
    this.#frozen = this.#kept;
    this.#kept = { bySeries: new Map(), byDay: new Map() };
    return this.#frozen.bySeries;
  }

  /** The store holds the first `count` of the frozen ones of this series. */
  stored(seriesId: number, count: number): void {
    const kept = this.#frozen?.bySeries.get(seriesId);
    if (!this.#frozen || !kept) return;
    if (count >= kept.length) {
      this.#frozen.bySeries.delete(seriesId);
      this.#frozen.byDay.delete(seriesId);
      return;
    }
    const days = this.#frozen.byDay.get(seriesId);
    // The first of all are the first of their days.
    for (const { reading } of kept.splice(0, count)) days?.get(dayNumberOf(reading.at))?.shift();
  }

  release(): void {
    this.#frozen = undefined;
  }

  thaw(): void {
    const since = this.#kept;
    if (this.#frozen) this.#kept = this.#frozen;
    this.#frozen = undefined;
    if (this.#kept === since) return;
    for (const kept of since.bySeries.values()) for (const version of kept) add(this.#kept, version);
  }
}

function add({ bySeries, byDay }: Rows, version: ReadingVersion): void {
  const { seriesId } = version;
  const kept = bySeries.get(seriesId);
  if (!kept) {
    bySeries.set(seriesId, [version]);
    return;
  }
  kept.push(version);
  const days = byDay.get(seriesId);
  if (days) addToDay(days, version);
  else if (kept.length === manyMin) {
    const ordered = new Map<DayNumber, ReadingVersion[]>();
    for (const each of kept) addToDay(ordered, each);
    byDay.set(seriesId, ordered);
  }
}

function addToDay(days: Map<DayNumber, ReadingVersion[]>, version: ReadingVersion): void {
  const day = dayNumberOf(version.reading.at);
  const kept = days.get(day);
  if (kept) kept.push(version);
  else days.set(day, [version]);
}

function listIn({ bySeries, byDay }: Rows, seriesId: number, from: Instant, to: Instant): ReadingVersion[] {
  const isWithin = ({ reading: { at } }: ReadingVersion) => at >= from && at <= to;
  const days = byDay.get(seriesId);
  const [first, last] = [dayNumberOf(from), dayNumberOf(to)];
  if (!days || last - first >= daysMax) return bySeries.get(seriesId)?.filter(isWithin) ?? [];
  const found: ReadingVersion[] = [];
  for (let day = first; day <= last; day++)
    for (const version of days.get(day) ?? []) if (isWithin(version)) found.push(version);
  return found;
}
