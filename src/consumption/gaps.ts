import type { MeterPoint, Series } from '../accounts/meter-point.ts';
import type { MeterPointStore } from '../accounts/meter-point-store.ts';
import { Slices } from '../kernel/slices.ts';
import type { KnownReadings } from '../readings/as-known.ts';
import { knownReadings } from '../readings/known-at.ts';
import { isEstimate } from '../readings/reading.ts';
import type { ReadingIndex } from '../readings/reading-index.ts';
import {
  addDays,
  type Day,
  dayOf,
  type Instant,
  instant,
  secondsPerDay,
  startOfDay,
  type Zone,
} from '../units/time.ts';

export interface GapDeps {
  meterPoints: MeterPointStore;
  index: ReadingIndex;
}

/** Intervals in a row without a value; half-open. */
export interface Gap {
  from: Instant;
  to: Instant;
  intervals: number;
  /** absent: nobody said anything · missing: the sender says that there is no value (N12-22). */
  why: 'absent' | 'missing';
}

/** Of one local day; a day when the clocks change has 46 or 50 half-hours. */
export interface GapDay {
  day: Day;
  expected: number;
  received: number;
}

export interface SeriesGaps {
  series: Series;
  /** In which intervals are counted: the shortest of the period, because a channel may go over to others (N12-10). */
  intervalMinutes: number;
  /** Intervals that there should be, and those that have a value; of a register its readings, and nothing is expected. */
  expected: number;
  received: number;
  gaps: Gap[];
  /** How far it was held against its grid: the end of the period, or of the last interval that is over. */
  end: Instant;
  /** Of those received, what was not metered: estimated, substituted or deemed. */
  estimated: number;
  /** Days that are not whole. */
  days(): GapDay[];
  /** Estimates of intervals that are yet to come (N12-41). */
  ahead: number;
}

export interface MeterPointGaps {
  from: Instant;
  to: Instant;
  series: SeriesGaps[];
  /** Suffixes that the sender names and that never had a reading. */
  neverDelivered: string[];
}

const windowSeconds = 31 * secondsPerDay;

/**
 * What is missing at a meter point in [from, to): each channel held against its grid, up to `now`, and the channels and registers that
 * somebody named against those that have readings. Without bounds, from its first reading to its last; with `knownAt`, by the readings as
 * they were known then. In slices.
 */
export async function findGaps(
  { meterPoints, index }: GapDeps,
  meterPoint: MeterPoint,
  bounds: { from?: Instant | undefined; to?: Instant | undefined; knownAt?: Instant | undefined },
  now: Instant,
  slices = new Slices(),
): Promise<MeterPointGaps> {
  const all = meterPoints.listSeries(meterPoint.id);
  const known = knownReadings(index, bounds.knownAt);
  const ends = all.flatMap(({ id, intervalMinutes }) => {
    if (bounds.from !== undefined && bounds.to !== undefined) return [];
    const [first, last] = [known.after(id, instant(-1)), known.before(id, endOfTime)];
    return first && last ? [first.at, last.at + (last.minutes || intervalMinutes) * 60] : [];
  });
  const [first, last] = ends.length > 0 ? [Math.min(...ends), Math.max(...ends)] : [now, now];
  // Of a period that begins after the last reading, or ends before the first, nothing is left.
  const from = bounds.from ?? instant(Math.min(first, bounds.to ?? first));
  const to = bounds.to ?? instant(Math.max(last, from));
  const series: SeriesGaps[] = [];
  for (const each of all) series.push(await gapsOf(known, each, { from, to, now }, meterPoint.zone, slices));
  const hasAny = (id: number) =>
    known === index ? index.listDays(id).length > 0 : known.after(id, instant(-1)) !== undefined;
  const delivered = new Set(all.filter(({ id }) => hasAny(id)).map(({ code }) => code));
  const named = [...meterPoints.configurations.listSuffixes(meterPoint.id), ...all.map(({ code }) => code)];
  const neverDelivered = [...new Set(named)].filter(code => !delivered.has(code));
  return { from, to, series, neverDelivered };
}

