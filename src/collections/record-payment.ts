import type { AccountStore } from '../accounts/account-store.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Database } from '../kernel/database.ts';
import { Refusal } from '../kernel/errors.ts';
import type { LedgerStore } from '../ledger/ledger-store.ts';
import { dayOf, instantOfMs, type Zone } from '../units/time.ts';
import { isSamePayment, type NewPayment, type Payment, paymentPosting } from './payment.ts';
import type { PaymentStore } from './payment-store.ts';

export interface RecordPaymentDeps {
  database: Database;
  accounts: AccountStore;
  payments: PaymentStore;
  ledger: LedgerStore;
  clock: Clock;
  businessZone: Zone;
}

/**
 * Keeps a payment and posts it, in one transaction. The same payment sent again is answered with the one that was kept.
 * Throws 'account-unknown', 'body-invalid' for an amount that is not positive or a day still to come, and 'payment-conflict' when the
 * key belongs to a different payment.
 */
export function recordPayment(
  deps: RecordPaymentDeps,
  accountNumber: string,
  payment: NewPayment,
): { payment: Payment; duplicate: boolean } {
  const { database, accounts, payments, ledger, clock } = deps;
  const account = accounts.get(accountNumber);
  check(deps, payment);
  const record = database.transaction(() => {
    const kept = payments.findByKey(payment.dedupeKey);
    if (kept && !isSamePayment(kept, account.id, payment)) {
      throw new Refusal(
        'payment-conflict',
        `key ${payment.dedupeKey} belongs to another payment, of ${kept.receivedOn}`,
      );
    }
    if (kept) return { payment: kept, duplicate: true };
    const recordedAt = Math.floor(clock.now() / 1000);
    const { id: ledgerTransactionId } = ledger.post(paymentPosting(account.number, payment), recordedAt);
    const added = payments.add({ ...payment, accountId: account.id, ledgerTransactionId, recordedAt });
    return { payment: added, duplicate: false };
  });
  return record.immediate();
}

function check({ clock, businessZone }: RecordPaymentDeps, { amount, receivedOn, dedupeKey }: NewPayment): void {
  const fields = [];
  if (amount <= 0n) fields.push({ pointer: '/amount', message: 'must be more than zero' });
  if (receivedOn > dayOf(instantOfMs(clock.now()), businessZone)) {
    fields.push({ pointer: '/receivedOn', message: `${receivedOn} is still to come` });
  }
  if (dedupeKey === '') fields.push({ pointer: '/dedupeKey', message: 'must name the payment' });
  if (fields.length > 0) throw new Refusal('body-invalid', 'this is not a payment that was received', fields);
}
