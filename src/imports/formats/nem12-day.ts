import { qualityCode } from '../../readings/reading.ts';
import { type Instant, instant } from '../../units/time.ts';
import type { Findings } from '../findings.ts';
import type { IntervalRun, QualitySpan } from '../format.ts';
import { quote } from '../problem.ts';
import { fieldEnd, RecordFields } from '../record-fields.ts';
import { flagQualities, isQualityMethodShape, parseDate8, parseDateTime } from './mdff.ts';
import { readDate8 } from './mdff-stamp.ts';
import type { OpenChannel } from './nem12-channel.ts';
import { maySplit, type QualityFields, readQuality } from './nem12-quality.ts';
import { readPlainTail } from './nem12-tail.ts';
import { readValues, type ValueRow } from './nem12-values.ts';

/** Where a 300 record stands: the channel it belongs to, the market's clock, and the version it falls back on (N12-30). */
export interface DayPlace {
  open: OpenChannel;
  /** Seconds the market's clock is ahead of UTC, all year (N12-33). */
  offsetSeconds: number;
  fileCreatedAt: Instant;
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
    return new OpenDay(
      { channel, startsAt, energies, versionAt, line: place.line },
      plain.quality,
      row.next - start + 1,
    );
  }
  const tail = new RecordFields(bytes.toString('utf8', row.next, end), ',', row.next - start + 1);
  if (!hasCount(row, tail, count, place, findings)) return undefined;
  reportValues(row, place, findings);
  const quality = readQuality(tail, 0, place.line, findings);
  const versionAt = readVersion(tail, place, findings);
  reportShape(tail, place, findings);
  if (midnight === undefined || quality === undefined || findings.errors > errorsBefore) return undefined;
  const startsAt = instant(midnight - place.offsetSeconds);
  return new OpenDay({ channel, startsAt, energies, versionAt, line: place.line }, quality, tail.columnOf(0));
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

let codes = new Uint8Array(chunkLength);
let codesTaken = 0;

