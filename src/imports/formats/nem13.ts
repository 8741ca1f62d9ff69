import { isSameMeter, meterKeyOf } from '../../accounts/meter-serial.ts';
import { assert } from '../../kernel/assert.ts';
import { formatKwh } from '../../units/energy.ts';
import { dayOf, type Instant, instant, offsetAt, type Zone } from '../../units/time.ts';
import { Findings } from '../findings.ts';
import type {
  ChannelRole,
  FileFacts,
  FileHeader,
  Format,
  FormatContext,
  FormatReader,
  FormatSink,
  RegisterAdvance,
  RegisterReading,
} from '../format.ts';
import { firstLineOf } from '../head.ts';
import { type LineEnding, type LineHandler, LineScanner } from '../line-scanner.ts';
import { quote } from '../problem.ts';
import { RecordFields } from '../record-fields.ts';
import { parseDateTime, transactionCodes, uniqueIdIn, versionOfFile, withoutTrailer } from './mdff.ts';
import { reportSurplusFields } from './nem12-day.ts';
import { type Accumulation, readAccumulation } from './nem13-accumulation.ts';
import { RegisterMultipliers, type ShownMultiplier } from './nem13-multipliers.ts';

/** Register reads of the Australian market: AEMO's Meter Data File Format v1.02, accumulation data (rules N13-1 to N13-10). */
export const nem13: Format = {
  name: 'nem13',
  title: 'NEM13 (AEMO MDFF accumulation data)',
  looksLike: head => beginnings.some(beginning => beginning.test(firstLineOf(head))),
  reader: (sink, context) => new Nem13Reader(sink, context),
};

// A header; or, from senders who leave it out, a 250 record (N12-7).
const beginnings = [/^100\s*,\s*NEM13\b/i, /^250(,[^,]*){6},\s*[EI]\s*,/i];

const arity: Record<string, number> = { 100: 5, 250: 23, 550: 5, 900: 1 };
const nemZone = '+10:00' as Zone;

class Nem13Reader implements FormatReader, LineHandler {
  readonly #sink: FormatSink;
  readonly #findings: Findings;
  readonly #scanner = new LineScanner(this);
  readonly #reference: string;
  readonly #offsetSeconds: number;
  #first: FileHeader | undefined;
  #fileVersionAt: Instant | undefined = instant(0);
  #block: 'before' | 'open' | 'foreign' | 'ended' = 'before';
  #records = 0;
  /** The current read of the record before, which the next record quotes as its previous one. */
  #last: RegisterReading | undefined;
  #any250 = false;
  /** What a 550 record is of: the 250 record before it, undefined when that was rejected. */
  #advance: RegisterAdvance | undefined;
  /** Of registers. */
  readonly #multipliers = new Map<string, RegisterMultipliers>();
  readonly #zone: Zone;

  constructor(sink: FormatSink, context: FormatContext) {
    const zone = context.marketZone ?? nemZone;
    assert(/^[+-]\d\d:\d\d$/.test(zone), 'NEM time is a fixed offset all year (N12-33)');
    this.#sink = sink;
    this.#zone = zone;
    this.#findings = new Findings(sink, context);
    this.#reference = uniqueIdIn(context.fileName) || uniqueIdIn(context.member);
    this.#offsetSeconds = offsetAt(instant(0), zone);
  }

  push(chunk: Uint8Array): void {
    this.#scanner.push(chunk);
  }

