import type { Slices } from '../kernel/slices.ts';
import type { Journal } from '../readings/journal.ts';
import type { ReadingReason, ReadingReasonStore } from '../readings/reading-reason-store.ts';
import type { ImportDeps } from './import-file.ts';
import type { ReadingTaker } from './reading-taker.ts';

// Readings of runs that a file may bring into memory before they are flushed: 1.5 MB. Their blocks are used again.
const unflushedMax = 50_000;
// While a flush is written, a command takes as many more: neither waits for the other.
const unflushedMaxMeanwhile = 2 * unflushedMax;
// Words beside a quality that wait for a flush, when nothing new is to be flushed.
const reasonsMax = 2000;
const reasonsAtOnce = 200;

interface Deps extends Pick<ImportDeps, 'flush' | 'alone'> {
  journal: Pick<Journal, 'durable'>;
  reasons: Pick<ReadingReasonStore, 'keepUnsynced'>;
}

/** Brings to disk what was taken of a file while more of it is read: the journal's syncs, words beside qualities, flushes. */
export class TakenReadings {
  readonly #deps: Deps;
  readonly #taker: Pick<ReadingTaker, 'unflushed'>;
  readonly #slices: Slices;
  /** Settles when what was taken before the last portion is on disk. */
  #durable: Promise<void> = Promise.resolve();
  #flushed: Promise<unknown> = Promise.resolve();
  #isFlushing = false;
  #reasons: ReadingReason[] = [];

  constructor(deps: Deps, taker: Pick<ReadingTaker, 'unflushed'>, slices: Slices) {
    this.#deps = deps;
    this.#taker = taker;
    this.#slices = slices;
  }

  addReasons(reasons: readonly ReadingReason[]): void {
    this.#reasons.push(...reasons);
  }

  /** Settles when the last flush counts: until then nothing else is written to the database, which has one writer at a time. */
  get flushed(): Promise<unknown> {
    return this.#flushed;
  }

  /** After each portion. */
  async keep(): Promise<void> {
    const { journal, flush, alone } = this.#deps;
    // One portion is read while the one before it is written, and never more: a slow disk slows the reading.
    await this.#durable;
    this.#durable = journal.durable();
    this.#durable.catch(() => undefined);
    if (this.#reasons.length >= reasonsMax) await this.keepReasons();
    if (!flush || this.#taker.unflushed < (this.#isFlushing ? unflushedMaxMeanwhile : unflushedMax)) return;
    await this.keepReasons();
    this.#startFlush(flush);
    if (!alone) await this.#flushed;
  }

  // The group of the journal that a flush waits for is the one that holds the last portion.
  #startFlush(flush: () => Promise<unknown>): void {
    this.#taker.unflushed = 0;
    this.#isFlushing = true;
    this.#flushed = flush().finally(() => {
      this.#isFlushing = false;
    });
    this.#flushed.catch(() => undefined);
  }

  /** Not synced: what is flushed after them is taken back with them, and an import that a power cut ended is done again. */
  async keepReasons(): Promise<void> {
    await this.#flushed;
    const reasons = this.#reasons;
    this.#reasons = [];
    for (let at = 0; at < reasons.length; at += reasonsAtOnce) {
      this.#deps.reasons.keepUnsynced(reasons.slice(at, at + reasonsAtOnce));
      await this.#slices.pause();
    }
  }
}