/** The same for qualities. */
function codesOf(count: number): Uint8Array {
  if (codesTaken + count > codes.length) {
    codes = new Uint8Array(Math.max(chunkLength, count));
    codesTaken = 0;
  }
  codesTaken += count;
  return codes.subarray(codesTaken - count, codesTaken);
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
  const instead = place.fileCreatedAt === 0 ? 'the day has no version' : "the file's DateTime is its version";
  const rule = sent === '' ? 'N12-30' : 'N12-29';
  const says =
    sent === '' ? `UpdateDateTime is missing; ${instead}` : `${quote(sent)} is not a date and time; ${instead}`;
  const field = { column: tail.columnOf(3), rule, field: 'UpdateDateTime', raw: sent };
  findings.add(place.line, { ...field, severity: 'warning', says, action: 'repaired' });
  return place.fileCreatedAt;
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

const codeOfFlag = Object.fromEntries(
  Object.entries(flagQualities).map(([flag, quality]) => [flag, qualityCode(quality)]),
);
const missing = qualityCode('missing');

// Most days have no 400 record, and no array of their own for them.
const noSpans: QualitySpan[] = [];
const noLines: number[] = [];
let whole: { quality: QualityFields; spans: readonly QualitySpan[] } | undefined;

/** A day of one quality: one array for all days in a row that have the same, as most of a file have. */
function wholeDay(quality: QualityFields, count: number): readonly QualitySpan[] {
  if (whole?.quality !== quality || whole.spans[0]?.to !== count)
    whole = { quality, spans: [{ from: 0, to: count, ...quality }] };
  return whole.spans;
}

/** A day whose 400 records may still come. */
export class OpenDay {
  readonly #run: Omit<IntervalRun, 'qualities' | 'spans'>;
  readonly #quality: QualityFields;
  readonly #qualityColumn: number;
  #spans = noSpans;
  #spanLines = noLines;

  constructor(run: Omit<IntervalRun, 'qualities' | 'spans'>, quality: QualityFields, qualityColumn: number) {
    this.#run = run;
    this.#quality = quality;
    this.#qualityColumn = qualityColumn;
  }

  get startsAt(): Instant {
    return this.#run.startsAt;
  }

  /** Puts a 400 record's quality over the day's; its values stay (N12-27). */
  apply(span: QualitySpan, line: number, findings: Findings): void {
    const place = { column: 1, rule: 'N12-26', field: 'StartInterval' };
    if (span.from < this.#covered) {
      const says = `interval ${span.from + 1} was already given a quality on line ${this.#spanLines.at(-1)}`;
      findings.add(line, { ...place, severity: 'error', says, action: 'rejected' });
      return;
    }
    if (!maySplit(this.#quality.flag, span)) {
      const says = `the day on line ${this.#run.line} is ${this.#quality.flag}, not V; this record is applied to it all the same`;
      findings.add(line, { rule: 'N12-25', severity: 'warning', says, action: 'repaired' });
    }
    if (this.#spans === noSpans) [this.#spans, this.#spanLines] = [[], []];
    this.#spans.push(span);
    this.#spanLines.push(line);
  }

  /** The day with every interval's quality known; undefined when it says V and its 400 records leave a gap, which is reported. */
  finish(findings: Findings): IntervalRun | undefined {
    const count = this.#run.energies.length;
    if (this.#quality.flag === 'V' && this.#intervalsGiven !== count) {
      this.#rejectGap(count, findings);
      return undefined;
    }
    const spans = this.#spans.length === 0 ? wholeDay(this.#quality, count) : this.#filled(count);
    const { channel, startsAt, energies, versionAt, line } = this.#run;
    return { channel, startsAt, energies, versionAt, line, spans, qualities: this.#qualities(spans, findings) };
  }

  get #covered(): number {
    return this.#spans.at(-1)?.to ?? 0;
  }

  // Spans never overlap, so their lengths add up to the day exactly when there is no gap.
  get #intervalsGiven(): number {
    return this.#spans.reduce((sum, { from, to }) => sum + to - from, 0);
  }

  #rejectGap(count: number, findings: Findings): void {
    const { line } = this.#run;
    const place = {
      column: this.#qualityColumn,
      field: 'QualityMethod',
      raw: 'V',
      severity: 'error',
      action: 'rejected',
    } as const;
    if (this.#spans.length === 0) {
      const says = 'quality V needs 400 records that give each interval its quality, and none is valid';
      findings.add(line, { ...place, rule: 'N12-25', says });
      return;
    }
    const says = `quality V, but the 400 records give a quality to ${this.#intervalsGiven} of ${count} intervals`;
    findings.add(line, { ...place, rule: 'N12-26', says });
    for (const spanLine of this.#spanLines) {
      const why = `rejected with its day on line ${line}: together the 400 records give a quality to ${this.#intervalsGiven} of ${count} intervals`;
      findings.add(spanLine, {
        rule: 'N12-26',
        severity: 'error',
        field: 'EndInterval',
        says: why,
        action: 'rejected',
      });
    }
  }

  #filled(count: number): QualitySpan[] {
    const spans: QualitySpan[] = [];
    let from = 0;
    for (const span of this.#spans) {
      if (span.from > from) spans.push({ from, to: span.from, ...this.#quality });
      spans.push(span);
      from = span.to;
    }
    if (from < count) spans.push({ from, to: count, ...this.#quality });
    return spans;
  }

  #qualities(spans: readonly QualitySpan[], findings: Findings): Uint8Array {
    const { energies, line } = this.#run;
    const qualities = codesOf(energies.length);
    let valuesDropped = 0;
    for (const { from, to, flag } of spans) {
      const code = codeOfFlag[flag]!;
      for (let at = from; at < to; at++) {
        const energy = energies[at]!;
        if (code === missing && energy > 0) valuesDropped += 1;
        if (code === missing) energies[at] = Number.NaN;
        qualities[at] = Number.isNaN(energy) ? missing : code;
      }
    }
    if (valuesDropped > 0) {
      const says = `${valuesDropped} values other than 0 are flagged N: they are missing all the same`;
      findings.add(line, {
        column: this.#qualityColumn,
        rule: 'N12-22',
        severity: 'warning',
        says,
        action: 'repaired',
      });
    }
    return qualities;
  }
}
