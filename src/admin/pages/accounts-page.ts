import type { Account } from '../../accounts/account.ts';
import { accountSorts } from '../../accounts/account-store.ts';
import { showMoney } from '../../billing/invoice-words.ts';
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
  load({ query }, deps) {
    const spec = specFor(deps);
    const state = readListState(query, spec);
    const rows = deps.accounts.list({ ...filterOf(state), limit: rowsPerPage, offset: offsetOf(state) });
    return { list: listView(spec, state, rows, deps.accounts.count(state.search)) };
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

function specFor({ ledger, currency }: AdminDeps): ListSpec<Account> {
  const balanceOf = ({ number }: Account) => ledger.balance(receivable(number));
  return {
    url,
    csvUrl: `${url}.csv`,
    caption: 'Accounts',
    searchLabel: 'Number, name or e-mail',
    emptyText: 'No account yet. The API adds one with POST /v1/accounts.',
    columns: [
      {
        key: 'number',
        title: 'Number',
        cell: ({ number }) => ({ text: number, href: href(url, [number]) }),
        sortBy: true,
      },
      { key: 'name', title: 'Name', cell: ({ name }) => name, sortBy: true },
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
