import type { Flow, MeterPoint, Series } from '../../accounts/meter-point.ts';
import type { RegisterKind } from '../../accounts/register-map.ts';
import { withoutRepeats } from '../../accounts/register-map.ts';
import { showRegisterMap } from '../../accounts/register-map-routes.ts';
import { exportFormats } from '../../exports/formats/index.ts';
import { showDay, showEnergy, showMoment } from '../../http/format.ts';
import { href } from '../../http/href.ts';
import { listConflicts } from '../../readings/conflicts.ts';
import { isEstimate, qualities } from '../../readings/reading.ts';
import { formatKwh, type MicroKwh } from '../../units/energy.ts';
import {
  addDays,
  type Day,
  dayOf,
  dayPeriod,
  type Instant,
  instant,
  parseDay,
  secondsPerDay,
  type Zone,
} from '../../units/time.ts';
import { type Bucket, describeQuality, EnergyBuckets } from '../energy-buckets.ts';
import { energyChart, flowWords } from '../energy-chart.ts';
import type { Cell } from '../list.ts';
import { meterPointActions, meterPointForms } from '../meter-point-forms.ts';
import type { AdminDeps, AdminPage } from '../page.ts';
import { intervalOrigins, type Origins, registerValues } from '../reading-origins.ts';
import { recordedReading } from '../record-reading.ts';
import { type Span, spanAround, spans } from '../span.ts';

const parent = '/admin/meter-points';
const halfHourSeconds = 1800;
const metersMax = 50;

/** What flowed at one meter point: a day in half-hours, a week or month in days, a year in months. Span and date are in the URL. */
export const meterPointPage: AdminPage = {
  url: `${parent}/:identifier`,
  title: 'Meter point',
  view: 'meter-point',
  parent,
  role: 'viewer',
  load(request, deps) {
    const { params, query, now } = request;
    const meterPoint = deps.meterPoints.get(params.identifier ?? '');
    const { zone } = meterPoint;
    const last = lastDay(meterPoint, deps);
    const span = spans.find(each => each === query.get('span')) ?? 'day';
    const day = parseDay(query.get('date') ?? '') ?? last ?? addDays(dayOf(now, zone), -1);
    const view = spanAround(span, day, zone, span === 'day' ? stepOf(meterPoint, day, deps) : halfHourSeconds);
    const buckets = new EnergyBuckets(view.bounds, now);
    for (const measured of deps.consumption.energyOf(meterPoint.id, view.period)) buckets.add(measured);
    const series = deps.meterPoints.listSeries(meterPoint.id);
    const origins = span === 'day' ? intervalOrigins(deps, series, view) : undefined;
    const link = (date: Day, to: Span) => href(parent, [meterPoint.identifier], { span: to, date });
    const flows = buckets.flows();
    return {
      title: meterPoint.identifier,
      meterPoint,
      forms: meterPointForms(meterPoint, series, now, deps),
      recorded: recordedReading(request, series, zone, deps),
      series,
      meters: deps.meters
        .list({ meterPointId: meterPoint.id }, [{ by: 'serial', descending: false }], metersMax)
        .map(meter => ({ ...meter, url: href('/admin/readings', [], { meter: meter.id }) })),
      maps: mapRows(series, zone),
      flowWords,
      supplies: deps.supplies
        .listOfMeterPoint(meterPoint.id)
        .map(supply => ({ ...supply, account: deps.accounts.getById(supply.accountId) })),
      span,
      date: day,
      spanLinks: spans.map(each => ({ span: each, url: link(day, each) })),
      previousUrl: link(view.previous, span),
      nextUrl: link(view.next, span),
      latest: last && last !== day ? { words: showDay(last), url: link(last, 'day') } : undefined,
      chart: energyChart('energy', `${view.title}, ${zone}`, buckets, view),
      axis: view.axis,
      flows: flows.map(flow => flowWords[flow]),
      rows: rowsOf(buckets, flows, view.labels, origins, span === 'week' || span === 'month' ? linkDay : undefined),
      sums: sumsOf(buckets, flows),
      registers: registerValues(deps, series, view.period, zone),
      withSource: origins !== undefined,
      exportFormats: exportChoices(deps, meterPoint, series),
      exportUntil: addDays(dayOf(view.period.to, zone), -1),
      exportFrom: dayOf(view.period.from, zone),
    };

    function linkDay(at: Instant): string {
      return link(dayOf(at, zone), 'day');
    }
  },
  actions: meterPointActions,
};

