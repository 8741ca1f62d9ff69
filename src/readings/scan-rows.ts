import type { Instant } from '../units/time.ts';
import { surprise } from './plain-reading.ts';
import { isText, scanQuality } from './scan-objects.ts';
import { StampScanner, scanMicroKwh } from './scan-units.ts';
import { codeMax, meterPointMax, ScannedReading } from './scanned-reading.ts';

/** What a column of a CSV body holds. */
export const columns = [
  'meterPoint',
  'at',
  'start',
  'value',
  'energy',
  'register',
  'channel',
  'unit',
  'quality',
] as const;
export type Column = (typeof columns)[number];

const kWh = Buffer.from('kWh');

/**
 * Reads rows without quotation marks, spaces and empty cells from bytes, without an object or a text; anything else is for the careful
 * road: false then. Behind the bytes it may read stands a 0, which is a surprise wherever it comes.
 */
export class RowScanner {
  readonly reading = new ScannedReading();
  /** Just behind the line that was read. */
  position = 0;
  readonly #columns: readonly Column[];
  readonly #stamps = new StampScanner();

  constructor(columns: readonly Column[]) {
    this.#columns = columns;
    this.reading.isChannel = columns.includes('energy');
  }

  /** One line from `position` on; false at a surprise. */
  scan(bytes: Uint8Array, position: number): boolean {
    const columns = this.#columns;
    const last = columns.length - 1;
    let at = position;
    for (let column = 0; column <= last; column++) {
      const from = at;
      let byte = bytes[at]!;
      while (byte > 32 && byte < 127 && byte !== 44 && byte !== 34) byte = bytes[++at]!;
      if (at === from || !this.#put(columns[column]!, bytes, from, at)) return false;
      if (column < last) {
        if (byte !== 44) return false;
        at += 1;
      }
    }
    if (bytes[at] === 13) at += 1;
    if (bytes[at] !== 10) return false;
    this.position = at + 1;
    return true;
  }

  #put(column: Column, bytes: Uint8Array, from: number, to: number): boolean {
    const { reading } = this;
    switch (column) {
      case 'meterPoint':
        reading.meterPointFrom = from;
        reading.meterPointTo = to;
        return to - from <= meterPointMax;
      case 'at':
      case 'start':
        reading.at = this.#stamps.scan(bytes, from, to) as Instant;
        return reading.at !== surprise;
      case 'value':
      case 'energy': {
        const value = scanMicroKwh(bytes, from, to);
        if (value === surprise) return false;
        reading.value = value;
        return true;
      }
      case 'register':
      case 'channel':
        reading.codeFrom = from;
        reading.codeTo = to;
        return to - from <= codeMax;
      case 'unit':
        return isText(kWh, bytes, from, to);
      case 'quality':
        reading.quality = scanQuality(bytes, from, to);
        return reading.quality >= 0;
    }
  }
}
