import type { Orders } from '../kernel/database.ts';
import type { Quality } from '../readings/reading.ts';
import type { MicroKwh } from '../units/energy.ts';
import type { Instant, Zone } from '../units/time.ts';

/** What a meter with a serial showed, by the file that said so: the current value of its register at an instant. */
export interface DialReading {
  id: number;
  meterId: number;
  serial: string;
  /** What the file that named the meter first said of its readings: J0171 in British flows. */
  readingType: string;
  meterPointId: number;
  identifier: string;
  zone: Zone;
  register: string;
  unit: string;
  at: Instant;
  value: MicroKwh;
  quality: Quality;
  runId: number;
  fileName: string;
  /** In the file. */
  line: number;
  /** When its file was handed in. */
  receivedAt: Instant;
}

/** Which are wanted; what is left out is not asked for. */
export interface DialReadingFilter {
  /** Words, each of which is part of the meter point's identifier, the meter's serial or the file's name. */
  search?: string | undefined;
  identifier?: string | undefined;
  serial?: string | undefined;
  readingType?: string | undefined;
  meterId?: number | undefined;
  meterPointId?: number | undefined;
  runId?: number | undefined;
  fileName?: string | undefined;
  register?: string | undefined;
  quality?: string | undefined;
  /** Inclusive. */
  from?: Instant | undefined;
  /** Exclusive. */
  to?: Instant | undefined;
}

export type DialReadingOrder = DialReadingOrders[0];
export type DialReadingOrders = Orders<'at' | 'value' | 'receivedAt'>;

export interface DialReadingSummary {
  readings: number;
  meterPoints: number;
  meters: number;
  earliest: Instant | null;
  latest: Instant | null;
  qualities: { quality: Quality; count: number }[];
}
