import { showDay, showMoney } from '../../http/format.ts';
import { href } from '../../http/href.ts';
import { addDays } from '../../units/time.ts';
import { type ListSpec, listView, offsetOf, readListState, rowsPerPage } from '../list.ts';
import type { InvoiceRow } from '../overview-store.ts';
import type { AdminPage } from '../page.ts';

const url = '/admin/invoices';

/** Everything that was issued, newest first. */
export const invoicesPage: AdminPage = {
  url,
  title: 'Invoices',
  view: 'list-page',
  menu: 'Invoices',
  role: 'viewer',
  load({ query }, { overview }) {
    const state = readListState(query, spec);
    const filter = { search: state.search, kind: state.filters.kind ?? '' };
    const rows = overview.listInvoices({ ...filter, limit: rowsPerPage, offset: offsetOf(state) });
    return { list: listView(spec, state, rows, overview.countInvoices(filter)) };
  },
};

const spec: ListSpec<InvoiceRow> = {
  url,
  caption: 'Invoices',
  searchLabel: 'Number or account',
  filters: [
    {
      name: 'kind',
      label: 'Kind',
      options: [
        { value: 'invoice', label: 'Invoices' },
        { value: 'credit-note', label: 'Credit notes' },
      ],
    },
  ],
  emptyText: 'Nothing has been issued yet.',
  columns: [
    { key: 'number', title: 'Number', cell: ({ number }) => ({ text: number, href: href(url, [number]) }) },
    {
      key: 'account',
      title: 'Account',
      cell: row => ({ text: row.accountName, href: href('/admin/accounts', [row.accountNumber]) }),
    },
    { key: 'period', title: 'Period', cell: ({ from, to }) => `${showDay(from)} – ${showDay(addDays(to, -1))}` },
    { key: 'issued', title: 'Issued', cell: ({ issuedOn }) => showDay(issuedOn) },
    { key: 'due', title: 'Due', cell: ({ dueOn }) => showDay(dueOn) },
    { key: 'charges', title: 'Charges', cell: ({ charges }) => showMoney(charges), number: true },
    { key: 'total', title: 'Total due', cell: ({ totalDue }) => showMoney(totalDue), number: true },
  ],
};
