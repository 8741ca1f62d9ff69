import type { Clock } from '../kernel/clock.ts';
import { Slices } from '../kernel/slices.ts';
import { instantOfMs } from '../units/time.ts';
import { dayNumberOf } from './day-number.ts';
import type { MonthNumber } from './month-number.ts';
import type { ReadingStore } from './reading-store.ts';

export interface CompactDeps {
  store: ReadingStore;
  clock: Clock;
}

// One takes a fifth of a millisecond, and several when it is the first.
const seriesAtOnceMax = 16;
// Yesterday still gets readings that were late over midnight: the month they are in is packed a day later.
const openDays = 1;

/**
 * Packs the UTC months that are over, and what came late for months packed before, in slices. No answer changes by it: a month is
 * read as its days were. Month by month and by series, so that the rows fill their pages. Returns the series and months packed.
 */
export function compact(
  { store, clock }: CompactDeps,
  pause: (slices: Slices) => Promise<void> = slices => slices.next(),
): Promise<number> {
  return store.turns.take(async () => {
    // Day blocks that may still be undone stay day blocks.
    if (!store.flushes.settled) return 0;
    const slices = new Slices();
    const before = dayNumberOf(instantOfMs(clock.now())) - openDays;
    const seriesOf = new Map<MonthNumber, number[]>();
    for (const seriesId of store.days.eachSeriesId()) {
      for (const month of store.days.listMonths(seriesId, before)) {
        const known = seriesOf.get(month);
        if (known) known.push(seriesId);
        else seriesOf.set(month, [seriesId]);
      }
      await slices.pause();
    }
    let packed = 0;
    for (const [month, seriesIds] of [...seriesOf].sort(([a], [b]) => a - b)) {
      for (let at = 0; at < seriesIds.length; ) {
        at += store.pack(month, seriesIds.slice(at, at + seriesAtOnceMax), slices);
        await pause(slices);
      }
      packed += seriesIds.length;
    }
    return packed;
  });
}
