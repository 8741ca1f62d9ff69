import { type Instant, instant, secondsPerDay } from '../units/time.ts';
import { CurrentReadings, overlappedBy } from './current-readings.ts';
import type { ReadingVersion } from './decided-reading.ts';
import type { OriginTable } from './origin.ts';
import { endOf, type Reading } from './reading.ts';
import { groupsOf, type KnownInstant, type KnownReading, standingVersions } from './reading-history.ts';
import { ResidentBlocks, type StoredBlocks } from './resident-blocks.ts';
import { UnflushedVersions } from './unflushed-versions.ts';

// No interval that stands beside another is longer than a day.
export const longestSeconds = secondsPerDay;

/** What was flushed: the current readings in blocks, and the rows of history. */
export interface StoredReadings extends StoredBlocks {
  readonly versions: {
    /** Rows of history from `from` to `to`, both inclusive, by time and then as they came. */
    list(seriesId: number, from: Instant, to: Instant): ReadingVersion[];
    /** The first and the last instant that has a history; none when there is no history. */
    listEnds(seriesId: number): Instant[];
  };
}

/** The current readings and what was noted of those that are not: what stands beside, and what stood. Changes nothing. */
export class ReadingsWithHistory extends CurrentReadings {
  protected readonly unflushed = new UnflushedVersions();
  readonly #stored: StoredReadings['versions'];

  constructor(stored: StoredReadings, origins: OriginTable) {
    super(new ResidentBlocks(stored), origins);
    this.#stored = stored.versions;
  }

  /** Versions that stand beside the current readings, from `from` to `to`, both inclusive. */
  listVersions(seriesId: number, from: Instant, to: Instant): ReadingVersion[] {
    return standingVersions(this.listHistory(seriesId, from, to));
  }

  /** Everything that was noted of readings that are not current, from `from` to `to`, both inclusive, in the order of events for each. */
  listHistory(seriesId: number, from: Instant, to: Instant): ReadingVersion[] {
    return [...this.#stored.list(seriesId, from, to), ...this.unflushed.list(seriesId, from, to)];
  }

  /** Rows of history that the store does not have yet, the newest of a series last. */
  *eachUnflushed(): Generator<ReadingVersion> {
    yield* this.unflushed.each();
  }

  /** Half-open; outside it nothing was ever known of the series. */
  spanOf(seriesId: number): { from: Instant; to: Instant } | undefined {
    const days = this.blocks.days(seriesId);
    const unflushed = this.unflushed.list(seriesId, instant(0), instant(Number.MAX_SAFE_INTEGER));
    const ever = [
      ...(days.length > 0 ? [days[0]! * secondsPerDay, (days.at(-1)! + 1) * secondsPerDay - 1] : []),
      ...this.#stored.listEnds(seriesId),
      ...unflushed.map(({ reading }) => reading.at),
    ];
    if (ever.length === 0) return undefined;
    const low = (a: number, b: number) => Math.min(a, b);
    const high = (a: number, b: number) => Math.max(a, b);
    return { from: instant(ever.reduce(low)), to: instant(ever.reduce(high) + 1) };
  }

  /** The current readings that cannot be current beside `reading`: of the same instant, or of an interval over the same minutes. */
  listOverlapped(seriesId: number, reading: Reading): KnownReading[] {
    return overlappedBy(this, seriesId, reading).map(({ at }) => this.findKnown(seriesId, at)!);
  }

  /** Instants in [from, to) where any of `sources` speaks, be it the current reading or one that stands beside, in groups as below. */
  listFrom(seriesId: number, from: Instant, to: Instant, sources: ReadonlySet<number>): KnownInstant[][] {
    return this.#listGroups(seriesId, from, to, (_at, source) => sources.has(source));
  }

  /** The instants `among`, all of them in [from, to), in groups as below. */
  listAmong(seriesId: number, from: Instant, to: Instant, among: ReadonlySet<Instant>): KnownInstant[][] {
    return this.#listGroups(seriesId, from, to, at => among.has(at));
  }

  /**
   * Each instant that is asked for with those whose readings reach into its own, by time: what stands beside may do so because of an
   * interval that begins elsewhere.
   */
  #listGroups(
    seriesId: number,
    from: Instant,
    to: Instant,
    isAsked: (at: Instant, source: number) => boolean,
  ): KnownInstant[][] {
    const histories = Map.groupBy(this.listHistory(seriesId, from, instant(to - 1)), ({ reading }) => reading.at);
    const ends = new Map<Instant, number>();
    const asked = new Set<Instant>();
    this.forEach(seriesId, from, to, (at, _value, origin) => {
      if (isAsked(at, this.origins.sourceOf(origin))) asked.add(at);
      else if (histories.size === 0) return;
      ends.set(at, at + this.origins.minutesOf(origin) * 60);
    });
    for (const [at, history] of histories) {
      for (const { reading } of standingVersions(history)) {
        if (isAsked(at, reading.source)) asked.add(at);
        ends.set(at, Math.max(ends.get(at) ?? at, at + reading.minutes * 60));
      }
    }
    return groupsOf(ends)
      .filter(group => group.some(at => asked.has(at)))
      .map(group => group.map(at => ({ at, known: this.findKnown(seriesId, at), history: histories.get(at) ?? [] })));
  }

  /** The current readings next to [from, to), one on either side where there is one. */
  edgesOf(seriesId: number, from: Instant, to: Instant): Reading[] {
    return [this.before(seriesId, from), this.after(seriesId, instant(to - 1))].filter(
      reading => reading !== undefined,
    );
  }

  /** The latest instant not after `at` across which no reading reaches that is current or stands beside. */
  cutBefore(seriesId: number, at: Instant): Instant {
    for (let cut = at; ; ) {
      const before = this.before(seriesId, cut);
      const beside = this.listVersions(seriesId, instant(cut - longestSeconds), instant(cut - 1));
      const reaching = [...(before ? [before] : []), ...beside.map(({ reading }) => reading)].filter(
        reading => endOf(reading) > cut,
      );
      if (reaching.length === 0) return cut;
      cut = reaching.reduce((first, { at: begin }) => (begin < first ? begin : first), cut);
    }
  }
}
