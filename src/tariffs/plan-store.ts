import type { Statement } from 'better-sqlite3';
import type { Database } from '../kernel/database.ts';
import { Refusal } from '../kernel/errors.ts';
import { sha256 } from '../kernel/ids.ts';
import type { Day } from '../units/time.ts';
import { type Plan, type PlanVersion, readPlan } from './plan.ts';

interface PlanRow {
  id: number;
  version: number;
  document: string;
  sha256: string;
  createdAt: number;
}

const answeredMax = 1000;
const columns = 'id, version, document, sha256, created_at AS createdAt';

/** Plan versions, append only. */
export class PlanStore {
  readonly #database: Database;
  readonly #next: Statement<[string], { version: number }>;
  readonly #insert: Statement;
  readonly #find: Statement<[string, number], PlanRow>;
  readonly #list: Statement<[], PlanRow>;
  readonly #any: Statement<[string], unknown>;
  readonly #get: Statement<[number], PlanRow>;
  readonly #inPeriod: Statement<[{ planCode: string; from: Day; to: Day }], { id: number }>;
  // A version never changes, and rating compiles its windows once per object: hand out the same one.
  readonly #read = new Map<number, PlanVersion>();
  /** What versionsFor answered, by its question: a bill run asks the same for every account. */
  readonly #answered = new Map<string, PlanVersion[]>();
  /** What the books are kept in: a plan in another currency is not saved; undefined takes any. */
  readonly currency: string | undefined;

  constructor(database: Database, currency?: string) {
    this.#database = database;
    this.currency = currency;
    this.#next = database.prepare(
      'SELECT ifnull(max(version), 0) + 1 AS version FROM plan_version WHERE plan_code = ?',
    );
    this.#insert = database.prepare(
      `INSERT INTO plan_version (plan_code, version, effective_from, effective_to, document, sha256, created_at)
       VALUES (@planCode, @version, @effectiveFrom, @effectiveTo, @document, @sha256, @createdAt)`,
    );
    this.#find = database.prepare(`SELECT ${columns} FROM plan_version WHERE plan_code = ? AND version = ?`);
    this.#list = database.prepare(`SELECT ${columns} FROM plan_version ORDER BY plan_code, version`);
    this.#any = database.prepare('SELECT 1 FROM plan_version WHERE plan_code = ? LIMIT 1');
    this.#get = database.prepare(`SELECT ${columns} FROM plan_version WHERE id = ?`);
    // Without the documents: a bill run asks this for every account, and has read them long since.
    this.#inPeriod = database.prepare(
      `SELECT id FROM plan_version
       WHERE plan_code = @planCode AND effective_from < @to AND effective_from >= ifnull(
         (SELECT max(effective_from) FROM plan_version WHERE plan_code = @planCode AND effective_from <= @from), '')
       ORDER BY version`,
    );
  }

  /**
   * Validates, proves and keeps the document as the plan's next version. Throws 'plan-invalid' and 'plan-currency'; `createdAt` in epoch
   * seconds.
   */
  addVersion(document: unknown, createdAt: number): PlanVersion {
    const plan = readPlan(document);
    refuseOtherCurrency(plan, this.currency);
    const { planCode, effectiveFrom, effectiveTo = null } = plan;
    const text = JSON.stringify(document);
    const add = this.#database.transaction(() => {
      const version = this.#next.get(planCode)!.version;
      const row = { planCode, version, effectiveFrom, effectiveTo, document: text, sha256: sha256(text), createdAt };
      const { lastInsertRowid } = this.#insert.run(row);
      return { ...row, id: Number(lastInsertRowid) };
    });
    this.#answered.clear();
    return this.#fromRow(add.immediate());
  }

  find(planCode: string, version: number): PlanVersion | undefined {
    const row = this.#find.get(planCode, version);
    return row && this.#fromRow(row);
  }

  /** Every version of every plan. */
  list(): PlanVersion[] {
    return this.#list.all().map(row => this.#fromRow(row));
  }

  /**
   * What planSegments needs for local days [from, to): the versions that start in it, and those of the last day before on which any
   * started, ended or not, for an ended version must not let an older one return. Throws 'plan-unknown'.
   */
  versionsFor(planCode: string, from: Day, to: Day): PlanVersion[] {
    const key = `${planCode} ${from} ${to}`;
    const answered = this.#answered.get(key);
    if (answered) return answered;
    const ids = this.#inPeriod.all({ planCode, from, to });
    if (ids.length === 0 && !this.#any.get(planCode)) throw new Refusal('plan-unknown', `there is no plan ${planCode}`);
    const versions = ids.map(({ id }) => this.#read.get(id) ?? this.#fromRow(this.#get.get(id)!));
    // Inside a transaction a version may still be rolled back, so it is not remembered yet.
    if (!this.#database.inTransaction) {
      if (this.#answered.size >= answeredMax) this.#answered.clear();
      this.#answered.set(key, versions);
    }
    return versions;
  }

  #fromRow({ id, version, document, sha256, createdAt }: PlanRow): PlanVersion {
    let known = this.#read.get(id);
    if (!known) {
      known = { id, version, sha256, createdAt, plan: readPlan(JSON.parse(document)) };
      this.#read.set(id, known);
    }
    return known;
  }
}

/** Throws 'plan-currency': the amounts of a plan in dollars are no amounts of books in pounds. `books` undefined takes any. */
export function refuseOtherCurrency({ planCode, currency }: Plan, books: string | undefined): void {
  if (books === undefined || currency === books) return;
  const message = `plan ${planCode} is in ${currency}, and the books are kept in ${books}`;
  throw new Refusal('plan-currency', message, [{ pointer: '/currency', message: `must be ${books}` }]);
}
