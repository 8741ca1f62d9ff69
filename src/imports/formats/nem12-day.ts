import { type Instant, instant } from '../../units/time.ts';
import type { Findings } from '../findings.ts';
import { quote } from '../problem.ts';
import { fieldEnd, RecordFields } from '../record-fields.ts';
import { isQualityMethodShape, parseDate8, parseDateTime } from './mdff.ts';
import { readDate8 } from './mdff-stamp.ts';
import type { OpenChannel } from './nem12-channel.ts';
import { OpenDay } from './nem12-open-day.ts';
import { readQuality } from './nem12-quality.ts';
import { readPlainTail } from './nem12-tail.ts';
import { readValues, type ValueRow } from './nem12-values.ts';
/** Where a 300 record stands: the channel it belongs to, the market's clock, and the version it falls back on (N12-30). */
export interface DayPlace {
  open: OpenChannel;
  /** Seconds the market's clock is ahead of UTC, all year (N12-33). */
  offsetSeconds: number;
  /** By `versionOfFile`. */
  fileVersionAt: Instant | undefined;
  line: number;
}

const minutesPerDay = 1440;
/** QualityMethod, ReasonCode, ReasonDescription, UpdateDateTime, MSATSLoadDateTime. */
const fieldsAfterValues = 5;

/**
 * The day a 300 record tells, to be completed by its 400 records; undefined when it is rejected, and every reason is reported.
 * `start` is where the line begins and `at` the byte after "300,".
 */
export function readDay(
  bytes: Buffer,
  start: number,
  at: number,
  end: number,
  place: DayPlace,
  findings: Findings,
): OpenDay | undefined {
  const errorsBefore = findings.errors;
  const { channel, unit } = place.open;
  const dateEnd = fieldEnd(bytes, at, end);
  const midnight = readIntervalDate(bytes, at, dateEnd, at - start + 1, place, findings);
  const count = minutesPerDay / channel.lengthMinutes;
  const energies = arrayOf(count);
  const row = readValues(bytes, start, dateEnd + 1, end, count, unit.decimals, energies);
  const plain = row.found === count && readPlainTail(bytes, row.next, end);
  if (plain) {
    reportValues(row, place, findings);
    if (midnight === undefined || findings.errors > errorsBefore) return undefined;
    const [startsAt, versionAt] = [instant(midnight - place.offsetSeconds), instant(plain.stamp - place.offsetSeconds)];
    return new OpenDay(channel, startsAt, energies, versionAt, place.line, {
      fields: plain.quality,
      column: row.next - start + 1,
      hasGaps: row.emptyCells > 0,
    });
  }
  const tail = new RecordFields(bytes.toString('utf8', row.next, end), ',', row.next - start + 1);
  if (!hasCount(row, tail, count, place, findings)) return undefined;
  reportValues(row, place, findings);
  const quality = readQuality(tail, 0, place.line, findings);
  const versionAt = readVersion(tail, place, findings);
  reportShape(tail, place, findings);
  if (midnight === undefined || quality === undefined || findings.errors > errorsBefore) return undefined;
  const startsAt = instant(midnight - place.offsetSeconds);
  const column = tail.columnOf(0);
  const hasGaps = row.emptyCells > 0;
  return new OpenDay(channel, startsAt, energies, versionAt, place.line, { fields: quality, column, hasGaps });
}

const chunkLength = 8192;
let chunk = new Float64Array(chunkLength);
let taken = 0;

/** Zeros, cut from a larger array: memory of its own for each day is returned late, and a year of a thousand meters has many. */
function arrayOf(count: number): Float64Array {
  if (taken + count > chunk.length) {
    chunk = new Float64Array(Math.max(chunkLength, count));
    taken = 0;
  }
  taken += count;
  return chunk.subarray(taken - count, taken);
}

function readIntervalDate(
  bytes: Buffer,
  at: number,
  end: number,
  column: number,
  { line }: DayPlace,
  findings: Findings,
): number | undefined {
  const plain = readDate8(bytes, at, end);
  if (!Number.isNaN(plain)) return plain;
  const sent = bytes.toString('latin1', at, end);
  const midnight = parseDate8(sent.trim());
  if (midnight !== undefined) return midnight;
  const says = sent.trim() === '' ? 'the interval date is empty' : `${quote(sent)} is not a date written YYYYMMDD`;
  findings.add(line, {
    column,
    rule: 'N12-29',
    severity: 'error',
    field: 'IntervalDate',
    raw: sent,
    says,
    action: 'rejected',
  });
  return undefined;
}

