import { receivable } from '../../ledger/posting.ts';
import type { AdminPage } from '../page.ts';

/** One account: who, what is supplied, what was billed, what is owed. */
export const accountPage: AdminPage = {
  url: '/admin/accounts/:number',
  title: 'Account',
  view: 'account',
  parent: '/admin/accounts',
  role: 'viewer',
  load({ params }, { accounts, supplies, meterPoints, invoices, ledger }) {
    const account = accounts.get(params.number ?? '');
    const books = receivable(account.number);
    return {
      title: account.name,
      account,
      supplies: supplies
        .listOfAccount(account.id)
        .map(supply => ({ ...supply, meterPoint: meterPoints.getById(supply.meterPointId) })),
      invoices: invoices.listOfAccount(account.id).map(({ document }) => document),
      balance: ledger.balance(books),
      entries: ledger.listEntries(books),
    };
  },
};