/** Formats that take any of its readings; where conflicts wait, once more those that have a place for them. */
function exportChoices(deps: AdminDeps, meterPoint: MeterPoint, series: readonly Series[]) {
  const taking = exportFormats.filter(format => series.some(each => format.takes(each)));
  const { conflicts } = listConflicts({ ...deps.posting, ...deps }, { meterPoint, limit: 1 });
  return taking.flatMap(({ name, title, saysConflicts }) => [
    { name, title },
    ...(saysConflicts && conflicts.length > 0
      ? [{ name: `${name} conflicts`, title: `${title}, with conflicts` }]
      : []),
  ]);
}

/** What was told of registers, one row for each telling: what it left out stays as it was. */
function mapRows(series: readonly Series[], zone: Zone) {
  return series.flatMap(({ code, serial, map: all = [] }) => {
    const map = withoutRepeats(all);
    return showRegisterMap(map, zone).map(({ from, exchange, ...told }, at) => ({
      code,
      serial,
      from: exchange ? showMoment(map[at]!.fromAt, zone) : showDay(from),
      multiplier: told.multiplier ?? '',
      digits: told.digits ?? '',
      counts: [told.kind ? kindWords[told.kind] : '', told.quantity ? quantityWords[told.quantity] : '']
        .filter(Boolean)
        .join(', '),
      pattern: [told.configuration, told.timePattern].filter(Boolean).join(' / '),
      exchange: exchange ? `old meter ${exchange.finalValue}, new one ${exchange.firstValue}` : '',
    }));
  });
}

const kindWords: Record<RegisterKind, string> = {
  cumulative: 'a total that goes on',
  'maximum-demand': 'maximum demand',
  other: 'not energy',
};
const quantityWords: Record<string, string> = {
  AI: 'active, from grid',
  AE: 'active, to grid',
  RI: 'reactive, from grid',
  RE: 'reactive, to grid',
};

/** Meters that measure by the hour or the day get rows of that length. */
function stepOf({ id, zone }: MeterPoint, day: Day, { consumption }: AdminDeps): number {
  const steps = consumption.energyOf(id, dayPeriod(day, zone)).map(({ energy }) => energy.stepSeconds);
  return Math.max(halfHourSeconds, ...steps);
}

function rowsOf(
  buckets: EnergyBuckets,
  flows: Flow[],
  labels: string[],
  origins: Origins[] | undefined,
  linkOf: ((at: Instant) => string) | undefined,
) {
  const columns = flows.map(flow => buckets.of(flow));
  const decimals = decimalsOf(columns.flat());
  return labels.map((label, at) => {
    const here = columns.map(column => column[at]!);
    return {
      label,
      href: linkOf?.(buckets.bounds[at]!),
      energies: here.map(({ energy }) => (energy === undefined ? '—' : showEnergy(energy, decimals))),
      quality: qualityCell(here),
      ...origins?.[at],
    };
  });
}

function sumsOf(buckets: EnergyBuckets, flows: Flow[]): string[] {
  const decimals = decimalsOf(flows.flatMap(flow => buckets.of(flow)));
  return flows.map(flow => showEnergy(buckets.total(flow), decimals));
}

function qualityCell(buckets: Bucket[]): Exclude<Cell, string> {
  const text = describeQuality(buckets);
  const has = (quality: (typeof qualities)[number]) => buckets.some(({ counts }) => counts[quality] !== undefined);
  if (has('missing')) return { text, tone: 'bad' };
  return qualities.some(quality => isEstimate(quality) && has(quality)) ? { text, tone: 'warn' } : { text };
}

/** Every figure of a table gets as many decimals as the one that needs most, so that the points stand below each other. */
function decimalsOf(buckets: Bucket[]): number {
  const decimals = ({ energy }: { energy: MicroKwh | undefined }) =>
    energy === undefined ? 0 : (formatKwh(energy).split('.')[1]?.length ?? 0);
  return Math.max(3, ...buckets.map(decimals));
}

/** The last day that has a reading. */
function lastDay({ id, zone }: MeterPoint, { meterPoints, readings }: AdminDeps): Day | undefined {
  const ends = meterPoints.listSeries(id).flatMap(series => {
    const day = readings.listDays(series.id).at(-1);
    return day === undefined ? [] : (readings.before(series.id, instant((day + 1) * secondsPerDay))?.at ?? []);
  });
  return ends.length > 0 ? dayOf(instant(Math.max(...ends)), zone) : undefined;
}
