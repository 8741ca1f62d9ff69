import type { Quality } from '../../readings/reading.ts';

/** What a reading type (J0171) lets a reading be used for. */
export interface ReadingType {
  title: string;
  /** undefined: not a reading that can be stored, see `why`. */
  quality: Quality | undefined;
  why?: string;
}

/**
 * J0171, group 028's second field (D10-9). The catalogue has no E. A type maps to actual only where the meter itself was read:
 * F is the last reading before a meter or a supplier changes, and is metered; it has nothing to do with NEM12's F, "final
 * substituted", which is our quality `final`. Types whose origin the catalogue leaves open count as estimated, so that no bill calls
 * them metered.
 */
export const readingTypes: Record<string, ReadingType> = {
  A: { title: 'actual change of supplier reading', quality: 'actual' },
  C: { title: 'customer own reading', quality: 'customer' },
  D: { title: 'deemed or estimated', quality: 'deemed' },
  F: { title: 'final reading', quality: 'actual' },
  I: { title: 'initial reading', quality: 'actual' },
  M: { title: 'meter advance reconciliation', quality: 'estimated' },
  O: { title: "old supplier's estimated change of supplier reading", quality: 'estimated' },
  P: { title: 'collected from a prepayment meter', quality: 'actual' },
  Q: { title: 'modified manually by the data collector', quality: 'substituted' },
  R: { title: 'routine reading', quality: 'actual' },
  S: { title: 'special reading', quality: 'actual' },
  T: { title: 'proving test', quality: undefined, why: 'proves a new meter and is never billed (D10-10)' },
  U: { title: 'migration', quality: 'estimated' },
  V: { title: 'migration', quality: 'estimated' },
  W: { title: 'withdrawn', quality: undefined, why: 'takes an earlier reading back (D10-10)' },
  X: { title: 'agreed between suppliers', quality: 'deemed' },
  Y: { title: 'migration', quality: 'estimated' },
  Z: { title: 'actual change of tenancy reading', quality: 'actual' },
};
