import type { MeterPointStore } from '../accounts/meter-point-store.ts';
import { AsKnown } from '../readings/as-known.ts';
import type { ReadingIndex } from '../readings/reading-index.ts';
import type { Instant } from '../units/time.ts';
import { Consumption } from './consumption.ts';

interface Deps {
  meterPoints: MeterPointStore;
  consumption: Consumption;
  index: ReadingIndex;
}

/** Consumption as it is, or by the readings and the multipliers that were known at an instant. */
export function consumptionKnown({ meterPoints, consumption, index }: Deps, knownAt: Instant | undefined): Consumption {
  return knownAt === undefined ? consumption : consumptionOfThen(meterPoints, new AsKnown(index, knownAt), knownAt);
}

/** By the readings and the multipliers that were known at an instant, those being `readings`. */
export function consumptionOfThen(meterPoints: MeterPointStore, readings: AsKnown, knownAt: Instant): Consumption {
  const listSeries = (meterPointId: number) => meterPoints.listSeriesAsKnown(meterPointId, knownAt);
  return new Consumption({ listSeries }, readings);
}
