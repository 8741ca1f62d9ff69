import type { Zone } from '../units/time.ts';
import type { RegisterMap } from './register-map.ts';

/** What stands where supply is measured; '' is not told. */
export interface Premises {
  region: string;
  subRegion: string;
  postcode: string;
  /** What people live or work in: "4-room", "shop". */
  dwellingType: string;
}

export const noPremises: Premises = { region: '', subRegion: '', postcode: '', dwellingType: '' };

/** Where supply is measured: an NMI, an MPAN, or any identifier an operator gives. Days there are days of `zone`. */
export interface MeterPoint extends Premises {
  id: number;
  identifier: string;
  address: string;
  zone: Zone;
  createdAt: number;
  origin: 'registered' | 'import';
  /** Counts changes, from 1. */
  version: number;
}

/** What may be changed: the identifier is in files, and a zone decides what a day was. */
export type MeterPointFacts = Premises & Pick<MeterPoint, 'address'>;

/** Which way energy went, in the words of the page: NEM12 calls from-grid "export" and to-grid "import" (N12-16). */
export const flows = ['from-grid', 'to-grid', 'from-solar', 'none'] as const;
export type Flow = (typeof flows)[number];

export const seriesKinds = ['register', 'channel'] as const;
export type SeriesKind = (typeof seriesKinds)[number];

/** What a reading belongs to: a register (a counter; its value) or a channel (interval energies). */
export interface Series {
  id: number;
  meterPointId: number;
  /** The meter's serial, '' when the source names none. */
  serial: string;
  kind: SeriesKind;
  code: string;
  flow: Flow;
  unit: string;
  intervalMinutes: number;
  /** What was told of a register, oldest first; absent when nothing was. */
  map?: RegisterMap;
}

/** The flow an NMI suffix stands for: E from the grid, B to it, anything else is never billed (N12-15). */
export function flowOfSuffix(suffix: string): Flow {
  if (/^E[1-9A-HJ-NP-Z]$/.test(suffix)) return 'from-grid';
  if (/^B[1-9A-HJ-NP-Z]$/.test(suffix)) return 'to-grid';
  return 'none';
}
