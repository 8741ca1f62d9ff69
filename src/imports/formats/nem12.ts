import { assert } from '../../kernel/assert.ts';
import { type Instant, instant, offsetAt, type Zone } from '../../units/time.ts';
import { Findings } from '../findings.ts';
import type { FileFacts, FileHeader, Format, FormatContext, FormatReader, FormatSink } from '../format.ts';
import { firstLineOf } from '../head.ts';
import { type LineEnding, type LineHandler, LineScanner } from '../line-scanner.ts';
import { quote } from '../problem.ts';
import { fieldEnd, RecordFields } from '../record-fields.ts';
import { findUnit, parseDateTime, transactionCodes, uniqueIdIn, versionOfFile, withoutTrailer } from './mdff.ts';
import { type OpenChannel, readChannel } from './nem12-channel.ts';
import { readDay, reportSurplusFields } from './nem12-day.ts';
import { OpenDay } from './nem12-open-day.ts';
import { readQualitySpan } from './nem12-quality.ts';

/** Interval data of the Australian market: AEMO's Meter Data File Format v1.02, block 100 … 900 (rules N12-1 to N12-36). */
export const nem12: Format = {
  name: 'nem12',
  title: 'NEM12 (AEMO MDFF interval data)',
  looksLike: head => beginnings.some(beginning => beginning.test(firstLineOf(head))),
  reader: (sink, context) => new Nem12Reader(sink, context),
};

// A header; or, from senders who leave it out (N12-7), a 200, a 300 or a lone 900.
const beginnings = [/^100\s*,\s*NEM12\b/i, /^200(,[^,]*){7},\s*\d{1,4}\s*(,|$)/, /^300\s*,\s*\d{8}\s*,/, /^900[,\s]*$/];

const arity: Record<string, number> = { 100: 5, 200: 10, 400: 6, 500: 5, 900: 1 };
const comma = 44;
// UTC+10 all year: NEM time has no summer time (N12-33).
const nemZone = '+10:00' as Zone;

class Nem12Reader implements FormatReader, LineHandler {
  readonly #sink: FormatSink;
  readonly #findings: Findings;
  readonly #scanner = new LineScanner(this);
  readonly #reference: string;
  readonly #offsetSeconds: number;
  #first: FileHeader | undefined;
  #header: FileHeader | undefined;
  #records = 0;
  /** foreign: a block that is not NEM12, which is passed over until the next 100. */
  #block: 'before' | 'open' | 'foreign' | 'ended' = 'before';
  /** rejected: nobody knows whose the records are that follow, until the next 200. */
  #channel: OpenChannel | 'rejected' | undefined;
  /** rejected: the 400 and 500 records that follow belong to a day that did not enter. */
  #day: OpenDay | 'rejected' | undefined;
  #lastDay: Instant = instant(Number.MIN_SAFE_INTEGER);
  #unread = { because: '', from: 0, to: 0, count: 0 };

  constructor(sink: FormatSink, context: FormatContext) {
    const zone = context.marketZone ?? nemZone;
    assert(
      /^[+-]\d\d:\d\d$/.test(zone),
      'a NEM12 day has the same intervals all year, so its clock is a fixed offset (N12-33)',
    );
    this.#sink = sink;
    this.#findings = new Findings(sink, context);
    this.#reference = uniqueIdIn(context.fileName) || uniqueIdIn(context.member);
    this.#offsetSeconds = offsetAt(instant(0), zone);
  }

  push(chunk: Uint8Array): void {
    this.#scanner.push(chunk);
  }

