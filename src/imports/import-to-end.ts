import { DamageFound, Refusal, type RefusalCode, refusals } from '../kernel/errors.ts';
import type { ImportQueue } from './import-queue.ts';
import type { ImportReport } from './import-report.ts';
import { isOver } from './import-run.ts';
import { showProgress } from './show-run.ts';

const betweenMs = 100;

/**
 * Waits for a run and tells its progress on the way. Throws the Refusal it failed with, 'reception-off' or 'import-interrupted' when
 * it has to wait, and DamageFound when it broke.
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
  const run = await queue.settled(id).finally(unwatch);
  if (!isOver(run)) {
    throw queue.stopped
      ? new Refusal('import-interrupted', `the server stopped; import ${id} goes on at its next start`)
      : new Refusal('reception-off', `import ${id} waits: reception is turned off`);
  }
  // Not spread: its longest parts are unpacked when somebody looks at them.
  if (run.report)
    return Object.assign(run.report, { problems: queue.listProblems(id, {}, Number.MAX_SAFE_INTEGER, 0) });
  const { code, message } = run.failure ?? { code: 'import-interrupted', message: `import ${id} was cancelled` };
  if (code in refusals && code !== 'internal') throw new Refusal(code as RefusalCode, message);
  throw new DamageFound(message, 'See the log of the server.');
}
