import { secondsPerDay } from '../../units/time.ts';

/** "dd-MM-yyyy HH:mm" as steps that read digits from bytes: a stamp stands in every row, so it is never made a string. */
const tokens = ['yyyy', 'yy', 'MM', 'M', 'dd', 'd', 'HH', 'H', 'hh', 'h', 'mm', 'ss', '[:ss]', 'tt', 'XXX'] as const;
type Token = (typeof tokens)[number];
type Field = 'year' | 'shortYear' | 'month' | 'day' | 'hour' | 'hour12' | 'minute' | 'second';
type Step =
  | { kind: 'digits'; field: Field; most: number }
  | { kind: 'seconds' | 'half' | 'offset' }
  | { kind: 'byte'; byte: number };

const fields: Partial<Record<Token, [Field, most: number]>> = {
  yyyy: ['year', 4],
  yy: ['shortYear', 2],
  MM: ['month', 2],
  M: ['month', 2],
  dd: ['day', 2],
  d: ['day', 2],
  HH: ['hour', 2],
  H: ['hour', 2],
  hh: ['hour12', 2],
  h: ['hour12', 2],
  mm: ['minute', 2],
  ss: ['second', 2],
};

/** Whether it says how a date or a time of day is written. */
export function isStampPattern(text: string): boolean {
  const read = stepsOf(text).flatMap(step => (step.kind === 'digits' ? [step.field] : []));
  const has = (...wanted: Field[]) => wanted.some(each => read.includes(each));
  const date = has('year', 'shortYear') && has('month') && has('day');
  return (
    new Set(read).size === read.length && (date || (!has('year', 'shortYear', 'month', 'day') && has('hour', 'hour12')))
  );
}

function stepsOf(pattern: string): Step[] {
  const steps: Step[] = [];
  for (let at = 0; at < pattern.length; ) {
    const token = tokens.find(each => pattern.startsWith(each, at));
    const field = token && fields[token];
    if (field) steps.push({ kind: 'digits', field: field[0], most: field[1] });
    else if (token === '[:ss]') steps.push({ kind: 'seconds' });
    else if (token === 'tt') steps.push({ kind: 'half' });
    else if (token === 'XXX') steps.push({ kind: 'offset' });
    else steps.push({ kind: 'byte', byte: pattern.charCodeAt(at) });
    at += token?.length ?? 1;
  }
  return steps;
}

const space = 32;
const colon = 58;
const slots: Record<Field, number> = {
  year: 0,
  shortYear: 0,
  month: 1,
  day: 2,
  hour: 3,
  hour12: 3,
  minute: 4,
  second: 5,
};
const codes = { digits: 0, byte: 1, seconds: 2, half: 3, offset: 4 } as const;

/** Reads stamps of one pattern. After `read` answered true, what was read stands in the fields. */
export class StampReader {
  /** Seconds since 1970 that the wall clock shows, as if it were UTC; seconds of the day when the pattern has no date. */
  wall = 0;
  /** What the stamp says its clock is ahead of UTC; NaN when it does not say. */
  offset = Number.NaN;
  /** Where reading stopped: the end of the stamp, or the byte that did not fit. */
  next = 0;
  /** Whether the pattern has a time of day. */
  readonly hasTime: boolean;
  readonly #kinds: Uint8Array;
  readonly #operands: Uint8Array;
  readonly #most: Uint8Array;
  readonly #parts = new Int32Array(6);
  readonly #hasDate: boolean;
  readonly #shortYear: boolean;
  readonly #half: boolean;
  #civil = -1;
  #civilSeconds = 0;

