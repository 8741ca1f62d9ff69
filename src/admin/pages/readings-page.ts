import { showDay, showEnergy, showMoment } from '../../http/format.ts';
import { href } from '../../http/href.ts';
import type { DialReading, DialReadingFilter, DialReadingOrder } from '../../imports/dial-reading.ts';
import { listDialReadings } from '../../imports/list-dial-readings.ts';
import { Slices } from '../../kernel/slices.ts';
import { isEstimate, qualities } from '../../readings/reading.ts';
import { formatKwh } from '../../units/energy.ts';
import { dayOf, formatLocal, formatUtc } from '../../units/time.ts';
import { dateDrill } from '../date-drill.ts';
import { csvList, type ListSpec, type ListState, listView, offsetOf, readListState, rowsPerPage } from '../list.ts';
import type { AdminDeps, AdminPage } from '../page.ts';

const url = '/admin/readings';
// What a spreadsheet opens without complaint; whoever needs more exports the readings as a file.
const csvRowsMax = 100_000;

/** Dial values that files brought, of all meters: by date, file and meter, newest first. */
export const readingsPage: AdminPage = {
  url,
  title: 'Readings',
  view: 'readings',
  menu: 'Readings',
  role: 'viewer',
  async load({ query }, deps) {
    const { dialReadings, zone } = deps;
    await listDialReadings({ ...deps, index: deps.readings }, query.get('q') ?? '');
    const drill = dateDrill(query.get('date') ?? '', zone, at => dialReadings.findNext(at));
    const { spec, state, filter } = listOf(query, deps);
    const slices = new Slices();
    const total = dialReadings.count(filter);
    await slices.pause();
    const rows = dialReadings.list(filter, [orderOf(state)], { limit: rowsPerPage, offset: offsetOf(state), total });
    const linkTo = (date: string) => href(url, [], { q: state.search, ...state.filters, ...spec.kept, date });
    return {
      list: listView(spec, state, rows, total),
      up: drill.up.map(each => ({ ...each, url: linkTo(each.date) })),
      down: drill.down.map(each => ({ ...each, url: linkTo(each.date) })),
      only: onlyWords(filter, deps),
    };
  },
  csv({ query }, deps) {
    const { spec, state, filter } = listOf(query, deps);
    const total = deps.dialReadings.count(filter);
    return csvList(spec, deps.dialReadings.list(filter, [orderOf(state)], { limit: csvRowsMax, total }));
  },
};

function listOf(query: URLSearchParams, deps: AdminDeps) {
  const { chosen, period } = dateDrill(query.get('date') ?? '', deps.zone, () => undefined);
  const [meterId, runId] = [idOf(query.get('meter')), idOf(query.get('file'))];
  const kept = {
    ...(chosen && { date: chosen }),
    ...(meterId && { meter: String(meterId) }),
    ...(runId && { file: String(runId) }),
  };
  const spec = { ...specFor(deps), kept };
  const state = readListState(query, spec);
  const { quality, register, type: readingType } = state.filters;
  const filter = { search: state.search, quality, register, readingType, meterId, runId };
  return { spec, state, filter: { ...filter, from: period?.from, to: period?.to } };
}

function idOf(text: string | null): number | undefined {
  return /^[1-9]\d{0,14}$/.test(text ?? '') ? Number(text) : undefined;
}

/** "meter F75A 00802", "file a.uff": what an address narrows the list to beside its filters. */
function onlyWords({ meterId, runId }: DialReadingFilter, { meters, imports }: AdminDeps): string {
  const meter = meterId && meters.find(meterId);
  const run = runId && imports.find(runId);
  return [meter && `meter ${meter.serial}`, run && `file ${run.name}`].filter(Boolean).join(', ');
}

const sortable = ['at', 'value', 'receivedAt'] as const;

function orderOf({ sort, descending }: ListState): DialReadingOrder {
  const by = sortable.find(each => each === sort);
  return by ? { by, descending } : { by: 'at', descending: true };
}

function specFor({ dialReadings, meters, zone }: AdminDeps): ListSpec<DialReading> {
  const options = (values: readonly string[]) => values.map(value => ({ value, label: value }));
  return {
    url,
    csvUrl: `${url}.csv`,
    caption: 'Readings',
    searchLabel: 'Meter point, serial or file',
    filters: [
      { name: 'quality', label: 'Quality', options: options(qualities.filter(each => each !== 'missing')) },
      { name: 'register', label: 'Register', options: options(dialReadings.listRegisters()) },
      { name: 'type', label: 'Reading type', options: options(meters.listReadingTypes()) },
    ],
    emptyText: 'No file has brought a dial value yet. Half-hours stand on the page of their meter point.',
    columns: [
      {
        key: 'identifier',
        title: 'Meter point',
        cell: ({ identifier }) => ({ text: identifier, href: href('/admin/meter-points', [identifier]) }),
      },
      {
        key: 'serial',
        title: 'Meter',
        short: true,
        cell: ({ meterId, serial }) => ({ text: serial, href: href(url, [], { meter: meterId }) }),
      },
      { key: 'register', title: 'Register', cell: ({ register }) => register, short: true },
      {
        key: 'value',
        title: 'Value',
        sortBy: true,
        number: true,
        cell: ({ value, unit }) => `${showEnergy(value, 1)} ${unit}`,
        csv: ({ value }) => formatKwh(value),
      },
      {
        key: 'at',
        title: 'Read at',
        sortBy: true,
        short: true,
        cell: ({ at, zone: own }) => showMoment(at, own),
        csv: ({ at, zone: own }) => formatLocal(at, own),
      },
      {
        key: 'quality',
        title: 'Quality',
        cell: ({ quality }) => (isEstimate(quality) ? { text: quality, tone: 'warn' } : quality),
      },
      {
        key: 'file',
        title: 'File',
        cell: ({ runId, fileName, line }) => ({
          text: `${fileName}, line ${line}`,
          href: href('/admin/imports', [runId]),
        }),
        long: true,
      },
      {
        key: 'receivedAt',
        title: 'Received',
        sortBy: true,
        short: true,
        cell: ({ receivedAt }) => showDay(dayOf(receivedAt, zone)),
        csv: ({ receivedAt }) => formatUtc(receivedAt),
      },
    ],
  };
}
