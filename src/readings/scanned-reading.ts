import type { MicroKwh } from '../units/energy.ts';
import { type Instant, instant } from '../units/time.ts';

/** What a scanner has just read, as places in its bytes and numbers: one for all readings of a body, so that none costs an object. */
export class ScannedReading {
  meterPointFrom = 0;
  meterPointTo = 0;
  /** As long as codeFrom when no register or channel is named. */
  codeFrom = 0;
  codeTo = 0;
  isChannel = false;
  at: Instant = instant(0);
  value = 0 as MicroKwh;
  /** Code of reading.ts `qualities`. */
  quality = 0;
}

export const meterPointMax = 40;
export const codeMax = 20;
