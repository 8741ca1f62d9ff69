import type { MicroKwh } from '../units/energy.ts';
import { type Instant, instant, secondsPerDay } from '../units/time.ts';

/** What the scanners answer for a text that needs the careful road. */
export const surprise = -1;

const decimals = 6;
// 15 digits survive a double unchanged, so a JSON number and its text mean the same.
const wholeDigitsMax = 9;
const [zero, nine, point] = [48, 57, 46];

/**
 * Micro-kWh of "123.456" in bytes[from, to), behind which stands no digit; `surprise` for a sign, an exponent, a seventh decimal or a
 * leading zero.
 */
export function scanMicroKwh(bytes: Uint8Array, from: number, to: number): MicroKwh | typeof surprise {
  let value = 0;
  let at = from;
  for (; at < to; at++) {
    const byte = bytes[at]!;
    if (byte < zero || byte > nine) break;
    value = value * 10 + byte - zero;
  }
  const whole = at - from;
  if (whole === 0 || whole > wholeDigitsMax || (whole > 1 && bytes[from] === zero)) return surprise;
  let missing = decimals;
  if (at < to) {
    if (bytes[at] !== point || at + 1 === to || to - at - 1 > decimals) return surprise;
    for (at += 1; at < to; at++) {
      const byte = bytes[at]!;
      if (byte < zero || byte > nine) return surprise;
      value = value * 10 + byte - zero;
      missing -= 1;
    }
  }
  return (value * powersOfTen[missing]!) as MicroKwh;
}

const powersOfTen = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000];

const secondsLength = '2026-11-21T10:30:00'.length;
const offsetLength = '+10:30'.length;
const unixLength = 10;
const yearMin = 1970;
const yearMax = 2099;
// Of "2026-11-21T10:30:00", from the end: -, -, T, :, :.
const marks = [4, 45, 7, 45, 10, 84, 13, 58, 16, 58];

/**
 * Reads time stamps and remembers the last one: a fleet sends its half-hour in one wave, so that most bodies repeat one stamp a thousand
 * times.
 */
export class StampScanner {
  readonly #last = new Uint8Array(secondsLength + offsetLength);
  #lastLength = 0;
  #lastAt: Instant | typeof surprise = surprise;

  /** "2026-11-21T10:30:00Z", the same with +10:30, or ten digits of Unix seconds in bytes[from, to); `surprise` for the rest. */
  scan(bytes: Uint8Array, from: number, to: number): Instant | typeof surprise {
    const length = to - from;
    if (length === this.#lastLength && this.#isLast(bytes, from)) return this.#lastAt;
    if (length !== secondsLength + 1 && length !== secondsLength + offsetLength && length !== unixLength)
      return surprise;
    const at = length === unixLength ? scanUnixSeconds(bytes, from) : scanStamp(bytes, from, to);
    if (at === surprise) return surprise;
    for (let position = 0; position < length; position++) this.#last[position] = bytes[from + position]!;
    this.#lastLength = length;
    this.#lastAt = at;
    return at;
  }

  /** From the end, where stamps that differ do so first. */
  #isLast(bytes: Uint8Array, from: number): boolean {
    const last = this.#last;
    for (let position = this.#lastLength - 1; position >= 0; position--)
      if (bytes[from + position] !== last[position]) return false;
    return true;
  }
}

function scanUnixSeconds(bytes: Uint8Array, from: number): Instant | typeof surprise {
  let seconds = 0;
  for (let at = from; at < from + unixLength; at++) {
    const byte = bytes[at]!;
    if (byte < zero || byte > nine) return surprise;
    seconds = seconds * 10 + byte - zero;
  }
  return bytes[from] === zero ? surprise : instant(seconds);
}

function scanStamp(bytes: Uint8Array, from: number, to: number): Instant | typeof surprise {
  for (let mark = 0; mark < marks.length; mark += 2)
    if (bytes[from + marks[mark]!] !== marks[mark + 1]) return surprise;
  const day = scanDay(bytes, from);
  const hour = twoDigits(bytes, from + 11);
  const minute = twoDigits(bytes, from + 14);
  const second = twoDigits(bytes, from + 17);
  if (!(day >= 0 && hour <= 23 && minute <= 59 && second <= 59)) return surprise;
  const offset = scanOffset(bytes, from + secondsLength, to);
  if (Number.isNaN(offset)) return surprise;
  const at = day * secondsPerDay + hour * 3600 + minute * 60 + second - offset;
  // Before 1970 is for the careful road to refuse; and -1 would be taken for a surprise anyway.
  return at >= 0 ? instant(at) : surprise;
}

/** Days since 1970-01-01; NaN when it is no day of these years. */
function scanDay(bytes: Uint8Array, from: number): number {
  const year = twoDigits(bytes, from) * 100 + twoDigits(bytes, from + 2);
  const month = twoDigits(bytes, from + 5);
  const day = twoDigits(bytes, from + 8);
  if (!(year >= yearMin && year <= yearMax && month >= 1 && month <= 12 && day >= 1)) return Number.NaN;
  const leap = year % 4 === 0;
  if (day > monthDays[month - 1]! + (leap && month === 2 ? 1 : 0)) return Number.NaN;
  // No century between 1970 and 2099 leaves out its leap day: 2000 had one.
  const leapDays = ((year - 1969) >> 2) + (leap && month > 2 ? 1 : 0);
  return (year - 1970) * 365 + leapDays + daysBefore[month - 1]! + day - 1;
}

const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const daysBefore = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];

/** Seconds east of UTC; NaN when it is neither Z nor +10:30. */
function scanOffset(bytes: Uint8Array, from: number, to: number): number {
  const sign = bytes[from];
  if (to - from === 1) return sign === 90 ? 0 : Number.NaN;
  if ((sign !== 43 && sign !== 45) || bytes[from + 3] !== 58) return Number.NaN;
  const hours = twoDigits(bytes, from + 1);
  const minutes = twoDigits(bytes, from + 4);
  if (!(hours <= 23 && minutes <= 59)) return Number.NaN;
  const seconds = hours * 3600 + minutes * 60;
  return sign === 45 ? -seconds : seconds;
}

/** NaN when either is no digit, so that every comparison with it fails. */
function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]! - zero;
  const ones = bytes[at + 1]! - zero;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}
