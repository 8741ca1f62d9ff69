import { csvLine } from '../kernel/csv.ts';
import type { ImportQueue } from './import-queue.ts';
import type { ImportRun, ProblemFilter } from './import-run.ts';

const rowsPerPart = 500;

/** Every problem of a run as CSV, in parts; text that a spreadsheet would run as a formula is made harmless. */
export function* problemsCsv(queue: ImportQueue, run: ImportRun, filter: ProblemFilter = {}): Generator<string> {
  yield csvLine(['file', 'member', 'line', 'column', 'field', 'raw', 'rule', 'severity', 'action', 'message']);
  for (let at = 0; ; at += rowsPerPart) {
    const problems = queue.listProblems(run.id, filter, rowsPerPart, at);
    const lines = problems.map(({ member, line, column, field, raw, rule, severity, action, message }) =>
      csvLine([run.name, member, line, column, field, raw, rule, severity, action, message]),
    );
    if (lines.length > 0) yield lines.join('');
    if (problems.length < rowsPerPart) return;
  }
}
