import type { Database } from '../kernel/database.ts';
import type { Day } from '../units/time.ts';
import type { RecordedTerms } from './supply-terms.ts';

type Row = Omit<RecordedTerms, 'to' | 'terms'> & { to: Day | null; document: string };

/** What the contracts of supplies say besides their plans; append only. */
export class SupplyTermsStore {
  readonly #insert;
  readonly #list;
  /** Supplies with terms of their own, most have none: a bill run need not ask for each. */
  readonly #supplies: Set<number>;

  constructor(database: Database) {
    const supplies = database.prepare<[], { id: number }>('SELECT DISTINCT supply_id AS id FROM supply_terms').all();
    this.#supplies = new Set(supplies.map(({ id }) => id));
    this.#insert = database.prepare<[Omit<Row, 'id'>]>(
      `INSERT INTO supply_terms (supply_id, from_day, to_day, document, recorded_at)
       VALUES (@supplyId, @from, @to, @document, @recordedAt)`,
    );
    this.#list = database.prepare<[number], Row>(
      `SELECT id, supply_id AS supplyId, from_day AS "from", to_day AS "to", document, recorded_at AS recordedAt
       FROM supply_terms WHERE supply_id = ? ORDER BY id`,
    );
  }

  add({ terms, to, ...record }: Omit<RecordedTerms, 'id'>): RecordedTerms {
    // Should this be rolled back, the supply is asked for in vain.
    this.#supplies.add(record.supplyId);
    const row = { ...record, to: to ?? null, document: JSON.stringify(terms) };
    return { ...record, to, terms, id: Number(this.#insert.run(row).lastInsertRowid) };
  }

  /** In the order in which they were recorded. */
  listOfSupply(supplyId: number): RecordedTerms[] {
    if (!this.#supplies.has(supplyId)) return [];
    return this.#list
      .all(supplyId)
      .map(({ document, to, ...row }) => ({ ...row, to: to ?? undefined, terms: JSON.parse(document) }));
  }
}
