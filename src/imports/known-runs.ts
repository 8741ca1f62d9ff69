import { Refusal } from '../kernel/errors.ts';
import type { ImportReport } from './import-report.ts';
import {
  countOfRules,
  type ImportFailure,
  type ImportOrder,
  isDryRun,
  type ProblemFilter,
  type ReportedRun,
  type RuleCount,
} from './import-run.ts';
import type { ImportRunStore } from './import-run-store.ts';
import type { ImportProblem } from './problem.ts';
import { Rehearsals } from './rehearsals.ts';

/** Runs of imports, which are in the database, and dry runs, which are in memory alone and forgotten when the process ends, as one. */
export class KnownRuns {
  readonly #imports: ImportRunStore;
  readonly #rehearsals: Rehearsals;

  constructor(imports: ImportRunStore, startedAt: number) {
    this.#imports = imports;
    this.#rehearsals = new Rehearsals(startedAt);
  }

  /** Returns its number: below zero for a dry run. */
  add(order: ImportOrder, dryRun: boolean, now: number): number {
    return dryRun ? this.#rehearsals.add(order, now) : this.#imports.order(order, now);
  }

  find(id: number): ReportedRun | undefined {
    return isDryRun({ id }) ? this.#rehearsals.find(id) : this.#imports.find(id);
  }

  /** Throws 'import-unknown'. */
  get(id: number): ReportedRun {
    const run = this.find(id);
    if (!run) throw new Refusal('import-unknown', `there is no import run ${id}`);
    return run;
  }

  listProblems(id: number, filter: ProblemFilter, limit: number, offset: number): ImportProblem[] {
    return isDryRun({ id })
      ? this.#rehearsals.problems(id, filter).slice(offset, offset + limit)
      : this.#imports.listProblems(id, filter, limit, offset);
  }

  /** All that match, in parts, in the order the file has them. */
  *eachProblems(id: number, filter: ProblemFilter = {}): Generator<ImportProblem[]> {
    if (isDryRun({ id })) yield this.#rehearsals.problems(id, filter);
    else yield* this.#imports.eachProblems(id, filter);
  }

  countProblems(id: number, filter: ProblemFilter = {}): number {
    if (isDryRun({ id })) return this.#rehearsals.problems(id, filter).length;
    const rules = this.find(id)?.report?.rules;
    // Millions are not counted again for each page of them.
    return rules && !filter.search ? countOfRules(rules, filter) : this.#imports.countProblems(id, filter);
  }

  countByRule(id: number): RuleCount[] {
    return this.find(id)?.report?.rules ?? this.#imports.countByRule(id);
  }

  setRunning(id: number, now: number, resumed: number): void {
    if (isDryRun({ id })) this.#rehearsals.change(id, { state: 'running', begunAt: now });
    else this.#imports.setRunning(id, now, resumed);
  }

  setInterrupted(id: number): void {
    if (isDryRun({ id })) this.#rehearsals.change(id, { state: 'interrupted' });
    else this.#imports.setInterrupted(id);
  }

  finish(report: ImportReport, now: number): void {
    if (isDryRun({ id: report.run })) this.#rehearsals.finish(report, now);
    else this.#imports.finish(report, now);
  }

  /** Ends a run that has no report. */
  close(id: number, state: 'failed' | 'cancelled', now: number, failure?: ImportFailure): void {
    if (isDryRun({ id })) this.#rehearsals.change(id, { state, finishedAt: now, failure });
    else this.#imports.close(id, state, now, failure);
  }

  /** Whether a dry run that is not over reads these bytes. */
  isRehearsed(sha256: string): boolean {
    return this.#rehearsals.needs(sha256);
  }
}
