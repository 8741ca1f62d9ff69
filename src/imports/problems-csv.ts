import { csvLine } from '../kernel/csv.ts';
import type { ImportRun, ProblemFilter } from './import-run.ts';
import type { KnownRuns } from './known-runs.ts';

/** Every problem of a run as CSV, in parts; text that a spreadsheet would run as a formula is made harmless. */
export function* problemsCsv(runs: KnownRuns, run: ImportRun, filter: ProblemFilter = {}): Generator<string> {
  yield csvLine(['file', 'member', 'line', 'column', 'field', 'raw', 'rule', 'severity', 'action', 'message']);
  for (const problems of runs.eachProblems(run.id, filter)) {
    const lines = problems.map(({ member, line, column, field, raw, rule, severity, action, message }) =>
      csvLine([run.name, member, line, column, field, raw, rule, severity, action, message]),
    );
    yield lines.join('');
  }
}
