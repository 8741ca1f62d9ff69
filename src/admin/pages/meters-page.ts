import type { Meter } from '../../accounts/meter-store.ts';
import { showCount, showMoment } from '../../http/format.ts';
import { href } from '../../http/href.ts';
import { listDialReadings } from '../../imports/list-dial-readings.ts';
import { Slices } from '../../kernel/slices.ts';
import { formatUtc, type Zone } from '../../units/time.ts';
import { csvList, type ListSpec, type ListState, listView, offsetOf, readListState, rowsPerPage } from '../list.ts';
import type { AdminDeps, AdminPage, PageRequest } from '../page.ts';
import { sinceFilter, sinceOf } from '../since.ts';

const url = '/admin/meters';

/** The devices: their serials, where they stand and how many of their dial values files brought. */
export const metersPage: AdminPage = {
  url,
  title: 'Meters',
  view: 'list-page',
  parent: '/admin/meter-points',
  role: 'viewer',
  async load(request, deps) {
    await listDialReadings({ ...deps, index: deps.readings }, request.query.get('q') ?? '');
    const spec = specFor(deps);
    const state = readListState(request.query, spec);
    const filter = filterOf(state, request, deps.zone);
    const slices = new Slices();
    const total = deps.meters.count(filter);
    await slices.pause();
    const rows = deps.meters.list(filter, [orderOf(state)], rowsPerPage, offsetOf(state), total);
    return { list: listView(spec, state, rows, total) };
  },
  csv(request, deps) {
    const spec = specFor(deps);
    const state = readListState(request.query, spec);
    const filter = filterOf(state, request, deps.zone);
    return csvList(spec, deps.meters.list(filter, [orderOf(state)], deps.meters.count(filter)));
  },
};

function filterOf({ search, filters }: ListState, { now }: PageRequest, zone: Zone) {
  return { search, readingType: filters.type, createdFrom: sinceOf(filters.since, now, zone) };
}

const sortable = ['serial', 'identifier', 'readingType', 'readingCount', 'createdAt'] as const;

function orderOf({ sort, descending }: ListState) {
  const by = sortable.find(each => each === sort);
  return by ? { by, descending } : { by: 'identifier' as const, descending: false };
}

function specFor({ meters, zone }: AdminDeps): ListSpec<Meter> {
  return {
    url,
    csvUrl: `${url}.csv`,
    caption: 'Meters',
    searchLabel: 'Serial or meter point',
    filters: [
      {
        name: 'type',
        label: 'Reading type',
        options: meters.listReadingTypes().map(value => ({ value, label: value })),
      },
      sinceFilter('Created'),
    ],
    emptyText: 'No meter with a serial yet. One appears with the first file that names it.',
    columns: [
      {
        key: 'serial',
        title: 'Serial',
        sortBy: true,
        cell: ({ id, serial }) => ({ text: serial, href: href('/admin/readings', [], { meter: id }) }),
      },
      {
        key: 'identifier',
        title: 'Meter point',
        sortBy: true,
        cell: ({ identifier }) => ({ text: identifier, href: href('/admin/meter-points', [identifier]) }),
      },
      {
        key: 'readingType',
        title: 'Reading type',
        sortBy: true,
        cell: ({ readingType }) => readingType || '—',
        csv: ({ readingType }) => readingType,
      },
      {
        key: 'readingCount',
        title: 'Dial values',
        sortBy: true,
        number: true,
        cell: ({ readingCount }) => showCount(readingCount),
        csv: ({ readingCount }) => readingCount,
      },
      {
        key: 'createdAt',
        title: 'Created',
        sortBy: true,
        short: true,
        cell: ({ createdAt }) => showMoment(createdAt, zone),
        csv: ({ createdAt }) => formatUtc(createdAt),
      },
    ],
  };
}
