import type { Database } from '../kernel/database.ts';
import { cents, formatCents, parseCents } from '../units/money.ts';
import type { Day } from '../units/time.ts';
import type { EarnedDiscount, PromisedDiscount } from './conditional-discounts.ts';

/** A discount that stands beside an issued invoice and that no invoice has credited. */
export interface OpenPromise extends EarnedDiscount {
  dueOn: Day;
  /** That of the invoice which promised it. */
  ledgerTransactionId: number;
}

type Row = Omit<OpenPromise, 'parts' | 'amount'> & { parts: string; amount: number };

/** Conditional discounts of issued invoices, and which later invoice credited them: at most one. */
export class PromisedDiscountStore {
  readonly #promise;
  readonly #grant;
  readonly #isGranted;
  readonly #listOpen;
  /** Whether anybody was ever promised any: where no plan has such a discount, a bill run need not ask for each account. */
  #isUsed: boolean;

  constructor(database: Database) {
    this.#isUsed = database.prepare('SELECT 1 FROM promised_discount LIMIT 1').get() !== undefined;
    this.#promise = database.prepare<[Omit<PromisedDiscount, 'amount' | 'parts'> & Record<string, unknown>]>(
      `INSERT INTO promised_discount (invoice_id, code, category, description, amount_cents, parts)
       VALUES (@invoiceId, @code, @category, @description, @amount, @parts)`,
    );
    this.#grant = database.prepare<[number, number]>(
      'INSERT INTO granted_discount (promised_discount_id, invoice_id) VALUES (?, ?)',
    );
    this.#isGranted = database.prepare<[number], unknown>(
      'SELECT 1 FROM granted_discount WHERE promised_discount_id = ?',
    );
    this.#listOpen = database.prepare<[number, string], Row>(
      `SELECT promised_discount.id, code, category, description, amount_cents AS amount, parts, invoice.number AS invoice,
         invoice.from_day AS "from", invoice.to_day AS "to", invoice.due_on AS dueOn,
         invoice.ledger_transaction_id AS ledgerTransactionId
       FROM promised_discount JOIN invoice ON invoice.id = invoice_id
       WHERE invoice.account_id = ? AND category = ?
         AND NOT EXISTS (SELECT 1 FROM granted_discount WHERE promised_discount_id = promised_discount.id)
       ORDER BY promised_discount.id`,
    );
  }

  promise(invoiceId: number, { amount, parts, ...promised }: PromisedDiscount): void {
    this.#isUsed = true;
    this.#promise.run({ ...promised, invoiceId, amount: parseCents(amount), parts: JSON.stringify(parts) });
  }

  /** `id` is the promise's. The database refuses a second grant. */
  grant(invoiceId: number, id: number): void {
    this.#grant.run(id, invoiceId);
  }

  isGranted(id: number): boolean {
    return this.#isGranted.get(id) !== undefined;
  }

  /** Promises of a category to an account that nobody has credited, the oldest first. */
  listOpen(accountId: number, category: string): OpenPromise[] {
    if (!this.#isUsed) return [];
    return this.#listOpen
      .all(accountId, category)
      .map(({ amount, parts, ...row }) => ({ ...row, amount: formatCents(cents(amount)), parts: JSON.parse(parts) }));
  }
}
