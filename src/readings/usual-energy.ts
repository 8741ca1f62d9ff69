import { type Instant, instant, secondsPerDay } from '../units/time.ts';
import { type DayNumber, dayNumberOf } from './day-number.ts';
import type { Reading } from './reading.ts';
import type { ReadingIndex } from './reading-index.ts';

// A household that is away for a week comes back to the evenings it had before.
const daysBefore = 14;
// Fewer days say nothing of what is usual.
const daysMin = 3;
const timesMax = 5;
// Below it nothing is a spike, be it an oven in a house that stood empty: and most intervals need no look at their past.
export const floorMicroKwh = 1e6;

/** What a channel's intervals usually are at most: a look at the UTC days before, once a day and only for whoever goes above 1 kWh. */
export class UsualEnergy {
  readonly #index: Pick<ReadingIndex, 'listDays' | 'forEach'>;
  readonly #limits = new Map<number, { day: DayNumber; limit: number }>();

  constructor(index: Pick<ReadingIndex, 'listDays' | 'forEach'>) {
    this.#index = index;
  }

  /** Whether an interval's energy is more than five times the highest of the fourteen days before. */
  exceeds(seriesId: number, { at, value }: Pick<Reading, 'at' | 'value'>): boolean {
    return value > floorMicroKwh && value > this.#limitOf(seriesId, dayNumberOf(at));
  }

  #limitOf(seriesId: number, day: DayNumber): number {
    const known = this.#limits.get(seriesId);
    if (known?.day === day) return known.limit;
    const limit = this.#look(seriesId, day);
    this.#limits.set(seriesId, { day, limit });
    return limit;
  }

  #look(seriesId: number, day: DayNumber): number {
    const days = this.#index.listDays(seriesId).filter(each => each >= day - daysBefore && each < day);
    if (days.length < daysMin) return Number.POSITIVE_INFINITY;
    let highest = 0;
    this.#index.forEach(seriesId, startOf(day - daysBefore), startOf(day), (_at, value) => {
      if (value > highest) highest = value;
    });
    // Days of zeros are a meter that was not connected yet.
    return highest === 0 ? Number.POSITIVE_INFINITY : highest * timesMax;
  }
}

function startOf(day: DayNumber): Instant {
  return instant(day * secondsPerDay);
}
