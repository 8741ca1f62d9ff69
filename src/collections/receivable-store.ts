import type { Statement } from 'better-sqlite3';
import type { InvoiceDocument } from '../billing/invoice.ts';
import { assert } from '../kernel/assert.ts';
import type { Database } from '../kernel/database.ts';
import { receivable } from '../ledger/posting.ts';
import { type Cents, cents } from '../units/money.ts';
import type { Day } from '../units/time.ts';

/** Payments go to the invoice that is due first. unpaid: open or part-paid; overdue: unpaid after the due day. */
export const invoiceStates = ['open', 'part-paid', 'paid', 'unpaid', 'overdue'] as const;
export type InvoiceState = (typeof invoiceStates)[number];

export interface ListedInvoice {
  number: string;
  kind: InvoiceDocument['kind'];
  accountNumber: string;
  accountName: string;
  /** The billing period, local days, half-open. */
  from: Day;
  to: Day;
  issuedOn: Day;
  dueOn: Day;
  charges: Cents;
  open: Cents;
  status: 'open' | 'part-paid' | 'paid';
  overdue: boolean;
}

/** What a list may be ordered by. */
export const invoiceSorts = ['number', 'account', 'period', 'issued', 'due', 'charges', 'open'] as const;
export type InvoiceSort = (typeof invoiceSorts)[number];
const sortColumns: Record<InvoiceSort, string> = {
  number: 'number',
  account: 'accountName',
  period: 'from_day',
  issued: 'issued_on',
  due: 'dueOn',
  charges: 'charges',
  open: 'open',
};

export interface InvoiceFilter {
  /** Looked for in invoice number, account number and account name. */
  search?: string;
  status?: InvoiceState;
  /** An account's number. */
  account?: string;
  /** Newest first without it. */
  sort?: InvoiceSort | undefined;
  descending?: boolean;
  limit?: number;
  offset?: number;
}

/** unpaid + otherDebits − unallocatedCredit is the ledger's sum of all receivables, always. */
export interface Unpaid {
  /** Open on invoices. */
  unpaid: Cents;
  /** The part of it that is past its due day. */
  overdue: Cents;
  /** Received and not needed by any invoice. */
  unallocatedCredit: Cents;
  /** Owed for something else than an invoice. */
  otherDebits: Cents;
}

/** What an account owes on invoices at the end of a day, by days past the due day, and what it has in hand. */
export interface AgedReceivable {
  accountNumber: string;
  current: Cents;
  days1to30: Cents;
  days31to60: Cents;
  days61to90: Cents;
  daysOver90: Cents;
  unallocatedCredit: Cents;
  /** Owed for something else than an invoice. */
  otherDebits: Cents;
  /** The ledger's: all of the above together, the credit taken off. */
  balance: Cents;
}

/** What a customer's record shows at a glance (P2-05). */
export interface AccountSummary {
  billCount: number;
  billed: Cents;
  received: Cents;
  balance: Cents;
  last: { number: string; issuedOn: Day; charges: Cents } | undefined;
}

type Scope = 'everyone' | 'one-account';

/** What each account owes at the end of a day: the ledger's to say. */
function owed(scope: Scope, having = ''): string {
  const accounts = {
    everyone: `ledger_entry.account >= @receivables AND ledger_entry.account < @receivables || char(1114111)`,
    'one-account': `ledger_entry.account = @receivables || @account`,
  };
  return `owed AS MATERIALIZED (
    SELECT account.id AS account_id, account.number AS accountNumber, account.name AS accountName, sum(amount_cents) AS balance
    FROM ledger_entry JOIN ledger_transaction ON ledger_transaction.id = transaction_id
    JOIN account ON account.number = substr(ledger_entry.account, length(@receivables) + 1)
    WHERE ${accounts[scope]} AND booked_on <= @asOf GROUP BY account.id ${having}
  )`;
}

// First in, first out means that what is still owed lies on the invoices due last, so what is open on one is the part of the balance
// that those due later do not hold: no allocation is stored that could disagree. An issued invoice has a posting, so owed has its account.
function openInvoices(scope: Scope, having = ''): string {
  return `WITH ${owed(scope, having)}, listed AS MATERIALIZED (
    SELECT invoice.id, accountNumber, accountName, due_on AS dueOn, charges_cents AS charges,
      max(0, min(charges_cents, balance - ifnull(sum(max(0, charges_cents)) OVER due_later, 0))) AS open
    FROM owed JOIN invoice ON invoice.account_id = owed.account_id WHERE issued_on <= @asOf
    WINDOW due_later AS (PARTITION BY invoice.account_id ORDER BY due_on DESC, invoice.id DESC
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
  ), judged AS (
    SELECT *, iif(open = 0, 'paid', iif(open < charges, 'part-paid', 'open')) AS status, open > 0 AND dueOn < @asOf AS overdue FROM listed
  )`;
}

