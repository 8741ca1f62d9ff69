import type { Flow, Series } from '../accounts/meter-point.ts';
import type { MeterPointStore } from '../accounts/meter-point-store.ts';
import type { KnownReadings } from '../readings/as-known.ts';
import type { Reading } from '../readings/reading.ts';
import { ReadingColumns } from '../readings/reading-columns.ts';
import { type Instant, instant, type Period, secondsPerDay } from '../units/time.ts';
import { countRegister } from './count-register.ts';
import { emptySeries, inSlots } from './in-slots.ts';
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
    const { energy, straddles } = inSlots(read, origins, period, series.intervalMinutes);
    return { series, energy, startReading: undefined, endReading: undefined, straddles };
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
