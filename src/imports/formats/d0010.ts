import { isMpan } from '../../units/identifiers.ts';
import { instant, type Zone } from '../../units/time.ts';
import { Findings } from '../findings.ts';
import type {
  FileFacts,
  FileHeader,
  Format,
  FormatContext,
  FormatReader,
  FormatSink,
  RegisterReading,
} from '../format.ts';
import { firstLineOf } from '../head.ts';
import { type LineEnding, type LineHandler, LineScanner } from '../line-scanner.ts';
import { cut, quote } from '../problem.ts';
import { RecordFields } from '../record-fields.ts';
import { type Group, groupArity, isGroup, parents, readingTypes } from './d0010-codes.ts';
import { readRegister } from './d0010-register.ts';
import { describeFlow, readHeader, readWallClock } from './uff.ts';

/** Register readings of the British market: Data Transfer Catalogue flow D0010 version 002 (rules D10-1 to D10-20). */
export const d0010: Format = {
  name: 'd0010',
  title: 'D0010 (UK DTC meter readings)',
  looksLike: head => /^ZHV\s*\|[^|]*\|\s*D0010\d{3}\s*\|/.test(firstLineOf(head)),
  reader: (sink, context) => new D0010Reader(sink, context),
};

const londonZone = 'Europe/London' as Zone;
const headerArity = 12;
const trailerArity = 6;

/** What the open group says, for the groups under it; rejected when it could not be used, and then neither can they. */
type Open<T> = T | 'rejected' | undefined;

class D0010Reader implements FormatReader, LineHandler {
  readonly #sink: FormatSink;
  readonly #findings: Findings;
  readonly #scanner = new LineScanner(this);
  readonly #zone: Zone;
  #first: FileHeader | undefined;
  #header: FileHeader | undefined;
  #wrapper: 'before' | 'open' | 'foreign' | 'ended' = 'before';
  #groups = 0;
  #flows = 0;
  #records = 0;
  #meterPoint: Open<Pick<RegisterReading, 'meterPoint' | 'bscStatus'>>;
  #meter: Open<Pick<RegisterReading, 'meterSerial' | 'meterKey' | 'readingType'>>;
  /** Held back until its 032 can have come. */
  #reading: Open<RegisterReading>;
  #unread = { from: 0, to: 0, count: 0 };

  constructor(sink: FormatSink, context: FormatContext) {
    this.#sink = sink;
    this.#findings = new Findings(sink, context);
    this.#zone = context.marketZone ?? londonZone;
  }

  push(chunk: Uint8Array): void {
    this.#scanner.push(chunk);
  }

