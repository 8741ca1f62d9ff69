import { mayActAs } from '../../access/user.ts';
import { showCount, showDay, showTime } from '../../http/format.ts';
import { href } from '../../http/href.ts';
import type { ImportCounts } from '../../imports/import-report.ts';
import { type ImportState, importStates, type ListedRun } from '../../imports/import-run.ts';
import type { RunOrder } from '../../imports/import-run-store.ts';
import { dayOf, formatUtc, type Instant, instant, type Zone } from '../../units/time.ts';
import {
  type Cell,
  type Column,
  csvList,
  type ListSpec,
  type ListState,
  listView,
  offsetOf,
  readListState,
  rowsPerPage,
} from '../list.ts';
import type { AdminPage } from '../page.ts';
import { runState } from '../run-state.ts';
import { sinceFilter, sinceOf } from '../since.ts';
import { runNumber } from './import-page.ts';

const url = '/admin/imports';

/** Where files are handed in, and every file that was read, newest first. */
export const importsPage: AdminPage = {
  url,
  title: 'Imports',
  view: 'imports',
  menu: 'Imports',
  role: 'viewer',
  load({ query, user, now }, { imports, importProfiles, importQueue, zone }) {
    const empty = specFor(zone);
    const state = readListState(query, empty);
    const filter = { search: state.search, state: stateOf(state), since: sinceOf(state.filters.since, now, zone) ?? 0 };
    const rows = imports.list({ ...filter, order: orderOf(state), limit: rowsPerPage, offset: offsetOf(state) });
    const spec = specFor(zone, rows);
    const open = imports.listOpen().length;
    return {
      list: listView(spec, state, rows, imports.count(filter.search, filter.state, filter.since)),
      mayImport: mayActAs(user.role, 'operator'),
      script: 'imports.js',
      paused: importQueue.paused && open > 0,
      open,
      profiles: importProfiles.list().map(({ profile: { name, title } }) => ({ name, title })),
      // Dry runs of several files are in no list, so the address that shows them names them.
      tried: (query.get('runs') ?? '')
        .split(',')
        .slice(0, 20)
        .flatMap(id => importQueue.runs.find(runNumber(id)) ?? [])
        .map(run => ({ ...run, url: href(url, [run.id]), shown: runState(run, run.report?.counts) })),
    };
  },
  csv({ query, now }, { imports, zone }) {
    const spec = specFor(zone);
    const listState = readListState(query, spec);
    const since = sinceOf(listState.filters.since, now, zone) ?? 0;
    const filter = { search: listState.search, state: stateOf(listState), since };
    return csvList(
      spec,
      imports.list({ ...filter, order: orderOf(listState), limit: imports.count(filter.search, filter.state, since) }),
    );
  },
};

// Longer ones are broken into lines.
const referenceLengthUsual = 16;

const sortable = ['file', 'reference', 'started', 'new', 'rejected'] as const;

function orderOf({ sort, descending }: ListState): RunOrder {
  const by = sortable.find(each => each === sort);
  return by ? { by, descending } : { by: 'id', descending: true };
}

function stateOf({ filters }: ListState): ImportState | '' {
  return importStates.find(each => each === filters.state) ?? '';
}

/** Columns in which none of `shown` says anything are left out on the page. */
function specFor(zone: Zone, shown?: ListedRun[]): ListSpec<ListedRun> {
  const saysNothing = (says: (run: ListedRun) => unknown) => shown !== undefined && !shown.some(says);
  return {
    url,
    csvUrl: `${url}.csv`,
    caption: 'Imports',
    searchLabel: 'File, reference, format or importer',
    filters: [
      { name: 'state', label: 'State', options: importStates.map(value => ({ value, label: value })) },
      sinceFilter('Imported'),
    ],
    emptyText: 'No file has been imported yet.',
    columns: [
      { key: 'id', title: 'Run', cell: ({ id }) => ({ text: String(id), href: href(url, [id]) }), number: true },
      {
        key: 'file',
        title: 'File',
        sortBy: true,
        cell: ({ id, name }) => ({ text: name, href: href(url, [id]) }),
        long: true,
      },
      {
        key: 'reference',
        title: 'Reference',
        sortBy: true,
        cell: ({ reference }) => reference || '—',
        csv: ({ reference }) => reference,
        fileOnly: saysNothing(({ reference }) => reference),
        long: !saysNothing(({ reference }) => reference.length > referenceLengthUsual),
      },
      { key: 'format', title: 'Format', cell: ({ format }) => format },
      {
        key: 'started',
        title: 'When',
        sortBy: true,
        // Which of the two hours of a clock change is meant, the run's own page says.
        cell: ({ startedAt }) => whenOf(instant(startedAt), zone),
        csv: ({ startedAt }) => formatUtc(instant(startedAt)),
        // Beside what was revised there is no room for it on one line.
        short: saysNothing(({ counts }) => counts?.revised),
      },
      {
        key: 'by',
        title: 'By',
        cell: ({ importedBy }) => importedBy.replace(/^user /, ''),
        csv: ({ importedBy }) => importedBy,
      },
      { key: 'state', title: 'State', cell: run => runState(run, run.counts) },
      { ...count('new', 'New'), sortBy: true },
      count('identical', 'Known'),
      { ...count('revised', 'Revised'), fileOnly: saysNothing(({ counts }) => counts?.revised) },
      { ...count('conflicting', 'Conflicts'), cell: run => attention(run.counts?.conflicting, 'warn') },
      { ...count('rejected', 'Rejected'), sortBy: true, cell: run => attention(run.counts?.rejected, 'bad') },
    ],
  };
}

/** On one line or two: "22 Nov" and "2026, 11:14". */
function whenOf(at: Instant, zone: Zone): string {
  return `${showDay(dayOf(at, zone)).replace(' ', '\u00a0')},\u00a0${showTime(at, zone)}`;
}

function count(key: keyof ImportCounts, title: string): Column<ListedRun> {
  return {
    key,
    title,
    cell: ({ counts }) => (counts ? showCount(counts[key] ?? 0) : '—'),
    csv: ({ counts }) => counts?.[key] ?? '',
    number: true,
  };
}

function attention(count: number | undefined, tone: 'warn' | 'bad'): Cell {
  if (count === undefined) return '—';
  return count > 0 ? { text: showCount(count), tone } : '0';
}
