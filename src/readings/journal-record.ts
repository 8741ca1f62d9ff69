import { assert } from '../kernel/assert.ts';
import { microKwh } from '../units/energy.ts';
import { instant } from '../units/time.ts';
import type { ConflictDecision, DecidedReading, ReadingRun, Withdrawal } from './decided-reading.ts';
import { outcomes } from './decided-reading.ts';
import { exponentOf, powersOfTen } from './decimal-exponent.ts';
import type { QuarantinedReading } from './quarantined-reading.ts';
import { type AcceptedRecord, readAccepted } from './read-accepted.ts';
import { qualities, qualityCode } from './reading.ts';
import type { ReadingFlag } from './reading-flag-store.ts';
import { readingOf } from './reading-run.ts';
import { RecordBytes } from './record-bytes.ts';
import { flagRules, isRuleName } from './rules.ts';

/**
 * How what was decided is written down, a line each; numbers are whole, instants epoch seconds, values micro-kWh (n: missing).
 *
 *   v SERIES AT VALUE MINUTES QUALITY SOURCE LINE VERSION RECEIVED OUTCOME
 *   r SERIES START MINUTES SOURCE LINE LINE-STEP VERSION RECEIVED QUALITIES EXPONENT VALUE VALUE …
 *   m AT MINUTES QUALITY SOURCE RECEIVED EXPONENT SERIES VALUE SERIES VALUE …
 *   w SERIES FROM TO WITHDRAWN UNDONE-COUNT UNDONE … REWOUND-COUNT REWOUND …
 *   c SERIES AT VALUE MINUTES QUALITY SOURCE LINE VERSION RECEIVED DECIDED TAKES
 *   f SERIES AT VALUE RULE FLAGGED
 *   q NUMBER RECEIVED SOURCE LINE RULE-NAME JSON
 *
 * v is one reading. r is a run of intervals that were all accepted: QUALITIES is one code, or CODExCOUNT with commas between, and
 * each value is to be multiplied by 10 to the EXPONENT. m is a wave: what many series sent for one instant, all accepted, with neither
 * line nor version. w takes back what sources said in a part of a series; c is what somebody decided
 * about a conflict, TAKES 1 for the reading named, 0 for the one that is current. f is what a rule noted at a
 * reading, by its place in rules.ts `flagRules`; q is a reading that was put aside.
 */
export function writeRecord(into: RecordBytes, { seriesId, reading, receivedAt, outcome }: DecidedReading): void {
  into.character(letterV);
  field(into, seriesId);
  field(into, reading.at);
  valueField(into, reading.value);
  field(into, reading.minutes);
  field(into, qualityCode(reading.quality));
  field(into, reading.source);
  field(into, reading.line);
  field(into, reading.versionAt);
  field(into, receivedAt);
  field(into, outcomes.indexOf(outcome));
  into.character(newline);
}

export function writeRun(into: RecordBytes, run: ReadingRun, receivedAt: number): void {
  const { seriesId, startsAt, minutes, source, line, lineStep, versionAt, values } = run;
  into.character(letterR);
  for (const part of [seriesId, startsAt, minutes, source, line, lineStep, versionAt, receivedAt]) field(into, part);
  into.character(space);
  writeQualities(into, run.qualities);
  const exponent = commonExponent(values);
  field(into, exponent);
  const scale = powersOfTen[exponent]!;
  for (let at = 0; at < values.length; at++) valueField(into, values[at]! / scale);
  into.character(newline);
}

/** What the readings of a wave have in common; `quality` is a code of reading.ts. */
export interface Wave {
  at: number;
  minutes: number;
  quality: number;
  source: number;
  receivedAt: number;
}

/** The first `count` of the series and their values. */
export function writeWave(
  into: RecordBytes,
  { at, minutes, quality, source, receivedAt }: Wave,
  seriesIds: Uint32Array,
  values: Float64Array,
  count: number,
): void {
  into.character(letterM);
  for (const part of [at, minutes, quality, source, receivedAt]) field(into, part);
  const exponent = commonExponent(values, count);
  field(into, exponent);
  const scale = powersOfTen[exponent]!;
  for (let each = 0; each < count; each++) {
    field(into, seriesIds[each]!);
    field(into, values[each]! / scale);
  }
  into.character(newline);
}

