import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { folders } from './config.ts';
import { serverAnswers } from './control.ts';
import { DamageFound } from './kernel/errors.ts';
import { acquireLock, type Lock } from './kernel/lock.ts';

const lockWaitMs = 200;
const lockWaitMsMax = 30_000;

/**
 * The lock of a home. A command that works on it for a moment is waited for; a server that holds it is not: DamageFound then, and when
 * the command takes too long.
 */
export async function lockHome(home: string): Promise<Lock> {
  for (let waited = 0; ; waited += lockWaitMs) {
    const lock = acquireLock(join(folders(home).data, 'owner.lock'));
    if (lock) return lock;
    if (waited >= lockWaitMsMax || (await serverAnswers(home))) {
      throw new DamageFound(
        `${home} is in use by another wattledger`,
        'Stop that one first, or set WATTLEDGER_HOME to another folder.',
      );
    }
    await sleep(lockWaitMs);
  }
}
