import type { ComparedTotal } from './expected-total.ts';
import type { FileFacts } from './format.ts';
import type { RuleCount } from './import-run.ts';
import type { ImportProblem } from './problem.ts';

/** What an import did, kept with the run and shown by CLI, page and API. */
export interface ImportReport {
  run: number;
  file: string;
  /** Name of the format, 'zip of …' for an archive's members. */
  format: string;
  sha256: string;
  /** When the same bytes were imported before, under whatever name: this run changed nothing then. */
  importedBefore: { run: number; file: string; at: string } | undefined;
  /** Stopped before its end: the counts say what was taken until then. */
  cancelled: boolean;
  counts: ImportCounts;
  meterPointsCreated: CreatedMeterPoints;
  /** How many these are, for whoever need not unpack them; reports from before it was counted lack it. */
  meterPointsNew?: number;
  channels: ChannelTotals;
  /** How many these are, likewise. */
  channelCount?: number;
  /** Absent when nobody said what to expect. */
  expected?: ComparedTotal[];
  files: FileFacts[];
  /** How often each rule spoke; reports from before it was counted lack it. */
  rules?: RuleCount[];
  problems: ImportProblem[];
}

export interface ImportCounts {
  /** Readings that were not known. */
  new: number;
  /** Known with the same value. */
  identical: number;
  /** Replaced an older version, which is kept. */
  revised: number;
  /** Same standing, other value: kept beside the current one for somebody to decide. */
  conflicting: number;
  /** Older than what is known: kept beside. */
  older: number;
  /** Put aside by a rule for somebody to look at; each has a problem. Reports from before it could be lack it. */
  quarantined?: number;
  /** Records that did not enter; each has a problem. */
  rejected: number;
}

/** Identifiers, in the order in which the file named them. */
export interface CreatedMeterPoints extends Iterable<string> {
  readonly length: number;
  push(identifier: string): unknown;
}

/** In the order of the file; of a file that was just read each is made when it is asked for. */
export interface ChannelTotals extends Iterable<ChannelTotal> {
  readonly length: number;
}

/** Totals per channel or register, to be held against the sender's. */
export interface ChannelTotal {
  meterPoint: string;
  code: string;
  meter: string;
  kind: 'channel' | 'register';
  unit: string;
  readings: number;
  missing: number;
  /** Sum of a channel's energies; '' for a register. */
  sum: string;
  qualities: Record<string, number>;
}

export function emptyCounts(): ImportCounts {
  return { new: 0, identical: 0, revised: 0, conflicting: 0, older: 0, quarantined: 0, rejected: 0 };
}
