import { instant, type Zone } from '../../units/time.ts';
import type { Findings } from '../findings.ts';
import type { FileHeader, FormatSink } from '../format.ts';
import { quote } from '../problem.ts';
import type { RecordFields } from '../record-fields.ts';
import type { FlowTable } from './flow-table.ts';
import { adviceOf, describeFlow } from './known-flows.ts';
import { readHeader, readWallClock } from './uff.ts';

const headerArity = 12;
const trailerArity = 6;

/** The ZHV and ZPT lines around a flow's groups: what they say, and whether it is true (D10-1 to D10-4, D10-6). */
export class Wrapper {
  readonly #table: FlowTable;
  readonly #sink: FormatSink;
  readonly #findings: Findings;
  readonly #zone: Zone;
  /** foreign: of another flow, so nothing in it is read. */
  state: 'before' | 'open' | 'foreign' | 'ended' = 'before';
  /** The file's first header, which stands for the file. */
  first: FileHeader | undefined;
  /** J1078 as sent, kept and not computed (D10-2). */
  checksum = '';
  /** Lines since the header, and groups of the first level among them. */
  groups = 0;
  flows = 0;
  #header: FileHeader | undefined;

  constructor(table: FlowTable, sink: FormatSink, findings: Findings, zone: Zone) {
    this.#table = table;
    this.#sink = sink;
    this.#findings = findings;
    this.#zone = zone;
  }

  /** Of the wrapper that is open; nothing is read outside of one. */
  get header(): FileHeader {
    return this.#header!;
  }

  get complete(): boolean {
    return this.state === 'ended';
  }

  begin(fields: RecordFields, number: number): void {
    if (this.state === 'open') {
      this.#findings.addByMode(number, { rule: 'D10-2', says: 'another ZHV header before the ZPT trailer' });
    }
    this.checkSurplus(fields, headerArity, number);
    const stamp = fields.at(7);
    const { at } = readWallClock(stamp, this.#zone);
    if (at === undefined) {
      const place = { column: fields.columnOf(7), rule: 'D10-1', field: 'creation time', raw: stamp };
      const says = `${quote(stamp)} is not a date and time; its readings have no version`;
      this.#findings.add(number, { ...place, severity: 'warning', says, action: 'ignored' });
    }
    const header = readHeader(fields, at ?? instant(0));
    this.#header = header;
    this.first ??= header;
    [this.groups, this.flows] = [0, 0];
    this.#sink.opened(header);
    this.#checkTestFlag(header, fields, number);
    this.state = this.#isOurs(header, fields, number) ? 'open' : 'foreign';
  }

  finish(fields: RecordFields, number: number): void {
    if (this.state === 'before' || this.state === 'ended') {
      this.#reject(number, 'D10-2', 'ZPT', 'a ZPT trailer without its ZHV header');
      return;
    }
    const isOurs = this.state === 'open';
    this.state = 'ended';
    if (!isOurs) return;
    this.checkSurplus(fields, trailerArity, number);
    const [fileId, groups, checksum, flows] = [fields.at(1), fields.at(2), fields.at(3), fields.at(4)];
    const { reference } = this.header;
    if (fileId !== reference)
      this.#differs(fields, 1, number, `the trailer is of file ${quote(fileId)}, the header of ${quote(reference)}`);
    if (Number(groups) !== this.groups || groups === '')
      this.#differs(fields, 2, number, `the trailer counts ${quote(groups)} lines, there are ${this.groups}`);
    if (!/^\d{0,10}$/.test(checksum))
      this.#differs(fields, 3, number, `${quote(checksum)} is not a checksum of digits`);
    this.checksum = checksum;
    if (Number(flows) !== this.flows || flows === '') {
      const says = `the trailer counts ${quote(flows)} ${this.#table.counted}, there are ${this.flows}`;
      this.#differs(fields, 4, number, says);
    }
  }

  /** A line that no wrapper is around. */
  rejectLoose(text: string, number: number): void {
    if (this.state === 'ended') {
      this.#reject(number, 'D10-2', text, 'a record after the ZPT trailer');
      return;
    }
    const says = 'a record before the ZHV header: without it nobody knows whether the file is a test';
    this.#reject(number, 'D10-1', text, says);
  }

  checkSurplus(fields: RecordFields, arity: number, number: number): void {
    if (fields.count > arity) {
      const place = { column: fields.columnOf(arity), rule: 'D10-4', raw: fields.at(arity) };
      const says = 'the record goes on after its last field';
      this.#findings.add(number, { ...place, severity: 'warning', says, action: 'ignored' });
    } else if (fields.sent > arity + 1) {
      const says = 'empty fields after the record (said once per file)';
      this.#findings.addOnce('padding', number, { rule: 'D10-4', severity: 'warning', says, action: 'ignored' });
    }
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
    const { flow: ours, versions } = this.#table;
    if (!flow.startsWith(ours)) {
      const says = `flow ${describeFlow(flow)} is not supported in a ${ours} file: ${adviceOf(flow)}`;
      this.#findings.add(number, { ...place, severity: 'error', says, action: 'rejected' });
      return false;
    }
    if (!versions.includes(flow.slice(ours.length))) {
      const says = `flow version ${quote(flow)} is read as ${ours}${versions.at(-1)}`;
      this.#findings.add(number, { ...place, severity: 'warning', says, action: 'ignored' });
    }
    return true;
  }

  #differs(fields: RecordFields, at: number, number: number, says: string): void {
    const [rule, field] = trailerItems[at]!;
    this.#findings.addByMode(number, { column: fields.columnOf(at), rule, field, raw: fields.at(at), says });
  }

  #reject(number: number, rule: string, raw: string, says: string): void {
    this.#findings.add(number, { rule, severity: 'error', raw, says, action: 'rejected' });
  }
}

/** ZPT|FileId|GroupCount|Checksum|FlowCount|Timestamp| */
const trailerItems: Record<number, [rule: string, field: string]> = {
  1: ['D10-2', 'FileId'],
  2: ['D10-3', 'GroupCount'],
  3: ['D10-2', 'Checksum'],
  4: ['D10-3', 'FlowCount'],
};
