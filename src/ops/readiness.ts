import type { House } from '../house.ts';
import { freeBytes } from '../kernel/free-room.ts';

export interface Readiness {
  ready: boolean;
  checks: { journal: 'ok' | 'full' | 'failed'; disk: 'ok' | 'low' | 'unknown'; sync: 'ok' | 'slow' };
}

const bytesPerMegabyte = 1024 * 1024;

/** Whether readings can be taken in and kept: the journal is whole, its disk has room, and its last sync did not take too long. */
export async function readiness({ journal, config }: House): Promise<Readiness> {
  const free = await freeBytes(config.home);
  // Whether there is room again is found out by trying.
  if (journal.full) await journal.durable().catch(() => undefined);
  const checks: Readiness['checks'] = {
    journal: journal.failed ? 'failed' : journal.full ? 'full' : 'ok',
    disk: free === undefined ? 'unknown' : free < config.diskFreeMinMegabytes * bytesPerMegabyte ? 'low' : 'ok',
    sync: journal.syncMs > config.syncMsMax ? 'slow' : 'ok',
  };
  return { ready: Object.values(checks).every(state => state === 'ok'), checks };
}
