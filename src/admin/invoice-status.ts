import type { ListedInvoice } from '../collections/receivable-store.ts';
import type { Cell } from './list.ts';

/** An invoice's state as a coloured word; what is overdue says so before anything else. */
export function invoiceStatus({ status, overdue }: Pick<ListedInvoice, 'status' | 'overdue'>): Exclude<Cell, string> {
  if (overdue) return { text: status === 'part-paid' ? 'overdue, part-paid' : 'overdue', tone: 'bad' };
  if (status === 'paid') return { text: 'paid', tone: 'good' };
  return { text: status, tone: 'warn' };
}
