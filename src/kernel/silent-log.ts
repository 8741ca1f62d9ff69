import type { Log } from './log.ts';

/** For a process that tells its user what there is to tell. A logger that writes nothing would be loaded all the same. */
export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
