import type { Database } from '../kernel/database.ts';
import type { Day } from '../units/time.ts';

/** A fee for an event, to be charged by the bill of its day. */
export interface RecordedFee {
  id: number;
  supplyId: number;
  /** The fee's code in the plan. */
  code: string;
  on: Day;
  /** Printed beside the fee; '' when there is nothing to say. */
  reason: string;
  /** Epoch seconds. */
  recordedAt: number;
}

const columns = `id, supply_id AS supplyId, code, due_on AS "on", reason, recorded_at AS recordedAt`;

export class FeeStore {
  readonly #insert;
  readonly #list;
  readonly #listOfAccount;
  /** Supplies with any fee, most have none: a bill run need not ask for each. */
  readonly #supplies: Set<number>;

  constructor(database: Database) {
    const supplies = database.prepare<[], { id: number }>('SELECT DISTINCT supply_id AS id FROM fee_due').all();
    this.#supplies = new Set(supplies.map(({ id }) => id));
    this.#insert = database.prepare<[Omit<RecordedFee, 'id'>]>(
      'INSERT INTO fee_due (supply_id, code, due_on, reason, recorded_at) VALUES (@supplyId, @code, @on, @reason, @recordedAt)',
    );
    this.#list = database.prepare<[number, Day, Day], RecordedFee>(
      `SELECT ${columns} FROM fee_due WHERE supply_id = ? AND due_on >= ? AND due_on < ? ORDER BY due_on, id`,
    );
    this.#listOfAccount = database.prepare<[number], RecordedFee>(
      `SELECT ${columns} FROM fee_due WHERE supply_id IN (SELECT id FROM supply WHERE account_id = ?) ORDER BY due_on, id`,
    );
  }

  add(fee: Omit<RecordedFee, 'id'>): RecordedFee {
    // Should this be rolled back, the supply is asked for in vain.
    this.#supplies.add(fee.supplyId);
    return { ...fee, id: Number(this.#insert.run(fee).lastInsertRowid) };
  }

  /** Those of the local days [from, to). */
  listOfSupply(supplyId: number, from: Day, to: Day): RecordedFee[] {
    return this.#supplies.has(supplyId) ? this.#list.all(supplyId, from, to) : [];
  }

  listOfAccount(accountId: number): RecordedFee[] {
    return this.#listOfAccount.all(accountId);
  }
}
