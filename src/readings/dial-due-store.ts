import type { Database } from '../kernel/database.ts';
import type { DayBlock } from './day-block.ts';
import type { OriginTable } from './origin.ts';
import { daysMax } from './reading-day-id.ts';
import type { ChangedBlock } from './resident-blocks.ts';

/**
 * Notes which days of registers changed, for the rows that are made of them (imports/list-dial-readings.ts). Inside the caller's
 * transaction.
 */
export class DialDueStore {
  readonly #mark;
  readonly #markUndone;

  constructor(database: Database) {
    const ofRegister = `series.kind = 'register' AND series.meter_id IS NOT NULL`;
    this.#mark = database.prepare<[string]>(
      `INSERT INTO dial_due (series_id, day) SELECT series.id, changed.value % ${daysMax}
       FROM json_each(?) AS changed CROSS JOIN series ON series.id = changed.value / ${daysMax} AND ${ofRegister}
       WHERE true ON CONFLICT DO NOTHING`,
    );
    this.#markUndone = database.prepare<[number]>(
      `INSERT INTO dial_due (series_id, day) SELECT series.id, changed.id % ${daysMax}
       FROM reading_undo AS changed CROSS JOIN series ON series.id = changed.id / ${daysMax} AND ${ofRegister}
       WHERE changed.sequence = ? ON CONFLICT DO NOTHING`,
    );
  }

  /** Days that are being stored, by their numbers as in reading-day-id.ts: those whose blocks `mayBeDial`. */
  mark(ids: readonly number[]): void {
    if (ids.length > 0) this.#mark.run(JSON.stringify(ids));
  }

  /** Days of a flush that did not count. */
  markUndone(sequence: number): void {
    this.#markUndone.run(sequence);
  }
}

/** Whether the block may be of a register. Of an empty one nobody can say what it held. */
export function mayBeDial({ count, origin }: DayBlock, origins: Pick<OriginTable, 'minutesOf'>): boolean {
  return count === 0 || origins.minutesOf(origin[0]!) === 0;
}

/** The days of those, by their numbers. */
export function dialDaysOf(blocks: readonly ChangedBlock[], origins: Pick<OriginTable, 'minutesOf'>): number[] {
  return blocks.flatMap(({ seriesId, day, block }) => (mayBeDial(block, origins) ? seriesId * daysMax + day : []));
}
