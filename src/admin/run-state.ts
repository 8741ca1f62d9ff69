import type { ImportCounts } from '../imports/import-report.ts';
import { type ImportRun, isDryRun } from '../imports/import-run.ts';

const tones = {
  waiting: 'plain',
  running: 'plain',
  finished: 'good',
  failed: 'bad',
  cancelled: 'warn',
  interrupted: 'warn',
} as const;

/** The state of a run in a word and a colour; one that is over is no good news when nothing of its file entered. */
export function runState(run: Pick<ImportRun, 'id' | 'state' | 'undoneAt'>, counts: ImportCounts | undefined) {
  if (run.undoneAt) return { text: 'taken back', tone: 'plain' as const };
  const text = isDryRun(run) && run.state === 'finished' ? 'tried' : run.state;
  if (run.state !== 'finished' || !counts || counts.rejected === 0) return { text, tone: tones[run.state] };
  if (hasEntered(counts)) return { text, tone: 'warn' as const };
  return { text: isDryRun(run) ? 'nothing would enter' : 'nothing entered', tone: 'bad' as const };
}

/** Whether anything of a file was taken in, or was there already. */
export function hasEntered({ rejected: _, ...taken }: ImportCounts): boolean {
  return Object.values(taken).some(count => count > 0);
}
