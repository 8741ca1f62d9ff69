import { assert } from '../kernel/assert.ts';
import type { ImportReport } from './import-report.ts';
import { type ImportOrder, type ImportRun, isOver, type ProblemFilter, type ReportedRun } from './import-run.ts';
import type { ImportProblem } from './problem.ts';

interface Rehearsal {
  run: ReportedRun;
  problems: ImportProblem[];
}

// A dry run is looked at once; its problems may be megabytes.
const keptMax = 20;

/** The dry runs of this process, the newest of them. */
export class Rehearsals {
  readonly #kept = new Map<number, Rehearsal>();
  #last: number;

  /** Numbers go down from the moment of the start, so that none means another run after a restart. */
  constructor(startedAt: number) {
    this.#last = -startedAt;
  }

  add(order: ImportOrder, startedAt: number): number {
    this.#last -= 1;
    const id = this.#last;
    const times = { startedAt, begunAt: null, finishedAt: null };
    const rest = { format: '', state: 'waiting' as const, resumed: 0, failure: undefined, report: undefined };
    this.#kept.set(id, { run: { ...order, id, ...times, ...rest }, problems: [] });
    for (const [known, { run }] of this.#kept) if (this.#kept.size > keptMax && isOver(run)) this.#kept.delete(known);
    return id;
  }

  find(id: number): ReportedRun | undefined {
    const run = this.#kept.get(id)?.run;
    return run && { ...run };
  }

  change(id: number, change: Partial<ImportRun>): void {
    Object.assign(this.#get(id).run, change);
  }

  finish({ problems, meterPointsCreated, channels, ...rest }: ImportReport, finishedAt: number): void {
    const rehearsal = this.#get(rest.run);
    const [created, totals] = [[...meterPointsCreated], [...channels]];
    const detail = { meterPointsCreated: created, channels: totals };
    const counts = { meterPointsNew: created.length, channelCount: totals.length };
    const report = { ...rest, ...detail, ...counts, eachCreated: () => [created], eachChannels: () => [totals] };
    const state = report.cancelled ? 'cancelled' : 'finished';
    rehearsal.run = { ...rehearsal.run, state, finishedAt, format: report.format, report };
    rehearsal.problems = problems;
  }

  problems(id: number, { search = '', severity, action, rule }: ProblemFilter): ImportProblem[] {
    const words = search.toLowerCase();
    return (this.#kept.get(id)?.problems ?? []).filter(
      problem =>
        (!severity || problem.severity === severity) &&
        (!action || problem.action === action) &&
        (!rule || problem.rule === rule) &&
        `${problem.rule} ${problem.member} ${problem.message}`.toLowerCase().includes(words),
    );
  }

  /** Whether one that is not over reads these bytes. */
  needs(sha256: string): boolean {
    return [...this.#kept.values()].some(({ run }) => run.sha256 === sha256 && !isOver(run));
  }

  #get(id: number): Rehearsal {
    const rehearsal = this.#kept.get(id);
    assert(rehearsal, 'a dry run that is under way is kept');
    return rehearsal;
  }
}
