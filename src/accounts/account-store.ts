import type { Database } from '../kernel/database.ts';
import { Refusal } from '../kernel/errors.ts';
import type { Day } from '../units/time.ts';
import type { Account, AccountClosing, AccountFacts, NewAccount } from './account.ts';

const columns = `id, number, name, business_number AS businessNumber, email, phone, postal_address AS postalAddress, created_at AS createdAt, version`;

/** What a list may be ordered by; each is a column of the table. */
export const accountSorts = ['number', 'name', 'email'] as const;

interface AccountFilter {
  search?: string;
  sort?: (typeof accountSorts)[number];
  descending?: boolean;
  limit?: number;
  offset?: number;
}

export class AccountStore {
  readonly #database: Database;
  readonly #findById;

  constructor(database: Database) {
    this.#database = database;
    this.#findById = database.prepare<[number], Account>(`SELECT ${columns} FROM account WHERE id = ?`);
  }

  /** Throws 'account-exists' when the number is taken. */
  add(account: NewAccount, createdAt: number): Account {
    if (this.find(account.number)) throw new Refusal('account-exists', `account ${account.number} exists already`);
    const { lastInsertRowid } = this.#database
      .prepare(
        `INSERT INTO account (number, name, business_number, email, phone, postal_address, created_at)
         VALUES (@number, @name, @businessNumber, @email, @phone, @postalAddress, @createdAt)`,
      )
      .run({ ...account, createdAt });
    return { ...account, id: Number(lastInsertRowid), createdAt, version: 1 };
  }

  /** `known` is what the change was made of. Throws 'edit-stale' when somebody changed it since. */
  change(known: Account, facts: AccountFacts): Account {
    const { changes } = this.#database
      .prepare(
        `UPDATE account SET name = @name, business_number = @businessNumber, email = @email, phone = @phone,
           postal_address = @postalAddress, version = version + 1 WHERE id = @id AND version = @version`,
      )
      .run({ ...known, ...facts });
    if (changes === 0) throw new Refusal('edit-stale', `account ${known.number} was changed meanwhile`);
    return { ...known, ...facts, version: known.version + 1 };
  }

  find(number: string): Account | undefined {
    return this.#database.prepare<[string], Account>(`SELECT ${columns} FROM account WHERE number = ?`).get(number);
  }

  get(number: string): Account {
    const account = this.find(number);
    if (!account) throw new Refusal('account-unknown', `there is no account ${number}`);
    return account;
  }

  getById(id: number): Account {
    const account = this.#findById.get(id);
    if (!account) throw new Refusal('account-unknown', `there is no account with id ${id}`);
    return account;
  }

  addClosing(accountId: number, { closedFrom, ended }: AccountClosing, by: string, recordedAt: number): void {
    this.#database
      .prepare(
        'INSERT INTO account_closing (account_id, closed_from, ended, recorded_by, recorded_at) VALUES (?, ?, ?, ?, ?)',
      )
      .run(accountId, closedFrom ?? null, JSON.stringify(ended), by, recordedAt);
  }

  /** The closing in force; undefined when the account is open. */
  findClosing(accountId: number): (AccountClosing & { closedFrom: Day }) | undefined {
    const row = this.#database
      .prepare<[number], { closedFrom: Day | null; ended: string }>(
        'SELECT closed_from AS closedFrom, ended FROM account_closing WHERE account_id = ? ORDER BY id DESC LIMIT 1',
      )
      .get(accountId);
    return row?.closedFrom ? { closedFrom: row.closedFrom, ended: JSON.parse(row.ended) } : undefined;
  }

  /** Accounts whose number, name or e-mail contains `search`, by number unless `sort` says otherwise. */
  list({ search = '', sort = 'number', descending = false, limit = 100, offset = 0 }: AccountFilter = {}): Account[] {
    return this.#database
      .prepare<[string, number, number], Account>(
        `SELECT ${columns} FROM account WHERE instr(lower(number || ' ' || name || ' ' || email), lower(?)) > 0
         ORDER BY ${sort} ${descending ? 'DESC' : 'ASC'}, number LIMIT ? OFFSET ?`,
      )
      .all(search, limit, offset);
  }

  count(search = ''): number {
    return this.#database
      .prepare<[string], { count: number }>(
        `SELECT count(*) AS count FROM account WHERE instr(lower(number || ' ' || name || ' ' || email), lower(?)) > 0`,
      )
      .get(search)!.count;
  }
}