export function formatWithdrawal({ seriesId, from, to, withdrawnAt, undone, rewound }: Withdrawal): string {
  return ['w', seriesId, from, to, withdrawnAt, undone.length, ...undone, rewound.length, ...rewound].join(' ');
}

export function formatDecision({ seriesId, reading, receivedAt, decidedAt, takes }: ConflictDecision): string {
  const value = Number.isNaN(reading.value) ? 'n' : reading.value;
  const { at, minutes, quality, source, line, versionAt } = reading;
  const said = [at, value, minutes, qualityCode(quality), source, line, versionAt];
  return ['c', seriesId, ...said, receivedAt, decidedAt, takes ? 1 : 0].join(' ');
}

export function writeFlag(into: RecordBytes, { seriesId, at, value, rule, flaggedAt }: ReadingFlag): void {
  into.character(letterF);
  for (const part of [seriesId, at, value, flagRules.indexOf(rule), flaggedAt]) field(into, part);
  into.character(newline);
}

export function writeQuarantined(into: RecordBytes, quarantined: QuarantinedReading): void {
  const { id, receivedAt, source, line, rule, item } = quarantined;
  into.character(letterQ);
  for (const part of [id, receivedAt, source, line]) field(into, part);
  // JSON has no line end inside.
  into.text(` ${rule} ${JSON.stringify(item)}\n`);
}

/** Told of what a group of the journal holds, in order. */
export interface RecordReader {
  reading(decided: DecidedReading): void;
  /** Instead of `reading` for nearly all that were accepted; what it is handed is another one's when it returns. */
  accepted?(record: AcceptedRecord): void;
  run(run: ReadingRun, receivedAt: number): void;
  withdrawal(withdrawal: Withdrawal): void;
  decision(decision: ConflictDecision): void;
  flag(flag: ReadingFlag): void;
  quarantined(quarantined: QuarantinedReading): void;
}

/** Every record of a group's body, or of its part from `from` up to `to`, where a record ends. */
export function readRecords(body: Buffer, reader: RecordReader, from = 0, to = body.length): void {
  const cursor = new Cursor(body, from);
  while (cursor.at < to) {
    if (reader.accepted) {
      cursor.at = readAccepted(body, cursor.at, to, reader.accepted);
      if (cursor.at >= to) break;
    }
    const letter = cursor.letter();
    if (letter === letterV) readReading(cursor, reader);
    else if (letter === letterR) readRun(cursor, reader);
    else if (letter === letterM) readWave(cursor, reader);
    else if (letter === letterW) readWithdrawal(cursor, reader);
    else if (letter === letterC) readDecision(cursor, reader);
    else if (letter === letterF) readFlag(cursor, reader);
    else if (letter === letterQ) readQuarantined(cursor, reader);
    else cursor.fail();
  }
}

/** The readings of a run that was accepted, one by one. */
export function* acceptedReadings(run: ReadingRun, receivedAt: number): Generator<DecidedReading> {
  for (let at = 0; at < run.values.length; at++)
    yield { seriesId: run.seriesId, reading: readingOf(run, at), receivedAt, outcome: 'accepted' };
}

const letterV = 118;
const letterR = 114;
const letterM = 109;
const letterW = 119;
const letterC = 99;
const letterF = 102;
const letterQ = 113;
const letterN = 110;
const letterX = 120;
const newline = 10;
const space = 32;
const comma = 44;
const minus = 45;

function field(into: RecordBytes, value: number): void {
  into.character(space);
  into.number(value);
}

function valueField(into: RecordBytes, value: number): void {
  into.character(space);
  if (Number.isNaN(value)) into.character(letterN);
  else into.number(value);
}

