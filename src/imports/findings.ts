import type { FormatContext, FormatSink } from './format.ts';
import { type Finding, problemAt, type Severity } from './problem.ts';

/** Hands a reader's findings to its sink as problems, and counts them for the file's facts. */
export class Findings {
  readonly #sink: FormatSink;
  readonly #member: string;
  readonly #strict: boolean;
  readonly #saidOnce = new Set<string>();
  errors = 0;
  warnings = 0;

  constructor(sink: FormatSink, context: FormatContext) {
    this.#sink = sink;
    this.#member = context.member;
    this.#strict = context.strict;
  }

  /** What strict reading refuses and tolerant reading accepts with a warning. */
  get severityByMode(): Severity {
    return this.#strict ? 'error' : 'warning';
  }

  add(line: number, finding: Finding): void {
    if (finding.severity === 'error') this.errors += 1;
    else this.warnings += 1;
    this.#sink.problem(problemAt(this.#member, line, finding));
  }

  /** What strict reading rejects and tolerant reading passes over with a warning. */
  addByMode(line: number, finding: Omit<Finding, 'severity' | 'action'>): void {
    const severity = this.severityByMode;
    this.add(line, { ...finding, severity, action: severity === 'error' ? 'rejected' : 'ignored' });
  }

  /** For habits of a sender that show on every line (LF line ends, padding): said where they are first seen, once per file. */
  addOnce(habit: string, line: number, finding: Finding): void {
    if (this.#saidOnce.has(habit)) return;
    this.#saidOnce.add(habit);
    this.add(line, finding);
  }
}
