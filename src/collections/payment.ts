import { paymentKind } from '../billing/balance-box.ts';
import { type Posting, receivable } from '../ledger/posting.ts';
import { type Cents, negateCents } from '../units/money.ts';
import type { Day } from '../units/time.ts';

export const paymentMethods = ['bank-transfer', 'bpay', 'direct-debit', 'card', 'cash', 'other'] as const;
export type PaymentMethod = (typeof paymentMethods)[number];

/** Money received from a customer. `dedupeKey` names it for ever: the bank's own reference, or file and line. */
export interface Payment {
  id: number;
  accountId: number;
  /** The day on which it counts, which may be before the day on which it was recorded. */
  receivedOn: Day;
  amount: Cents;
  method: PaymentMethod;
  reference: string;
  dedupeKey: string;
  ledgerTransactionId: number;
  /** UTC epoch seconds. */
  recordedAt: number;
}

export type NewPayment = Pick<Payment, 'receivedOn' | 'amount' | 'method' | 'reference' | 'dedupeKey'>;

export const methodWords: Record<PaymentMethod, string> = {
  'bank-transfer': 'bank transfer',
  bpay: 'BPAY',
  'direct-debit': 'direct debit',
  card: 'card',
  cash: 'cash',
  other: 'other means',
};

/** What a payment does to the books. It needs no invoice: one that comes before any is a credit balance. */
export function paymentPosting(accountNumber: string, payment: NewPayment): Posting {
  const { receivedOn, amount, method, reference, dedupeKey } = payment;
  return {
    bookedOn: receivedOn,
    kind: paymentKind,
    reference: dedupeKey,
    description: `Payment by ${methodWords[method]}${reference ? `, ${reference}` : ''}`,
    entries: [
      { account: 'bank', amount },
      { account: receivable(accountNumber), amount: negateCents(amount) },
    ],
  };
}

/** Whether a payment that was sent again is the one that was kept. */
export function isSamePayment(kept: Payment, accountId: number, sent: NewPayment): boolean {
  return (
    kept.accountId === accountId &&
    kept.receivedOn === sent.receivedOn &&
    kept.amount === sent.amount &&
    kept.method === sent.method &&
    kept.reference === sent.reference
  );
}
