import { type MicroKwh, microKwh } from '../units/energy.ts';
import type { Instant } from '../units/time.ts';

/**
 * The energy of consecutive equal intervals: slot i covers [from + i·stepSeconds, from + (i+1)·stepSeconds).
 * A slot without a value is NaN, never 0. `quality` holds codes of readings/reading.ts `qualities`, one per slot.
 */
export interface IntervalSeries {
  from: Instant;
  stepSeconds: number;
  energy: Float64Array;
  quality: Uint8Array;
}

/** The sum of the slots that have a value. */
export function totalEnergy(series: IntervalSeries): MicroKwh {
  let sum = 0;
  for (const energy of series.energy) if (!Number.isNaN(energy)) sum += energy;
  return microKwh(sum);
}
