import type { OriginTable } from '../readings/origin.ts';
import { qualityCode } from '../readings/reading.ts';
import type { ReadingColumns } from '../readings/reading-columns.ts';
import { type Instant, instant, type Period } from '../units/time.ts';
import type { IntervalSeries } from './interval-series.ts';

const missing = qualityCode('missing');

/**
 * Interval readings in slots as long as the longest of them, counted from where the period begins; in slots of `usualMinutes` when there
 * are none. `straddles` is the first one that does not end with its slot: then slots divide all of them, where that is possible, and each
 * is spread over its own; else it counts where it begins.
 */
export function inSlots(
  read: ReadingColumns,
  origins: OriginTable,
  period: Period,
  usualMinutes: number,
): { energy: IntervalSeries; straddles: Instant | undefined } {
  const longest = read.count === 0 ? usualMinutes : longestMinutes(read, origins);
  const energy = seriesOver(period, longest * 60);
  if (takeWhole(read, origins, energy)) return { energy, straddles: undefined };
  const straddles = sumIntoSlots(read, origins, energy) ?? endsWithin(read, origins, period, energy.stepSeconds);
  const spread = straddles === undefined ? undefined : spreadOverSlots(read, origins, period, energy.stepSeconds);
  return { energy: spread ?? energy, straddles };
}

/** Readings that are a slot each and fill all of them, as most months are; false when they are anything else. */
function takeWhole(
  { count, at, value, origin: ids }: ReadingColumns,
  origins: OriginTable,
  { from, stepSeconds, energy, quality }: IntervalSeries,
): boolean {
  if (count !== energy.length) return false;
  let [last, code] = [-1, missing];
  for (let i = 0; i < count; i++) {
    if (at[i] !== from + i * stepSeconds || Number.isNaN(value[i])) return false;
    const origin = ids[i]!;
    if (origin !== last) {
      const { minutes, quality: name } = origins.get(origin);
      if (minutes * 60 !== stepSeconds) return false;
      [last, code] = [origin, qualityCode(name)];
    }
    energy[i] = value[i]!;
    quality[i] = code;
  }
  return true;
}

/** Into every slot, whatever was in it; one of which a part is missing is missing. The first interval that lies across two is told. */
function sumIntoSlots(
  { count, at, value: values, origin: ids }: ReadingColumns,
  origins: OriginTable,
  into: IntervalSeries,
): Instant | undefined {
  const { from, stepSeconds, energy, quality: qualities } = into;
  const known = new Uint32Array(energy.length);
  let straddles: Instant | undefined;
  let [last, seconds, quality] = [-1, 0, missing];
  for (let i = 0; i < count; i++) {
    const value = values[i]!;
    if (Number.isNaN(value)) continue;
    const origin = ids[i]!;
    // Readings come in runs of one origin.
    if (origin !== last) {
      const { minutes, quality: name } = origins.get(origin);
      [last, seconds, quality] = [origin, minutes * 60, qualityCode(name)];
    }
    const slot = Math.floor((at[i]! - from) / stepSeconds);
    if (at[i]! + seconds > from + (slot + 1) * stepSeconds) straddles ??= instant(at[i]!);
    if (known[slot] === 0) {
      energy[slot] = value;
      qualities[slot] = quality;
    } else {
      // A channel may change its interval length (N12-10): shorter intervals add up to the longest one of the period.
      energy[slot]! += value;
      // The list of qualities goes from best to worst: of two that meet in a slot, the one a reader must know of.
      if (quality > qualities[slot]!) qualities[slot] = quality;
    }
    known[slot]! += seconds;
  }
  for (let slot = 0; slot < known.length; slot++) {
    if (known[slot] === stepSeconds) continue;
    energy[slot] = Number.NaN;
    qualities[slot] = missing;
  }
  return straddles;
}

/** The last interval, when it ends with the period and its slot does not, as where a month ends with a day of 23 hours. */
function endsWithin(
  { count, at, origin }: ReadingColumns,
  origins: OriginTable,
  { from, to }: Period,
  stepSeconds: number,
): Instant | undefined {
  const last = count - 1;
  if (count === 0 || (to - from) % stepSeconds === 0) return undefined;
  return at[last]! + origins.minutesOf(origin[last]!) * 60 === to ? instant(at[last]!) : undefined;
}

/**
 * Intervals that do not fit into the longest, as days of 23, 24 and 25 hours do not, over slots that divide them all, to the last
 * micro-kWh. undefined when there is no shorter slot, or intervals begin inside it.
 */
function spreadOverSlots(
  { count, at, value: values, origin: ids }: ReadingColumns,
  origins: OriginTable,
  period: Period,
  longestSeconds: number,
): IntervalSeries | undefined {
  let step = longestSeconds;
  for (let i = 0; i < count; i++) step = commonDivisor(step, origins.minutesOf(ids[i]!) * 60);
  if (step === longestSeconds) return undefined;
  const into = emptySeries(period, step);
  for (let i = 0; i < count; i++) {
    const [first, value] = [(at[i]! - period.from) / step, values[i]!];
    if (!Number.isInteger(first)) return undefined;
    if (Number.isNaN(value)) continue;
    const { minutes, quality } = origins.get(ids[i]!);
    const slots = (minutes * 60) / step;
    const share = Math.floor(value / slots);
    into.energy.fill(share, first, first + slots);
    into.energy[first] = value - share * (slots - 1);
    into.quality.fill(qualityCode(quality), first, first + slots);
  }
  return into;
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}

function longestMinutes({ count, origin }: ReadingColumns, origins: OriginTable): number {
  let longest = 0;
  for (let i = 0; i < count; i++) {
    if (i === 0 || origin[i] !== origin[i - 1]) longest = Math.max(longest, origins.minutesOf(origin[i]!));
  }
  return longest;
}

/** Nothing is known of it. */
export function emptySeries(period: Period, stepSeconds: number): IntervalSeries {
  const series = seriesOver(period, stepSeconds);
  series.energy.fill(Number.NaN);
  series.quality.fill(missing);
  return series;
}

function seriesOver({ from, to }: Period, stepSeconds: number): IntervalSeries {
  const slots = Math.ceil((to - from) / stepSeconds);
  return { from, stepSeconds, energy: new Float64Array(slots), quality: new Uint8Array(slots) };
}
