import { showMoney, showPeriod } from '../../billing/invoice-words.ts';
import {
  type InvoiceFilter,
  invoiceSorts,
  invoiceStates,
  type ListedInvoice,
} from '../../collections/receivable-store.ts';
import { showDay } from '../../http/format.ts';
import { href } from '../../http/href.ts';
import { type Cents, formatCents } from '../../units/money.ts';
import { addDays, dayOf } from '../../units/time.ts';
import { invoiceStatus } from '../invoice-status.ts';
import { csvList, type ListSpec, type ListState, listView, offsetOf, readListState, rowsPerPage } from '../list.ts';
import type { AdminDeps, AdminPage, PageRequest } from '../page.ts';

const url = '/admin/invoices';

/** Everything that was issued, newest first, with what is still open on it. */
export const invoicesPage: AdminPage = {
  url,
  title: 'Invoices',
  view: 'list-page',
  menu: 'Invoices',
  role: 'viewer',
  load(request, deps) {
    const { spec, state, filter, today } = read(request, deps);
    const rows = deps.receivables.listInvoices(today, { ...filter, limit: rowsPerPage, offset: offsetOf(state) });
    return { list: listView(spec, state, rows, deps.receivables.countInvoices(today, filter)) };
  },
  csv(request, deps) {
    const { spec, filter, today } = read(request, deps);
    const limit = deps.receivables.countInvoices(today, filter);
    return csvList(spec, deps.receivables.listInvoices(today, { ...filter, limit }));
  },
};

function read({ query, now }: PageRequest, deps: AdminDeps) {
  const spec = specFor(deps);
  const state = readListState(query, spec);
  return { spec, state, filter: filterOf(state), today: dayOf(now, deps.businessZone) };
}

function filterOf({ search, filters, sort, descending }: ListState): InvoiceFilter {
  const status = invoiceStates.find(each => each === filters.status);
  return { search, ...(status && { status }), sort: invoiceSorts.find(each => each === sort), descending };
}

function specFor({ currency }: AdminDeps): ListSpec<ListedInvoice> {
  const money = (amount: Cents) => showMoney(formatCents(amount), currency);
  return {
    url,
    csvUrl: `${url}.csv`,
    caption: 'Invoices',
    searchLabel: 'Number or account',
    filters: [{ name: 'status', label: 'Status', options: invoiceStates.map(value => ({ value, label: value })) }],
    emptyText: 'Nothing has been issued yet. A bill run makes the first.',
    columns: [
      {
        key: 'number',
        title: 'Number',
        cell: ({ number }) => ({ text: number, href: href(url, [number]) }),
        sortBy: true,
      },
      {
        key: 'account',
        title: 'Account',
        cell: row => ({ text: row.accountName, href: href('/admin/accounts', [row.accountNumber]) }),
        sortBy: true,
      },
      {
        key: 'period',
        title: 'Period',
        cell: ({ from, to }) => showPeriod({ from, to: addDays(to, -1) }),
        short: true,
        csv: ({ from, to }) => `${from}/${addDays(to, -1)}`,
        sortBy: true,
      },
      {
        key: 'issued',
        title: 'Issued',
        cell: row => showDay(row.issuedOn),
        csv: row => row.issuedOn,
        sortBy: true,
        short: true,
      },
      { key: 'due', title: 'Due', cell: row => showDay(row.dueOn), csv: row => row.dueOn, sortBy: true, short: true },
      { key: 'status', title: 'Status', cell: invoiceStatus },
      {
        key: 'charges',
        title: 'Charges',
        cell: ({ charges }) => money(charges),
        csv: ({ charges }) => formatCents(charges),
        sortBy: true,
        number: true,
      },
      {
        key: 'open',
        title: 'Open',
        cell: ({ open }) => (open === 0n ? '—' : money(open)),
        csv: ({ open }) => formatCents(open),
        sortBy: true,
        number: true,
      },
      { key: 'pdf', title: 'PDF', cell: row => ({ text: 'PDF', href: href(url, [row.number, 'pdf']) }), csv: false },
    ],
  };
}
