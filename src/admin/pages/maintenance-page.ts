import { showCount, showDay, showMoment, showMonth } from '../../http/format.ts';
import { href } from '../../http/href.ts';
import { maintenanceKinds, periodToMaintain } from '../../maintenance/maintenance-run.ts';
import { readManifest } from '../../readings/archive-manifest.ts';
import type { Day, Month } from '../../units/time.ts';
import { type ListSpec, listView, pageOfRows, readListState } from '../list.ts';
import type { ActionRequest, AdminDeps, AdminPage } from '../page.ts';

const url = '/admin/maintenance';

/** An archive as the manifest beside it names it. */
interface Archive {
  name: string;
  kind: 'day' | 'month';
  period: string;
  bytes: number;
}

/** Closing days and months, the archives that come of it, and whether meters may send. */
export const maintenancePage: AdminPage = {
  url,
  title: 'Maintenance and archives',
  view: 'maintenance',
  menu: 'Maintenance',
  role: 'viewer',
  load({ query, now }, deps) {
    const { maintenance, maintenanceRuns, reception, zone } = deps;
    const spec = specFor();
    const state = readListState(query, spec);
    const archives = archivesOf(deps).filter(
      ({ name, kind }) => name.includes(state.search) && (!state.filters.kind || kind === state.filters.kind),
    );
    return {
      url,
      list: listView(spec, state, pageOfRows(archives, spec, state), archives.length),
      running: maintenance.running,
      receiving: reception.receiving,
      done: query.get('done'),
      runs: maintenanceKinds.map(kind => {
        const last = maintenanceRuns.findLast(kind);
        return {
          ...{ kind, next: periodWords(periodToMaintain(kind, now, zone).period) },
          last: last && { period: periodWords(last.period), at: showMoment(last.finishedAt, zone), by: last.startedBy },
        };
      }),
    };
  },
  actions: {
    maintain: {
      role: 'operator',
      async act({ form, user }: ActionRequest, { maintenance }) {
        const wanted = maintenanceKinds.filter(kind => form.get('kind') === kind || form.get('kind') === 'both');
        const done = await maintenance.start(wanted, `user:${user.name}`);
        const words = done.map(
          ({ period, archive }) => `${periodWords(period)}: ${archive ?? 'no readings, and so no archive'}`,
        );
        return { to: href(url, [], { done: words.join(', ') }) };
      },
    },
    stop: {
      role: 'admin',
      act({ user }, { reception }) {
        reception.stop(`user:${user.name}`);
        return { to: url };
      },
    },
    resume: {
      role: 'admin',
      act({ user }, { reception }) {
        reception.resume(`user:${user.name}`);
        return { to: url };
      },
    },
  },
};

/** The newest first, a month before its days. */
function archivesOf({ archiver }: AdminDeps): Archive[] {
  const names = [...(readManifest(archiver.deps.folder) ?? [])];
  return names
    .flatMap(([name, { bytes }]) => {
      const [, word, period = ''] = /^(daily|monthly)_([\d-]+)\.csv$/.exec(name) ?? [];
      return word ? [{ name, bytes, period, kind: word === 'daily' ? ('day' as const) : ('month' as const) }] : [];
    })
    .sort((a, b) => (orderOf(a) < orderOf(b) ? 1 : -1));
}

function orderOf({ kind, period }: Archive): string {
  return kind === 'month' ? `${period}-99` : period;
}

function specFor(): ListSpec<Archive> {
  return {
    url,
    caption: 'Archives',
    searchLabel: 'Day or month, such as 2026-10',
    filters: [
      {
        name: 'kind',
        label: 'Of',
        options: [
          { value: 'month', label: 'a month' },
          { value: 'day', label: 'a day' },
        ],
      },
    ],
    emptyText: 'There is no archive yet: a day has one when it is over.',
    columns: [
      { key: 'period', title: 'Day or month', cell: ({ period }) => periodWords(period), short: true },
      {
        key: 'name',
        title: 'File',
        cell: ({ name }) => ({ text: name, href: href(`${url}/archives`, [name]) }),
      },
      { key: 'size', title: 'Size', number: true, cell: ({ bytes }) => `${showCount(Math.ceil(bytes / 1000))} kB` },
    ],
  };
}

function periodWords(period: string): string {
  return period.length > 7 ? showDay(period as Day) : showMonth(period as Month);
}
