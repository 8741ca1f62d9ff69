import type { SeriesKind } from '../accounts/meter-point.ts';
import type { MicroKwh } from '../units/energy.ts';
import { type Instant, instant, secondsPerDay } from '../units/time.ts';
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

/** What the scanners answer for a text that needs the careful road. */
export const surprise = -1;

const decimals = 6;
// 15 digits survive a double unchanged, so a JSON number and its text mean the same.
const wholeDigitsMax = 9;

/** Micro-kWh of "123.456" in text[from, to); `surprise` for a sign, an exponent, a seventh decimal or a leading zero. */
export function scanMicroKwh(text: string, from: number, to: number): MicroKwh | typeof surprise {
  let value = 0;
  let at = from;
  for (; at < to; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  const whole = at - from;
  if (whole === 0 || whole > wholeDigitsMax || (whole > 1 && text.charCodeAt(from) === 48)) return surprise;
  let missing = decimals;
  if (at < to) {
    if (text.charCodeAt(at) !== 46 || at + 1 === to || to - at - 1 > decimals) return surprise;
    for (at += 1; at < to; at++) {
      const digit = text.charCodeAt(at) - 48;
      if (digit < 0 || digit > 9) return surprise;
      value = value * 10 + digit;
      missing -= 1;
    }
  }
  for (; missing > 0; missing--) value *= 10;
  return value as MicroKwh;
}

const secondsLength = '2026-11-21T10:30:00'.length;
const yearMin = 1970;
const yearMax = 2099;

/** "2026-11-21T10:30:00Z", the same with +10:30, or ten digits of Unix seconds in text[from, to); `surprise` for the rest. */
export function scanInstant(text: string, from: number, to: number): Instant | typeof surprise {
  const length = to - from;
  if (length === 10) return scanUnixSeconds(text, from);
  if (length !== secondsLength + 1 && length !== secondsLength + 6) return surprise;
  const marks =
    text.charCodeAt(from + 4) === 45 &&
    text.charCodeAt(from + 7) === 45 &&
    text.charCodeAt(from + 10) === 84 &&
    text.charCodeAt(from + 13) === 58 &&
    text.charCodeAt(from + 16) === 58;
  if (!marks) return surprise;
  const day = scanDay(text, from);
  const hour = twoDigits(text, from + 11);
  const minute = twoDigits(text, from + 14);
  const second = twoDigits(text, from + 17);
  if (!(day >= 0 && hour <= 23 && minute <= 59 && second <= 59)) return surprise;
  const offset = scanOffset(text, from + secondsLength, to);
  if (Number.isNaN(offset)) return surprise;
  const at = day * secondsPerDay + hour * 3600 + minute * 60 + second - offset;
  // Before 1970 is for the careful road to refuse; and -1 would be taken for a surprise anyway.
  return at >= 0 ? instant(at) : surprise;
}

function scanUnixSeconds(text: string, from: number): Instant | typeof surprise {
  let seconds = 0;
  for (let at = from; at < from + 10; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (!(digit >= 0 && digit <= 9)) return surprise;
    seconds = seconds * 10 + digit;
  }
  return text.charCodeAt(from) === 48 ? surprise : instant(seconds);
}

/** Days since 1970-01-01; NaN when it is no day of these years. */
function scanDay(text: string, from: number): number {
  const year = twoDigits(text, from) * 100 + twoDigits(text, from + 2);
  const month = twoDigits(text, from + 5);
  const day = twoDigits(text, from + 8);
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
function scanOffset(text: string, from: number, to: number): number {
  const sign = text.charCodeAt(from);
  if (to - from === 1) return sign === 90 ? 0 : Number.NaN;
  if ((sign !== 43 && sign !== 45) || text.charCodeAt(from + 3) !== 58) return Number.NaN;
  const hours = twoDigits(text, from + 1);
  const minutes = twoDigits(text, from + 4);
  if (!(hours <= 23 && minutes <= 59)) return Number.NaN;
  const seconds = hours * 3600 + minutes * 60;
  return sign === 45 ? -seconds : seconds;
}

/** NaN when either is no digit, so that every comparison with it fails. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}
