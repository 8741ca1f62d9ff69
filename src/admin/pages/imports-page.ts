import { showCount, showMoment } from '../../http/format.ts';
import { href } from '../../http/href.ts';
import type { ListedRun } from '../../imports/import-run-store.ts';
import { formatUtc, instant, type Zone } from '../../units/time.ts';
import {
  type Cell,
  type Column,
  csvList,
  type ListSpec,
  listView,
  offsetOf,
  readListState,
  rowsPerPage,
} from '../list.ts';
import type { AdminPage } from '../page.ts';

const url = '/admin/imports';

/** Every file that was read, newest first. */
export const importsPage: AdminPage = {
  url,
  title: 'Imports',
  view: 'imports',
  menu: 'Imports',
  role: 'viewer',
  load({ query }, { imports, zone }) {
    const spec = specFor(zone);
    const state = readListState(query, spec);
    const rows = imports.list({ search: state.search, limit: rowsPerPage, offset: offsetOf(state) });
    return { list: listView(spec, state, rows, imports.count(state.search)) };
  },
  csv({ query }, { imports, zone }) {
    const spec = specFor(zone);
    const { search } = readListState(query, spec);
    return csvList(spec, imports.list({ search, limit: imports.count(search) }));
  },
};

function specFor(zone: Zone): ListSpec<ListedRun> {
  return {
    url,
    csvUrl: `${url}.csv`,
    caption: 'Imports',
    searchLabel: 'File, format or importer',
    emptyText:
      'No file has been imported yet. On the server, “npx wattledger import FILE” takes NEM12, D0010 and zips of them.',
    columns: [
      { key: 'id', title: 'Run', cell: ({ id }) => ({ text: String(id), href: href(url, [id]) }), number: true },
      { key: 'file', title: 'File', cell: ({ id, name }) => ({ text: name, href: href(url, [id]) }) },
      { key: 'format', title: 'Format', cell: ({ format }) => format },
      {
        key: 'started',
        title: 'When',
        cell: ({ startedAt }) => showMoment(instant(startedAt), zone),
        csv: ({ startedAt }) => formatUtc(instant(startedAt)),
        short: true,
      },
      { key: 'by', title: 'By', cell: ({ importedBy }) => importedBy },
      count('new', 'New'),
      count('identical', 'Known'),
      { ...count('conflicting', 'Conflicts'), cell: run => attention(run.counts?.conflicting, 'warn') },
      { ...count('rejected', 'Rejected'), cell: run => attention(run.counts?.rejected, 'bad') },
    ],
  };
}

function count(key: keyof NonNullable<ListedRun['counts']>, title: string): Column<ListedRun> {
  return {
    key,
    title,
    cell: ({ counts }) => (counts ? showCount(counts[key]) : 'unfinished'),
    csv: ({ counts }) => counts?.[key] ?? '',
    number: true,
  };
}

function attention(count: number | undefined, tone: 'warn' | 'bad'): Cell {
  if (count === undefined) return { text: 'unfinished', tone: 'warn' };
  return count > 0 ? { text: showCount(count), tone } : '0';
}
