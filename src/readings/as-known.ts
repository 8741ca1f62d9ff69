import { type Instant, instant, secondsPerDay } from '../units/time.ts';
import type { ReadingVersion } from './decided-reading.ts';
import type { Reading } from './reading.ts';
import type { ReadingColumns } from './reading-columns.ts';
import { currentAsOf, standingVersions } from './reading-history.ts';
import type { ReadingIndex } from './reading-index.ts';
import type { Visit } from './visit-blocks.ts';

/** As much of the index as is asked for what was known: today's, or that of an earlier day. */
export type KnownReadings = Pick<
  ReadingIndex,
  'list' | 'listVersions' | 'forEach' | 'readInto' | 'before' | 'after' | 'origins'
>;

// A month of a channel at a time, so that a page costs no more than its own months.
const windowSeconds = 31 * secondsPerDay;

/**
 * The readings as they were known at an instant: what came later is not there, and what was replaced or withdrawn later is. Readings that
 * came before since when they are current was noted count as known always.
 */
export class AsKnown implements KnownReadings {
  readonly #index: ReadingIndex;
  readonly #knownAt: number;

  constructor(index: ReadingIndex, knownAt: Instant) {
    this.#index = index;
    this.#knownAt = knownAt;
  }

  get origins() {
    return this.#index.origins;
  }

  list(seriesId: number, from: Instant, to: Instant, limit = Number.POSITIVE_INFINITY): Reading[] {
    const readings: Reading[] = [];
    const span = this.#index.spanOf(seriesId);
    if (!span) return readings;
    const end = Math.min(to, span.to);
    for (let begin = Math.max(from, span.from); begin < end && readings.length < limit; begin += windowSeconds) {
      const until = Math.min(begin + windowSeconds, end);
      readings.push(...this.listWindow(seriesId, instant(begin), instant(until)));
    }
    return readings.length > limit ? readings.slice(0, limit) : readings;
  }

  listVersions(seriesId: number, from: Instant, to: Instant): ReadingVersion[] {
    return standingVersions(this.#index.listHistory(seriesId, from, to), this.#knownAt);
  }

  forEach(seriesId: number, from: Instant, to: Instant, visit: Visit): void {
    for (const reading of this.list(seriesId, from, to)) visit(reading.at, reading.value, this.origins.intern(reading));
  }

  readInto(columns: ReadingColumns, seriesId: number, from: Instant, to: Instant): void {
    this.forEach(seriesId, from, to, (at, value, origin) => columns.add(at, value, origin));
  }

  before(seriesId: number, at: Instant): Reading | undefined {
    const span = this.#index.spanOf(seriesId);
    for (let end: number = span ? Math.min(at, span.to) : 0; span && end > span.from; end -= windowSeconds) {
      const last = this.list(seriesId, instant(Math.max(end - windowSeconds, 0)), instant(end)).at(-1);
      if (last) return last;
    }
    return undefined;
  }

  after(seriesId: number, at: Instant): Reading | undefined {
    return this.list(seriesId, instant(at + 1), instant(Number.MAX_SAFE_INTEGER), 1)[0];
  }

  /** The same for who knows of a month that has readings, and need not ask between when and when there are any. */
  listWindow(seriesId: number, from: Instant, to: Instant): Reading[] {
    const histories = Map.groupBy(
      this.#index.listHistory(seriesId, from, instant(to - 1)),
      ({ reading }) => reading.at,
    );
    const found: Reading[] = [];
    for (const known of this.#index.listKnown(seriesId, from, to)) {
      const reading = currentAsOf(known, histories.get(known.reading.at) ?? [], this.#knownAt);
      histories.delete(known.reading.at);
      if (reading) found.push(reading);
    }
    if (histories.size === 0) return found;
    // Instants that have no reading any more.
    for (const history of histories.values()) {
      const reading = currentAsOf(undefined, history, this.#knownAt);
      if (reading) found.push(reading);
    }
    return found.sort((a, b) => a.at - b.at);
  }
}
