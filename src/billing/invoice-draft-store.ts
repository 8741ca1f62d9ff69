import { commitUnsynced, type Database } from '../kernel/database.ts';
import { Refusal } from '../kernel/errors.ts';
import type { Day } from '../units/time.ts';
import type { BilledDays, BillingPeriod } from './billing-period.ts';
import type { InvoiceDraft, NewInvoiceDraft } from './invoice-draft.ts';

interface DraftRow {
  id: number;
  accountId: number;
  from: Day;
  to: Day;
  problems: string;
  document: string;
  facts: string;
  draftedAt: number;
}

const columns = `id, account_id AS accountId, from_day AS "from", to_day AS "to", problems, document, facts, drafted_at AS draftedAt`;

type NewDraftRow = Omit<DraftRow, 'id'>;

export class InvoiceDraftStore {
  readonly #database: Database;
  readonly #save;
  readonly #addDays;
  readonly #removeDays;
  readonly #find;
  readonly #listDays;
  readonly #remove;
  readonly #removeOf;

  constructor(database: Database) {
    this.#database = database;
    this.#save = database.prepare<[NewDraftRow], { id: number }>(
      `INSERT INTO invoice_draft (account_id, from_day, to_day, problems, document, facts, drafted_at)
       VALUES (@accountId, @from, @to, @problems, @document, @facts, @draftedAt)
       ON CONFLICT (account_id, from_day, to_day) DO UPDATE SET problems = excluded.problems, document = excluded.document,
         facts = excluded.facts, drafted_at = excluded.drafted_at RETURNING id`,
    );
    this.#addDays = database.prepare<[number, number, Day, Day]>(
      'INSERT INTO invoice_draft_supply (draft_id, supply_id, from_day, to_day) VALUES (?, ?, ?, ?)',
    );
    this.#removeDays = database.prepare<[number]>('DELETE FROM invoice_draft_supply WHERE draft_id = ?');
    this.#find = database.prepare<[number], DraftRow>(`SELECT ${columns} FROM invoice_draft WHERE id = ?`);
    this.#listDays = database.prepare<[number], BilledDays>(
      `SELECT supply_id AS supplyId, from_day AS "from", to_day AS "to" FROM invoice_draft_supply WHERE draft_id = ?
       ORDER BY supply_id, from_day`,
    );
    this.#remove = database.prepare<[number]>('DELETE FROM invoice_draft WHERE id = ?');
    this.#removeOf = database.prepare<[number, Day, Day]>(
      'DELETE FROM invoice_draft WHERE account_id = ? AND from_day = ? AND to_day = ?',
    );
  }

  /**
   * What `act` saves and removes is one transaction: thousands of drafts would otherwise wait for as many syncs. Not `synced`, a power
   * cut may take it back, which is well for what can be made again; the next transaction that is synced makes it durable.
   */
  together(act: () => void, { synced }: { synced: boolean }): void {
    if (synced) this.#database.transaction(act).immediate();
    else commitUnsynced(this.#database, act);
  }

  /** Puts a draft in the place of an earlier one for the same account and period; it keeps the earlier one's id. */
  save({ accountId, from, to, draftedAt, supplies, ...draft }: NewInvoiceDraft): number {
    const [problems, document, facts] = [draft.problems, draft.document, draft.facts].map(part => JSON.stringify(part));
    const row = { accountId, from, to, draftedAt, problems: problems!, document: document!, facts: facts! };
    const save = () => {
      const { id } = this.#save.get(row)!;
      this.#removeDays.run(id);
      for (const days of supplies) this.#addDays.run(id, days.supplyId, days.from, days.to);
      return id;
    };
    return this.#database.inTransaction ? save() : this.#database.transaction(save).immediate();
  }

  find(id: number): InvoiceDraft | undefined {
    const row = this.#find.get(id);
    return row && this.#fromRow(row);
  }

  get(id: number): InvoiceDraft {
    const draft = this.find(id);
    if (!draft) throw new Refusal('draft-unknown', `there is no draft ${id}; it may have been issued`);
    return draft;
  }

  /** Drafts in the order in which they are issued: by period, then by account. */
  list({ limit = 100, offset = 0 }: { limit?: number; offset?: number } = {}): InvoiceDraft[] {
    return this.#database
      .prepare<[number, number], DraftRow>(
        `SELECT ${columns} FROM invoice_draft ORDER BY from_day, to_day, account_id LIMIT ? OFFSET ?`,
      )
      .all(limit, offset)
      .map(row => this.#fromRow(row));
  }

  /** The ids of the drafts of a period (of all, without one) in the order in which they are issued. */
  listIds(period?: BillingPeriod): number[] {
    return this.#database
      .prepare<[Day | null, Day | null, Day | null], { id: number }>(
        `SELECT id FROM invoice_draft WHERE ? IS NULL OR (from_day = ? AND to_day = ?) ORDER BY from_day, to_day, account_id`,
      )
      .all(period?.from ?? null, period?.from ?? null, period?.to ?? null)
      .map(row => row.id);
  }

  /** Accounts that have a draft of the period, in order. */
  listAccountIds({ from, to }: BillingPeriod): number[] {
    return this.#database
      .prepare<[Day, Day], { accountId: number }>(
        'SELECT account_id AS accountId FROM invoice_draft WHERE from_day = ? AND to_day = ? ORDER BY account_id',
      )
      .all(from, to)
      .map(row => row.accountId);
  }

  count(): { ready: number; parked: number } {
    return this.#database
      .prepare<[], { ready: number; parked: number }>(
        `SELECT count(*) FILTER (WHERE problems = '[]') AS ready, count(*) FILTER (WHERE problems <> '[]') AS parked FROM invoice_draft`,
      )
      .get()!;
  }

  remove(id: number): void {
    this.#remove.run(id);
  }

  removeOf(accountId: number, { from, to }: BillingPeriod): void {
    this.#removeOf.run(accountId, from, to);
  }

  #fromRow(row: DraftRow): InvoiceDraft {
    const supplies = this.#listDays.all(row.id);
    const [problems, document, facts] = [row.problems, row.document, row.facts].map(text => JSON.parse(text));
    return { ...row, problems, document, facts, supplies };
  }
}
