import type { Statement } from 'better-sqlite3';
import type { Database } from '../kernel/database.ts';
import { type Cents, cents } from '../units/money.ts';
import type { Day } from '../units/time.ts';
import { balanced, type Entry, hashOf, type LedgerTransaction, type Posting } from './posting.ts';

/** An entry as its account's history shows it; `balance` is the running sum up to and including it. */
export interface AccountEntry {
  transactionId: number;
  bookedOn: Day;
  kind: string;
  reference: string;
  description: string;
  amount: Cents;
  balance: Cents;
}

export type LedgerVerdict =
  | { intact: true; transactions: number; head: string }
  | { intact: false; transactionId: number; why: string };

const transactionColumns = `id, booked_on AS bookedOn, kind, reference, description, recorded_at AS recordedAt,
  previous_hash AS previousHash, hash`;
// Later than any day that can be booked.
const endOfTime = '9999-12-31' as Day;

type TransactionRow = Omit<LedgerTransaction, 'entries'>;

/** The books. Balances are sums of entries, never a stored figure. Money is read as a bigint, so that no sum passes 2^53. */
export class LedgerStore {
  readonly #database: Database;
  readonly #head: Statement<[], { id: number; hash: string }>;
  readonly #addEntry: Statement<[number, number, string, bigint]>;
  readonly #addTransaction: Statement<[Omit<LedgerTransaction, 'entries'>]>;
  readonly #balance: Statement<[string, Day], { balance: bigint }>;
  readonly #balanceUpTo: Statement<[string, number], { balance: bigint }>;
  readonly #entriesOf: Statement<[string], AccountRow>;
  readonly #entriesSince: Statement<[string, number], AccountRow>;
  readonly #transactions: Statement<[], TransactionRow>;
  readonly #entries: Statement<[number], { account: string; amount: bigint }>;

  constructor(database: Database) {
    this.#database = database;
    this.#head = database.prepare('SELECT id, hash FROM ledger_transaction ORDER BY id DESC LIMIT 1');
    this.#addEntry = database.prepare(
      'INSERT INTO ledger_entry (transaction_id, position, account, amount_cents) VALUES (?, ?, ?, ?)',
    );
    this.#addTransaction = database.prepare(
      `INSERT INTO ledger_transaction (id, booked_on, kind, reference, description, recorded_at, previous_hash, hash)
       VALUES (@id, @bookedOn, @kind, @reference, @description, @recordedAt, @previousHash, @hash)`,
    );
    const sum = `SELECT ifnull(sum(amount_cents), 0) AS balance FROM ledger_entry`;
    this.#balance = database
      .prepare<[string, Day], { balance: bigint }>(
        `${sum} JOIN ledger_transaction ON ledger_transaction.id = transaction_id WHERE account = ? AND booked_on <= ?`,
      )
      .safeIntegers();
    this.#balanceUpTo = database
      .prepare<[string, number], { balance: bigint }>(`${sum} WHERE account = ? AND transaction_id <= ?`)
      .safeIntegers();
    const accountEntries = `SELECT transaction_id AS transactionId, booked_on AS bookedOn, kind, reference, description, amount_cents AS amount,
        sum(amount_cents) OVER (ORDER BY booked_on, transaction_id, position ROWS UNBOUNDED PRECEDING) AS balance
      FROM ledger_entry JOIN ledger_transaction ON ledger_transaction.id = transaction_id WHERE account = ?`;
    // Several entries of one day keep the order in which they were written: never grouped, never ordered by the day alone.
    const inOrder = 'ORDER BY booked_on, transaction_id, position';
    this.#entriesOf = database.prepare<[string], AccountRow>(`${accountEntries} ${inOrder}`).safeIntegers();
    this.#entriesSince = database
      .prepare<[string, number], AccountRow>(`${accountEntries} AND transaction_id > ? ${inOrder}`)
      .safeIntegers();
    this.#transactions = database.prepare(`SELECT ${transactionColumns} FROM ledger_transaction ORDER BY id`);
    this.#entries = database
      .prepare<[number], { account: string; amount: bigint }>(
        'SELECT account, amount_cents AS amount FROM ledger_entry WHERE transaction_id = ? ORDER BY position',
      )
      .safeIntegers();
  }

  /** Writes a posting and returns it numbered and chained. Posting the same kind and reference again throws. */
  post(posting: Posting, recordedAt: number): LedgerTransaction {
    const { entries, ...said } = balanced(posting);
    const write = this.#database.transaction(() => {
      const head = this.#head.get();
      const open = { ...said, id: (head?.id ?? 0) + 1, recordedAt, previousHash: head?.hash ?? '' };
      entries.forEach((entry, position) => {
        this.#addEntry.run(open.id, position, entry.account, entry.amount);
      });
      const closed = { ...open, hash: hashOf({ ...open, entries }) };
      this.#addTransaction.run(closed);
      return { ...closed, entries };
    });
    // The write lock comes before the head is read, or two processes would continue from the same link.
    return write.immediate();
  }

  /** What stood on an account at the end of a day, or now. */
  balance(account: string, asOf: Day = endOfTime): Cents {
    return cents(this.#balance.get(account, asOf)!.balance);
  }

  /** What stood on an account right after a transaction was written, whatever days the entries carry. */
  balanceAfter(account: string, transactionId: number): Cents {
    return cents(this.#balanceUpTo.get(account, transactionId)!.balance);
  }

  /** An account's entries by day, and within a day as they were written, each with the running balance. */
  listEntries(account: string): AccountEntry[] {
    return this.#entriesOf.all(account).map(fromRow);
  }

  /** The entries written after a transaction; their running balance starts at zero there. */
  listEntriesSince(account: string, transactionId: number): AccountEntry[] {
    return this.#entriesSince.all(account, transactionId).map(fromRow);
  }

  /** Walks the whole chain and names the first transaction that is not what was written. */
  verify(): LedgerVerdict {
    let previous = { id: 0, hash: '' };
    for (const row of this.#transactions.iterate()) {
      const entries: Entry[] = this.#entries.all(row.id).map(entry => ({ ...entry, amount: cents(entry.amount) }));
      const why = whyBroken({ ...row, entries }, previous);
      if (why) return { intact: false, transactionId: row.id, why };
      previous = row;
    }
    return { intact: true, transactions: previous.id, head: previous.hash };
  }
}

interface AccountRow {
  transactionId: bigint;
  bookedOn: Day;
  kind: string;
  reference: string;
  description: string;
  amount: bigint;
  balance: bigint;
}

function fromRow(row: AccountRow): AccountEntry {
  return {
    ...row,
    transactionId: Number(row.transactionId),
    amount: cents(row.amount),
    balance: cents(row.balance),
  };
}

function whyBroken(transaction: LedgerTransaction, previous: { id: number; hash: string }): string | undefined {
  if (transaction.id !== previous.id + 1) return `transaction ${previous.id + 1} is gone`;
  if (transaction.previousHash !== previous.hash) return 'it does not continue from the transaction before it';
  if (transaction.entries.reduce((sum, entry) => sum + entry.amount, 0n) !== 0n)
    return 'its entries do not sum to zero';
  if (hashOf(transaction) !== transaction.hash) return 'what it says is not what was written';
  return undefined;
}
