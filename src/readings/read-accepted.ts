import { assert } from '../kernel/assert.ts';
import { powersOfTen } from './decimal-exponent.ts';
import { AcceptedRecord } from './journal-record.ts';

/**
 * Reads the v lines of accepted readings and the m lines of a journal (journal-record.ts says how they are written), from `from` on up to
 * the first other line, one that has more than digits, or `to`; returns where that begins. Most of a journal consists of them, and they
 * are read without a text, an object or a call for each number.
 */
export function readAccepted(
  bytes: Uint8Array,
  from: number,
  to: number,
  take: (record: AcceptedRecord) => void,
): number {
  for (let line = from; line < to; ) {
    const end = bytes[line] === letterM ? readWave(bytes, line, take) : readReading(bytes, line, take);
    if (end < 0) return line;
    line = end;
  }
  return to;
}

const letterV = 118;
const letterM = 109;
const [space, newline, zero] = [32, 10, 48];
// What every line has in front, the most of all.
const numbers = new Float64Array(10);
const waveNumbers = 6;
const record = new AcceptedRecord();

/** Behind the line; -1 when it is not one of these. */
function readReading(bytes: Uint8Array, line: number, take: (record: AcceptedRecord) => void): number {
  if (bytes[line] !== letterV) return -1;
  const end = scanNumbers(bytes, line + 1, numbers.length);
  // 0 is the code of what was accepted, in decided-reading.ts.
  if (end < 0 || bytes[end] !== newline || numbers[9] !== 0) return -1;
  record.seriesId = numbers[0]!;
  record.at = numbers[1]!;
  record.value = numbers[2]!;
  record.minutes = numbers[3]!;
  record.quality = numbers[4]!;
  record.source = numbers[5]!;
  record.line = numbers[6]!;
  record.versionAt = numbers[7]!;
  record.receivedAt = numbers[8]!;
  take(record);
  return end + 1;
}

function readWave(bytes: Uint8Array, line: number, take: (record: AcceptedRecord) => void): number {
  let at = scanNumbers(bytes, line + 1, waveNumbers);
  const scale = powersOfTen[numbers[5]!];
  if (at < 0 || scale === undefined) return -1;
  record.at = numbers[0]!;
  record.minutes = numbers[1]!;
  record.quality = numbers[2]!;
  record.source = numbers[3]!;
  record.line = 0;
  record.versionAt = 0;
  record.receivedAt = numbers[4]!;
  while (bytes[at] === space) {
    at = scanNumbers(bytes, at, 2);
    assert(at >= 0, 'a wave has whole numbers, and two for each reading');
    record.seriesId = numbers[0]!;
    record.value = numbers[1]! * scale;
    take(record);
  }
  return bytes[at] === newline ? at + 1 : -1;
}

/** Numbers without a sign, a space before each, into `numbers`; returns where the last one ends, -1 when there is anything else. */
function scanNumbers(bytes: Uint8Array, from: number, count: number): number {
  let at = from;
  for (let each = 0; each < count; each++) {
    if (bytes[at] !== space) return -1;
    at += 1;
    let digit = bytes[at]! - zero;
    if (!(digit >= 0 && digit <= 9)) return -1;
    let value = 0;
    do {
      value = value * 10 + digit;
      at += 1;
      digit = bytes[at]! - zero;
    } while (digit >= 0 && digit <= 9);
    numbers[each] = value;
  }
  return at;
}
