import type { DayNumber } from './day-number.ts';
import { monthNumberOf } from './month-number.ts';
import type { ReadingIndex } from './reading-index.ts';
import type { ReadingStore } from './reading-store.ts';

// Well below a millisecond.
const blocksAtOnce = 2000;

/**
 * Series that have readings of the UTC day `day` or later, flushed or not, and some that only may have: whoever looks at all of a fleet need
 * not ask those that were silent since. In steps.
 */
export function* seriesSince(
  { index, store }: { index: ReadingIndex; store: ReadingStore },
  day: DayNumber,
): Generator<void, Set<number>> {
  // Memory first: what a flush carries from there into the store in the meantime is met twice and never missed.
  const since = new Set<number>();
  for (const blocks of index.listUnflushed())
    for (let at = 0; at < blocks.length; at++) {
      const block = blocks[at]!;
      if (block.day >= day) since.add(block.seriesId);
      if (at % blocksAtOnce === 0) yield;
    }
  for (const some of store.days.eachSeriesSince(day)) {
    for (const seriesId of some) since.add(seriesId);
    yield;
  }
  for (const month of store.months.months.filter(each => each >= monthNumberOf(day))) {
    for (const some of store.months.eachSeriesOf(month)) {
      for (const seriesId of some) since.add(seriesId);
      yield;
    }
  }
  return since;
}
