import type { Database } from '../kernel/database.ts';
import type { EarlierEnergy, EarlierPeak } from '../tariffs/facts.ts';
import type { Day } from '../units/time.ts';
import type { BilledFacts } from './billed-facts.ts';
import type { BilledDays } from './billing-period.ts';

/** Whose bills: an account at a meter point, whatever plans it had there. A customer who moves in begins without a history. */
export interface Customer {
  accountId: number;
  meterPointId: number;
}

const ofCustomer =
  'supply_id IN (SELECT id FROM supply WHERE account_id = @accountId AND meter_point_id = @meterPointId)';

/** What issued invoices measured and charged, for the bills after them; written when they are issued and never edited. */
export class BilledFactStore {
  readonly #addPeak;
  readonly #addEnergy;
  readonly #peaks;
  readonly #energies;

  constructor(database: Database) {
    this.#addPeak = database.prepare<[BilledDays & EarlierPeak & { invoiceId: number }]>(
      `INSERT INTO billed_peak (invoice_id, supply_id, from_day, to_day, code, month, quantity)
       VALUES (@invoiceId, @supplyId, @from, @to, @code, @month, @quantity)`,
    );
    this.#addEnergy = database.prepare<[EarlierEnergy & { invoiceId: number; supplyId: number }]>(
      `INSERT INTO billed_energy (invoice_id, supply_id, from_day, to_day, code, quantity)
       VALUES (@invoiceId, @supplyId, @from, @to, @code, @energy)`,
    );
    this.#peaks = database.prepare<[Customer & { from: Day; to: Day }], EarlierPeak>(
      `SELECT code, month, max(quantity) AS quantity FROM billed_peak
       WHERE ${ofCustomer} AND (to_day <= @from OR from_day >= @to) GROUP BY code, month`,
    );
    this.#energies = database.prepare<[Customer & { from: Day; to: Day }], EarlierEnergy>(
      `SELECT code, from_day AS "from", to_day AS "to", quantity AS energy FROM billed_energy
       WHERE ${ofCustomer} AND from_day >= @from AND to_day <= @to ORDER BY from_day`,
    );
  }

  add(invoiceId: number, { facts, ...days }: BilledDays & { facts: BilledFacts }): void {
    for (const peak of facts.peaks) this.#addPeak.run({ invoiceId, ...days, ...peak });
    for (const energy of facts.energies) this.#addEnergy.run({ invoiceId, ...energy, supplyId: days.supplyId });
  }

  /** The peaks of all bills but those of the local days [from, to) themselves. */
  listPeaks(customer: Customer, days: { from: Day; to: Day }): EarlierPeak[] {
    return this.#peaks.all({ ...customer, from: days.from, to: days.to });
  }

  /** The energies billed within the local days [from, to). */
  listEnergies(customer: Customer, days: { from: Day; to: Day }): EarlierEnergy[] {
    return this.#energies.all({ ...customer, from: days.from, to: days.to });
  }
}
