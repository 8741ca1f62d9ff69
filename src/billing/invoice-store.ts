import type { Database } from '../kernel/database.ts';
import { Refusal } from '../kernel/errors.ts';
import { sha256 } from '../kernel/ids.ts';
import { parseCents } from '../units/money.ts';
import type { Day } from '../units/time.ts';
import type { BilledDays, BillingPeriod } from './billing-period.ts';
import type { InvoiceDocument } from './invoice.ts';

/** An issued invoice: the snapshot and where it stands in the books. */
export interface IssuedInvoice extends BillingPeriod {
  id: number;
  number: string;
  accountId: number;
  ledgerTransactionId: number;
  /** UTC epoch seconds. */
  issuedAt: number;
  sha256: string;
  document: InvoiceDocument;
}

export type NewInvoice = Omit<IssuedInvoice, 'id' | 'number' | 'sha256'> & { supplies: BilledDays[] };

const columns = `id, number, account_id AS accountId, from_day AS "from", to_day AS "to", ledger_transaction_id AS ledgerTransactionId,
  issued_at AS issuedAt, sha256, document`;

type InvoiceRow = Omit<IssuedInvoice, 'document'> & { document: string };

/** Issued invoices. The database refuses to edit one, and to bill a day of a supply twice. */
export class InvoiceStore {
  readonly #add;
  readonly #addDays;
  readonly #find;
  readonly #listOfAccount;
  readonly #listLatest;
  readonly #listBilledDays;
  readonly #lastLedgerTransaction;

  constructor(database: Database) {
    this.#add = database.prepare<[Record<string, unknown>]>(
      `INSERT INTO invoice (number, kind, account_id, from_day, to_day, issued_on, due_on, charges_cents, total_due_cents, document,
         sha256, ledger_transaction_id, issued_at)
       VALUES (@number, @kind, @accountId, @from, @to, @issuedOn, @dueOn, @charges, @totalDue, @document, @sha256,
         @ledgerTransactionId, @issuedAt)`,
    );
    this.#addDays = database.prepare<[number, number, Day, Day]>(
      'INSERT INTO invoice_supply (invoice_id, supply_id, from_day, to_day) VALUES (?, ?, ?, ?)',
    );
    this.#find = database.prepare<[string], InvoiceRow>(`SELECT ${columns} FROM invoice WHERE number = ?`);
    this.#listOfAccount = database.prepare<[number], InvoiceRow>(
      `SELECT ${columns} FROM invoice WHERE account_id = ? ORDER BY id DESC`,
    );
    this.#listLatest = database.prepare<[number], InvoiceRow>(
      `SELECT ${columns} FROM invoice ORDER BY id DESC LIMIT ?`,
    );
    this.#listBilledDays = database.prepare<[number, Day, Day], BilledDays>(
      `SELECT supply_id AS supplyId, from_day AS "from", to_day AS "to" FROM invoice_supply
       WHERE supply_id = ? AND from_day < ? AND to_day > ? ORDER BY from_day`,
    );
    this.#lastLedgerTransaction = database.prepare<[number], { id: number }>(
      `SELECT ifnull(max(ledger_transaction_id), 0) AS id FROM invoice WHERE account_id = ? AND kind = 'invoice'`,
    );
  }

  /** Returns its id. */
  add({ supplies, document, ...invoice }: NewInvoice): number {
    const text = JSON.stringify(document);
    const { lastInsertRowid } = this.#add.run({
      ...invoice,
      number: document.number,
      kind: document.kind,
      issuedOn: document.issuedOn,
      dueOn: document.dueOn,
      charges: parseCents(document.currentCharges),
      totalDue: parseCents(document.balance.totalDue),
      document: text,
      sha256: sha256(text),
    });
    const id = Number(lastInsertRowid);
    for (const { supplyId, from, to } of supplies) this.#addDays.run(id, supplyId, from, to);
    return id;
  }

  find(number: string): IssuedInvoice | undefined {
    const row = this.#find.get(number);
    return row && fromRow(row);
  }

  get(number: string): IssuedInvoice {
    const invoice = this.find(number);
    if (!invoice) throw new Refusal('invoice-unknown', `there is no invoice ${number}`);
    return invoice;
  }

  /** The last ones issued, newest first. */
  listLatest(limit: number): IssuedInvoice[] {
    return this.#listLatest.all(limit).map(fromRow);
  }

  /** An account's invoices, newest first (P2-06). */
  listOfAccount(accountId: number): IssuedInvoice[] {
    return this.#listOfAccount.all(accountId).map(fromRow);
  }

  /** The days of a supply within a period that were billed, whichever invoice did it. */
  listBilledDays(supplyId: number, { from, to }: BillingPeriod): BilledDays[] {
    return this.#listBilledDays.all(supplyId, to, from);
  }

  /** The ledger transaction of an account's last invoice, 0 before the first: what came later is news for the next one. */
  lastLedgerTransactionId(accountId: number): number {
    return this.#lastLedgerTransaction.get(accountId)!.id;
  }
}

function fromRow(row: InvoiceRow): IssuedInvoice {
  return { ...row, document: JSON.parse(row.document) };
}
