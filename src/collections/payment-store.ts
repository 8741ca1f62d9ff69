import type { Statement } from 'better-sqlite3';
import type { Database } from '../kernel/database.ts';
import { cents } from '../units/money.ts';
import type { Payment } from './payment.ts';

const columns = `id, account_id AS accountId, received_on AS receivedOn, amount_cents AS amount, method, reference, dedupe_key AS dedupeKey,
  ledger_transaction_id AS ledgerTransactionId, recorded_at AS recordedAt`;

type PaymentRow = Omit<Payment, 'id' | 'accountId' | 'amount' | 'ledgerTransactionId' | 'recordedAt'> &
  Record<'id' | 'accountId' | 'amount' | 'ledgerTransactionId' | 'recordedAt', bigint>;

export class PaymentStore {
  readonly #add: Statement<[Omit<Payment, 'id'>]>;
  readonly #find: Statement<[string], PaymentRow>;
  readonly #listOfAccount: Statement<[number], PaymentRow>;

  constructor(database: Database) {
    this.#add = database.prepare(
      `INSERT INTO payment (account_id, received_on, amount_cents, method, reference, dedupe_key, ledger_transaction_id, recorded_at)
       VALUES (@accountId, @receivedOn, @amount, @method, @reference, @dedupeKey, @ledgerTransactionId, @recordedAt)`,
    );
    this.#find = database
      .prepare<[string], PaymentRow>(`SELECT ${columns} FROM payment WHERE dedupe_key = ?`)
      .safeIntegers();
    this.#listOfAccount = database
      .prepare<[number], PaymentRow>(`SELECT ${columns} FROM payment WHERE account_id = ? ORDER BY received_on, id`)
      .safeIntegers();
  }

  add(payment: Omit<Payment, 'id'>): Payment {
    const { lastInsertRowid } = this.#add.run(payment);
    return { ...payment, id: Number(lastInsertRowid) };
  }

  findByKey(dedupeKey: string): Payment | undefined {
    const row = this.#find.get(dedupeKey);
    return row && fromRow(row);
  }

  listOfAccount(accountId: number): Payment[] {
    return this.#listOfAccount.all(accountId).map(fromRow);
  }
}

function fromRow(row: PaymentRow): Payment {
  return {
    ...row,
    id: Number(row.id),
    accountId: Number(row.accountId),
    amount: cents(row.amount),
    ledgerTransactionId: Number(row.ledgerTransactionId),
    recordedAt: Number(row.recordedAt),
  };
}
