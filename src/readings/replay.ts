import type { RecordReader } from './journal-record.ts';
import type { ReadingIndex } from './reading-index.ts';
import { WaitingReadings } from './waiting-readings.ts';

/** Told of what the journal has beside readings. */
export type BesideReadings = Pick<RecordReader, 'flag' | 'quarantined'>;

// 16 MB, half a day of ten thousand meters: what is put into a block at once costs less the more it is.
const waitingMax = 512 * 1024;
// With fifty readings each some milliseconds.
const seriesAtOnce = 256;

/**
 * Does in the index what the journal says, in its order. Readings that were plainly accepted, which nearly all were, wait until many of a
 * series can be put into its blocks together, or until anything else is said of that series.
 */
export class Replay {
  /** How many there were. */
  readings = 0;
  /** Of which these were. */
  readonly seriesIds = new Set<number>();
  readonly reader: RecordReader;
  readonly #index: ReadingIndex;
  readonly #waiting = new WaitingReadings();

  constructor(index: ReadingIndex, beside: BesideReadings) {
    this.#index = index;
    const { origins } = index;
    const waiting = this.#waiting;
    this.reader = {
      accepted: ({ seriesId, at, value, minutes, quality, source, line, versionAt, receivedAt }) => {
        waiting.add(seriesId, at, value, origins.internParts(minutes, quality, source, line, versionAt), receivedAt);
        this.readings += 1;
      },
      reading: decided => {
        this.#meet(decided.seriesId);
        index.apply(decided);
        this.readings += 1;
      },
      run: (run, receivedAt) => {
        this.#meet(run.seriesId);
        index.applyRun(run, receivedAt);
        this.readings += run.values.length;
      },
      withdrawal: withdrawal => {
        this.#meet(withdrawal.seriesId);
        index.withdraw(withdrawal);
      },
      decision: decision => {
        this.#meet(decision.seriesId);
        index.decideConflict(decision);
      },
      ...beside,
    };
  }

  /** Whether so many wait that `settle` is due. */
  get isFull(): boolean {
    return this.#waiting.count >= waitingMax;
  }

  /** Puts what waits into the index, in steps of some milliseconds. */
  *settle(): Generator<void> {
    const waiting = this.#waiting;
    for (let place = 0; place < waiting.seriesCount; place++) {
      this.#meet(waiting.seriesAt(place));
      if (place % seriesAtOnce === seriesAtOnce - 1) yield;
    }
    waiting.clear();
  }

  #meet(seriesId: number): void {
    this.#index.applyWaiting(this.#waiting, seriesId);
    this.seriesIds.add(seriesId);
  }
}
