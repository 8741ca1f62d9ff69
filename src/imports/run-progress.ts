import type { ImportProgress } from './import-file.ts';

/** How far a run is and how fast it goes. */
export interface RunProgress extends ImportProgress {
  bytesPerSecond: number;
  /** undefined while nothing can be said. */
  secondsLeft: number | undefined;
}

/** `stageSince`, by performance.now(), is when its stage began. */
export function progressSince(stageSince: number, { stage, done, total }: ImportProgress): RunProgress {
  const seconds = (performance.now() - stageSince) / 1000;
  const bytesPerSecond = seconds > 0 ? done / seconds : 0;
  // Taking goes over the same bytes once more.
  const left = total - done + (stage === 'reading' ? total : 0);
  const secondsLeft = done > 0 && bytesPerSecond > 0 ? left / bytesPerSecond : undefined;
  return { stage, done, total, bytesPerSecond, secondsLeft };
}
