import { type MicroKwh, microKwh } from '../../units/energy.ts';
import { isMpanIn } from '../../units/identifiers.ts';
import type { Instant, Zone } from '../../units/time.ts';
import { readingTypes } from './reading-types.ts';
import type { ReadingCodes } from './register-readings.ts';
import { readWallClock } from './uff.ts';

const bar = 0x7c;
const blank = 0x20;
const point = 0x2e;
const zero = 0x30;
const codeLength = 3;
const mpanLength = 13;
const stampLength = 14;
const serialMax = 10;
const registerMax = 2;
// Before and behind the point together, as many as the catalogue gives a reading.
const digitsMax = 9;
const stampsMax = 4096;

/**
 * The groups that make up nearly all of a file of readings, read off their bytes where every item is in its plainest form: ASCII, no
 * blanks around it, nothing left out that has to be there and nothing to say a word about. Whatever else a line is, it is none of them.
 */
export class PlainReadings {
  readonly #codes: Pick<ReadingCodes, 'meterPoint' | 'meter' | 'reading'>;
  readonly #numbers: { meterPoint: number; meter: number; reading: number };
  readonly #zone: Zone;
  /** Instants by the digits of the clock, read as a number: a file names the same few over and over. */
  readonly #stamps = new Map<number, Instant>();
  readonly #registers = new Map<number, string>();
  /** Where the next item begins. */
  #at = 0;
  /** Of the last group that was read. */
  code = '';
  meterPoint = '';
  bscStatus: 'V' | 'U' | 'F' = 'U';
  meterSerial = '';
  readingType = '';
  registerId = '';
  at!: Instant;
  value!: MicroKwh;
  flag = '';
  method = '';

  constructor({ meterPoint, meter, reading }: ReadingCodes, zone: Zone) {
    this.#codes = { meterPoint, meter, reading };
    this.#numbers = { meterPoint: numberOf(meterPoint), meter: numberOf(meter), reading: numberOf(reading) };
    this.#zone = zone;
  }

