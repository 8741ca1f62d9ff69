import type { Flow, Series } from '../accounts/meter-point.ts';
import type { MeterPointStore } from '../accounts/meter-point-store.ts';
import type { KnownReadings } from '../readings/as-known.ts';
import type { OriginTable } from '../readings/origin.ts';
import { qualityCode, type Reading } from '../readings/reading.ts';
import { ReadingColumns } from '../readings/reading-columns.ts';
import { type Instant, instant, type Period, secondsPerDay } from '../units/time.ts';
import { countRegister } from './count-register.ts';
import type { IntervalSeries } from './interval-series.ts';
import { type Advance, advances } from './register-advance.ts';
import { type Edges, registerEnergy } from './register-energy.ts';

/** Energy of one register or channel over a period. */
export interface SeriesEnergy {
  series: Series;
  energy: IntervalSeries;
  /** A register's values at the ends of the period, as read; undefined for channels and where nobody read. */
  startReading: Reading | undefined;
  endReading: Reading | undefined;
  /**
   * Of a channel: the first interval that lies across two slots, as where midnight is inside one, or is shorter than the last one. It
   * counts where it begins, or is spread.
   */
  straddles?: Instant | undefined;
  /** Of a register: what each two readings in and around the period say, oldest first. */
  advances?(): Advance[];
}

export interface EnergyOptions {
  /**
   * Channels begin where their first reading is, up to two days earlier and on the same grid: a year that nobody read is not filled with
   * nothing. Each local day either has all its slots or no reading at all.
   */
  sinceFirst?: boolean;
}

interface Ends {
  first: Instant;
  last: Instant;
}

const defaultStepSeconds = 1800;
const exchangeMaxSeconds = secondsPerDay;
// Past every day that has a number (migration 003).
const endOfTime = instant(2 ** 17 * secondsPerDay - 1);
const missing = qualityCode('missing');

/** What flowed at a meter point: from readings, hot and stored alike, to energy per interval. */
export class Consumption {
  readonly #meterPoints: Pick<MeterPointStore, 'listSeries'>;
  readonly #index: KnownReadings;
  readonly #read = new ReadingColumns();

  constructor(meterPoints: Pick<MeterPointStore, 'listSeries'>, index: KnownReadings) {
    this.#meterPoints = meterPoints;
    this.#index = index;
  }

  /**
   * Energy per billable register and channel over `period`. Where a flow is measured by channels, its registers are left out: both
   * count the same energy. Slots nobody has a value for are NaN. Series of no flow (reactive energy) come only when `named` by code.
   */
  energyOf(
    meterPointId: number,
    period: Period,
    named: string[] = [],
    { sinceFirst = false }: EnergyOptions = {},
  ): SeriesEnergy[] {
    const counted = this.countedSeries(meterPointId, named);
    return counted.map(series =>
      sinceFirst && series.kind === 'channel'
        ? this.#channelEnergy(series, period, { sinceFirst })
        : this.seriesEnergy(series, period, counted),
    );
  }

  /** The registers and channels that `energyOf` counts. */
  countedSeries(meterPointId: number, named: string[] = []): Series[] {
    const billable = this.#meterPoints
      .listSeries(meterPointId)
      .filter(series => series.flow !== 'none' || named.includes(series.code));
    const measuredByChannel = new Set<Flow>(
      billable.filter(series => series.kind === 'channel').map(series => series.flow),
    );
    return billable.filter(({ kind, flow }) => kind === 'channel' || flow === 'none' || !measuredByChannel.has(flow));
  }

  /** `beside` are the series of the meter point, among which are those of the meters before and after this one. */
  seriesEnergy(series: Series, period: Period, beside: readonly Series[] = []): SeriesEnergy {
    return series.kind === 'channel'
      ? this.#channelEnergy(series, period)
      : this.#registerEnergy(series, period, this.#edgesOf(series, beside));
  }

