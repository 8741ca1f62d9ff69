import type { Account } from '../accounts/account.ts';
import { assert } from '../kernel/assert.ts';
import type { LedgerStore } from '../ledger/ledger-store.ts';
import { receivable } from '../ledger/posting.ts';
import { addCents, parseCents } from '../units/money.ts';
import { type EarnedDiscount, payOnTime } from './conditional-discounts.ts';
import type { OpenPromise, PromisedDiscountStore } from './promised-discount-store.ts';

export interface EarnedDiscountDeps {
  promisedDiscounts: PromisedDiscountStore;
  ledger: LedgerStore;
}

/** What the account has earned by paying in time and no invoice has credited. */
export function earnedDiscounts({ promisedDiscounts, ledger }: EarnedDiscountDeps, account: Account): EarnedDiscount[] {
  const open = promisedDiscounts.listOpen(account.id, payOnTime);
  return open
    .filter(promise => isEarned(ledger, account, promise))
    .map(({ dueOn: _, ledgerTransactionId: __, ...rest }) => rest);
}

/**
 * Paid in time is: by the due day no more was left of what the invoice asked for than the discount itself. A payment counts on the day
 * it was received, whenever it was recorded; later invoices have their own due days.
 */
function isEarned(ledger: LedgerStore, { number }: Account, promise: OpenPromise): boolean {
  const { dueOn, ledgerTransactionId, amount } = promise;
  const customer = receivable(number);
  const since = ledger
    .listEntriesSince(customer, ledgerTransactionId)
    .filter(({ kind, bookedOn }) => kind !== 'invoice' && bookedOn <= dueOn);
  const left = addCents(ledger.balanceAfter(customer, ledgerTransactionId), ...since.map(entry => entry.amount));
  const off = parseCents(amount);
  assert(off !== undefined, 'a promise says its amount in money');
  return left + off <= 0n;
}