  /** Code of the group in bytes[start, end), whose items are in the fields then; undefined when it is not plain. */
  read(bytes: Buffer, start: number, end: number): string | undefined {
    if (end - start <= codeLength || bytes[start + codeLength] !== bar || bytes[end - 1] !== bar) return undefined;
    const number = (bytes[start]! << 16) | (bytes[start + 1]! << 8) | bytes[start + 2]!;
    const { meterPoint, meter, reading } = this.#numbers;
    this.#at = start + codeLength + 1;
    if (number === reading && this.#readReading(bytes, end)) this.code = this.#codes.reading;
    else if (number === meterPoint && this.#readMeterPoint(bytes, end)) this.code = this.#codes.meterPoint;
    else if (number === meter && this.#readMeter(bytes, end)) this.code = this.#codes.meter;
    else return undefined;
    return this.code;
  }

  #readMeterPoint(bytes: Buffer, end: number): boolean {
    const at = this.#at;
    if (end - at !== mpanLength + 3 || bytes[at + mpanLength] !== bar || !isMpanIn(bytes, at)) return false;
    const status = String.fromCharCode(bytes[at + mpanLength + 1]!);
    if (status !== 'V' && status !== 'U' && status !== 'F') return false;
    this.bscStatus = status;
    this.meterPoint = textOf(bytes, at, at + mpanLength);
    return true;
  }

  #readMeter(bytes: Buffer, end: number): boolean {
    const at = this.#at;
    const to = this.#textEnd(bytes, end, serialMax);
    if (to < 0 || end - to !== 3) return false;
    const type = String.fromCharCode(bytes[to + 1]!);
    if (!Object.hasOwn(readingTypes, type)) return false;
    this.readingType = type;
    this.meterSerial = textOf(bytes, at, to);
    return true;
  }

  #readReading(bytes: Buffer, end: number): boolean {
    const registerAt = this.#at;
    const registerTo = this.#textEnd(bytes, end, registerMax);
    if (registerTo < 0) return false;
    const stamp = digitsIn(bytes, registerTo + 1, stampLength);
    if (Number.isNaN(stamp) || bytes[registerTo + 1 + stampLength] !== bar) return false;
    this.#at = registerTo + 2 + stampLength;
    if (!this.#readValue(bytes, end)) return false;
    // Nothing of a reset of maximum demand.
    if (bytes[this.#at] !== bar || bytes[this.#at + 1] !== bar) return false;
    this.#at += 2;
    this.flag = this.#letter(bytes);
    this.method = this.#letter(bytes);
    if (this.#at !== end || (this.flag !== '' && this.flag !== 'T' && this.flag !== 'F')) return false;
    if (this.method !== '' && this.method !== 'N' && this.method !== 'P') return false;
    this.registerId = this.#register(bytes, registerAt, registerTo);
    return this.#readStamp(bytes, registerTo + 1, stamp);
  }

  /** Digits, and a point with one behind it or none at all. */
  #readValue(bytes: Buffer, end: number): boolean {
    let at = this.#at;
    let whole = 0;
    for (; at < end && isDigit(bytes[at]!); at++) whole = whole * 10 + bytes[at]! - zero;
    let digits = at - this.#at;
    let tenths = 0;
    if (bytes[at] === point) {
      if (!isDigit(bytes[at + 1]!)) return false;
      tenths = bytes[at + 1]! - zero;
      digits += 1;
      at += 2;
    }
    if (at === this.#at || bytes[this.#at] === point || digits > digitsMax || bytes[at] !== bar) return false;
    this.value = microKwh(whole * 1_000_000 + tenths * 100_000);
    this.#at = at + 1;
    return true;
  }

  #readStamp(bytes: Buffer, from: number, stamp: number): boolean {
    let at = this.#stamps.get(stamp);
    if (at === undefined) {
      const shown = readWallClock(textOf(bytes, from, from + stampLength), this.#zone);
      if (shown.at === undefined || shown.ambiguous) return false;
      if (this.#stamps.size >= stampsMax) this.#stamps.clear();
      this.#stamps.set(stamp, shown.at);
      at = shown.at;
    }
    this.at = at;
    return true;
  }

  #register(bytes: Buffer, from: number, to: number): string {
    const key = (bytes[from]! << 8) | (to - from > 1 ? bytes[from + 1]! : 0);
    let register = this.#registers.get(key);
    if (register === undefined) {
      register = textOf(bytes, from, to);
      this.#registers.set(key, register);
    }
    return register;
  }

  /** Where the text ends that begins at `#at`: printable, no blank at either end, one to `max` long; -1 when it is not that. */
  #textEnd(bytes: Buffer, end: number, max: number): number {
    const from = this.#at;
    let at = from;
    for (; at < end && bytes[at] !== bar; at++) if (bytes[at]! < blank || bytes[at]! > 0x7e) return -1;
    return at > from && at - from <= max && bytes[from] !== blank && bytes[at - 1] !== blank ? at : -1;
  }

  /** One letter or none, and the | behind it; what is neither is two letters. */
  #letter(bytes: Buffer): string {
    const at = this.#at;
    if (bytes[at] === bar) {
      this.#at = at + 1;
      return '';
    }
    this.#at = at + 2;
    return bytes[at + 1] === bar ? letters[bytes[at]!]! : 'none';
  }
}

const letters = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code));

function numberOf(code: string): number {
  return (code.charCodeAt(0) << 16) | (code.charCodeAt(1) << 8) | code.charCodeAt(2);
}

function isDigit(byte: number): boolean {
  return byte >= zero && byte <= 0x39;
}

/** NaN when they are not all digits. */
function digitsIn(bytes: Uint8Array, from: number, count: number): number {
  let number = 0;
  for (let at = from; at < from + count; at++) {
    const digit = bytes[at]! - zero;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    number = number * 10 + digit;
  }
  return number;
}

function textOf(bytes: Buffer, from: number, to: number): string {
  return bytes.toString('latin1', from, to);
}
