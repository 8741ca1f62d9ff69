import type { SeriesKind } from '../accounts/meter-point.ts';
import type { MicroKwh } from '../units/energy.ts';
import type { Reading } from './reading.ts';

/** What stands around the instant of a new reading in the index. */
export interface Surroundings {
  kind: SeriesKind;
  existing: Reading | undefined;
  before: Reading | undefined;
  /** Beside an existing one it matters only where a longer interval is to replace that. */
  after: Reading | undefined;
  /** The reading is not to replace the existing one, however new it is: where it comes from it waits beside that for a decision. */
  waits?: boolean | undefined;
  /** Of a register: digits before the point, when they are known. */
  digits?: number | undefined;
  /** Of a register whose meter was exchanged before or will be after. */
  ends?: DialEnds | undefined;
}

/** What exchanges of the meter say of the dial that is read; undefined where none did. */
export interface DialEnds {
  /** What this meter showed first. */
  first: MicroKwh | undefined;
  /** What this meter shows last. */
  final: MicroKwh | undefined;
  /** What the meter before showed last, when it was exchanged at the very moment of the reading. */
  gone: MicroKwh | undefined;
}
