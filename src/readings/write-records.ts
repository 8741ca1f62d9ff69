import {
  type ConflictDecision,
  type DecidedReading,
  outcomes,
  type ReadingRun,
  type Withdrawal,
} from './decided-reading.ts';
import { exponentOf, powersOfTen } from './decimal-exponent.ts';
import type { Wave } from './journal-record.ts';
import type { QuarantinedReading } from './quarantined-reading.ts';
import { qualityCode } from './reading.ts';
import type { ReadingFlag } from './reading-flag-store.ts';
import type { RecordBytes } from './record-bytes.ts';
import { flagRules } from './rules.ts';

/** A v line. */
export function writeReading(into: RecordBytes, { seriesId, reading, receivedAt, outcome }: DecidedReading): void {
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

/** An r line; `receivedAt` in epoch seconds. */
export function writeRun(into: RecordBytes, run: ReadingRun, receivedAt: number): void {
  const { seriesId, startsAt, minutes, source, line, lineStep, versionAt, values } = run;
  into.character(letterR);
  for (const part of [seriesId, startsAt, minutes, source, line, lineStep, versionAt, receivedAt]) field(into, part);
  into.character(space);
  writeQualities(into, run.qualities);
  const exponent = commonExponent(values);
  field(into, exponent);
  into.quotients(values, powersOfTen[exponent]!);
  into.character(newline);
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

/** A w line, without its end. */
export function formatWithdrawal({ seriesId, from, to, withdrawnAt, undone, rewound }: Withdrawal): string {
  return ['w', seriesId, from, to, withdrawnAt, undone.length, ...undone, rewound.length, ...rewound].join(' ');
}

/** A c line, without its end. */
export function formatDecision({ seriesId, reading, receivedAt, decidedAt, takes }: ConflictDecision): string {
  const value = Number.isNaN(reading.value) ? 'n' : reading.value;
  const { at, minutes, quality, source, line, versionAt } = reading;
  const said = [at, value, minutes, qualityCode(quality), source, line, versionAt];
  return ['c', seriesId, ...said, receivedAt, decidedAt, takes ? 1 : 0].join(' ');
}

/** An f line. */
export function writeFlag(into: RecordBytes, { seriesId, at, value, rule, flaggedAt }: ReadingFlag): void {
  into.character(letterF);
  for (const part of [seriesId, at, value, flagRules.indexOf(rule), flaggedAt]) field(into, part);
  into.character(newline);
}

/** A q line; JSON has no line end inside. */
export function writeQuarantined(into: RecordBytes, quarantined: QuarantinedReading): void {
  const { id, receivedAt, source, line, rule, item } = quarantined;
  into.character(letterQ);
  for (const part of [id, receivedAt, source, line]) field(into, part);
  into.text(` ${rule} ${JSON.stringify(item)}\n`);
}

const letterV = 118;
const letterR = 114;
const letterM = 109;
const letterF = 102;
const letterQ = 113;
const letterN = 110;
const letterX = 120;
const newline = 10;
const space = 32;
const comma = 44;

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
