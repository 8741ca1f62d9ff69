import { type ImportRun, isDryRun } from '../imports/import-run.ts';

const tones = {
  waiting: 'plain',
  running: 'plain',
  finished: 'good',
  failed: 'bad',
  cancelled: 'warn',
  interrupted: 'warn',
} as const;

/** The state of a run in a word and a colour. */
export function runState(run: Pick<ImportRun, 'id' | 'state'>) {
  return { text: isDryRun(run) && run.state === 'finished' ? 'tried' : run.state, tone: tones[run.state] };
}
