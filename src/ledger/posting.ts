import { assert } from '../kernel/assert.ts';
import { sha256 } from '../kernel/ids.ts';
import { addCents, type Cents } from '../units/money.ts';
import type { Day } from '../units/time.ts';

/** One side of a transaction: debits are positive, credits negative. Accounts are named by code: "bank", "revenue:grid". */
export interface Entry {
  account: string;
  amount: Cents;
}

/** What is to be written down: a set of entries that sums to zero. `kind` and `reference` name what made it, once. */
export interface Posting {
  bookedOn: Day;
  kind: string;
  reference: string;
  description: string;
  entries: Entry[];
}

/** A posting after it was written: numbered without a hole and chained to the one before. */
export interface LedgerTransaction extends Posting {
  id: number;
  recordedAt: number;
  previousHash: string;
  hash: string;
}

/** The account that holds what a customer owes; negative when the customer is in credit. */
export function receivable(accountNumber: string): string {
  return `receivable:${accountNumber}`;
}

/** Passes a posting on when it balances; one that does not is a fault of the code that made it. */
export function balanced(posting: Posting): Posting {
  assert(posting.entries.length >= 2, 'money comes from somewhere and goes somewhere');
  const sum = addCents(...posting.entries.map(entry => entry.amount));
  assert(sum === 0n, `${posting.kind} ${posting.reference} sums to zero, but it sums to ${sum} cents`);
  return posting;
}

/** The link of the hash chain: the hash before, then everything the transaction says, in a form that has one spelling. */
export function hashOf(transaction: Omit<LedgerTransaction, 'hash'>): string {
  const { previousHash, id, bookedOn, kind, reference, description, recordedAt, entries } = transaction;
  const said = [id, bookedOn, kind, reference, description, recordedAt];
  return sha256(
    `${previousHash}\n${JSON.stringify([...said, entries.map(entry => [entry.account, String(entry.amount)])])}`,
  );
}
