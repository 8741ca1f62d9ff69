import type { SeriesKind } from '../accounts/meter-point.ts';
import type { MicroKwh } from '../units/energy.ts';
import type { Instant } from '../units/time.ts';
import type { Quality } from './reading.ts';

/** A posted reading in units already. The scanners make one when a text leaves no question: its zone, unit and form are plain. */
export interface PlainReading {
  meterPoint: string;
  kind: SeriesKind;
  /** Of the register or channel; undefined is the meter point's only one. */
  code: string | undefined;
  at: Instant;
  value: MicroKwh;
  quality: Quality;
}