function writeQualities(into: RecordBytes, codes: Uint8Array): void {
  for (let from = 0; from < codes.length; ) {
    let to = from + 1;
    while (to < codes.length && codes[to] === codes[from]) to += 1;
    if (from > 0) into.character(comma);
    into.number(codes[from]!);
    if (to - from < codes.length) {
      into.character(letterX);
      into.number(to - from);
    }
    from = to;
  }
}

/** The largest power of ten, at most six, that divides every value: data in whole watt-hours is written in watt-hours. */
function commonExponent(values: Float64Array, count = values.length): number {
  let exponent = 6;
  for (let at = 0; at < count && exponent > 0; at++) {
    const value = values[at]!;
    if (!Number.isNaN(value)) exponent = exponentOf(value, exponent);
  }
  return exponent;
}

function readReading(cursor: Cursor, reader: RecordReader): void {
  const seriesId = cursor.number();
  const at = instant(cursor.number());
  const value = microKwh(cursor.value());
  const minutes = cursor.number();
  const quality = qualities[cursor.number()];
  const source = cursor.number();
  const line = cursor.number();
  const versionAt = cursor.number();
  const receivedAt = cursor.number();
  const outcome = outcomes[cursor.number()];
  cursor.endLine();
  if (!quality || !outcome) cursor.fail();
  reader.reading({
    seriesId,
    receivedAt,
    outcome,
    reading: { at, value, minutes, quality, source, line, versionAt },
  });
}

function readWave(cursor: Cursor, reader: RecordReader): void {
  const at = instant(cursor.number());
  const minutes = cursor.number();
  const quality = qualities[cursor.number()];
  const source = cursor.number();
  const receivedAt = cursor.number();
  const scale = powersOfTen[cursor.number()];
  if (!quality || scale === undefined) cursor.fail();
  while (!cursor.isAtLineEnd()) {
    const seriesId = cursor.number();
    const value = microKwh(cursor.number() * scale);
    const reading = { at, value, minutes, quality, source, line: 0, versionAt: 0 };
    reader.reading({ seriesId, receivedAt, outcome: 'accepted', reading });
  }
  cursor.endLine();
}

function readWithdrawal(cursor: Cursor, reader: RecordReader): void {
  const seriesId = cursor.number();
  const from = instant(cursor.number());
  const to = instant(cursor.number());
  const withdrawnAt = cursor.number();
  const undone = Array.from({ length: cursor.number() }, () => cursor.number());
  const rewound = Array.from({ length: cursor.number() }, () => cursor.number());
  cursor.endLine();
  reader.withdrawal({ seriesId, from, to, withdrawnAt, undone, rewound });
}

function readDecision(cursor: Cursor, reader: RecordReader): void {
  const seriesId = cursor.number();
  const at = instant(cursor.number());
  const value = microKwh(cursor.value());
  const minutes = cursor.number();
  const quality = qualities[cursor.number()];
  const [source, line, versionAt] = [cursor.number(), cursor.number(), cursor.number()];
  const [receivedAt, decidedAt, takes] = [cursor.number(), cursor.number(), cursor.number() === 1];
  cursor.endLine();
  if (!quality) cursor.fail();
  const reading = { at, value, minutes, quality, source, line, versionAt };
  reader.decision({ seriesId, reading, receivedAt, decidedAt, takes });
}

function readFlag(cursor: Cursor, reader: RecordReader): void {
  const seriesId = cursor.number();
  const at = instant(cursor.number());
  const value = microKwh(cursor.number());
  const rule = flagRules[cursor.number()];
  const flaggedAt = cursor.number();
  cursor.endLine();
  if (!rule) cursor.fail();
  reader.flag({ seriesId, at, value, rule, flaggedAt });
}

function readQuarantined(cursor: Cursor, reader: RecordReader): void {
  const [id, receivedAt, source, line] = [cursor.number(), cursor.number(), cursor.number(), cursor.number()];
  const rest = cursor.rest();
  const rule = rest.slice(0, rest.indexOf(' '));
  if (!isRuleName(rule)) cursor.fail();
  const item = JSON.parse(rest.slice(rule.length + 1));
  reader.quarantined({ id, receivedAt, source, line, rule, item });
}

