import { instant, type Zone } from '../../units/time.ts';
import { Findings } from '../findings.ts';
import type { FileFacts, FormatContext, FormatReader, FormatSink } from '../format.ts';
import { type LineEnding, type LineHandler, LineScanner } from '../line-scanner.ts';
import { cut, quote } from '../problem.ts';
import { RecordFields } from '../record-fields.ts';
import type { FlowTable, GroupTable, Interpreter } from './flow-table.ts';
import { Group } from './group.ts';
import { OpenGroups } from './open-groups.ts';
import { readItem } from './read-item.ts';
import { readHeader } from './uff.ts';
import { Wrapper } from './wrapper.ts';

const londonZone = 'Europe/London' as Zone;

/**
 * Reads any flow of the catalogue by its table: lines, wrapper, structure and items here, what they mean in the flow's interpreter.
 * What is wrong rejects the subtree it stands in and nothing else (D10-5).
 */
export class FlowReader implements FormatReader, LineHandler {
  readonly #table: FlowTable;
  readonly #groups: ReadonlyMap<string, GroupTable>;
  readonly #sink: FormatSink;
  readonly #findings: Findings;
  readonly #zone: Zone;
  readonly #scanner = new LineScanner(this);
  readonly #wrapper: Wrapper;
  readonly #interpreter: Interpreter;
  readonly #open: OpenGroups;
  readonly #root: string;
  #records = 0;
  #unread = { from: 0, to: 0, count: 0 };

