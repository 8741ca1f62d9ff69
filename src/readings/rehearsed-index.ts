import type { Instant } from '../units/time.ts';
import type { Books } from './decide.ts';
import type { DecidedReading, ReadingRun } from './decided-reading.ts';
import { OriginTable } from './origin.ts';
import type { Reading } from './reading.ts';
import { ReadingIndex } from './reading-index.ts';

const nothingStored = {
  lastSeriesId: () => 0,
  findBlock: () => undefined,
  listBlocks: () => [],
  listDays: () => [],
  listVersions: () => [],
  listVersionEnds: () => [],
};

/** The index with the readings of a rehearsal in front, which nobody else sees. Series below zero are the rehearsal's own. */
export class RehearsedIndex {
  readonly #real: Books['index'];
  readonly #front = new ReadingIndex(nothingStored, new OriginTable());

  constructor(real: Books['index']) {
    this.#real = real;
  }

  around(seriesId: number, at: Instant): ReturnType<ReadingIndex['around']> {
    const front = this.#front.around(seriesId, at);
    if (front.existing || seriesId < 0) return front;
    const real = this.#real.around(seriesId, at);
    if (real.existing) return real;
    const [{ before, after }, existing] = [front, undefined];
    return {
      existing,
      before: before && real.before && before.at < real.before.at ? real.before : (before ?? real.before),
      after: after && real.after && after.at > real.after.at ? real.after : (after ?? real.after),
    };
  }

  after(seriesId: number, at: Instant): Reading | undefined {
    const front = this.#front.after(seriesId, at);
    const real = seriesId < 0 ? undefined : this.#real.after(seriesId, at);
    return front && real && front.at > real.at ? real : (front ?? real);
  }

  apply(decided: DecidedReading): void {
    // What is kept beside the current reading changes no verdict.
    if (decided.outcome === 'conflict' || decided.outcome === 'older') return;
    this.#front.apply({ ...decided, outcome: 'accepted' });
  }

  listVersions(seriesId: number, from: Instant, to: Instant): ReturnType<ReadingIndex['listVersions']> {
    return seriesId < 0 ? [] : this.#real.listVersions(seriesId, from, to);
  }

  /** That nothing comes after is known without asking in neither. */
  endsBy(): boolean {
    return false;
  }

  meetRun(run: ReadingRun): ReturnType<ReadingIndex['meetRun']> {
    const front = this.#front.meetRun(run);
    if (front === 'mixed' || run.seriesId < 0) return front;
    const real = this.#real.meetRun(run);
    if (front === 'free') return real;
    return real === 'mixed' ? 'mixed' : 'known';
  }

  applyRun(run: ReadingRun, receivedAt: number): void {
    this.#front.applyRun(run, receivedAt);
  }
}
