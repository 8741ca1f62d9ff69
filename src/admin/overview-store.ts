import type { Database } from '../kernel/database.ts';
import { type Cents, cents } from '../units/money.ts';
import type { Day } from '../units/time.ts';

export interface InvoiceRow {
  number: string;
  kind: 'invoice' | 'credit-note';
  accountNumber: string;
  accountName: string;
  from: Day;
  /** The day after the last one billed. */
  to: Day;
  issuedOn: Day;
  dueOn: Day;
  charges: Cents;
  totalDue: Cents;
}

interface StoredInvoiceRow extends Omit<InvoiceRow, 'charges' | 'totalDue'> {
  charges: bigint;
  totalDue: bigint;
}

const joined = 'FROM invoice JOIN account ON account.id = account_id';
const fits = `instr(lower(invoice.number || ' ' || account.number || ' ' || account.name), lower(@search)) > 0
  AND (@kind = '' OR kind = @kind)`;

/** Questions across all accounts that only the overview pages ask. Reads, never writes. */
export class OverviewStore {
  readonly #list;
  readonly #count;
  readonly #owed;

  constructor(database: Database) {
    this.#list = database
      .prepare<{ search: string; kind: string; limit: number; offset: number }, StoredInvoiceRow>(
        `SELECT invoice.number, kind, account.number AS accountNumber, account.name AS accountName, from_day AS "from", to_day AS "to",
           issued_on AS issuedOn, due_on AS dueOn, charges_cents AS charges, total_due_cents AS totalDue
         ${joined} WHERE ${fits} ORDER BY invoice.id DESC LIMIT @limit OFFSET @offset`,
      )
      .safeIntegers();
    this.#count = database.prepare<{ search: string; kind: string }, { count: number }>(
      `SELECT count(*) AS count ${joined} WHERE ${fits}`,
    );
    this.#owed = database
      .prepare<[], { accounts: bigint; amount: bigint }>(
        `SELECT count(*) AS accounts, ifnull(sum(balance), 0) AS amount FROM (
           SELECT sum(amount_cents) AS balance FROM ledger_entry WHERE account LIKE 'receivable:%' GROUP BY account HAVING balance > 0)`,
      )
      .safeIntegers();
  }

  /** Newest first; `search` is part of the invoice's number, or the account's number or name. */
  listInvoices({ search = '', kind = '', limit = 50, offset = 0 }): InvoiceRow[] {
    return this.#list.all({ search, kind, limit, offset }).map(row => ({
      ...row,
      charges: cents(row.charges),
      totalDue: cents(row.totalDue),
    }));
  }

  countInvoices({ search = '', kind = '' } = {}): number {
    return this.#count.get({ search, kind })?.count ?? 0;
  }

  /** What customers owe, and how many of them do. */
  owed(): { accounts: number; amount: Cents } {
    const row = this.#owed.get();
    return { accounts: Number(row?.accounts ?? 0), amount: cents(row?.amount ?? 0n) };
  }
}
