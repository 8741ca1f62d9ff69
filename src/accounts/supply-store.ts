import type { Database } from '../kernel/database.ts';
import { Refusal } from '../kernel/errors.ts';
import type { Day } from '../units/time.ts';
import type { Supply } from './supply.ts';

interface SupplyRow {
  id: number;
  accountId: number;
  meterPointId: number;
  planCode: string;
  from: Day;
  to: Day | null;
}

const columns = `id, account_id AS accountId, meter_point_id AS meterPointId, plan_code AS planCode, from_day AS "from", to_day AS "to"`;

export class SupplyStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Throws 'supply-overlaps' when another account already pays for a day of it. */
  add(supply: Omit<Supply, 'id'>, createdAt: number): Supply {
    const add = this.#database.transaction(() => {
      const taken = this.listOfMeterPoint(supply.meterPointId).find(other => overlaps(other, supply));
      if (taken) {
        throw new Refusal(
          'supply-overlaps',
          `this meter point is supplied from ${taken.from}${taken.to ? ` to ${taken.to}` : ''} already`,
        );
      }
      const { lastInsertRowid } = this.#database
        .prepare(
          `INSERT INTO supply (account_id, meter_point_id, plan_code, from_day, to_day, created_at)
           VALUES (@accountId, @meterPointId, @planCode, @from, @to, @createdAt)`,
        )
        .run({ ...supply, to: supply.to ?? null, createdAt });
      return { ...supply, id: Number(lastInsertRowid) };
    });
    return add.immediate();
  }

  listOfAccount(accountId: number): Supply[] {
    return this.#list('account_id = ?', accountId);
  }

  listOfMeterPoint(meterPointId: number): Supply[] {
    return this.#list('meter_point_id = ?', meterPointId);
  }

  /** Supplies with at least one day in [from, to). */
  listInPeriod(from: Day, to: Day): Supply[] {
    return this.#database
      .prepare<[Day, Day], SupplyRow>(
        `SELECT ${columns} FROM supply WHERE from_day < ? AND (to_day IS NULL OR to_day > ?) ORDER BY account_id, meter_point_id, from_day`,
      )
      .all(to, from)
      .map(fromRow);
  }

  #list(where: string, id: number): Supply[] {
    return this.#database
      .prepare<[number], SupplyRow>(`SELECT ${columns} FROM supply WHERE ${where} ORDER BY from_day`)
      .all(id)
      .map(fromRow);
  }
}

function fromRow(row: SupplyRow): Supply {
  return { ...row, to: row.to ?? undefined };
}

function overlaps(a: Pick<Supply, 'from' | 'to'>, b: Pick<Supply, 'from' | 'to'>): boolean {
  return (b.to === undefined || a.from < b.to) && (a.to === undefined || b.from < a.to);
}
