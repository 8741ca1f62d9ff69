import type { MeterPoint } from '../accounts/meter-point.ts';
import type { MeterPointStore } from '../accounts/meter-point-store.ts';
import { AsKnown } from '../readings/as-known.ts';
import type { ReadingIndex } from '../readings/reading-index.ts';
import { type LocalDay, localDayAt } from '../units/local-day.ts';
import { type Instant, instant } from '../units/time.ts';
import type { Consumption } from './consumption.ts';
import { consumptionOfThen } from './consumption-known.ts';
import { type SeriesDays, workOutDays } from './day-energy.ts';

/** Energy per local day as it was known at an instant: worked out for each question, and not kept. */
export class DaysKnown {
  readonly #index: ReadingIndex;
  readonly #readings: { consumption: Consumption; index: AsKnown };

  constructor({ meterPoints, index }: { meterPoints: MeterPointStore; index: ReadingIndex }, knownAt: Instant) {
    const known = new AsKnown(index, knownAt);
    this.#index = index;
    this.#readings = { consumption: consumptionOfThen(meterPoints, known, knownAt), index: known };
  }

  /** The days of what counts at a meter point, from `from` to `to`, not included; those of which nothing was ever known are left out. */
  of({ id, zone }: MeterPoint, from: LocalDay, to: LocalDay): SeriesDays[] {
    const counted = this.#readings.consumption.countedSeries(id);
    return counted.flatMap(series => {
      const span = this.#index.spanOf(series.id);
      if (!span) return [];
      const first = Math.max(from, localDayAt(span.from, zone));
      const end = Math.min(to, localDayAt(instant(span.to - 1), zone) + 1);
      if (first >= end) return [];
      const days = { series, first, energy: new Float64Array(end - first), state: new Uint8Array(end - first) };
      workOutDays(this.#readings, days, zone, [0, end - first], counted);
      return days;
    });
  }
}
