/**
 * Dates and stamps of MDFF, out of the bytes: seconds from 1970-01-01T00:00 on the clock they are written in, NaN when they are none.
 * A year of a thousand meters has a million of them, so no text is made of one.
 */

/** YYYYMMDD at `bytes[at, end)`. */
export function readDate8(bytes: Uint8Array, at: number, end: number): number {
  return end - at === 8 ? readDay(bytes, at) : Number.NaN;
}

/** YYYYMMDDhhmm or YYYYMMDDhhmmss at `bytes[at, end)`; senders use either where the other is specified (N12-29). */
export function readStamp(bytes: Uint8Array, at: number, end: number): number {
  const length = end - at;
  if (length !== 14 && length !== 12) return Number.NaN;
  const hour = readDigits(bytes, at + 8, 2);
  const minute = readDigits(bytes, at + 10, 2);
  const second = length === 14 ? readDigits(bytes, at + 12, 2) : 0;
  const isTime = hour <= 23 && minute <= 59 && second <= 59;
  return isTime ? readDay(bytes, at) + hour * 3600 + minute * 60 + second : Number.NaN;
}

function readDay(bytes: Uint8Array, at: number): number {
  return civilSeconds(readDigits(bytes, at, 4), readDigits(bytes, at + 4, 2), readDigits(bytes, at + 6, 2));
}

/** NaN where any of the bytes is no digit. */
function readDigits(bytes: Uint8Array, at: number, count: number): number {
  let number = 0;
  for (let here = at; here < at + count; here++) {
    const digit = bytes[here]! - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    number = number * 10 + digit;
  }
  return number;
}

const daysBefore = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];

/** Midnight of a day of the calendar, from 1970 on; NaN when there is no such day. */
export function civilSeconds(year: number, month: number, day: number): number {
  if (!(year >= 1970 && month >= 1 && month <= 12 && day >= 1)) return Number.NaN;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const length = month === 2 && leap ? 29 : daysBefore[month]! - daysBefore[month - 1]!;
  if (day > length) return Number.NaN;
  const before = year - 1;
  const leapDays = Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400) - 477;
  const ofYear = daysBefore[month - 1]! + (leap && month > 2 ? 1 : 0) + day - 1;
  return ((year - 1970) * 365 + leapDays + ofYear) * 86_400;
}
