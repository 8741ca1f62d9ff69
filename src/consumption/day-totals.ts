import type { MeterPoint, Series } from '../accounts/meter-point.ts';
import type { RegisterMap } from '../accounts/register-map.ts';
import type { DayNumber } from '../readings/day-number.ts';
import type { ReadingIndex } from '../readings/reading-index.ts';
import type { ChangedBlock } from '../readings/resident-blocks.ts';
import { type LocalDay, localDayAt } from '../units/local-day.ts';
import { instant, secondsPerDay, type Zone } from '../units/time.ts';
import type { Consumption } from './consumption.ts';
import { dayStates, type SeriesDays, workOutDays } from './day-energy.ts';

interface Kept extends SeriesDays {
  map: RegisterMap | undefined;
}

// 9 bytes a day: 72 MB at most, ten thousand series over two years. What is more is worked out again when it is asked for.
const keptDaysMax = 8_000_000;
// Days whose blocks changed, of all series together; beyond that, everything is worked out again.
const changesMax = 500_000;

/**
 * Energy per local day of every register and channel. A day is worked out from its readings when it is first asked for and kept in
 * memory until a reading of it comes; then it alone is worked out again.
 */
export class DayTotals {
  readonly #consumption: Consumption;
  readonly #index: ReadingIndex;
  readonly #kept = new Map<number, Kept>();
  #keptDays = 0;
  /** UTC days that changed since they were worked out, by series. */
  readonly #changes = new Map<number, Set<DayNumber>>();
  #changeCount = 0;

  constructor(consumption: Consumption, index: ReadingIndex) {
    this.#consumption = consumption;
    this.#index = index;
    index.watch(changed => changed.forEach(block => void this.#note(block)));
  }

  /** Call it once, to its end, before a row of `of`: it takes note of what came since the last flush, some readings at each step. */
  *takeNote(): Generator<void> {
    const changed = this.#index.listChanged();
    for (let at = 0; at < changed.length; at++) {
      this.#note(changed[at]!);
      if (at % 1000 === 0) yield;
    }
    if (this.#keptDays > keptDaysMax || this.#changeCount > changesMax) this.#forget();
  }

  /** The days of what counts at a meter point, from `from` to `to`, not included; those without a reading around them are left out. */
  of({ id, zone }: MeterPoint, from: LocalDay, to: LocalDay): SeriesDays[] {
    const counted = this.#consumption.countedSeries(id);
    this.#dropExchanged(counted);
    return counted.flatMap(series => this.#daysOf(series, zone, from, to, counted) ?? []);
  }

  #note({ seriesId, day }: ChangedBlock): void {
    if (!this.#kept.has(seriesId)) return;
    let days = this.#changes.get(seriesId);
    if (!days) {
      days = new Set();
      this.#changes.set(seriesId, days);
    }
    if (days.size === days.add(day).size) return;
    this.#changeCount += 1;
  }

  /** Where a meter took over from another, the readings of one say where the other's energy ended. */
  #dropExchanged(counted: readonly Series[]): void {
    const registers = counted.filter(({ kind }) => kind === 'register');
    if (registers.length < 2 || !registers.some(({ id }) => this.#changes.has(id))) return;
    for (const { id } of registers) this.#drop(id);
  }

  #daysOf(series: Series, zone: Zone, from: LocalDay, to: LocalDay, beside: readonly Series[]): SeriesDays | undefined {
    const days = this.#index.listDays(series.id);
    const [firstUtc, lastUtc] = [days[0], days.at(-1)];
    if (firstUtc === undefined || lastUtc === undefined) return undefined;
    const first = Math.max(from, localDayAt(instant(firstUtc * secondsPerDay), zone));
    const end = Math.min(to, localDayAt(instant((lastUtc + 1) * secondsPerDay - 1), zone) + 1);
    if (first >= end) return undefined;
    if (this.#kept.get(series.id)?.map !== series.map) this.#drop(series.id);
    const kept = this.#reaching(series, first, end);
    this.#markChanged(kept, zone);
    let [low, high] = [first - kept.first, end - kept.first];
    while (low < high && kept.state[low] !== dayStates.unknown) low += 1;
    while (high > low && kept.state[high - 1] !== dayStates.unknown) high -= 1;
    const readings = { consumption: this.#consumption, index: this.#index };
    if (low < high) workOutDays(readings, kept, zone, [low, high], beside);
    return kept;
  }

  /** What is kept of a series, grown to hold the days from `first` to `end`. */
  #reaching(series: Series, first: LocalDay, end: LocalDay): Kept {
    const known = this.#kept.get(series.id);
    if (known && known.first <= first && known.first + known.state.length >= end) return known;
    const from = known ? Math.min(known.first, first) : first;
    const length = (known ? Math.max(known.first + known.state.length, end) : end) - from;
    const kept: Kept = {
      ...{ series, map: series.map, first: from },
      energy: new Float64Array(length),
      state: new Uint8Array(length),
    };
    if (known) {
      kept.energy.set(known.energy, known.first - from);
      kept.state.set(known.state, known.first - from);
    }
    this.#keptDays += length - (known?.state.length ?? 0);
    this.#kept.set(series.id, kept);
    return kept;
  }

  #markChanged(kept: Kept, zone: Zone): void {
    const { id, kind } = kept.series;
    for (const day of this.#changes.get(id) ?? []) {
      let [from, last] = [day * secondsPerDay, (day + 1) * secondsPerDay - 1];
      if (kind === 'register') {
        // What a register counted is spread over the time between two readings, however far they are apart.
        from = this.#index.before(id, instant(from))?.at ?? from;
        last = this.#index.after(id, instant(last))?.at ?? last;
      }
      const start = Math.max(0, localDayAt(instant(from), zone) - kept.first);
      kept.state.fill(dayStates.unknown, start, Math.max(start, localDayAt(instant(last), zone) + 1 - kept.first));
    }
    this.#changeCount -= this.#changes.get(id)?.size ?? 0;
    this.#changes.delete(id);
  }

  #drop(seriesId: number): void {
    this.#keptDays -= this.#kept.get(seriesId)?.state.length ?? 0;
    this.#kept.delete(seriesId);
    this.#changeCount -= this.#changes.get(seriesId)?.size ?? 0;
    this.#changes.delete(seriesId);
  }

  #forget(): void {
    this.#kept.clear();
    this.#changes.clear();
    this.#keptDays = 0;
    this.#changeCount = 0;
  }
}
