import { secondsPerDay } from '../../units/time.ts';
import type { Cells } from './cells.ts';
import type { Profile } from './profile.ts';
import type { RowLayout } from './row-layout.ts';
import { StampReader, skipBlanks } from './stamp-pattern.ts';
import type { WallClock } from './wall-clock.ts';

const durationSeconds = { seconds: 1, minutes: 60, hours: 3600 } as const;

/** When a row is of, and how long its interval is, from the cells that say so. */
export class RowMoment {
  /** Of the stamp read last: the clock's face as if it were UTC. */
  wall = 0;
  /** The cell that could not be read. */
  failedCell = 0;
  readonly #profile: Profile;
  readonly #clock: WallClock;
  readonly #stamp: StampReader;
  readonly #time: StampReader | undefined;
  readonly #until: StampReader | undefined;
  readonly #untilTime: StampReader | undefined;
  readonly #untilWord: Buffer | undefined;
  readonly #hasOffset: boolean;

  constructor(profile: Profile, clock: WallClock) {
    const { stamp, interval } = profile;
    this.#profile = profile;
    this.#clock = clock;
    this.#stamp = new StampReader(stamp.pattern);
    this.#time = stamp.time && new StampReader(stamp.time.pattern);
    const until = interval && 'until' in interval ? interval.until : undefined;
    const untilAfter = interval && 'untilAfter' in interval ? interval.untilAfter : undefined;
    this.#untilWord = untilAfter === undefined ? undefined : Buffer.from(untilAfter.trim(), 'utf8');
    this.#until = until || untilAfter !== undefined ? new StampReader((until ?? stamp).pattern) : undefined;
    this.#untilTime = until?.time && new StampReader(until.time.pattern);
    this.#hasOffset = profile.zone === 'offset';
  }

  /** The stamp's own offset; only where the profile says that stamps have one. */
  get offset(): number {
    return this.#stamp.offset;
  }

  /** Whether a row says a time of day, and not a date alone. */
  get hasTime(): boolean {
    return this.#time !== undefined || this.#stamp.hasTime;
  }

  /** Reads a date, with its time from a second cell if there is one, into `wall`. */
  read({ bytes, starts, ends }: Cells, { stamp, time }: RowLayout): boolean {
    const reader = this.#stamp;
    const end = ends[stamp]!;
    this.failedCell = stamp;
    if (!reader.read(bytes, starts[stamp]!, end)) return false;
    if (!this.#untilWord && reader.next !== end && skipBlanks(bytes, reader.next, end) !== end) return false;
    if (this.#hasOffset && Number.isNaN(reader.offset)) return false;
    this.wall = reader.wall;
    if (!this.#time) return true;
    this.failedCell = time;
    if (!this.#time.read(bytes, starts[time]!, ends[time]!) || this.#time.next !== ends[time]) return false;
    this.wall += this.#time.wall;
    return true;
  }

  /** Seconds of the row's interval by its own words, NaN when they say nothing; `at` is the instant of `wall`. */
  lengthOf(cells: Cells, layout: RowLayout, at: number): number {
    const { interval } = this.#profile;
    if (interval && 'duration' in interval) {
      const text = cells.text(layout.duration);
      return /^\d{1,6}$/.test(text) ? Number(text) * durationSeconds[interval.duration.unit] : Number.NaN;
    }
    const end = this.#endOf(cells, layout);
    if (Number.isNaN(end)) return end;
    if (this.#hasOffset && this.#until && !Number.isNaN(this.#until.offset)) return end - this.#until.offset - at;
    const length = this.#lengthTo(end, at);
    // 23:45 to 00:00 of the same date means the midnight after it.
    return Number.isNaN(length) && end <= this.wall ? this.#lengthTo(end + secondsPerDay, at) : length;
  }

  /** What the clock shows at the interval's end, NaN when it is not written so. */
  #endOf({ bytes, starts, ends }: Cells, layout: RowLayout): number {
    const until = this.#until;
    if (!until) return Number.NaN;
    const [index, from] = this.#untilWord
      ? [layout.stamp, this.#afterWord(bytes, ends[layout.stamp]!, this.#untilWord)]
      : [layout.until, starts[layout.until]!];
    if (from < 0 || !until.read(bytes, from, ends[index]!) || until.next !== ends[index]) return Number.NaN;
    let end = until.wall;
    if (this.#untilTime) {
      const { untilTime } = layout;
      if (!this.#untilTime.read(bytes, starts[untilTime]!, ends[untilTime]!)) return Number.NaN;
      end += this.#untilTime.wall;
    }
    // An end that has only a time of day is of the stamp's day.
    return end < secondsPerDay ? end + Math.floor(this.wall / secondsPerDay) * secondsPerDay : end;
  }

  /** Where the second stamp of "2026-05-01 00:00 to 2026-05-01 00:15" begins, -1 when the word does not stand between. */
  #afterWord(bytes: Buffer, end: number, word: Buffer): number {
    const at = skipBlanks(bytes, this.#stamp.next, end);
    const after = at + word.length;
    return after <= end && word.compare(bytes, at, after) === 0 ? skipBlanks(bytes, after, end) : -1;
  }

  #lengthTo(end: number, at: number): number {
    const isEnd = this.#profile.edge === 'end';
    const lengths = this.#clock.candidates(end).map(each => (isEnd ? at - each : each - at));
    return lengths.find(length => length > 0) ?? Number.NaN;
  }
}
