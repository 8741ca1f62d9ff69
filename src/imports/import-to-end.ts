import { DamageFound, Refusal, type RefusalCode, refusals } from '../kernel/errors.ts';
import { listed, listedMax } from './found-problems.ts';
import type { ImportQueue } from './import-queue.ts';
import type { ImportReport } from './import-report.ts';
import { isOver } from './import-run.ts';
import type { ImportProblem } from './problem.ts';
import { showProgress } from './show-run.ts';

const betweenMs = 100;

/**
 * Waits for a run and tells its progress on the way. Throws the Refusal it failed with, 'reception-off' or 'import-interrupted' when
 * it has to wait, DamageFound when it broke, and what the database says when it takes nothing any more.
 */
export async function importToEnd(
  queue: ImportQueue,
  id: number,
  tell: (progress: unknown) => void,
): Promise<ImportReport> {
  let toldAt = 0;
  const unwatch = queue.watch(id, () => {
    const progress = queue.progressOf(id);
    if (!progress || performance.now() - toldAt < betweenMs) return;
    toldAt = performance.now();
    tell(showProgress(progress));
  });
  const run = await Promise.race([queue.settled(id), queue.broken(id)]).finally(unwatch);
  if (!isOver(run)) {
    throw queue.stopped
      ? new Refusal('import-interrupted', `the server stopped; import ${id} goes on at its next start`)
      : new Refusal('reception-off', `import ${id} waits: reception is turned off`);
  }
  // Not spread: its longest parts are unpacked when somebody looks at them.
  if (run.report) return Object.assign(run.report, { problems: problemsOf(queue, id) });
  const { code, message } = run.failure ?? { code: 'import-interrupted', message: `import ${id} was cancelled` };
  if (code in refusals && code !== 'internal') throw new Refusal(code as RefusalCode, message);
  throw new DamageFound(message, 'See the log of the server.');
}

/** As many as one prints; all of them are a page and a file of the server. */
function problemsOf(queue: ImportQueue, id: number): ImportProblem[] {
  const first = queue.runs.listProblems(id, {}, listedMax, 0);
  return listed(first, queue.runs.countProblems(id), `GET /v1/imports/${id}/problems.csv has all`);
}