  end(): void {
    this.#scanner.end();
    this.#closeChannel();
    const lines = this.#scanner.lines;
    const complete = this.#block === 'ended';
    if (!complete) this.#findings.addByMode(lines, withoutTrailer(lines));
    const { errors, warnings } = this.#findings;
    const facts: FileFacts = {
      ...(this.#first ?? this.#emptyHeader()),
      complete,
      lines,
      records: this.#records,
      errors,
      warnings,
    };
    this.#sink.closed(facts);
  }

  byteOrderMark(): void {
    this.#warn(1, 'N12-4', 'the file begins with a byte order mark', 'ignored');
  }

  line(bytes: Buffer, start: number, end: number, number: number, ending: LineEnding): void {
    // Nearly every line of a file is a day.
    if (ending === 'crlf' && isDay(bytes, start) && this.#block !== 'foreign') {
      this.#readDay(bytes, start, start + 4, end, number);
      return;
    }
    if (isBlank(bytes, start, end)) {
      this.#warn(number, 'N12-4', 'the line is empty', 'ignored');
      return;
    }
    const indicatorEnd = fieldEnd(bytes, start, end);
    const sent = bytes.toString('latin1', start, Math.min(indicatorEnd, start + 50));
    const indicator = sent.trim();
    if (indicator !== sent) this.#warn(number, 'N12-5', 'the record indicator has blanks around it', 'repaired');
    if (ending !== 'crlf') this.#noteEnding(number, ending);
    if (ending === 'none' && isBodyRecord(indicator)) this.#brokenOff(indicator, number);
    else if (this.#block === 'foreign' && indicator !== '100' && indicator !== '900') this.#pass(number);
    else if (indicator === '300') this.#readDay(bytes, start, indicatorEnd + 1, end, number);
    else this.#readRecord(indicator, bytes.toString('utf8', start, end), number);
  }

  lineTooLong(beginning: string, number: number): void {
    const says = 'the line is longer than 1 MB; nothing is read until the next 200 record';
    this.#findings.add(number, { rule: 'N12-9', severity: 'error', raw: beginning, says, action: 'rejected' });
    this.#loseChannel(number);
  }

  #readRecord(indicator: string, text: string, number: number): void {
    const fields = new RecordFields(text, ',');
    if (fields.hadBlanks) this.#warn(number, 'N12-5', 'a field has blanks around it', 'repaired');
    if (arity[indicator]) reportSurplusFields(fields, arity[indicator], number, this.#findings);
    if (indicator === '100') this.#openBlock(fields, number);
    else if (indicator === '200') this.#openChannel(fields, number);
    else if (indicator === '400') this.#splitDay(fields, number);
    else if (indicator === '500') this.#readIndex(fields, number);
    else if (indicator === '900') this.#endBlock(number);
    else this.#unreadable(indicator, fields, text, number);
  }

  #openBlock(fields: RecordFields, number: number): void {
    this.#closeChannel();
    if (this.#block === 'open') this.#warn(number, 'N12-1', 'a second 100 record before the 900 record', 'ignored');
    const version = fields.at(1).toUpperCase();
    const created = parseDateTime(fields.at(2));
    if (created === undefined) {
      const place = { column: fields.columnOf(2), rule: 'N12-29', field: 'DateTime', raw: fields.at(2) };
      const says = `${quote(fields.at(2))} is not a date and time; the file's age is not known`;
      this.#findings.add(number, { ...place, severity: 'warning', says, action: 'ignored' });
    }
    const createdAt = instant(created === undefined ? 0 : created - this.#offsetSeconds);
    this.#open({ ...this.#emptyHeader(), flow: version, sender: fields.at(3), receiver: fields.at(4), createdAt });
    if (version === 'NEM12') return;
    this.#block = 'foreign';
    const place = { column: fields.columnOf(1), rule: 'N12-1', field: 'VersionHeader', raw: fields.at(1) };
    const what =
      version === 'NEM13'
        ? 'NEM13, accumulation data, which this reader does not read'
        : `${quote(fields.at(1))}, not NEM12`;
    this.#findings.add(number, { ...place, severity: 'error', says: `the block is ${what}`, action: 'rejected' });
    this.#unread.because = `the block that line ${number} opens is not NEM12`;
  }

  #open(header: FileHeader): void {
    this.#block = 'open';
    this.#header = header;
    this.#first ??= header;
    this.#sink.opened(header);
  }

  /** Before any record of a block: some senders leave the header out, at the beginning (N12-7) or after each 900 (N12-8). */
  #needBlock(number: number): void {
    if (this.#block !== 'before' && this.#block !== 'ended') return;
    if (this.#block === 'before')
      this.#warn(number, 'N12-7', 'the 100 record is missing; the file is read as NEM12', 'repaired');
    else this.#warn(number, 'N12-8', 'data go on after the 900 record; they are read as another block', 'repaired');
    this.#open(this.#emptyHeader());
  }

  #openChannel(fields: RecordFields, number: number): void {
    this.#needBlock(number);
    this.#closeChannel();
    this.#lastDay = instant(Number.MIN_SAFE_INTEGER);
    this.#channel = readChannel(fields, number, this.#findings) ?? 'rejected';
    if (this.#channel === 'rejected') this.#unread.because = `the 200 record of line ${number} was rejected`;
  }

  #readDay(bytes: Buffer, start: number, at: number, end: number, number: number): void {
    this.#needBlock(number);
    this.#closeDay();
    if (this.#channel === 'rejected') {
      this.#pass(number);
      return;
    }
    if (this.#channel === undefined) {
      this.#day = 'rejected';
      const raw = bytes.toString('latin1', start, Math.min(end, start + 50));
      const says = 'a 300 record before any 200 record: nobody knows whose data it holds';
      this.#findings.add(number, { rule: 'N12-9', severity: 'error', raw, says, action: 'rejected' });
      return;
    }
    const fileVersionAt = versionOfFile(this.#header);
    const place = { open: this.#channel, offsetSeconds: this.#offsetSeconds, fileVersionAt, line: number };
    const day = readDay(bytes, start, at, end, place, this.#findings);
    this.#day = day ?? 'rejected';
    if (day) this.#checkOrder(day.startsAt, number);
  }

  #checkOrder(day: Instant, number: number): void {
    if (day < this.#lastDay) this.#warn(number, 'N12-12', 'the day is earlier than the one before it', 'ignored');
    if (day === this.#lastDay)
      this.#warn(number, 'N12-40', 'the same day again in one 200 record; both are handed on', 'ignored');
    this.#lastDay = day;
  }

  #splitDay(fields: RecordFields, number: number): void {
    this.#needBlock(number);
    if (this.#channel === 'rejected') {
      this.#pass(number);
      return;
    }
    if (this.#day === undefined) this.#orphan('400', fields, number);
    if (this.#channel === undefined) return;
    const count = 1440 / this.#channel.channel.lengthMinutes;
    const span = readQualitySpan(fields, count, number, this.#findings);
    if (span && this.#day instanceof OpenDay) this.#day.apply(span, number, this.#findings);
  }

  #readIndex(fields: RecordFields, number: number): void {
    this.#needBlock(number);
    if (this.#channel === 'rejected') {
      this.#pass(number);
      return;
    }
    if (this.#day === undefined) this.#orphan('500', fields, number);
    if (this.#channel === undefined || this.#day === undefined) return;
    const [transactionCode, serviceOrder, stamp, indexRead] = [fields.at(1), fields.at(2), fields.at(3), fields.at(4)];
    const read = parseDateTime(stamp);
    const warn = (index: number, field: string, says: string) => {
      const place = { column: fields.columnOf(index), rule: 'N12-28', field, raw: fields.at(index) };
      this.#findings.add(number, { ...place, severity: 'warning', says, action: 'ignored' });
    };
    if (transactionCode.length !== 1 || !transactionCodes.includes(transactionCode)) {
      warn(1, 'TransCode', `${quote(transactionCode)} is not a transaction code`);
    }
    if (stamp !== '' && read === undefined) warn(3, 'ReadDateTime', `${quote(stamp)} is not a date and time`);
    const readAt = instant(read === undefined ? 0 : read - this.#offsetSeconds);
    this.#sink.indexRead({
      channel: this.#channel.channel,
      transactionCode,
      serviceOrder,
      readAt,
      indexRead,
      line: number,
    });
  }

  #endBlock(number: number): void {
    this.#closeChannel();
    if (this.#block === 'before') {
      this.#warn(number, 'N12-7', 'the 100 record is missing; the file is read as NEM12', 'repaired');
      this.#open(this.#emptyHeader());
    } else if (this.#block === 'ended') {
      this.#warn(number, 'N12-1', 'another 900 record with nothing before it', 'ignored');
    }
    this.#block = 'ended';
  }

  // A record that cannot be told apart ends the day before it, so that the 400 records of a damaged 300 do not change another day.
  // When it has a unit in it, it may have been a 200: then the days that follow may be another customer's, and none is read.
  #unreadable(indicator: string, fields: RecordFields, text: string, number: number): void {
    this.#needBlock(number);
    const what =
      indicator === '250' || indicator === '550'
        ? `a ${indicator} record belongs to NEM13, not to NEM12`
        : `${quote(indicator)} is not a record indicator of NEM12`;
    this.#findings.add(number, {
      rule: 'N12-9',
      severity: 'error',
      field: 'RecordIndicator',
      raw: text,
      says: what,
      action: 'rejected',
    });
    if (hasUnit(fields)) this.#loseChannel(number);
    else this.#closeDay();
    this.#day = 'rejected';
  }

  #loseChannel(number: number): void {
    this.#closeChannel();
    this.#channel = 'rejected';
    this.#unread.because = `line ${number} cannot be read and may have been a 200 record`;
  }

  #orphan(indicator: string, fields: RecordFields, number: number): void {
    const raw = Array.from({ length: fields.sent }, (_, at) => fields.at(at)).join(',');
    const says = `a ${indicator} record before any 300 record`;
    this.#findings.add(number, { rule: 'N12-9', severity: 'error', raw, says, action: 'rejected' });
  }

  #brokenOff(indicator: string, number: number): void {
    this.#needBlock(number);
    if (indicator === '300' || indicator === '200') this.#closeDay();
    if (indicator === '300') this.#day = 'rejected';
    const says = `the file breaks off inside this ${indicator} record`;
    this.#findings.add(number, { rule: 'N12-7', severity: 'error', says, action: 'rejected' });
  }

  #closeDay(): void {
    const run = this.#day instanceof OpenDay ? this.#day.finish(this.#findings) : undefined;
    this.#day = undefined;
    if (run === undefined) return;
    this.#records += 1;
    this.#sink.intervals(run);
  }

  #closeChannel(): void {
    this.#closeDay();
    this.#channel = undefined;
    const { because, from, to, count } = this.#unread;
    this.#unread = { because: '', from: 0, to: 0, count: 0 };
    if (count === 0) return;
    const records = count === 1 ? 'this record was' : `${count} records, lines ${from} to ${to}, were`;
    const says = `${records} not read because ${because}`;
    this.#findings.add(from, { rule: 'N12-9', severity: 'error', says, action: 'rejected' });
  }