  end(): void {
    this.#scanner.end();
    const lines = this.#scanner.lines;
    const complete = this.#block === 'ended';
    if (!complete) this.#findings.addByMode(lines, withoutTrailer(lines));
    const { errors, warnings } = this.#findings;
    const header = this.#first ?? this.#header(new RecordFields('', ','), instant(0));
    const facts: FileFacts = { ...header, complete, lines, records: this.#records, errors, warnings };
    this.#sink.closed(facts);
  }

  byteOrderMark(): void {
    this.#warn(1, 'N12-4', 'the file begins with a byte order mark', 'ignored');
  }

  line(bytes: Buffer, start: number, end: number, number: number, ending: LineEnding): void {
    const text = bytes.toString('utf8', start, end);
    if (/^[\s,]*$/.test(text)) {
      this.#warn(number, 'N12-4', 'the line is empty', 'ignored');
      return;
    }
    const fields = new RecordFields(text, ',');
    const indicator = fields.at(0);
    if (ending !== 'crlf') this.#noteEnding(number, ending);
    if (fields.hadBlanks) this.#warn(number, 'N12-5', 'a field has blanks around it', 'repaired');
    if (ending === 'none' && (indicator === '250' || indicator === '550')) {
      this.#needBlock(number);
      this.#reject(number, 'N12-7', text, `the file breaks off inside this ${indicator} record`);
      return;
    }
    if (arity[indicator]) reportSurplusFields(fields, arity[indicator], number, this.#findings);
    if (indicator === '100') this.#openBlock(fields, number);
    else if (indicator === '900') this.#endBlock(number);
    else if (this.#block === 'foreign') this.#reject(number, 'N13-1', text, 'not read: its block is not NEM13');
    else if (indicator === '250') this.#readRegister(fields, number);
    else if (indicator === '550') this.#readTransaction(fields, text, number);
    else this.#unreadable(indicator, text, number);
  }

  lineTooLong(beginning: string, number: number): void {
    this.#reject(number, 'N12-9', beginning, 'the line is longer than 1 MB');
  }

  #openBlock(fields: RecordFields, number: number): void {
    if (this.#block === 'open') this.#warn(number, 'N12-1', 'a second 100 record before the 900 record', 'ignored');
    const created = parseDateTime(fields.at(2));
    if (created === undefined) {
      const place = { column: fields.columnOf(2), rule: 'N12-29', field: 'DateTime', raw: fields.at(2) };
      const says = `${quote(fields.at(2))} is not a date and time; the file's age is not known`;
      this.#findings.add(number, { ...place, severity: 'warning', says, action: 'ignored' });
    }
    this.#open(this.#header(fields, instant(created === undefined ? 0 : created - this.#offsetSeconds)));
    const version = fields.at(1).toUpperCase();
    if (version === 'NEM13') return;
    this.#block = 'foreign';
    this.#reject(number, 'N12-1', fields.at(1), `the block is ${quote(fields.at(1))}, not NEM13`);
  }

  #open(header: FileHeader): void {
    this.#block = 'open';
    this.#any250 = false;
    this.#fileVersionAt = versionOfFile(header);
    this.#first ??= header;
    this.#sink.opened(header);
  }

  #needBlock(number: number): void {
    if (this.#block === 'open' || this.#block === 'foreign') return;
    if (this.#block === 'before') {
      this.#warn(number, 'N12-7', 'the 100 record is missing; the file is read as NEM13', 'repaired');
    } else this.#warn(number, 'N12-8', 'data go on after the 900 record; they are read as another block', 'repaired');
    this.#open(this.#header(new RecordFields('', ','), instant(0)));
  }

  #readRegister(fields: RecordFields, number: number): void {
    this.#needBlock(number);
    this.#any250 = true;
    const place = { offsetSeconds: this.#offsetSeconds, fileVersionAt: this.#fileVersionAt, line: number };
    const read = readAccumulation(fields, place, this.#findings);
    this.#advance = read?.advance;
    if (read === undefined) {
      this.#last = undefined;
      return;
    }
    this.#checkOrder(read, fields, number);
    this.#sink.advance?.(read.advance);
    const stands = this.#takeDial(read, fields);
    if (stands) {
      if (!this.#isKnown(read.previous)) this.#emit(read.previous);
      if (!read.isForward) this.#emit(read.current);
    }
    this.#last = stands && !read.isForward ? read.current : undefined;
  }

  /** false when energy taken from the reads would not be what the sender counted. */
  #takeDial(read: Accumulation, fields: RecordFields): boolean {
    const { multiplier, digits } = read.dial;
    if (multiplier === 'none') return false;
    if (multiplier === 'any') return true;
    const { meterPoint, registerId, meterSerial, at: from, line } = read.previous;
    const key = [meterPoint, registerId, meterKeyOf(meterSerial)].join(' ');
    const known = this.#multipliers.get(key) ?? new RegisterMultipliers();
    this.#multipliers.set(key, known);
    const shown = { multiplier, from, to: read.current.at, day: dayOf(from, this.#zone), line };
    const against = known.findContradiction(shown);
    if (against) {
      const says = `the quantity is ${multiplier} times the difference of the reads, and on line ${against.line} it is ${against.multiplier} times for a part of the same time or day: one of them is wrong`;
      const place = { column: fields.columnOf(18), rule: 'N13-2', field: 'Quantity', raw: fields.at(18) };
      this.#findings.add(line, { ...place, severity: 'error', says, action: 'rejected' });
      return false;
    }
    const news = known.add(shown);
    for (const each of news) this.#tellDial(read.previous, each, each.line === line ? digits : undefined);
    if (digits !== undefined && !news.some(each => each.line === line)) this.#tellDial(read.previous, shown, digits);
    return true;
  }

  /** A multiplier of 1, too: what another file says later of another one does not hold for the reads of this one. */
  #tellDial(reading: RegisterReading, { multiplier, from, day }: ShownMultiplier, digits: number | undefined): void {
    const { meterPoint, meterSerial, registerId, flow, unit, versionAt, line } = reading;
    this.#sink.registerMapping?.({
      ...{ meterPoint, meterSerial, registerId, versionAt, line },
      ...(flow && { flow }),
      ...(unit && { unit }),
      ...{ derivedAt: from, from: day },
      multiplierMicro: multiplier * 1_000_000,
      ...(digits !== undefined && { digits }),
      ...{ quantity: '', configuration: '', timePattern: '' },
    });
  }

  #emit(reading: RegisterReading): void {
    this.#records += 1;
    this.#sink.registerReading(reading);
  }

  /** Told by the record before as its current read, with the version that record has: quoting it here says nothing new. */
  #isKnown(previous: RegisterReading): boolean {
    const last = this.#last;
    return (
      isSameRegister(last, previous) &&
      last.at === previous.at &&
      last.value === previous.value &&
      last.quality === previous.quality
    );
  }