  constructor(pattern: string) {
    const steps = stepsOf(pattern);
    this.#kinds = Uint8Array.from(steps, step => codes[step.kind]);
    this.#operands = Uint8Array.from(steps, step =>
      step.kind === 'digits' ? slots[step.field] : step.kind === 'byte' ? step.byte : 0,
    );
    this.#most = Uint8Array.from(steps, step => (step.kind === 'digits' ? step.most : 0));
    this.hasTime = /[Hh]/.test(pattern);
    this.#hasDate = steps.some(step => step.kind === 'digits' && step.field === 'day');
    this.#shortYear = steps.some(step => step.kind === 'digits' && step.field === 'shortYear');
    this.#half = steps.some(step => step.kind === 'half');
  }

  /** Reads bytes [from, to); more may follow the stamp, `next` says where. */
  read(bytes: Buffer, from: number, to: number): boolean {
    const parts = this.#parts;
    parts[3] = parts[4] = parts[5] = 0;
    this.offset = Number.NaN;
    let at = from;
    let afternoon = 0;
    for (let step = 0; step < this.#kinds.length; step++) {
      const kind = this.#kinds[step]!;
      if (kind === codes.digits) {
        const most = this.#most[step]!;
        let value = 0;
        let count = 0;
        for (; count < most && at < to; count++, at++) {
          const digit = bytes[at]! - 48;
          if (digit < 0 || digit > 9) break;
          value = value * 10 + digit;
        }
        if (count === 0 || (most === 4 && count !== 4)) return this.#stop(at);
        parts[this.#operands[step]!] = value;
      } else if (kind === codes.byte) {
        const byte = this.#operands[step]!;
        if (byte === space) {
          const after = skipBlanks(bytes, at, to);
          if (after === at) return this.#stop(at);
          at = after;
        } else if (at < to && bytes[at] === byte) at += 1;
        else return this.#stop(at);
      } else if (kind === codes.seconds) {
        at = this.#seconds(bytes, at, to);
      } else if (kind === codes.half) {
        at = skipBlanks(bytes, at, to);
        const letter = at + 1 < to ? bytes[at]! | 32 : 0;
        if ((letter !== 97 && letter !== 112) || (bytes[at + 1]! | 32) !== 109) return this.#stop(at);
        afternoon = letter === 112 ? 12 : 0;
        at += 2;
      } else {
        const after = this.#offset(bytes, at, to);
        if (after < 0) return this.#stop(at);
        at = after;
      }
    }
    this.next = at;
    if (this.#half) {
      if (parts[3]! < 1 || parts[3]! > 12) return this.#stop(from);
      parts[3] = (parts[3]! % 12) + afternoon;
    }
    return this.#compose(from);
  }

  #compose(from: number): boolean {
    const parts = this.#parts;
    const [hour, minute, second] = [parts[3]!, parts[4]!, parts[5]!];
    // 24:00 is the midnight that ends the day.
    if (hour > 24 || minute > 59 || second > 59 || (hour === 24 && minute + second > 0)) return this.#stop(from);
    this.wall = hour * 3600 + minute * 60 + second;
    if (!this.#hasDate) return true;
    const [year, month, day] = [parts[0]!, parts[1]!, parts[2]!];
    const civil = (year * 16 + month) * 32 + day;
    if (civil !== this.#civil) {
      const full = this.#shortYear ? 2000 + year : year;
      if (month < 1 || month > 12 || day < 1 || day > daysIn(full, month)) return this.#stop(from);
      this.#civil = civil;
      this.#civilSeconds = daysFromCivil(full, month, day) * secondsPerDay;
    }
    this.wall += this.#civilSeconds;
    return true;
  }

  #seconds(bytes: Buffer, from: number, to: number): number {
    if (from + 2 >= to || bytes[from] !== colon) return from;
    const [tens, ones] = [bytes[from + 1]! - 48, bytes[from + 2]! - 48];
    if (tens < 0 || tens > 9 || ones < 0 || ones > 9) return from;
    this.#parts[5] = tens * 10 + ones;
    let at = from + 3;
    // A fraction of a second says nothing about energy.
    if (bytes[at] === 46 && at + 1 < to) for (at += 1; at < to && bytes[at]! >= 48 && bytes[at]! <= 57; ) at += 1;
    return at;
  }

  /** Z, +02:00 or +0200, perhaps after blanks and the zone's letters: "CEST+0200". Answers where it ends, -1 when there is none. */
  #offset(bytes: Buffer, from: number, to: number): number {
    let at = skipBlanks(bytes, from, to);
    if (at < to && (bytes[at]! | 32) === 122) {
      this.offset = 0;
      return at + 1;
    }
    while (at < to && bytes[at]! >= 65 && bytes[at]! <= 90) at += 1;
    const match = /^([+-])(\d\d):?([0-5]\d)/.exec(bytes.toString('latin1', at, Math.min(to, at + 6)));
    if (!match || Number(match[2]) > 18) return -1;
    this.offset = (Number(match[2]) * 3600 + Number(match[3]) * 60) * (match[1] === '-' ? -1 : 1);
    return at + match[0].length;
  }

  #stop(at: number): false {
    this.next = at;
    return false;
  }
}

/** After spaces, tabs and no-break spaces (CSV-1): Southern California Edison writes U+00A0. */
export function skipBlanks(bytes: Buffer, from: number, to: number): number {
  let at = from;
  for (; at < to; at++) {
    if (bytes[at] === space || bytes[at] === 9) continue;
    if (bytes[at] === 0xc2 && bytes[at + 1] === 0xa0 && at + 1 < to) at += 1;
    else break;
  }
  return at;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Days since 1970-01-01 of the Gregorian calendar, years counted from March so that the leap day comes last. */
function daysFromCivil(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return (
    era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
  );
}
