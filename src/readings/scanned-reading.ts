import type { MicroKwh } from '../units/energy.ts';
import { type Instant, instant } from '../units/time.ts';
import type { PlainReading } from './plain-reading.ts';
import { type Quality, qualities, qualityCode } from './reading.ts';
import { StampScanner, scanMicroKwh, surprise } from './scan-units.ts';

/** What a posted reading may say, as a field of JSON or a column of CSV. */
export const fields = [
  'meterPoint',
  'start',
  'energy',
  'at',
  'value',
  'channel',
  'register',
  'quality',
  'unit',
] as const;
export type Field = (typeof fields)[number];

const meterPointMax = 40;
const codeMax = 20;
const kWh = Buffer.from('kWh');

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
  readonly #stamps = new StampScanner();

  /** Takes in what bytes[from, to) say of a field; false at a surprise, for which the careful road has a sentence. */
  put(field: Field, bytes: Uint8Array, from: number, to: number): boolean {
    switch (field) {
      case 'meterPoint':
        this.meterPointFrom = from;
        this.meterPointTo = to;
        return to > from && to - from <= meterPointMax;
      case 'at':
      case 'start':
        this.at = this.#stamps.scan(bytes, from, to) as Instant;
        return this.at !== surprise;
      case 'value':
      case 'energy': {
        const value = scanMicroKwh(bytes, from, to);
        if (value === surprise) return false;
        this.value = value;
        return true;
      }
      case 'register':
      case 'channel':
        this.codeFrom = from;
        this.codeTo = to;
        return to > from && to - from <= codeMax;
      case 'unit':
        return isText(kWh, bytes, from, to);
      case 'quality':
        this.quality = scanQuality(bytes, from, to);
        return this.quality >= 0;
    }
  }

  /** The same as an object, with its texts. */
  toPlain(bytes: Uint8Array): PlainReading {
    const { meterPointFrom, meterPointTo, codeFrom, codeTo, isChannel, at, value, quality } = this;
    return {
      meterPoint: textOf(bytes, meterPointFrom, meterPointTo),
      kind: isChannel ? 'channel' : 'register',
      code: codeTo > codeFrom ? textOf(bytes, codeFrom, codeTo) : undefined,
      at,
      value,
      quality: qualities[quality]!,
    };
  }
}

/** Whether the bytes from `from` up to `to` are `text`. */
export function isText(text: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from !== text.length) return false;
  for (let at = 0; at < text.length; at++) if (bytes[from + at] !== text[at]) return false;
  return true;
}

// A reading that is posted has a value, so it is not missing.
const posted: readonly [Quality, Uint8Array][] = qualities
  .filter(quality => quality !== 'missing')
  .map(quality => [quality, Buffer.from(quality)]);

/** The code of a quality that may be posted; -1 for anything else. */
function scanQuality(bytes: Uint8Array, from: number, to: number): number {
  for (const [quality, text] of posted) if (isText(text, bytes, from, to)) return qualityCode(quality);
  return -1;
}

/** Of printable ASCII: a scanner takes nothing else. */
function textOf(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1');
}
