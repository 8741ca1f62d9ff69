import { z } from 'zod';
import type { ExpectedTotal } from './expected-total.ts';
import type { ChannelTotal, ImportCounts, ImportReport } from './import-report.ts';
import type { ProblemAction, Severity } from './problem.ts';

/**
 * interrupted: the process stopped in the middle of it, and its next start takes it up again. cancelled: by a person; what was taken
 * until then stays. failed: it could not be carried out at all; a file with bad lines is finished, and its report lists them.
 */
export const importStates = ['waiting', 'running', 'finished', 'failed', 'cancelled', 'interrupted'] as const;
export type ImportState = (typeof importStates)[number];

/** A file whose bytes are kept, to be imported. */
export interface ImportOrder {
  name: string;
  sha256: string;
  /** Bytes. */
  size: number;
  strict: boolean;
  /** "cli", "key NAME", "user NAME", "folder". */
  importedBy: string;
  /** Name of the mapping profile, '' when the file's content says how it is read. */
  profile: string;
  /** For files that name none, '' otherwise. */
  meterPoint: string;
  /** undefined when nobody said what to expect. */
  expected?: ExpectedTotal | undefined;
}

export interface ImportRun extends ImportOrder {
  /** Below zero for a dry run, which the database does not know. */
  id: number;
  format: string;
  state: ImportState;
  /** When the file was handed in. */
  startedAt: number;
  /** When the work began last; null while it waits. */
  begunAt: number | null;
  /** null until it is over. */
  finishedAt: number | null;
  /** How often it was taken up again after the process had ended in the middle of it. */
  resumed: number;
  failure: ImportFailure | undefined;
  /** When somebody ordered that it is taken back, and who; null when nobody did. */
  undoneAt?: number | null;
  undoneBy?: string | null;
}

export const importFailure = z.object({ code: z.string(), message: z.string() });
export type ImportFailure = z.infer<typeof importFailure>;

/**
 * Problems stand apart and are read page by page. Meter points and totals may be a hundred thousand, which are unpacked when somebody looks at
 * them: all at once, or some at each step, for whoever serves others in between.
 */
export type StoredReport = Omit<ImportReport, 'problems' | 'meterPointsCreated' | 'channels'> & {
  meterPointsNew: number;
  channelCount: number;
  readonly meterPointsCreated: string[];
  readonly channels: ChannelTotal[];
  eachCreated: () => Iterable<readonly string[]>;
  eachChannels: () => Iterable<readonly ChannelTotal[]>;
};

/** The first of what is handed out in steps, and no step more. */
export function firstOf<T>(each: Iterable<readonly T[]>, count: number): T[] {
  const first: T[] = [];
  for (const some of each) {
    first.push(...some.slice(0, count - first.length));
    if (first.length === count) break;
  }
  return first;
}

/** The report is undefined until the run is over. */
export type ReportedRun = ImportRun & { report: StoredReport | undefined };

export type ListedRun = ImportRun & {
  counts: ImportCounts | undefined;
  /** The sender's identification of the file, '' when it has none or is not read yet. */
  reference: string;
};

/** Which problems of a run are wanted; what is left out is not asked for. */
export interface ProblemFilter {
  search?: string;
  severity?: Severity;
  action?: ProblemAction;
  rule?: string;
}

/** How often a rule spoke in a run, and what was done about it. */
export interface RuleCount {
  rule: string;
  severity: Severity;
  action: ProblemAction;
  count: number;
  /** The first of them. */
  example: string;
}

export function countOfRules(rules: readonly RuleCount[], { severity, action, rule }: ProblemFilter): number {
  return rules
    .filter(
      each =>
        (!severity || each.severity === severity) &&
        (!action || each.action === action) &&
        (!rule || each.rule === rule),
    )
    .reduce((sum, { count }) => sum + count, 0);
}

export function isDryRun({ id }: Pick<ImportRun, 'id'>): boolean {
  return id < 0;
}

export function isOver({ state }: Pick<ImportRun, 'state'>): boolean {
  return state === 'finished' || state === 'failed' || state === 'cancelled';
}