// No line of a file has more intervals than a day has minutes; whoever writes a run cuts it there.
const scratch = new Float64Array(1440);

function readRun(cursor: Cursor, reader: RecordReader): void {
  const seriesId = cursor.number();
  const startsAt = instant(cursor.number());
  const minutes = cursor.number();
  const source = cursor.number();
  const line = cursor.number();
  const lineStep = cursor.number();
  const versionAt = cursor.number();
  const receivedAt = cursor.number();
  const parts = cursor.qualityParts();
  const scale = 10 ** cursor.number();
  let count = 0;
  let values = scratch;
  while (!cursor.isAtLineEnd()) {
    if (count === values.length) {
      const larger = new Float64Array(count * 2);
      larger.set(values);
      values = larger;
    }
    values[count++] = cursor.value() * scale;
  }
  cursor.endLine();
  const codes = new Uint8Array(count);
  let filled = 0;
  for (const { code, times } of parts) {
    if (!qualities[code]) cursor.fail();
    codes.fill(code, filled, filled + (times ?? count));
    filled += times ?? count;
  }
  if (filled !== count) cursor.fail();
  const run = { seriesId, startsAt, minutes, source, line, lineStep, versionAt };
  reader.run({ ...run, values: values.slice(0, count), qualities: codes }, receivedAt);
}

/** Reads what the writers above have written; the group's checksum says that it is that, so anything else is a broken promise. */
class Cursor {
  readonly #bytes: Buffer;
  #lineAt: number;
  at: number;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.at = at;
    this.#lineAt = at;
  }

  letter(): number {
    this.#lineAt = this.at;
    return this.#bytes[this.at++]!;
  }

  /** The number behind the next space. */
  number(): number {
    if (this.#bytes[this.at] !== space) this.fail();
    this.at += 1;
    return this.#digits();
  }

  /** As `number`, or NaN for a value that is missing. */
  value(): number {
    if (this.#bytes[this.at + 1] !== letterN) return this.number();
    this.at += 2;
    return Number.NaN;
  }

  qualityParts(): { code: number; times: number | undefined }[] {
    const parts = [];
    do {
      this.at += 1;
      const code = this.#digits();
      const isCounted = this.#bytes[this.at] === letterX;
      if (isCounted) this.at += 1;
      parts.push({ code, times: isCounted ? this.#digits() : undefined });
    } while (this.#bytes[this.at] === comma);
    return parts;
  }

  /** The text behind the next space, up to the end of the line. */
  rest(): string {
    if (this.#bytes[this.at] !== space) this.fail();
    const end = this.#bytes.indexOf(newline, this.at);
    const text = this.#bytes.toString('utf8', this.at + 1, end);
    this.at = end + 1;
    return text;
  }

  isAtLineEnd(): boolean {
    return this.#bytes[this.at] !== space;
  }

  endLine(): void {
    if (this.#bytes[this.at] !== newline) this.fail();
    this.at += 1;
  }

  fail(): never {
    const line = this.#bytes.toString('latin1', this.#lineAt, this.#lineAt + 60).split('\n')[0];
    assert(false, `a journal line is one this version wrote, not "${line}"`);
  }

  #digits(): number {
    const bytes = this.#bytes;
    let { at } = this;
    const isNegative = bytes[at] === minus;
    if (isNegative) at += 1;
    const from = at;
    let value = 0;
    for (; at < bytes.length; at++) {
      const digit = bytes[at]! - 48;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    if (at === from) this.fail();
    this.at = at;
    return isNegative ? -value : value;
  }
}

/** One record as a line without its end, for tests and whoever shows it. */
export function formatRecord(decided: DecidedReading): string {
  const bytes = new RecordBytes();
  writeRecord(bytes, decided);
  return bytes.bytes.toString('latin1', 0, bytes.length - 1);
}
