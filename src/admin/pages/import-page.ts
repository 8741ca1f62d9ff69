import { showCount, showKwh, showMoment } from '../../http/format.ts';
import { href } from '../../http/href.ts';
import type { ComparedTotal } from '../../imports/expected-total.ts';
import { findDuplicates } from '../../imports/find-duplicates.ts';
import {
  firstOf,
  isDryRun,
  isOver,
  type ProblemFilter,
  type ReportedRun,
  type StoredReport,
} from '../../imports/import-run.ts';
import type { ImportProblem, ProblemAction, Severity } from '../../imports/problem.ts';
import type { RunProgress } from '../../imports/run-progress.ts';
import { undoRecorded } from '../../imports/undo-routes.ts';
import { parseEnergy } from '../../units/energy.ts';
import { instant } from '../../units/time.ts';
import { type ListSpec, listView, offsetOf, readListState, rowsPerPage } from '../list.ts';
import type { AdminDeps, AdminPage } from '../page.ts';
import { hasEntered, runState } from '../run-state.ts';
import { sourceWords } from '../source-words.ts';

const parent = '/admin/imports';
// The totals of a whole market file would be a page of megabytes; a file of CSV has them all.
const channelsMax = 100;
const severities: readonly Severity[] = ['error', 'warning'];
const actions: readonly ProblemAction[] = ['rejected', 'repaired', 'ignored'];

/** What one import does or did: progress, counts, totals to hold against the sender's, and every problem with its place in the file. */
export const importPage: AdminPage = {
  url: `${parent}/:run`,
  title: 'Import',
  view: 'import',
  parent,
  role: 'viewer',
  async load({ params, query }, deps) {
    const { importQueue: queue, zone } = deps;
    const run = queue.runs.get(runNumber(params.run));
    const over = isOver(run);
    const progress = queue.progressOf(run.id);
    return {
      title: run.name,
      run,
      over,
      dryRun: isDryRun(run),
      state: runState(run, run.report?.counts),
      startedAt: showMoment(instant(run.startedAt), zone),
      seconds: run.finishedAt === null ? undefined : run.finishedAt - (run.begunAt ?? run.startedAt),
      progress: progress && progressWords(progress),
      paused: !over && queue.paused,
      eventsUrl: over ? undefined : href(parent, [run.id, 'events']),
      script: over ? undefined : 'imports.js',
      refreshSeconds: over ? undefined : 3,
      ...(over && reportOf(run, deps, query)),
      ...(over && !isDryRun(run) && query.has('same') && { same: await saidBefore(run, deps) }),
    };
  },
  actions: {
    cancel: {
      role: 'operator',
      async act({ params }, { importQueue: queue }) {
        const id = runNumber(params.run);
        queue.cancel(id);
        await queue.settled(id, 10_000);
        return { to: href(parent, [id]) };
      },
    },
    'undo-preview': {
      role: 'operator',
      async act({ params }, { importUndos }) {
        return { show: { undoPreview: await importUndos.preview(runNumber(params.run)) } };
      },
    },
    undo: {
      role: 'operator',
      async act({ params, user }, deps) {
        const id = runNumber(params.run);
        await undoRecorded({ ...deps, clock: deps.posting.clock }, id, `user:${user.name}`);
        return { to: href(parent, [id]) };
      },
    },
  },
};

export function runNumber(text: string | undefined): number {
  return /^-?\d{1,15}$/.test(text ?? '') ? Number(text) : 0;
}

/** The filter of the list of problems, as its page's address says it. */
export function problemFilterOf(query: URLSearchParams): ProblemFilter {
  const severity = severities.find(each => each === query.get('severity'));
  const action = actions.find(each => each === query.get('action'));
  const rule = query.get('rule')?.slice(0, 40);
  return {
    search: (query.get('q') ?? '').trim().slice(0, 100),
    ...(severity && { severity }),
    ...(action && { action }),
    ...(rule && { rule }),
  };
}

function progressWords({ stage, done, total, bytesPerSecond, secondsLeft }: RunProgress) {
  return {
    words: stage === 'reading' ? 'Checking the file' : 'Taking its readings in',
    done,
    total,
    rate: `${(bytesPerSecond / 1e6).toFixed(1)} MB/s`,
    left: secondsLeft === undefined ? '' : `about ${Math.ceil(secondsLeft)} s left`,
  };
}

