import { DamageFound } from '../kernel/errors.ts';
import { Slices } from '../kernel/slices.ts';
import type { ReadingStore } from '../readings/reading-store.ts';
import { formatUtc, type Instant } from '../units/time.ts';
import { restoreAdvice } from './check.ts';

const rowsAtOnce = 2000;

/** When the store says that readings ended: replaced, withdrawn, declined or closed. Something must have come to their series then. */
export class NotedEnds {
  /** By series and moment: the first instant of which the store says so. */
  readonly #open = new Map<number, Map<number, Instant>>();

  static async of({ versions }: ReadingStore): Promise<NotedEnds> {
    const ends = new NotedEnds();
    const slices = new Slices();
    for (let after = 0, more = true; more; ) {
      const rows = versions.listEnded(after, rowsAtOnce);
      for (const { id, seriesId, at, endedAt } of rows) {
        after = id;
        const ofSeries = ends.#open.get(seriesId) ?? new Map<number, Instant>();
        if (!ofSeries.has(endedAt)) ofSeries.set(endedAt, at);
        ends.#open.set(seriesId, ofSeries);
      }
      more = rows.length === rowsAtOnce;
      await slices.pause();
    }
    return ends;
  }

  /** Something came to this series then. */
  meet(seriesId: number, moment: number): void {
    this.#open.get(seriesId)?.delete(moment);
  }

  /** Throws DamageFound when there was a moment at which nothing came. */
  assertMet(): void {
    for (const [seriesId, moments] of this.#open) {
      for (const [moment, at] of moments) {
        const what = `the store says that a reading of series ${seriesId} at ${formatUtc(at)} ended at epoch second ${moment}`;
        throw new DamageFound(`${what}, when the journal has nothing of that series`, restoreAdvice);
      }
    }
  }
}
