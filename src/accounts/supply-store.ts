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
const inPeriod = 'from_day < ? AND (to_day IS NULL OR to_day > ?)';

export class SupplyStore {
  readonly #database: Database;
  readonly #listOfAccount;
  readonly #listOfMeterPoint;
  readonly #listInPeriod;

  constructor(database: Database) {
    this.#database = database;
    const list = `SELECT ${columns} FROM supply`;
    this.#listOfAccount = database.prepare<[number], SupplyRow>(`${list} WHERE account_id = ? ORDER BY from_day`);
    this.#listOfMeterPoint = database.prepare<[number], SupplyRow>(
      `${list} WHERE meter_point_id = ? ORDER BY from_day`,
    );
    this.#listInPeriod = database.prepare<[number, Day, Day], SupplyRow>(
      `${list} WHERE account_id = ? AND ${inPeriod} ORDER BY meter_point_id, from_day`,
    );
  }

  /** Throws 'supply-overlaps' when another account already pays for a day of it. */
  add(supply: Omit<Supply, 'id'>, createdAt: number): Supply {
    const add = this.#database.transaction(() => {
      this.#refuseTaken(supply);
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

  /** Lets a supply go on up to another day, or for good. Throws 'supply-overlaps' when somebody else has one of the days. */
  end(supply: Supply, to: Day | undefined): void {
    const change = this.#database.transaction(() => {
      this.#refuseTaken({ ...supply, to });
      this.#database.prepare('UPDATE supply SET to_day = ? WHERE id = ?').run(to ?? null, supply.id);
    });
    change.immediate();
  }

  #refuseTaken(supply: Omit<Supply, 'id'> & { id?: number }): void {
    const others = this.listOfMeterPoint(supply.meterPointId).filter(({ id }) => id !== supply.id);
    const taken = others.find(other => overlaps(other, supply));
    if (!taken) return;
    const days = `from ${taken.from}${taken.to ? ` to ${taken.to}` : ''}`;
    throw new Refusal('supply-overlaps', `this meter point is supplied ${days} already`);
  }

  listOfAccount(accountId: number): Supply[] {
    return this.#listOfAccount.all(accountId).map(fromRow);
  }

  listOfMeterPoint(meterPointId: number): Supply[] {
    return this.#listOfMeterPoint.all(meterPointId).map(fromRow);
  }

  /** An account's supplies with at least one day in [from, to), by meter point. */
  listInPeriod(accountId: number, from: Day, to: Day): Supply[] {
    return this.#listInPeriod.all(accountId, to, from).map(fromRow);
  }

  /** Accounts with such a supply, by their id: numbers alone, for there may be a hundred thousand. */
  listAccountsInPeriod(from: Day, to: Day): number[] {
    return this.#database
      .prepare<[Day, Day], number>(`SELECT DISTINCT account_id FROM supply WHERE ${inPeriod} ORDER BY account_id`)
      .pluck()
      .all(to, from);
  }
}

function fromRow(row: SupplyRow): Supply {
  return { ...row, to: row.to ?? undefined };
}

function overlaps(a: Pick<Supply, 'from' | 'to'>, b: Pick<Supply, 'from' | 'to'>): boolean {
  return (b.to === undefined || a.from < b.to) && (a.to === undefined || b.from < a.to);
}
