import type { Database } from '../kernel/database.ts';
import { type Day, type Instant, secondsPerDay, startOfDay, type Zone } from '../units/time.ts';

/** Days of a meter point that an issued invoice covers, as instants; half-open. */
export interface BilledSpan {
  invoice: string;
  from: Instant;
  to: Instant;
}

/** Which instants are on paper already. */
export class BilledSpanStore {
  readonly #list;
  readonly #last;

  constructor(database: Database) {
    this.#last = database.prepare<[], { invoice: number; endsAt: number }>(
      'SELECT ifnull(max(invoice_id), 0) AS invoice, ifnull(unixepoch(max(to_day)), 0) AS endsAt FROM invoice_supply',
    );
    this.#list = database.prepare<[number], { invoice: string; from: Day; to: Day; zone: Zone }>(
      `SELECT invoice.number AS invoice, invoice_supply.from_day AS "from", invoice_supply.to_day AS "to", meter_point.zone
       FROM supply JOIN invoice_supply ON invoice_supply.supply_id = supply.id
       JOIN invoice ON invoice.id = invoice_supply.invoice_id JOIN meter_point ON meter_point.id = supply.meter_point_id
       WHERE supply.meter_point_id = ? ORDER BY invoice_supply.from_day`,
    );
  }

  /** The last invoice, and an instant that no bill goes beyond in any zone. */
  last(): { invoice: number; until: number } {
    const { invoice, endsAt } = this.#last.get()!;
    // Midnight is at most twelve hours later anywhere than in UTC.
    return { invoice, until: endsAt + secondsPerDay };
  }

  listOf(meterPointId: number): BilledSpan[] {
    return this.#list
      .all(meterPointId)
      .map(({ invoice, from, to, zone }) => ({ invoice, from: startOfDay(from, zone), to: startOfDay(to, zone) }));
  }
}
