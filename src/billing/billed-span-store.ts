import type { Database } from '../kernel/database.ts';
import { type Day, type Instant, startOfDay, type Zone } from '../units/time.ts';

/** Days of a meter point that an issued invoice covers, as instants; half-open. */
export interface BilledSpan {
  invoice: string;
  from: Instant;
  to: Instant;
}

/** Which instants are on paper already. */
export class BilledSpanStore {
  readonly #list;

  constructor(database: Database) {
    this.#list = database.prepare<[number], { invoice: string; from: Day; to: Day; zone: Zone }>(
      `SELECT invoice.number AS invoice, invoice_supply.from_day AS "from", invoice_supply.to_day AS "to", meter_point.zone
       FROM supply JOIN invoice_supply ON invoice_supply.supply_id = supply.id
       JOIN invoice ON invoice.id = invoice_supply.invoice_id JOIN meter_point ON meter_point.id = supply.meter_point_id
       WHERE supply.meter_point_id = ? ORDER BY invoice_supply.from_day`,
    );
  }

  listOf(meterPointId: number): BilledSpan[] {
    return this.#list
      .all(meterPointId)
      .map(({ invoice, from, to, zone }) => ({ invoice, from: startOfDay(from, zone), to: startOfDay(to, zone) }));
  }
}
