import type { Zone } from '../../units/time.ts';
import type { Findings } from '../findings.ts';
import type { FileHeader, FormatSink } from '../format.ts';
import type { Group } from './group.ts';

/**
 * A flow of the Data Transfer Catalogue as data: its groups, what each hangs under and the items it carries, in order. The engine
 * (flow-reader.ts) checks structure and items of any of them; the interpreter turns groups that passed into events.
 */
export interface FlowTable {
  /** "D0010" */
  flow: string;
  /** Versions whose layout this is; another one is read with a warning. */
  versions: readonly string[];
  /** By group code. The one without a parent is the flow's first level, which the trailer counts (D10-2). */
  groups: Readonly<Record<string, GroupTable>>;
  /** What one group of the first level is, in the plural: "meter points". */
  counted: string;
  interpret(lent: Lent): Interpreter;
}

export interface GroupTable {
  title: string;
  /** Code of the group it hangs under; more than one where versions of the flow differ. */
  parents?: readonly string[];
  items: readonly Item[];
  /** At most one under its parent. That a group is missing is no error: senders leave out what they do not have (D10-7). */
  single?: true;
  /** Says more of the group above and falls with it, without a word of its own. */
  detail?: true;
  /** Known by its code, not by its items, and used for nothing: counted and passed over wherever it stands. */
  unused?: true;
}

export interface Item {
  /** Data item of the catalogue: "J0003". */
  name: string;
  title: string;
  type: ItemType;
  /** The rule a wrong value breaks. */
  rule: string;
  /** Empty is no error; it reads as ''. */
  optional?: true;
}

export type ItemType =
  /** NUM(13) with a check digit (D10-8). */
  | { kind: 'mpan' }
  /** CHAR(max), blanks inside kept. */
  | { kind: 'text'; max: number }
  /** One of a list. Another value rejects the group, is left out (''), or is read as the one that `otherwise` names. */
  | { kind: 'code'; of: readonly string[]; otherwise: 'rejected' | 'left-out' | { readAs: string } }
  /** NUM(digits, decimals) with an explicit decimal point, read as an integer of 1e-6; up to `decimalsMax` decimals with a warning. */
  | { kind: 'number'; digits: number; decimals: number; decimalsMax: number; signed?: true }
  /** YYYYMMDD, read as a Day. */
  | { kind: 'day' }
  /** YYYYMMDDHHMMSS on the market's clock, read as an Instant (D10-15). */
  | { kind: 'wall-clock' }
  /** Of no use here; not looked at. */
  | { kind: 'unread' };

/** What the engine lends the interpreter of a file. */
export interface Lent {
  sink: FormatSink;
  findings: Findings;
  /** The header of the wrapper that is open. */
  header(): FileHeader;
  /** The clock its times are shown on. */
  zone: Zone;
}

export interface Interpreter {
  /** A group whose place and items are right. false: it cannot be used all the same, and then neither can what is under it. */
  open(group: Group): boolean;
  /** A group in its right place whose items cannot be used. */
  refused?(code: string, line: number): void;
  /** A group that was opened has ended, after everything under it. Answers how many records it gave. */
  close(code: string): number;
  /** Reads groups without the table, where they are of the plainest form. */
  plain?: PlainGroups;
}

/** Gives for such groups what table and `Interpreter.open` give for them, in a fraction of the time. */
export interface PlainGroups {
  /** Code of the group in bytes[start, end) when it is one, and nothing has changed; undefined: the table has to read it. */
  read(bytes: Buffer, start: number, end: number): string | undefined;
  /** Takes what was read last as `Interpreter.open` takes a group. */
  open(line: number): void;
}
