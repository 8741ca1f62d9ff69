import type { AccountStore } from '../accounts/account-store.ts';
import type { AccountEntry, LedgerStore } from '../ledger/ledger-store.ts';
import { receivable } from '../ledger/posting.ts';

/** Everything that was booked for a customer, by day, each with the balance after it. Throws 'account-unknown'. */
export function accountStatement(
  { accounts, ledger }: { accounts: AccountStore; ledger: LedgerStore },
  accountNumber: string,
): AccountEntry[] {
  return ledger.listEntries(receivable(accounts.get(accountNumber).number));
}