  constructor(table: FlowTable, sink: FormatSink, context: FormatContext) {
    this.#table = table;
    this.#groups = new Map(Object.entries(table.groups));
    this.#sink = sink;
    this.#findings = new Findings(sink, context);
    this.#zone = context.marketZone ?? londonZone;
    this.#wrapper = new Wrapper(table, sink, this.#findings, this.#zone);
    this.#interpreter = table.interpret({
      sink,
      findings: this.#findings,
      header: () => this.#wrapper.header,
      zone: this.#zone,
    });
    this.#open = new OpenGroups(table.groups, code => {
      this.#records += this.#interpreter.close(code);
    });
    this.#root = this.#open.root;
  }

  push(chunk: Uint8Array): void {
    this.#scanner.push(chunk);
  }

  end(): void {
    this.#scanner.end();
    this.#closeAll();
    const { lines } = this.#scanner;
    const { complete, first, checksum } = this.#wrapper;
    if (!complete) {
      const says = lines === 0 ? 'the file is empty' : 'the file ends without a ZPT trailer: it may be cut off';
      this.#findings.addByMode(lines, { rule: 'D10-2', says });
    }
    const { errors, warnings } = this.#findings;
    const header = first ?? readHeader(new RecordFields('', '|'), instant(0));
    const counted = { complete, lines, records: this.#records, errors, warnings };
    const facts: FileFacts = { ...header, ...counted, ...(checksum !== '' && { checksum }) };
    this.#sink.closed(facts);
  }

  byteOrderMark(): void {
    this.#habit('byte order mark', 1, 'the file begins with a byte order mark');
  }

  line(bytes: Buffer, start: number, end: number, number: number, ending: LineEnding): void {
    if (ending !== 'none' && this.#readPlain(bytes, start, end, number)) return;
    const text = bytes.toString('utf8', start, end);
    if (text.trim() === '') {
      this.#findings.add(number, { rule: 'D10-4', severity: 'warning', says: 'the line is empty', action: 'ignored' });
      return;
    }
    const fields = new RecordFields(text, '|');
    const code = fields.at(0);
    if (code !== 'ZHV' && code !== 'ZPT') this.#wrapper.groups += 1;
    if (!text.endsWith('|') && !text.trimEnd().endsWith('|')) {
      if (ending === 'none' && code !== 'ZPT') {
        this.#open.close(this.#groups.has(code) ? code : this.#root);
        this.#reject(number, 'D10-2', text, `the file breaks off inside this ${cut(code)} record`);
        return;
      }
      this.#habit('open-ended', number, 'the last field is not ended by | (said once per file)');
    }
    if (code === 'ZHV' || code === 'ZPT') {
      this.#closeAll();
      if (code === 'ZHV') this.#wrapper.begin(fields, number);
      else this.#wrapper.finish(fields, number);
    } else if (this.#wrapper.state === 'open') this.#readGroup(code, fields, text, number);
    else if (this.#wrapper.state === 'foreign') this.#pass(number);
    else this.#wrapper.rejectLoose(text, number);
  }

  /** Whether the line was a group of the plainest form in its right place. */
  #readPlain(bytes: Buffer, start: number, end: number, number: number): boolean {
    const { plain } = this.#interpreter;
    if (!plain || this.#wrapper.state !== 'open' || this.#unread.count > 0) return false;
    const code = plain.read(bytes, start, end);
    if (code === undefined || !this.#open.fits(code)) return false;
    this.#wrapper.groups += 1;
    if (code === this.#root) this.#wrapper.flows += 1;
    this.#open.close(code);
    plain.open(number);
    this.#open.enter(code, 'open');
    return true;
  }

  lineTooLong(beginning: string, number: number): void {
    this.#wrapper.groups += 1;
    this.#open.close(this.#root);
    const says = `the line is longer than 1 MB; nothing is read until the next ${this.#root} group`;
    this.#reject(number, 'D10-5', beginning, says);
  }

  #readGroup(code: string, fields: RecordFields, text: string, number: number): void {
    const group = this.#groups.get(code);
    if (!group) {
      // It may have been of the first level once: what follows could be another customer's, so it waits for the next one.
      this.#open.close(this.#root);
      const says = `${quote(code)} is not a group of ${this.#table.flow}; nothing is read until the next ${this.#root} group`;
      this.#reject(number, 'D10-5', text, says);
      return;
    }
    if (group.unused) {
      const says = `group ${code} (${group.title}) is not used here (said once per file)`;
      this.#findings.addOnce(code, number, { rule: 'D10-5', severity: 'warning', says, action: 'ignored' });
      return;
    }
    this.#open.close(code);
    if (code === this.#root) this.#wrapper.flows += 1;
    const above = this.#open.above(code);
    if (above === 'missing') {
      const says = `a ${code} group without the ${group.parents!.join(' or ')} group it belongs under`;
      this.#reject(number, 'D10-5', text, says);
    } else if (above === 'rejected') {
      if (group.detail) return;
      this.#open.enter(code, 'rejected');
      this.#pass(number);
    } else {
      this.#tellUnread();
      this.#checkRecord(code, group, fields, number);
      const read = this.#readItems(code, group, fields, number);
      if (!read) this.#interpreter.refused?.(code, number);
      const isOpen = read !== undefined && this.#interpreter.open(read);
      this.#open.enter(code, isOpen ? 'open' : 'rejected');
    }
  }

  #checkRecord(code: string, { items, single }: GroupTable, fields: RecordFields, number: number): void {
    this.#wrapper.checkSurplus(fields, items.length + 1, number);
    if (fields.hadBlanks) this.#habit('blanks', number, 'fields have blanks around them (said once per file)');
    if (single && this.#open.has(code)) {
      const says = `another ${code} group where one is allowed; the last one stands`;
      this.#findings.addByMode(number, { rule: 'D10-5', says });
    }
  }

  /** undefined when an item rejects the group; every item is looked at, so that all that is wrong is said. */
  #readItems(code: string, { items }: GroupTable, fields: RecordFields, line: number): Group | undefined {
    const values: (string | number)[] = [];
    const place = { fields, at: 0, line, zone: this.#zone, findings: this.#findings };
    for (const item of items) {
      place.at += 1;
      const value = readItem(item, place);
      if (value !== undefined) values.push(value);
    }
    return values.length === items.length ? new Group(code, line, items, fields, values) : undefined;
  }

  #closeAll(): void {
    this.#open.close(this.#root);
    this.#tellUnread();
  }

  #pass(number: number): void {
    if (this.#unread.count === 0) this.#unread.from = number;
    this.#unread.to = number;
    this.#unread.count += 1;
  }

  #tellUnread(): void {
    const { from, to, count } = this.#unread;
    if (count === 0) return;
    this.#unread = { from: 0, to: 0, count: 0 };
    const records = count === 1 ? 'this group was' : `${count} groups, lines ${from} to ${to}, were`;
    this.#reject(from, 'D10-5', '', `${records} not read because what they belong under was rejected`);
  }

  #reject(number: number, rule: string, raw: string, says: string): void {
    this.#findings.add(number, { rule, severity: 'error', raw, says, action: 'rejected' });
  }

  #habit(habit: string, number: number, says: string): void {
    this.#findings.addOnce(habit, number, { rule: 'D10-4', severity: 'warning', says, action: 'ignored' });
  }
}
