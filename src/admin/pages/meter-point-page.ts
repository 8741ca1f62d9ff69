import type { MeterPoint } from '../../accounts/meter-point.ts';
import { showDay, showMonth, showTime } from '../../http/format.ts';
import { href } from '../../http/href.ts';
import { formatKwh, type MicroKwh } from '../../units/energy.ts';
import { addDays, type Day, dayOf, type Instant, instant, monthOf, parseDay, secondsPerDay } from '../../units/time.ts';
import { type Bucket, bucketsOf, describeQuality } from '../energy-buckets.ts';
import { energyChart } from '../energy-chart.ts';
import type { AdminDeps, AdminPage } from '../page.ts';
import { type Span, spanAround, spans } from '../span.ts';

const parent = '/admin/meter-points';

/** What flowed at one meter point: a day in half-hours, a week or a month in days. The date and the span are in the URL. */
export const meterPointPage: AdminPage = {
  url: `${parent}/:identifier`,
  title: 'Meter point',
  view: 'meter-point',
  parent,
  role: 'viewer',
  load({ params, query, now }, deps) {
    const meterPoint = deps.meterPoints.get(params.identifier ?? '');
    const span = spans.find(each => each === query.get('span')) ?? 'day';
    const day = parseDay(query.get('date') ?? '') ?? lastDay(meterPoint, now, deps);
    const { period, bounds, previous, next } = spanAround(span, day, meterPoint.zone);
    const measured = deps.consumption.energyOf(meterPoint.id, period);
    const fromGrid = bucketsOf(measured, 'from-grid', bounds);
    const toGrid = bucketsOf(measured, 'to-grid', bounds);
    const labelOf = ({ from }: Bucket) =>
      span === 'day' ? showTime(from, meterPoint.zone) : showDay(dayOf(from, meterPoint.zone)).slice(0, -5);
    const axis = span === 'day' ? 'From' : 'Day';
    const link = (date: Day, to: Span) => href(parent, [meterPoint.identifier], { span: to, date });
    return {
      title: meterPoint.identifier,
      meterPoint,
      series: deps.meterPoints.listSeries(meterPoint.id),
      supplies: deps.supplies
        .listOfMeterPoint(meterPoint.id)
        .map(supply => ({ ...supply, account: deps.accounts.getById(supply.accountId) })),
      span,
      date: day,
      spanLinks: spans.map(each => ({ span: each, url: link(day, each) })),
      previousUrl: link(previous, span),
      nextUrl: link(next, span),
      chart: energyChart({
        id: 'energy',
        title: titleOf(span, day, bounds, meterPoint),
        axis,
        labelOf,
        fromGrid,
        toGrid,
      }),
      rows: fromGrid.map((bucket, index) => rowOf(bucket, toGrid[index]!, labelOf)),
      decimals: Math.max(3, ...[...fromGrid, ...toGrid].map(({ energy }) => decimalsOf(energy))),
      exports: toGrid.some(({ slots }) => slots > 0),
      axis,
    };
  },
};

function rowOf(fromGrid: Bucket, toGrid: Bucket, labelOf: (bucket: Bucket) => string) {
  const both = {
    ...fromGrid,
    missing: fromGrid.missing + toGrid.missing,
    estimated: fromGrid.estimated + toGrid.estimated,
    slots: fromGrid.slots + toGrid.slots,
  };
  return { label: labelOf(fromGrid), fromGrid: fromGrid.energy, toGrid: toGrid.energy, quality: describeQuality(both) };
}

/** Every figure of a table gets as many decimals as the one that needs most, so that the points stand below each other. */
function decimalsOf(energy: MicroKwh | undefined): number {
  return energy === undefined ? 0 : (formatKwh(energy).split('.')[1]?.length ?? 0);
}

/** The last day that has a reading; yesterday when there is none. */
function lastDay({ id, zone }: MeterPoint, now: Instant, { meterPoints, readings }: AdminDeps): Day {
  const days = meterPoints.listSeries(id).map(series => readings.listDays(series.id).at(-1) ?? 0);
  const last = Math.max(0, ...days);
  return last > 0 ? dayOf(instant(last * secondsPerDay), zone) : addDays(dayOf(now, zone), -1);
}

function titleOf(span: Span, day: Day, bounds: Instant[], { zone }: MeterPoint): string {
  if (span === 'day') return showDay(day);
  if (span === 'month') return showMonth(monthOf(day));
  return `Week from ${showDay(dayOf(bounds[0]!, zone))}`;
}
