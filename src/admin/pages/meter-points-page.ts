import { mayActAs } from '../../access/user.ts';
import type { MeterPoint } from '../../accounts/meter-point.ts';
import type { MeterPointFilter } from '../../accounts/meter-point-directory-store.ts';
import type { CountedMeterPoint } from '../../accounts/meter-store.ts';
import { showCount, showDay, showMoment } from '../../http/format.ts';
import { href } from '../../http/href.ts';
import { dayOf, formatLocal, type Instant, instant, secondsPerDay } from '../../units/time.ts';
import {
  type Cell,
  csvList,
  type ListSpec,
  type ListState,
  listView,
  offsetOf,
  readListState,
  rowsPerPage,
} from '../list.ts';
import type { AdminDeps, AdminPage } from '../page.ts';

const url = '/admin/meter-points';

/** Everywhere supply is measured, and when each was last heard of. */
export const meterPointsPage: AdminPage = {
  url,
  title: 'Meter points',
  view: 'list-page',
  menu: 'Meter points',
  role: 'viewer',
  async load({ query, user, now }, deps) {
    const spec = specFor(deps, now);
    const state = readListState(query, spec);
    const asked = { limit: rowsPerPage, offset: offsetOf(state) };
    const { rows, total } = await deps.meterPoints.directory.page(filterOf(state), asked);
    const add = { url: '/admin/new-meter-point', label: 'New meter point' };
    return {
      add: mayActAs(user.role, 'operator') && add,
      list: listView(spec, state, counted(deps, rows), total),
    };
  },
  csv({ query, now }, deps) {
    const spec = specFor(deps, now);
    const filter = filterOf(readListState(query, spec));
    return csvList(
      spec,
      counted(deps, deps.meterPoints.directory.list({ ...filter, limit: deps.meterPoints.directory.count(filter) })),
    );
  },
};

type Row = MeterPoint & Pick<CountedMeterPoint, 'meterCount' | 'readingCount'>;

function counted({ meters }: AdminDeps, points: MeterPoint[]): Row[] {
  const counts = meters.countsOf(points.map(({ id }) => id));
  return points.map(point => ({ meterCount: 0, readingCount: 0, ...counts.get(point.id), ...point }));
}

function filterOf({ search, filters }: ListState): MeterPointFilter {
  return { search, region: filters.region ?? '', dwellingType: filters.dwelling ?? '' };
}

function specFor(deps: AdminDeps, now: Instant): ListSpec<Row> {
  const { meterPoints } = deps;
  const regions = meterPoints.directory.premises('region');
  const dwellings = meterPoints.directory.premises('dwellingType');
  return {
    url,
    csvUrl: `${url}.csv`,
    caption: 'Meter points',
    searchLabel: 'Identifier, address or postcode',
    filters: [...choicesOf('region', 'Region', regions), ...choicesOf('dwelling', 'Dwelling', dwellings)],
    emptyText: 'No meter point yet. One appears with its first file, or is registered here.',
    columns: [
      {
        key: 'identifier',
        title: 'Identifier',
        short: true,
        cell: ({ identifier }) => ({ text: identifier, href: href(url, [identifier]) }),
      },
      { key: 'address', title: 'Address', cell: ({ address }) => address || '—', csv: ({ address }) => address },
      {
        key: 'region',
        title: 'Region',
        fileOnly: regions.length === 0,
        cell: ({ region }) => region || '—',
        csv: ({ region }) => region,
      },
      {
        key: 'dwelling',
        title: 'Dwelling',
        fileOnly: dwellings.length === 0,
        cell: ({ dwellingType }) => dwellingType || '—',
        csv: ({ dwellingType }) => dwellingType,
      },
      {
        key: 'zone',
        title: 'Zone',
        fileOnly: meterPoints.directory.premises('zone').every(zone => zone === deps.zone),
        cell: ({ zone }) => zone,
      },
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
      {
        key: 'meters',
        title: 'Meters',
        number: true,
        cell: ({ identifier, meterCount }) =>
          meterCount > 0
            ? { text: showCount(meterCount), href: href('/admin/meters', [], { q: identifier }) }
            : showCount(meterCount),
        csv: ({ meterCount }) => meterCount,
      },
      {
        key: 'readings',
        title: 'Dial values',
        number: true,
        cell: ({ identifier, readingCount }) =>
          readingCount > 0
            ? { text: showCount(readingCount), href: href('/admin/readings', [], { q: identifier }) }
            : showCount(readingCount),
        csv: ({ readingCount }) => readingCount,
      },
      {
        key: 'created',
        title: 'Created',
        short: true,
        cell: ({ createdAt }) => showDay(dayOf(instant(createdAt), deps.zone)),
        csv: ({ createdAt }) => dayOf(instant(createdAt), deps.zone),
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

/** A filter among what was told; none where nothing was. */
function choicesOf(name: string, label: string, values: string[]) {
  return values.length > 0 ? [{ name, label, options: values.map(value => ({ value, label: value })) }] : [];
}