async function gapsOf(
  index: KnownReadings,
  series: Series,
  { from, to, now }: { from: Instant; to: Instant; now: Instant },
  zone: Zone,
  slices: Slices,
): Promise<SeriesGaps> {
  const isEstimated = estimatesOf(index);
  const walk = new GridWalk(from);
  const before = index.before(series.id, to);
  const last = before?.minutes || series.intervalMinutes;
  const over = lastEnd(now, last * 60, before?.at ?? startOfDay(dayOf(now, zone), zone));
  const until = series.kind === 'register' ? to : instant(Math.min(to, Math.max(from, over)));
  const found: SeriesGaps = {
    ...{ series, intervalMinutes: last, expected: 0, received: 0, gaps: [], end: until },
    ...{ estimated: 0, days: () => [], ahead: 0 },
  };
  for (let begin: number = from; begin < to; begin += windowSeconds) {
    index.forEach(series.id, instant(begin), instant(Math.min(begin + windowSeconds, to)), (at, value, origin) => {
      if (at >= until) found.ahead += 1;
      else if (series.kind === 'register') found.received += 1;
      else {
        walk.meet(at, index.origins.minutesOf(origin) * 60, Number.isNaN(value));
        if (!Number.isNaN(value) && isEstimated(origin)) found.estimated += 1;
      }
    });
    await slices.pause();
  }
  if (series.kind === 'register') return found;
  const { gaps, step } = walk.end(until, last * 60);
  const expected = Math.max(0, Math.round((until - from) / step));
  const received = expected - gaps.reduce((sum, { intervals }) => sum + intervals, 0);
  const days = () => daysWith(gaps, { from, to: until }, step, zone);
  return { ...found, intervalMinutes: step / 60, expected, received, gaps, days };
}

/** When the last interval was over at `now`, on the grid of the one that begins at `begun`: zones have theirs at 15 minutes past, too. */
function lastEnd(now: Instant, seconds: number, begun: Instant): number {
  const running = (now - begun) % seconds;
  return now - (running < 0 ? running + seconds : running);
}

/** Whether readings of an origin are estimates; they come in runs of one. */
function estimatesOf({ origins }: KnownReadings): (origin: number) => boolean {
  let [last, answer] = [-1, false];
  return origin => {
    if (origin !== last) [last, answer] = [origin, isEstimate(origins.get(origin).quality)];
    return answer;
  };
}

/** Goes along the grid of a channel from one reading to the next. */
class GridWalk {
  readonly #spans: Omit<Gap, 'intervals'>[] = [];
  #shortest = Number.POSITIVE_INFINITY;
  #at: number;

  constructor(from: Instant) {
    this.#at = from;
  }

  meet(at: Instant, seconds: number, isMissing: boolean): void {
    if (at > this.#at) this.#add(this.#at, at, 'absent');
    if (isMissing) this.#add(at, at + seconds, 'missing');
    this.#at = Math.max(this.#at, at + seconds);
    this.#shortest = Math.min(this.#shortest, seconds);
  }

  /** The gaps up to `to`, counted in the shortest intervals that were met, or in `usual` seconds. */
  end(to: Instant, usual: number): { gaps: Gap[]; step: number } {
    if (to > this.#at) this.#add(this.#at, to, 'absent');
    const step = Math.min(this.#shortest, usual);
    const gaps = this.#spans.map(span => ({ ...span, intervals: Math.round((span.to - span.from) / step) }));
    return { gaps: gaps.filter(({ intervals }) => intervals > 0), step };
  }

  #add(from: number, to: number, why: Gap['why']): void {
    const last = this.#spans.at(-1);
    if (last?.why === why && last.to === from) last.to = instant(to);
    else this.#spans.push({ from: instant(from), to: instant(to), why });
  }
}

/** The local days that gaps touch, each with what it should have within the bounds. */
function daysWith(gaps: readonly Gap[], bounds: { from: Instant; to: Instant }, step: number, zone: Zone): GapDay[] {
  const lost = new Map<Day, { from: number; to: number; missing: number }>();
  for (const gap of gaps) {
    const last = dayOf(instant(gap.to - 1), zone);
    for (let day = dayOf(gap.from, zone); day <= last; day = addDays(day, 1)) {
      const [from, to] = [
        Math.max(startOfDay(day, zone), bounds.from),
        Math.min(startOfDay(addDays(day, 1), zone), bounds.to),
      ];
      const known = lost.get(day) ?? { from, to, missing: 0 };
      known.missing += Math.round((Math.min(gap.to, to) - Math.max(gap.from, from)) / step);
      lost.set(day, known);
    }
  }
  return [...lost].map(([day, { from, to, missing }]) => {
    const expected = Math.round((to - from) / step);
    return { day, expected, received: expected - missing };
  });
}

// Past every day that has a number (migration 003).
const endOfTime = instant(2 ** 17 * secondsPerDay - 1);
