import type { Instant } from '../units/time.ts';
import type { Books } from './decide.ts';
import type { DecidedReading, ReadingRun, ReadingVersion, Withdrawal } from './decided-reading.ts';
import { OriginTable } from './origin.ts';
import type { Reading } from './reading.ts';
import { type KnownReading, standingVersions } from './reading-history.ts';
import { ReadingIndex } from './reading-index.ts';

const nothingStored = {
  lastSeriesId: () => 0,
  findBlock: () => undefined,
  listBlocks: () => [],
  listSpans: () => [],
  days: { framedDays: () => new Uint8Array(0) },
  listDays: () => [],
  versions: { list: () => [], listEnds: () => [] },
};

/** What stands behind a rehearsal. */
export type RealIndex = Books['index'] & Pick<ReadingIndex, 'findKnown' | 'listHistory'>;

/** The index with the readings of a rehearsal in front, which nobody else sees. Series below zero are the rehearsal's own. */
export class RehearsedIndex {
  readonly #real: RealIndex;
  /** Instants whose real reading was withdrawn. */
  readonly #gone = new Set<string>();
  readonly #front = new ReadingIndex(nothingStored, new OriginTable());

  constructor(real: RealIndex) {
    this.#real = real;
  }

  around(seriesId: number, at: Instant): ReturnType<ReadingIndex['around']> {
    const front = this.#front.around(seriesId, at);
    if (front.existing || seriesId < 0) return front;
    const real = this.#aroundWithoutGone(seriesId, at);
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
    let real = seriesId < 0 ? undefined : this.#real.after(seriesId, at);
    while (real && this.#isGone(seriesId, real.at)) real = this.#real.after(seriesId, real.at);
    return front && real && front.at > real.at ? real : (front ?? real);
  }

  apply(decided: DecidedReading): void {
    // What is kept beside the current reading changes no verdict.
    if (decided.outcome === 'conflict' || decided.outcome === 'older') return;
    this.#front.apply({ ...decided, outcome: 'accepted' });
  }

  findKnown(seriesId: number, at: Instant): KnownReading | undefined {
    const front = this.#front.findKnown(seriesId, at);
    return front || seriesId < 0 || this.#isGone(seriesId, at) ? front : this.#real.findKnown(seriesId, at);
  }

  listHistory(seriesId: number, from: Instant, to: Instant): ReadingVersion[] {
    return seriesId < 0 ? [] : this.#real.listHistory(seriesId, from, to);
  }

  /** Of one instant: what `undone` said of it goes, and what it had replaced is there again. */
  withdraw(withdrawal: Withdrawal): number {
    const { seriesId, from: at, undone, withdrawnAt } = withdrawal;
    this.#front.withdraw(withdrawal);
    const real = seriesId < 0 ? undefined : this.#real.findKnown(seriesId, at);
    if (!real || !undone.includes(real.reading.source)) return 1;
    this.#gone.add(`${seriesId} ${at}`);
    const left = standingVersions(this.#real.listHistory(seriesId, at, at)).map(({ reading }) => reading);
    const reading = left
      .filter(({ source }) => !undone.includes(source))
      .reduce<Reading | undefined>((best, next) => (best && best.versionAt >= next.versionAt ? best : next), undefined);
    if (reading) this.#front.apply({ seriesId, reading, receivedAt: withdrawnAt, outcome: 'accepted' });
    return 1;
  }

  listVersions(seriesId: number, from: Instant, to: Instant): ReturnType<ReadingIndex['listVersions']> {
    return seriesId < 0 ? [] : this.#real.listVersions(seriesId, from, to);
  }

  /** That nothing is known at all, or comes after, is known without asking in neither. */
  isUnheardOf(): boolean {
    return false;
  }

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

  #isGone(seriesId: number, at: Instant): boolean {
    return this.#gone.size > 0 && this.#gone.has(`${seriesId} ${at}`);
  }

  #aroundWithoutGone(seriesId: number, at: Instant): ReturnType<ReadingIndex['around']> {
    const real = this.#real.around(seriesId, at);
    if (this.#gone.size === 0) return real;
    let { before, after } = real;
    while (before && this.#isGone(seriesId, before.at)) before = this.#real.around(seriesId, before.at).before;
    while (after && this.#isGone(seriesId, after.at)) after = this.#real.after(seriesId, after.at);
    return { existing: this.#isGone(seriesId, at) ? undefined : real.existing, before, after };
  }
}