  /** Counts a record that is not read, so that none is lost without a word. */
  #pass(number: number): void {
    if (this.#unread.count === 0) this.#unread.from = number;
    this.#unread.to = number;
    this.#unread.count += 1;
  }

  #noteEnding(number: number, ending: LineEnding): void {
    const says = ending === 'lf' ? 'lines end in LF, not CR LF (said once per file)' : 'the last line has no line end';
    this.#findings.addOnce(ending, number, { rule: 'N12-4', severity: 'warning', says, action: 'ignored' });
  }

  #warn(number: number, rule: string, says: string, action: 'repaired' | 'ignored'): void {
    this.#findings.add(number, { rule, severity: 'warning', says, action });
  }

  #emptyHeader(): FileHeader {
    const createdAt = instant(0);
    return {
      reference: this.#reference,
      flow: 'NEM12',
      sender: '',
      receiver: '',
      createdAt,
      testFlag: '',
      isTest: false,
    };
  }
}

/** Begins with "300,". */
function isDay(bytes: Buffer, start: number): boolean {
  return bytes[start] === 51 && bytes[start + 1] === 48 && bytes[start + 2] === 48 && bytes[start + 3] === comma;
}

/** Records whose loss would lose or change data when the file breaks off inside them. */
function isBodyRecord(indicator: string): boolean {
  return indicator === '200' || indicator === '300' || indicator === '400' || indicator === '500';
}

// A 200 record has ten fields. V, A and W alone do not count: V and A are qualities too, which stand in the torn end of a 300.
function hasUnit(fields: RecordFields): boolean {
  for (let at = 0; at < Math.min(fields.count, arity[200]!); at++) {
    if (fields.at(at).length > 1 && findUnit(fields.at(at))) return true;
  }
  return false;
}

/** Nothing but blanks and commas. */
function isBlank(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (byte !== 32 && byte !== 9 && byte !== comma) return false;
  }
  return true;
}
