import { statfs } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';

const lookMs = 1000;
// Half of what the journal writes ahead.
const moreBytes = 1024 * 1024;
// What there was no room for may have been another disk's, or another error altogether.
const waitMsMax = 60_000;

/** What an ordinary user may still write where `path` is; undefined when the system does not say. */
export async function freeBytes(path: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

/** Resolves when `path` has a megabyte more than now, or after a minute. Keeps no process alive. */
export async function moreRoom(path: string): Promise<void> {
  const before = (await freeBytes(path)) ?? Number.POSITIVE_INFINITY;
  for (let waited = 0; waited < waitMsMax; waited += lookMs) {
    await setTimeout(lookMs, undefined, { ref: false });
    if (((await freeBytes(path)) ?? 0) >= before + moreBytes) return;
  }
}
