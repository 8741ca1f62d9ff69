import type { MeterPoint } from '../../accounts/meter-point.ts';
import { href } from '../../http/href.ts';
import { type ListSpec, listView, offsetOf, readListState, rowsPerPage } from '../list.ts';
import type { AdminPage } from '../page.ts';

const url = '/admin/meter-points';

/** Everywhere supply is measured. */
export const meterPointsPage: AdminPage = {
  url,
  title: 'Meter points',
  view: 'list-page',
  menu: 'Meter points',
  role: 'viewer',
  load({ query }, { meterPoints }) {
    const state = readListState(query, spec);
    const rows = meterPoints.list({ search: state.search, limit: rowsPerPage, offset: offsetOf(state) });
    return { list: listView(spec, state, rows, meterPoints.count(state.search)) };
  },
};

const spec: ListSpec<MeterPoint> = {
  url,
  caption: 'Meter points',
  searchLabel: 'Identifier or address',
  emptyText: 'No meter point yet. One appears with its first reading or file.',
  columns: [
    {
      key: 'identifier',
      title: 'Identifier',
      cell: ({ identifier }) => ({ text: identifier, href: href(url, [identifier]) }),
    },
    { key: 'address', title: 'Address', cell: ({ address }) => address || '—' },
    { key: 'zone', title: 'Zone', cell: ({ zone }) => zone },
    { key: 'origin', title: 'Known from', cell: ({ origin }) => (origin === 'import' ? 'a file' : 'registration') },
  ],
};