  /** A gap or an overlap between two periods of a register that follow each other in the file (N13-7). */
  #checkOrder({ previous, advance }: Accumulation, fields: RecordFields, number: number): void {
    const last = this.#last;
    if (!isSameRegister(last, previous) || advance.from === last.at || previous.at === advance.current.at) return;
    const says =
      previous.at < last.at
        ? `the period overlaps the one on line ${last.line}`
        : `nothing is said of the time between line ${last.line} and this period`;
    const place = { column: fields.columnOf(9), rule: 'N13-7', field: 'PreviousRegisterReadDateTime' };
    this.#findings.add(number, { ...place, raw: fields.at(9), severity: 'warning', says, action: 'ignored' });
  }

  /**
   * 550,PreviousTransCode,PreviousRetServiceOrder,CurrentTransCode,CurrentRetServiceOrder: why somebody read, nothing that is billed;
   * kept with what the dial showed then.
   */
  #readTransaction(fields: RecordFields, text: string, number: number): void {
    this.#needBlock(number);
    if (!this.#any250) {
      this.#reject(number, 'N13-1', text, 'a 550 record before any 250 record');
      return;
    }
    for (const index of [1, 3]) {
      const code = fields.at(index);
      if (code === '' || (code.length === 1 && transactionCodes.includes(code))) continue;
      const place = { column: fields.columnOf(index), rule: 'N12-28', field: 'TransCode', raw: code };
      const says = `${quote(code)} is not a transaction code`;
      this.#findings.add(number, { ...place, severity: 'warning', says, action: 'ignored' });
    }
    const { current, isEnergy } = this.#advance ?? {};
    if (!current) return;
    const { meterPoint, registerId, meterSerial, unit = '', flow = 'none' } = current;
    const role: ChannelRole = flow === 'none' ? 'other' : flow;
    const said = { meterPoint, suffix: registerId, registerId, meterSerial, unit, role, isEnergy: isEnergy === true };
    this.#sink.indexRead({
      channel: { ...said, nmiConfiguration: '', lengthMinutes: 0, line: current.line },
      ...{ transactionCode: fields.at(3), serviceOrder: fields.at(4), readAt: current.at },
      ...{ indexRead: formatKwh(current.value), line: number },
    });
  }

  #unreadable(indicator: string, text: string, number: number): void {
    this.#needBlock(number);
    const isNem12 = indicator === '200' || indicator === '300' || indicator === '400' || indicator === '500';
    const says = isNem12
      ? `a ${indicator} record belongs to NEM12, not to NEM13`
      : `${quote(indicator)} is not a record indicator of NEM13`;
    this.#reject(number, 'N13-1', text, says);
    this.#last = undefined;
  }

  #endBlock(number: number): void {
    if (this.#block === 'ended') this.#warn(number, 'N12-1', 'another 900 record with nothing before it', 'ignored');
    else if (this.#block === 'before') this.#needBlock(number);
    this.#block = 'ended';
  }

  #header(fields: RecordFields, createdAt: Instant): FileHeader {
    const flow = fields.at(1).toUpperCase() || 'NEM13';
    const [sender, receiver] = [fields.at(3), fields.at(4)];
    return { reference: this.#reference, flow, sender, receiver, createdAt, testFlag: '', isTest: false };
  }

  #noteEnding(number: number, ending: LineEnding): void {
    const says = ending === 'lf' ? 'lines end in LF, not CR LF (said once per file)' : 'the last line has no line end';
    this.#findings.addOnce(ending, number, { rule: 'N12-4', severity: 'warning', says, action: 'ignored' });
  }

  #reject(number: number, rule: string, raw: string, says: string): void {
    this.#findings.add(number, { rule, severity: 'error', raw, says, action: 'rejected' });
  }

  #warn(number: number, rule: string, says: string, action: 'repaired' | 'ignored'): void {
    this.#findings.add(number, { rule, severity: 'warning', says, action });
  }
}

function isSameRegister(
  last: RegisterReading | undefined,
  { meterPoint, registerId, meterSerial }: RegisterReading,
): last is RegisterReading {
  return (
    last !== undefined &&
    last.meterPoint === meterPoint &&
    last.registerId === registerId &&
    isSameMeter(last.meterSerial, meterSerial)
  );
}
