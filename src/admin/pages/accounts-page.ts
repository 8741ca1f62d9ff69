import { mayActAs } from '../../access/user.ts';
import type { Account } from '../../accounts/account.ts';
import { accountSorts } from '../../accounts/account-store.ts';
import { showMoney } from '../../billing/invoice-words.ts';
import { showDay } from '../../http/format.ts';
import { href } from '../../http/href.ts';
import { receivable } from '../../ledger/posting.ts';
import { formatCents } from '../../units/money.ts';
import { csvList, type ListSpec, type ListState, listView, offsetOf, readListState, rowsPerPage } from '../list.ts';
import type { AdminDeps, AdminPage } from '../page.ts';

const url = '/admin/accounts';

/** Everybody who is billed. */
export const accountsPage: AdminPage = {
  url,
  title: 'Accounts',
  view: 'list-page',
  menu: 'Accounts',
  role: 'viewer',
  load({ query, user }, deps) {
    const spec = specFor(deps);
    const add = mayActAs(user.role, 'operator') && { url: '/admin/new-account', label: 'New account' };
    const state = readListState(query, spec);
    const rows = deps.accounts.list({ ...filterOf(state), limit: rowsPerPage, offset: offsetOf(state) });
    return { add, list: listView(spec, state, rows, deps.accounts.count(state.search)) };
  },
  csv({ query }, deps) {
    const spec = specFor(deps);
    const filter = filterOf(readListState(query, spec));
    return csvList(spec, deps.accounts.list({ ...filter, limit: deps.accounts.count(filter.search) }));
  },
};

function filterOf({ search, sort, descending }: ListState) {
  return { search, sort: accountSorts.find(each => each === sort) ?? 'number', descending };
}

function specFor({ accounts, ledger, currency }: AdminDeps): ListSpec<Account> {
  const balanceOf = ({ number }: Account) => ledger.balance(receivable(number));
  return {
    url,
    csvUrl: `${url}.csv`,
    caption: 'Accounts',
    searchLabel: 'Number, name or e-mail',
    emptyText: 'No account yet. A list of customers can be imported, too.',
    columns: [
      {
        key: 'number',
        title: 'Number',
        cell: ({ number }) => ({ text: number, href: href(url, [number]) }),
        sortBy: true,
      },
      { key: 'name', title: 'Name', cell: ({ name }) => name, sortBy: true },
      {
        key: 'state',
        title: 'State',
        cell: ({ id }) => {
          const closing = accounts.findClosing(id);
          return closing ? { text: `closed from ${showDay(closing.closedFrom)}`, tone: 'plain' } : 'open';
        },
        csv: ({ id }) => (accounts.findClosing(id) ? 'closed' : 'open'),
      },
      { key: 'email', title: 'E-mail', cell: ({ email }) => email || '—', csv: ({ email }) => email, sortBy: true },
      { key: 'phone', title: 'Phone', cell: ({ phone }) => phone || '—', csv: ({ phone }) => phone },
      {
        key: 'balance',
        title: 'Balance',
        cell: account => showMoney(formatCents(balanceOf(account)), currency),
        csv: account => formatCents(balanceOf(account)),
        number: true,
      },
    ],
  };
}
