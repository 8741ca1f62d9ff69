import { showMoment } from '../../http/format.ts';
import { href } from '../../http/href.ts';
import type { ImportReport } from '../../imports/import-report.ts';
import type { ReportedRun } from '../../imports/import-run-store.ts';
import type { ImportProblem } from '../../imports/problem.ts';
import { instant } from '../../units/time.ts';
import { type ListSpec, listView, pageOfRows, readListState } from '../list.ts';
import type { AdminPage } from '../page.ts';

const parent = '/admin/imports';
// The totals of a whole market file would be a page of megabytes; the command line prints them all with --json.
const channelsMax = 100;

/** What one import did: counts, totals to hold against the sender's, and every problem with its place in the file. */
export const importPage: AdminPage = {
  url: `${parent}/:run`,
  title: 'Import',
  view: 'import',
  parent,
  role: 'viewer',
  load({ params, query }, { imports, zone }) {
    const run = imports.get(/^\d{1,15}$/.test(params.run ?? '') ? Number(params.run) : 0);
    return {
      title: run.name,
      run,
      startedAt: showMoment(instant(run.startedAt), zone),
      seconds: run.finishedAt === null ? undefined : run.finishedAt - run.startedAt,
      ...(run.report && reportOf(run, run.report, query)),
    };
  },
};

function reportOf({ id }: ReportedRun, report: ImportReport, query: URLSearchParams) {
  const spec = { ...problemSpec, url: href(parent, [id]) };
  const state = readListState(query, spec);
  const found = report.problems
    .filter(problem => `${problem.rule} ${problem.message}`.toLowerCase().includes(state.search.toLowerCase()))
    .filter(({ severity }) => !state.filters.severity || severity === state.filters.severity)
    .filter(({ action }) => !state.filters.action || action === state.filters.action);
  const inZip = report.problems.some(({ member }) => member !== '');
  const shown = inZip ? spec : { ...spec, columns: spec.columns.filter(({ key }) => key !== 'member') };
  return {
    report,
    channels: report.channels.slice(0, channelsMax),
    moreChannels: Math.max(0, report.channels.length - channelsMax),
    list: listView(shown, state, pageOfRows(found, shown, state), found.length),
  };
}

const options = (values: string[]) => values.map(value => ({ value, label: value }));

const problemSpec: Omit<ListSpec<ImportProblem>, 'url'> = {
  caption: 'Problems',
  searchLabel: 'Rule or words',
  filters: [
    { name: 'severity', label: 'Severity', options: options(['error', 'warning']) },
    { name: 'action', label: 'What was done', options: options(['rejected', 'repaired', 'ignored']) },
  ],
  emptyText: 'Nothing to complain about.',
  columns: [
    {
      key: 'line',
      title: 'Line',
      cell: ({ line }) => (line > 0 ? String(line) : '—'),
      sortBy: p => p.line,
      number: true,
    },
    { key: 'column', title: 'Column', cell: ({ line, column }) => (line > 0 ? String(column) : '—'), number: true },
    { key: 'rule', title: 'Rule', cell: ({ rule }) => rule, sortBy: ({ rule }) => rule, short: true },
    {
      key: 'severity',
      title: 'Severity',
      cell: ({ severity }) => ({ text: severity, tone: severity === 'error' ? 'bad' : 'warn' }),
    },
    // The place stands in columns of its own already.
    { key: 'message', title: 'What', cell: ({ message }) => message.replace(/^line \d+, column \d+: /, '') },
    { key: 'action', title: 'Done', cell: ({ action }) => action },
    { key: 'member', title: 'In', cell: ({ member }) => member.split('!').at(-1)! },
  ],
};