/** Who brought what the file says and is current by somebody else. */
async function saidBefore({ id, report }: ReportedRun, deps: AdminDeps) {
  const found = await findDuplicates({ ...deps, index: deps.readings }, id, undefined);
  const q = report && onlyMeterPoint(report);
  return found.map(({ source, readings }) => ({
    words: sourceWords(source, deps),
    readings: showCount(readings),
    url:
      q && /^(import|key|user):/.test(source)
        ? href('/admin/reconcile', [], { q, a: `import:${id}`, b: source })
        : undefined,
  }));
}

/** undefined when the file speaks of several. */
function onlyMeterPoint(report: StoredReport): string | undefined {
  let only: string | undefined;
  for (const some of report.eachChannels())
    for (const { meterPoint } of some) {
      only ??= meterPoint;
      if (only !== meterPoint) return undefined;
    }
  return only;
}

function reportOf(run: ReportedRun, deps: AdminDeps, query: URLSearchParams) {
  const { importQueue: queue } = deps;
  const { id, report } = run;
  if (!report) return {};
  const rules = queue.runs.countByRule(id);
  const url = href(parent, [id]);
  const filter = problemFilterOf(query);
  const spec: ListSpec<ImportProblem> = {
    ...problemSpec,
    url,
    csvUrl: `${url}/problems.csv`,
    filters: [
      ...problemSpec.filters,
      { name: 'rule', label: 'Rule', options: options([...new Set(rules.map(({ rule }) => rule))].sort()) },
    ],
  };
  const state = readListState(query, spec);
  const total = queue.runs.countProblems(id, filter);
  const channels = firstOf(report.eachChannels(), channelsMax);
  const rows = queue.runs.listProblems(id, filter, rowsPerPage, offsetOf(state));
  const inZip = rows.some(({ member }) => member !== '');
  const shown = inZip ? spec : { ...spec, columns: spec.columns.filter(({ key }) => key !== 'member') };
  return {
    report,
    entered: hasEntered(report.counts),
    totals: (report.expected ?? []).map(totalWords),
    undone: deps.importUndos.find(id),
    rules: rules.map(rule => ({ ...rule, count: showCount(rule.count), url: href(url, [], { rule: rule.rule }) })),
    // A dry run's bytes are gone when it is over.
    profilesUrl:
      report.format === 'unknown' && !isDryRun(run) ? href('/admin/import-profiles', [], { run: id }) : undefined,
    // Of readings; what files tell of registers is nothing to decide on.
    conflictsUrl:
      isDryRun(run) || report.channelCount === 0
        ? undefined
        : href('/admin/conflicts', [], { q: onlyMeterPoint(report) }),
    sameUrl: href(url, [], { same: 'yes' }),
    channels,
    channelsCsvUrl: `${url}/channels.csv`,
    moreChannels: report.channelCount - channels.length,
    hasDialValues: channels.some(({ kind, meter }) => kind === 'register' && meter),
    list: listView(shown, state, rows, total),
  };
}

function totalWords({ of, expected, found, difference }: ComparedTotal) {
  const words = (text: string) => {
    const energy = of === 'energy' ? parseEnergy(text) : undefined;
    return energy?.ok
      ? showKwh(energy.microKwh)
      : `${showCount(Number(text))} ${text === '1' ? 'reading' : 'readings'}`;
  };
  const isLess = difference.startsWith('-');
  const by = `${words(difference.replace('-', ''))} ${isLess ? 'less' : 'more'}`;
  return { expected: words(expected), found: words(found), by, isEqual: difference === '0' };
}

function options(values: readonly string[]) {
  return values.map(value => ({ value, label: value }));
}

const problemSpec = {
  caption: 'Problems',
  searchLabel: 'Rule or words',
  filters: [
    { name: 'severity', label: 'Severity', options: options(severities) },
    { name: 'action', label: 'What was done', options: options(actions) },
  ],
  emptyText: 'Nothing to complain about.',
  columns: [
    { key: 'line', title: 'Line', cell: ({ line }) => (line > 0 ? String(line) : '—'), number: true },
    { key: 'column', title: 'Column', cell: ({ line, column }) => (line > 0 ? String(column) : '—'), number: true },
    { key: 'rule', title: 'Rule', cell: ({ rule }) => rule, short: true },
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
} satisfies Omit<ListSpec<ImportProblem>, 'url'>;
