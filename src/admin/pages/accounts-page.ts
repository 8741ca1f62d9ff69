import type { Account } from '../../accounts/account.ts';
import { href } from '../../http/href.ts';
import { type ListSpec, listView, offsetOf, readListState, rowsPerPage } from '../list.ts';
import type { AdminPage } from '../page.ts';

const url = '/admin/accounts';

/** Everybody who is billed. */
export const accountsPage: AdminPage = {
  url,
  title: 'Accounts',
  view: 'list-page',
  menu: 'Accounts',
  role: 'viewer',
  load({ query }, { accounts }) {
    const state = readListState(query, spec);
    const rows = accounts.list({ search: state.search, limit: rowsPerPage, offset: offsetOf(state) });
    return { list: listView(spec, state, rows, accounts.count(state.search)) };
  },
};

const spec: ListSpec<Account> = {
  url,
  caption: 'Accounts',
  searchLabel: 'Number, name or e-mail',
  emptyText: 'No account yet. The API adds one with POST /v1/accounts.',
  columns: [
    { key: 'number', title: 'Number', cell: ({ number }) => ({ text: number, href: href(url, [number]) }) },
    { key: 'name', title: 'Name', cell: ({ name }) => name },
    { key: 'email', title: 'E-mail', cell: ({ email }) => email || '—' },
    { key: 'phone', title: 'Phone', cell: ({ phone }) => phone || '—' },
  ],
};
