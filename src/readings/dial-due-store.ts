import type { Database } from '../kernel/database.ts';
import type { OriginTable } from './origin.ts';
import { daysMax } from './reading-day-id.ts';
import type { ChangedBlock } from './resident-blocks.ts';

/**
 * Notes which days of registers changed, for the rows that are made of them (imports/list-dial-readings.ts). Inside the caller's
 * transaction.
 */
export class DialDueStore {
  readonly #origins: OriginTable;
  readonly #mark;
  readonly #markUndone;

  constructor(database: Database, origins: OriginTable) {
    this.#origins = origins;
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

  /** Days that are being stored. */
  mark(blocks: readonly ChangedBlock[]): void {
    const ids = [];
    // Of an empty block nobody can say what it held.
    for (const { seriesId, day, block } of blocks)
      if (block.count === 0 || this.#origins.minutesOf(block.origin[0]!) === 0) ids.push(seriesId * daysMax + day);
    if (ids.length > 0) this.#mark.run(JSON.stringify(ids));
  }

  /** Days of a flush that did not count. */
  markUndone(sequence: number): void {
    this.#markUndone.run(sequence);
  }
}