// A count that does not fit the 200 record means that nobody knows which value belongs to which time: the day cannot be used.
function hasCount(row: ValueRow, tail: RecordFields, count: number, place: DayPlace, findings: Findings): boolean {
  const found = row.found < count ? row.found : count + surplus(tail);
  if (found === count) return true;
  const { lengthMinutes } = place.open.channel;
  const says = `${found} values where a day of ${lengthMinutes}-minute intervals has ${count}`;
  const field = { rule: 'N12-20', field: 'IntervalValue', raw: tail.at(0), column: tail.columnOf(0) };
  findings.add(place.line, { ...field, severity: 'error', says, action: 'rejected' });
  return false;
}

/** Values that follow where QualityMethod should stand; 0 when it stands there or is nowhere. */
function surplus(tail: RecordFields): number {
  let at = 0;
  while (at < tail.count && !isQualityMethodShape(tail.at(at))) at += 1;
  return at < tail.count && tail.at(0) !== '' && /^[\d.]+$/.test(tail.at(0)) ? at : 0;
}

function reportValues(row: ValueRow, { line, open }: DayPlace, findings: Findings): void {
  for (const { interval, column, raw, says } of row.faults) {
    const field = `IntervalValue ${interval}`;
    findings.add(line, {
      column,
      rule: 'N12-19',
      severity: 'error',
      field,
      raw,
      says: `${quote(raw)} ${says}`,
      action: 'rejected',
    });
  }
  const note = (column: number, rule: string, says: string, action: 'repaired' | 'ignored') =>
    findings.add(line, { column, rule, severity: 'warning', field: 'IntervalValue', says, action });
  if (row.emptyCells > 0) {
    const cells = row.emptyCells === 1 ? '1 empty cell is' : `${row.emptyCells} empty cells are`;
    note(row.firstEmptyColumn, 'N12-22', `${cells} read as missing, not as zero`, 'repaired');
  }
  if (row.blankColumn > 0) note(row.blankColumn, 'N12-5', 'a value has blanks around it', 'repaired');
  if (row.roundedColumn > 0) {
    note(
      row.roundedColumn,
      'N12-18',
      `a value is finer than 0.000001 ${open.channel.unit} and was rounded`,
      'repaired',
    );
  }
  const { decimalsAllowed } = open.unit;
  if (row.decimalsMost > decimalsAllowed && !open.decimalsTold) {
    open.decimalsTold = true;
    const says = `a value has ${row.decimalsMost} decimals where the unit has ${decimalsAllowed}; they are kept (said once per 200 record)`;
    note(row.decimalsColumn, 'N12-18', says, 'ignored');
  }
}

function readVersion(tail: RecordFields, place: DayPlace, findings: Findings): Instant {
  const sent = tail.at(3);
  const stamp = parseDateTime(sent);
  if (stamp !== undefined) return instant(stamp - place.offsetSeconds);
  if (sent === '' && place.fileVersionAt === undefined) return instant(0);
  const instead = !place.fileVersionAt ? 'the day has no version' : "the file's DateTime is its version";
  const rule = sent === '' ? 'N12-30' : 'N12-29';
  const says =
    sent === '' ? `UpdateDateTime is missing; ${instead}` : `${quote(sent)} is not a date and time; ${instead}`;
  const field = { column: tail.columnOf(3), rule, field: 'UpdateDateTime', raw: sent };
  findings.add(place.line, { ...field, severity: 'warning', says, action: 'repaired' });
  return place.fileVersionAt ?? instant(0);
}

function reportShape(tail: RecordFields, { line }: DayPlace, findings: Findings): void {
  if (tail.hadBlanks) {
    findings.add(line, {
      column: tail.columnOf(0),
      rule: 'N12-5',
      severity: 'warning',
      says: 'a field has blanks around it',
      action: 'repaired',
    });
  }
  const loaded = tail.at(4);
  if (loaded !== '' && parseDateTime(loaded) === undefined) {
    const place = { column: tail.columnOf(4), rule: 'N12-29', field: 'MSATSLoadDateTime', raw: loaded };
    findings.add(line, {
      ...place,
      severity: 'warning',
      says: `${quote(loaded)} is not a date and time`,
      action: 'ignored',
    });
  }
  reportSurplusFields(tail, fieldsAfterValues, line, findings);
}

/** Fields beyond a record's arity: empty ones are a spreadsheet's padding, said once per file; others are named (N12-6). */
export function reportSurplusFields(fields: RecordFields, arity: number, line: number, findings: Findings): void {
  if (fields.sent <= arity) return;
  const place = { column: fields.columnOf(arity), rule: 'N12-6', severity: 'warning', action: 'ignored' } as const;
  if (fields.count > arity) {
    findings.add(line, { ...place, raw: fields.at(arity), says: 'the record goes on after its last field' });
  } else {
    findings.addOnce('padding', line, { ...place, says: 'empty fields after the record (said once per file)' });
  }
}