  /** An exchange of meters: the final reading of one and the first of the next, at most a day apart and in this order. */
  #edgesOf(series: Series, beside: readonly Series[]): Edges {
    const others = beside.filter(
      ({ id, kind, code, flow }) =>
        id !== series.id && kind === 'register' && code === series.code && flow === series.flow,
    );
    const [mine, theirs] = [this.#endsOf(series), others.map(other => this.#endsOf(other))];
    const follows = (earlier: Ends | undefined, later: Ends | undefined) =>
      earlier && later ? later.first >= earlier.last && later.first - earlier.last <= exchangeMaxSeconds : false;
    return {
      start: theirs.some(other => follows(other, mine)),
      end: theirs.some(other => follows(mine, other)),
    };
  }

  #endsOf({ id }: Series): Ends | undefined {
    const [first, last] = [this.#index.after(id, instant(-1)), this.#index.before(id, endOfTime)];
    return first && last && { first: first.at, last: last.at };
  }

  #channelEnergy(series: Series, asked: Period, { sinceFirst = false }: EnergyOptions = {}): SeriesEnergy {
    const { origins } = this.#index;
    const read = this.#read;
    read.clear();
    this.#index.readInto(read, series.id, asked.from, asked.to);
    const period = sinceFirst ? fromFirst(read, asked) : asked;
    const energy = seriesOver(period, longestMinutes(read, origins, series) * 60);
    const straddles = takeWhole(read, origins, energy)
      ? undefined
      : (sumIntoSlots(read, origins, energy) ?? endsWithin(read, origins, period, energy.stepSeconds));
    const spread = straddles === undefined ? undefined : spreadOverSlots(read, origins, period, energy.stepSeconds);
    return { series, energy: spread ?? energy, startReading: undefined, endReading: undefined, straddles };
  }

  #registerEnergy(series: Series, period: Period, edges: Edges): SeriesEnergy {
    const energy = emptySeries(period, defaultStepSeconds);
    const readings = this.#index.list(series.id, period.from, instant(period.to + 1));
    const before = this.#index.before(series.id, period.from);
    const after = readings.at(-1)?.at === period.to ? undefined : this.#index.after(series.id, period.to);
    const around = [...(before ? [before] : []), ...readings, ...(after ? [after] : [])];
    const runs = countRegister(around, series.map);
    runs.forEach((run, at) => {
      registerEnergy(run, energy, { start: edges.start && at === 0, end: edges.end && at === runs.length - 1 });
    });
    return {
      series,
      energy,
      startReading: readings[0]?.at === period.from ? readings[0] : undefined,
      endReading: readings.at(-1)?.at === period.to ? readings.at(-1) : undefined,
      advances: () => advances(around, series.map).filter(advance => advance !== undefined),
    };
  }
}

function fromFirst({ count, at }: ReadingColumns, { from, to }: Period): Period {
  const ahead = ((count > 0 ? at[0]! : to) - from) / secondsPerDay;
  return { from: instant(from + Math.max(0, Math.floor(ahead) - 1) * secondsPerDay), to };
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

function longestMinutes({ count, origin }: ReadingColumns, origins: OriginTable, series: Series): number {
  if (count === 0) return series.intervalMinutes;
  let longest = 0;
  for (let i = 0; i < count; i++) {
    if (i === 0 || origin[i] !== origin[i - 1]) longest = Math.max(longest, origins.minutesOf(origin[i]!));
  }
  return longest;
}

function emptySeries(period: Period, stepSeconds: number): IntervalSeries {
  const series = seriesOver(period, stepSeconds);
  series.energy.fill(Number.NaN);
  series.quality.fill(missing);
  return series;
}

function seriesOver({ from, to }: Period, stepSeconds: number): IntervalSeries {
  const slots = Math.ceil((to - from) / stepSeconds);
  return { from, stepSeconds, energy: new Float64Array(slots), quality: new Uint8Array(slots) };
}
