import type { MeterPoint } from '../../accounts/meter-point.ts';
import { showMoment } from '../../http/format.ts';
import { href } from '../../http/href.ts';
import { formatLocal, type Instant, instant, secondsPerDay } from '../../units/time.ts';
import { type Cell, csvList, type ListSpec, listView, offsetOf, readListState, rowsPerPage } from '../list.ts';
import type { AdminDeps, AdminPage } from '../page.ts';

const url = '/admin/meter-points';

/** Everywhere supply is measured, and when each was last heard of. */
export const meterPointsPage: AdminPage = {
  url,
  title: 'Meter points',
  view: 'list-page',
  menu: 'Meter points',
  role: 'viewer',
  load({ query, now }, deps) {
    const spec = specFor(deps, now);
    const state = readListState(query, spec);
    const rows = deps.meterPoints.list({ search: state.search, limit: rowsPerPage, offset: offsetOf(state) });
    return { list: listView(spec, state, rows, deps.meterPoints.count(state.search)) };
  },
  csv({ query, now }, deps) {
    const spec = specFor(deps, now);
    const { search } = readListState(query, spec);
    return csvList(spec, deps.meterPoints.list({ search, limit: deps.meterPoints.count(search) }));
  },
};

function specFor(deps: AdminDeps, now: Instant): ListSpec<MeterPoint> {
  return {
    url,
    csvUrl: `${url}.csv`,
    caption: 'Meter points',
    searchLabel: 'Identifier or address',
    emptyText: 'No meter point yet. One appears with its first reading or file.',
    columns: [
      {
        key: 'identifier',
        title: 'Identifier',
        cell: ({ identifier }) => ({ text: identifier, href: href(url, [identifier]) }),
      },
      { key: 'address', title: 'Address', cell: ({ address }) => address || '—', csv: ({ address }) => address },
      { key: 'zone', title: 'Zone', cell: ({ zone }) => zone },
      {
        key: 'last',
        title: 'Last reading',
        short: true,
        cell: point => lastReadingCell(point, now, deps),
        csv: point => {
          const at = lastReading(point, now, deps);
          return at === undefined ? '' : formatLocal(at, point.zone);
        },
      },
      { key: 'origin', title: 'Known from', cell: ({ origin }) => (origin === 'import' ? 'a file' : 'registration') },
    ],
  };
}

function lastReadingCell(point: MeterPoint, now: Instant, deps: AdminDeps): Cell {
  const at = lastReading(point, now, deps);
  if (at === undefined) return { text: 'none yet', tone: 'warn' };
  const text = showMoment(at, point.zone);
  return now - at > secondsPerDay ? { text, tone: 'warn' } : text;
}

function lastReading({ id }: MeterPoint, now: Instant, { meterPoints, readings }: AdminDeps): Instant | undefined {
  const last = meterPoints.listSeries(id).flatMap(series => readings.before(series.id, now)?.at ?? []);
  return last.length > 0 ? instant(Math.max(...last)) : undefined;
}