const matching = `
  FROM judged JOIN invoice USING (id)
  WHERE (@search = '' OR instr(lower(number || ' ' || accountNumber || ' ' || accountName), lower(@search)) > 0)
    AND (@status IS NULL OR status = @status OR (@status = 'unpaid' AND open > 0) OR (@status = 'overdue' AND overdue))`;

interface Parameters {
  receivables: string;
  asOf: Day;
}
type FilterParameters = Parameters & { search: string; account: string | null; status: string | null };
type ListRow = Omit<ListedInvoice, 'charges' | 'open' | 'overdue'> & Record<'charges' | 'open' | 'overdue', bigint>;
type Amounts = Record<keyof Unpaid, bigint>;
type AgedRow = { accountNumber: string; balance: bigint } & Record<
  'current' | 'days1to30' | 'days31to60' | 'days61to90' | 'daysOver90',
  bigint
>;

/** Invoices as what is still owed on them, on a given day. Reads only. */
export class ReceivableStore {
  readonly #database: Database;
  /** By scope and order, prepared when first asked for. */
  readonly #lists = new Map<string, Statement<[FilterParameters & { limit: number; offset: number }], ListRow>>();
  readonly #count: Record<Scope, Statement<[FilterParameters], { count: bigint }>>;
  readonly #countUnpaid: Statement<[Parameters], { count: bigint }>;
  readonly #issued: Statement<[Day, Day], { count: bigint; charges: bigint }>;
  readonly #unpaid: Statement<[Parameters], Amounts>;
  readonly #aged: Statement<[Parameters], AgedRow>;
  readonly #summary: Statement<[{ account: string; receivable: string }], Record<string, bigint>>;
  readonly #last: Statement<[string], { number: string; issuedOn: Day; charges: bigint }>;

  constructor(database: Database) {
    this.#database = database;
    const count = (scope: Scope) =>
      database
        .prepare<[FilterParameters], { count: bigint }>(`${openInvoices(scope)} SELECT count(*) AS count ${matching}`)
        .safeIntegers();
    this.#count = { everyone: count('everyone'), 'one-account': count('one-account') };
    // Who owes nothing has no open invoice.
    this.#countUnpaid = database
      .prepare<[Parameters], { count: bigint }>(
        `${openInvoices('everyone', 'HAVING sum(amount_cents) > 0')} SELECT count(*) AS count FROM judged WHERE open > 0`,
      )
      .safeIntegers();
    this.#issued = database
      .prepare<[Day, Day], { count: bigint; charges: bigint }>(
        'SELECT count(*) AS count, ifnull(sum(charges_cents), 0) AS charges FROM invoice WHERE issued_on >= ? AND issued_on < ?',
      )
      .safeIntegers();
    // Per account the invoices together are open by as much of the balance as they asked for, and those not yet due by as much of it as
    // they asked for: the sums of listInvoices without looking at one invoice after the other.
    this.#unpaid = database
      .prepare<[Parameters], Amounts>(
        `WITH ${owed('everyone')}, asked AS MATERIALIZED (
           SELECT account_id, sum(max(0, charges_cents)) AS charges, sum(iif(due_on < @asOf, 0, max(0, charges_cents))) AS not_due
           FROM invoice WHERE issued_on <= @asOf GROUP BY account_id
         ), held AS (
           SELECT balance, max(0, min(balance, ifnull(charges, 0))) AS open, max(0, min(balance, ifnull(not_due, 0))) AS open_not_due
           FROM owed LEFT JOIN asked USING (account_id)
         )
         SELECT ifnull(sum(open), 0) AS unpaid, ifnull(sum(open - open_not_due), 0) AS overdue,
           ifnull(sum(max(0, -balance)), 0) AS unallocatedCredit, ifnull(sum(max(0, balance - open)), 0) AS otherDebits FROM held`,
      )
      .safeIntegers();
    const late = (from: number, to: number) =>
      `ifnull(sum(open) FILTER (WHERE julianday(@asOf) - julianday(dueOn) BETWEEN ${from} AND ${to}), 0)`;
    this.#aged = database
      .prepare<[Parameters], AgedRow>(
        `${openInvoices('everyone', 'HAVING sum(amount_cents) <> 0')}
         SELECT owed.accountNumber, owed.balance, ${late(-1e6, 0)} AS current, ${late(1, 30)} AS days1to30, ${late(31, 60)} AS days31to60,
           ${late(61, 90)} AS days61to90, ${late(91, 1e6)} AS daysOver90
         FROM owed LEFT JOIN judged ON judged.accountNumber = owed.accountNumber GROUP BY owed.account_id ORDER BY owed.accountNumber`,
      )
      .safeIntegers();
    this.#summary = database
      .prepare<[{ account: string; receivable: string }], Record<string, bigint>>(
        `SELECT count(*) FILTER (WHERE kind = 'invoice') AS billCount, ifnull(sum(charges_cents), 0) AS billed,
           (SELECT ifnull(sum(amount_cents), 0) FROM payment WHERE account_id = account.id) AS received,
           (SELECT ifnull(sum(amount_cents), 0) FROM ledger_entry WHERE account = @receivable) AS balance
         FROM account LEFT JOIN invoice ON invoice.account_id = account.id WHERE account.number = @account`,
      )
      .safeIntegers();
    this.#last = database
      .prepare<[string], { number: string; issuedOn: Day; charges: bigint }>(
        `SELECT invoice.number, issued_on AS issuedOn, charges_cents AS charges FROM invoice
         JOIN account ON account.id = invoice.account_id WHERE account.number = ? ORDER BY invoice.id DESC LIMIT 1`,
      )
      .safeIntegers();
  }

