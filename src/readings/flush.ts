import type { Clock } from '../kernel/clock.ts';
import { instantOfMs, type Zone } from '../units/time.ts';
import { archivePeriodsOf } from './archive-period.ts';
import type { Journal } from './journal.ts';
import { dayNumberOf, type ReadingIndex } from './reading-index.ts';
import type { ReadingStore } from './reading-store.ts';

export interface FlushDeps {
  journal: Journal;
  index: ReadingIndex;
  store: ReadingStore;
  clock: Clock;
  zone: Zone;
}

// Yesterday stays in memory: meters that were offline over midnight still send for it.
const hotDays = 1;

/** Moves what the journal holds into the store, with the journal's position, in one transaction. Returns the blocks written. */
export function flush({ journal, index, store, clock, zone }: FlushDeps): Promise<number> {
  return journal.barrier(position => {
    const { blocks, versions } = index.unflushed();
    if (blocks.length === 0 && versions.length === 0) return 0;
    store.flush(blocks, versions, position, archivePeriodsOf(new Set(blocks.map(({ day }) => day)), zone));
    index.flushed(dayNumberOf(instantOfMs(clock.now())) - hotDays);
    return blocks.length;
  });
}
