import { setTimeout } from 'node:timers/promises';
import { Refusal } from '../kernel/errors.ts';
import { moreRoom } from '../kernel/free-room.ts';
import { storageRefusal } from '../kernel/storage-errors.ts';
import type { Journal } from '../readings/journal.ts';

const retryMs = 5000;

/** Whether the journal, the database or the file system had no room, which is no fault of the file that was imported. */
export function isForWantOfRoom(error: unknown): boolean {
  const refusal = error instanceof Refusal ? error : storageRefusal(error);
  return refusal?.code === 'storage-full';
}

/** What to wait for before it is worth trying again: that `folder` has more room, and the journal as well, or a few seconds. */
export function goOnLater(error: unknown, folder: string, journal: Journal): () => Promise<void> {
  return async () => {
    if (!isForWantOfRoom(error)) return setTimeout(retryMs, undefined, { ref: false });
    do {
      await moreRoom(folder);
      // Found out by trying, and the first to try would be refused.
      if (journal.full) await journal.durable().catch(() => undefined);
    } while (journal.full && !journal.failed);
  };
}