  end(): void {
    this.#scanner.end();
    this.#close('026');
    this.#tellUnread();
    const lines = this.#scanner.lines;
    const complete = this.#wrapper === 'ended';
    if (!complete) {
      const says = lines === 0 ? 'the file is empty' : 'the file ends without a ZPT trailer: it may be cut off';
      this.#byMode(lines, 'D10-2', says);
    }
    const { errors, warnings } = this.#findings;
    const none = readHeader(new RecordFields('', '|'), instant(0));
    const facts: FileFacts = { ...(this.#first ?? none), complete, lines, records: this.#records, errors, warnings };
    this.#sink.closed(facts);
  }

  byteOrderMark(): void {
    this.#warn(1, 'D10-4', 'the file begins with a byte order mark');
  }

  line(bytes: Buffer, start: number, end: number, number: number, ending: LineEnding): void {
    const text = bytes.toString('utf8', start, end);
    if (text.trim() === '') {
      this.#warn(number, 'D10-4', 'the line is empty');
      return;
    }
    const fields = new RecordFields(text, '|');
    const code = fields.at(0);
    if (code !== 'ZHV' && code !== 'ZPT') this.#groups += 1;
    if (!text.trimEnd().endsWith('|')) {
      if (ending === 'none' && code !== 'ZPT') {
        this.#close(isGroup(code) ? code : '026');
        this.#reject(number, 'D10-2', text, `the file breaks off inside this ${cut(code)} record`);
        return;
      }
      this.#findings.addOnce(
        'open-ended',
        number,
        this.#habit('the last field is not ended by | (said once per file)'),
      );
    }
    if (code === 'ZHV') this.#openWrapper(fields, number);
    else if (code === 'ZPT') this.#endWrapper(fields, number);
    else if (this.#wrapper === 'open') this.#readGroup(code, fields, text, number);
    else this.#outside(text, number);
  }

  lineTooLong(beginning: string, number: number): void {
    this.#groups += 1;
    this.#close('026');
    this.#reject(number, 'D10-5', beginning, 'the line is longer than 1 MB; nothing is read until the next 026 group');
  }

  #openWrapper(fields: RecordFields, number: number): void {
    this.#close('026');
    this.#tellUnread();
    if (this.#wrapper === 'open') this.#byMode(number, 'D10-2', 'another ZHV header before the ZPT trailer');
    this.#checkSurplus(fields, headerArity, number);
    const stamp = fields.at(7);
    const { at } = readWallClock(stamp, this.#zone);
    if (at === undefined) {
      const place = { column: fields.columnOf(7), rule: 'D10-1', field: 'creation time', raw: stamp };
      const says = `${quote(stamp)} is not a date and time; its readings have no version`;
      this.#findings.add(number, { ...place, severity: 'warning', says, action: 'ignored' });
    }
    const header = readHeader(fields, at ?? instant(0));
    this.#header = header;
    this.#first ??= header;
    [this.#groups, this.#flows] = [0, 0];
    this.#sink.opened(header);
    this.#checkTestFlag(header, fields, number);
    this.#wrapper = this.#isOurs(header, fields, number) ? 'open' : 'foreign';
  }

  #checkTestFlag({ testFlag, isTest }: FileHeader, fields: RecordFields, number: number): void {
    if (testFlag === 'OPER') return;
    const place = { column: fields.columnOf(11), rule: 'D10-1', field: 'TestFlag', raw: testFlag };
    const says = isTest
      ? `${quote(testFlag)} marks a test file: it must not enter live data`
      : 'the test flag is empty; the file is taken for a live one';
    this.#findings.add(number, { ...place, severity: 'warning', says, action: 'ignored' });
  }

  #isOurs({ flow }: FileHeader, fields: RecordFields, number: number): boolean {
    const place = { column: fields.columnOf(2), rule: 'D10-6', field: 'FlowId', raw: flow };
    if (!flow.startsWith('D0010')) {
      const says = `flow ${cut(describeFlow(flow))} is not supported`;
      this.#findings.add(number, { ...place, severity: 'error', says, action: 'rejected' });
      return false;
    }
    if (flow !== 'D0010002') {
      const says = `flow version ${quote(flow)} is read as D0010002`;
      this.#findings.add(number, { ...place, severity: 'warning', says, action: 'ignored' });
    }
    return true;
  }

  #endWrapper(fields: RecordFields, number: number): void {
    this.#close('026');
    this.#tellUnread();
    if (this.#wrapper === 'before' || this.#wrapper === 'ended') {
      this.#reject(number, 'D10-2', 'ZPT', 'a ZPT trailer without its ZHV header');
      return;
    }
    const isOurs = this.#wrapper === 'open';
    this.#wrapper = 'ended';
    if (!isOurs) return;
    this.#checkSurplus(fields, trailerArity, number);
    const [fileId, groups, flows] = [fields.at(1), fields.at(2), fields.at(4)];
    const mismatch = (index: number, rule: string, field: string, says: string) =>
      this.#byMode(number, rule, says, { column: fields.columnOf(index), field, raw: fields.at(index) });
    if (fileId !== this.#header?.reference) {
      mismatch(
        1,
        'D10-2',
        'FileId',
        `the trailer is of file ${quote(fileId)}, the header of ${quote(this.#header?.reference ?? '')}`,
      );
    }
    if (Number(groups) !== this.#groups || groups === '') {
      mismatch(2, 'D10-3', 'GroupCount', `the trailer counts ${quote(groups)} lines, there are ${this.#groups}`);
    }
    if (Number(flows) !== this.#flows || flows === '') {
      mismatch(4, 'D10-3', 'FlowCount', `the trailer counts ${quote(flows)} meter points, there are ${this.#flows}`);
    }
  }

  #readGroup(code: string, fields: RecordFields, text: string, number: number): void {
    if (!isGroup(code)) {
      // It may have been a 026 once: what follows could be another customer's, so it waits for the next 026.
      this.#close('026');
      this.#reject(
        number,
        'D10-5',
        text,
        `${quote(code)} is not a group of D0010; nothing is read until the next 026 group`,
      );
      return;
    }
    this.#close(code);
    if (code === '026') this.#flows += 1;
    const parent = parents[code];
    const above = parent === undefined ? 'root' : this.#openGroup(parent);
    if (above === 'rejected') {
      this.#pass(code, number);
      return;
    }
    if (above === undefined) {
      this.#reject(number, 'D10-5', text, `a ${code} group without the ${parent} group it belongs under`);
      return;
    }
    if (code === '026' || code === '028') this.#tellUnread();
    this.#checkSurplus(fields, groupArity[code], number);
    if (fields.hadBlanks)
      this.#findings.addOnce('blanks', number, this.#habit('fields have blanks around them (said once per file)'));
    if (code === '026') this.#openMeterPoint(fields, number);
    else if (code === '028') this.#openMeter(fields, number);
    else if (code === '030') this.#openReading(fields, number);
    else if (code === '032') this.#validate(fields);
  }

  #openGroup(group: Group): Open<object> {
    if (group === '026') return this.#meterPoint;
    return group === '028' ? this.#meter : this.#reading;
  }

  #openMeterPoint(fields: RecordFields, number: number): void {
    const errorsBefore = this.#findings.errors;
    const [mpan, status] = [fields.at(1), fields.at(2)];
    const place = { column: fields.columnOf(1), field: 'J0003', raw: mpan };
    if (!/^\d{13}$/.test(mpan)) {
      const says = `${quote(mpan)} is not an MPAN core of thirteen digits`;
      this.#findings.add(number, { ...place, rule: 'D10-8', severity: 'error', says, action: 'rejected' });
    } else if (!isMpan(mpan)) {
      this.#byMode(number, 'D10-8', `MPAN ${mpan} ends in the wrong check digit`, place);
    }
    const bscStatus = status === 'V' || status === 'U' || status === 'F' ? status : 'U';
    if (bscStatus !== status) {
      const says = `${quote(status)} is not a BSC validation status: V, U or F; read as U, not validated`;
      this.#byMode(number, 'D10-11', says, { column: fields.columnOf(2), field: 'J0022', raw: status }, 'repaired');
    }
    this.#meterPoint = this.#findings.errors > errorsBefore ? 'rejected' : { meterPoint: mpan, bscStatus };
  }

  #openMeter(fields: RecordFields, number: number): void {
    const errorsBefore = this.#findings.errors;
    const [meterSerial, readingType] = [fields.at(1), fields.at(2)];
    if (meterSerial === '') {
      const place = { column: fields.columnOf(1), rule: 'D10-16', field: 'J0004' };
      this.#findings.add(number, { ...place, severity: 'error', says: 'the meter id is empty', action: 'rejected' });
    }
    if (!Object.hasOwn(readingTypes, readingType)) {
      const place = { column: fields.columnOf(2), rule: 'D10-9', field: 'J0171', raw: readingType };
      const says = `${quote(readingType)} is not a reading type`;
      this.#findings.add(number, { ...place, severity: 'error', says, action: 'rejected' });
    }
    const meterKey = meterSerial.replaceAll(/\s/g, '');
    this.#meter = this.#findings.errors > errorsBefore ? 'rejected' : { meterSerial, meterKey, readingType };
  }

  #openReading(fields: RecordFields, number: number): void {
    if (typeof this.#meterPoint !== 'object' || typeof this.#meter !== 'object') return;
    const register = readRegister(fields, number, this.#zone, this.#findings);
    this.#reading = 'rejected';
    if (register === undefined) return;
    const { quality, title, why } = readingTypes[this.#meter.readingType]!;
    if (quality === undefined) {
      const { meterPoint } = this.#meterPoint;
      const says = `type ${this.#meter.readingType} (${title}): ${fields.at(3)} of register ${register.registerId} on meter ${this.#meter.meterSerial}, MPAN ${meterPoint}, is not imported: it ${why}`;
      const place = { rule: 'D10-10', field: 'J0171', raw: fields.at(3) };
      this.#findings.add(number, { ...place, severity: 'warning', says, action: 'ignored' });
      return;
    }
    const versionAt = this.#header?.createdAt ?? instant(0);
    this.#reading = { ...this.#meterPoint, ...this.#meter, ...register, quality, versionAt, line: number };
  }

  #validate(fields: RecordFields): void {
    if (typeof this.#reading !== 'object') return;
    this.#reading.validationReason = fields.at(1);
    this.#reading.validationStatus = fields.at(2);
  }

  /** Ends what a group of this code ends: its siblings and everything under them; 027 stands where 028 does, 029 where 030 does. */
  #close(code: Group): void {
    if (code === '032' || code === '033') return;
    if (typeof this.#reading === 'object') {
      this.#records += 1;
      this.#sink.registerReading(this.#reading);
    }
    this.#reading = undefined;
    if (code !== '030' && code !== '029') this.#meter = undefined;
    if (code === '026') this.#meterPoint = undefined;
  }

  #outside(text: string, number: number): void {
    if (this.#wrapper === 'foreign') {
      this.#pass('', number);
      return;
    }
    const says =
      this.#wrapper === 'before'
        ? 'a record before the ZHV header: without it nobody knows whether the file is a test'
        : 'a record after the ZPT trailer';
    this.#reject(number, this.#wrapper === 'before' ? 'D10-1' : 'D10-2', text, says);
  }

  /** A group under one that was rejected is counted, and rejects its own children; 032 and 033 go with their reading. */
  #pass(code: string, number: number): void {
    if (code === '028') this.#meter = 'rejected';
    if (code === '030') this.#reading = 'rejected';
    if (code === '032' || code === '033') return;
    if (this.#unread.count === 0) this.#unread.from = number;
    this.#unread.to = number;
    this.#unread.count += 1;
  }

  #tellUnread(): void {
    const { from, to, count } = this.#unread;
    this.#unread = { from: 0, to: 0, count: 0 };
    if (count === 0) return;
    const records = count === 1 ? 'this group was' : `${count} groups, lines ${from} to ${to}, were`;
    this.#reject(from, 'D10-5', '', `${records} not read because what they belong under was rejected`);
  }

  #reject(number: number, rule: string, raw: string, says: string): void {
    this.#findings.add(number, { rule, severity: 'error', raw, says, action: 'rejected' });
  }

  /** An error where reading is strict, else a warning. */
  #byMode(
    number: number,
    rule: string,
    says: string,
    place: { column?: number; field?: string; raw?: string } = {},
    tolerated: 'ignored' | 'repaired' = 'ignored',
  ): void {
    const severity = this.#findings.severityByMode;
    this.#findings.add(number, {
      ...place,
      rule,
      severity,
      says,
      action: severity === 'error' ? 'rejected' : tolerated,
    });
  }

  #checkSurplus(fields: RecordFields, arity: number, number: number): void {
    if (fields.count > arity) {
      const place = { column: fields.columnOf(arity), rule: 'D10-4', raw: fields.at(arity) };
      const says = 'the record goes on after its last field';
      this.#findings.add(number, { ...place, severity: 'warning', says, action: 'ignored' });
    } else if (fields.sent > arity + 1) {
      this.#findings.addOnce('padding', number, this.#habit('empty fields after the record (said once per file)'));
    }
  }

  #warn(number: number, rule: string, says: string): void {
    this.#findings.add(number, { rule, severity: 'warning', says, action: 'ignored' });
  }

  #habit(says: string): { rule: string; severity: 'warning'; says: string; action: 'ignored' } {
    return { rule: 'D10-4', severity: 'warning', says, action: 'ignored' };
  }
}