  /** Newest first, or as `sort` says. */
  listInvoices(asOf: Day, filter: InvoiceFilter = {}): ListedInvoice[] {
    const { limit = 100, offset = 0 } = filter;
    return this.#list(filter)
      .all({ ...parameters(asOf, filter), limit, offset })
      .map(row => ({ ...row, charges: cents(row.charges), open: cents(row.open), overdue: row.overdue === 1n }));
  }

  #list(filter: InvoiceFilter) {
    const scope = scopeOf(filter);
    const direction = filter.descending ? 'DESC' : 'ASC';
    const order = filter.sort ? `${sortColumns[filter.sort]} ${direction}, id ${direction}` : 'id DESC';
    const key = `${scope} ${order}`;
    let list = this.#lists.get(key);
    if (!list) {
      list = this.#database
        .prepare<[FilterParameters & { limit: number; offset: number }], ListRow>(
          `${openInvoices(scope)} SELECT number, invoice.kind, accountNumber, accountName, from_day AS "from", to_day AS "to",
             issued_on AS issuedOn, dueOn, charges, open, status, overdue
           ${matching} ORDER BY ${order} LIMIT @limit OFFSET @offset`,
        )
        .safeIntegers();
      this.#lists.set(key, list);
    }
    return list;
  }

  countInvoices(asOf: Day, filter: Omit<InvoiceFilter, 'limit' | 'offset'> = {}): number {
    return Number(this.#count[scopeOf(filter)].get(parameters(asOf, filter))!.count);
  }

  /** Invoices that are open or part-paid. */
  countUnpaid(asOf: Day): number {
    return Number(this.#countUnpaid.get({ receivables: receivable(''), asOf })!.count);
  }

  /** Issued on the local days [from, to). */
  issuedIn(from: Day, to: Day): { count: number; charges: Cents } {
    const { count, charges } = this.#issued.get(from, to)!;
    return { count: Number(count), charges: cents(charges) };
  }

  unpaidTotal(asOf: Day): Unpaid {
    const { unpaid, overdue, unallocatedCredit, otherDebits } = this.#unpaid.get({
      receivables: receivable(''),
      asOf,
    })!;
    return {
      unpaid: cents(unpaid),
      overdue: cents(overdue),
      unallocatedCredit: cents(unallocatedCredit),
      otherDebits: cents(otherDebits),
    };
  }

  /** Every account with a balance or an open invoice, by number. */
  listAged(asOf: Day): AgedReceivable[] {
    return this.#aged.all({ receivables: receivable(''), asOf }).map(row => {
      const { accountNumber, balance, ...amounts } = row;
      const aged = {
        current: cents(amounts.current),
        days1to30: cents(amounts.days1to30),
        days31to60: cents(amounts.days31to60),
        days61to90: cents(amounts.days61to90),
        daysOver90: cents(amounts.daysOver90),
        unallocatedCredit: cents(balance < 0n ? -balance : 0n),
      };
      const open = aged.current + aged.days1to30 + aged.days31to60 + aged.days61to90 + aged.daysOver90;
      const otherDebits = cents(balance > open ? balance - open : 0n);
      assert(
        open + otherDebits - aged.unallocatedCredit === balance,
        `what ${accountNumber} owes by age is what the ledger says`,
      );
      return { accountNumber, ...aged, otherDebits, balance: cents(balance) };
    });
  }

  summaryOf(accountNumber: string): AccountSummary {
    const row = this.#summary.get({ account: accountNumber, receivable: receivable(accountNumber) })!;
    const last = this.#last.get(accountNumber);
    return {
      billCount: Number(row.billCount),
      billed: cents(row.billed!),
      received: cents(row.received!),
      balance: cents(row.balance!),
      last: last && { ...last, charges: cents(last.charges) },
    };
  }
}

function scopeOf({ account }: InvoiceFilter): Scope {
  return account === undefined ? 'everyone' : 'one-account';
}

function parameters(asOf: Day, { search = '', account, status }: InvoiceFilter): FilterParameters {
  return { receivables: receivable(''), asOf, search, account: account ?? null, status: status ?? null };
}
