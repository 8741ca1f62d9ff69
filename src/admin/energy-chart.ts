import type { Flow } from '../accounts/meter-point.ts';
import { showKwh } from '../http/format.ts';
import type { MicroKwh } from '../units/energy.ts';
import { barChart, type Chart } from './chart.ts';
import { type Bucket, type EnergyBuckets, hasEstimate } from './energy-buckets.ts';
import type { SpanView } from './span.ts';

/** What people call each flow. "import" and "export" mean opposite things to different people (N12-16). */
export const flowWords: Record<Flow, string> = {
  'from-grid': 'From grid',
  'from-solar': 'From solar',
  'to-grid': 'To grid',
  none: 'Not billed',
};

/** Bars of energy: from the grid and the roof on each other, to the grid below the axis. */
export function energyChart(id: string, title: string, buckets: EnergyBuckets, { labels, ticks }: SpanView): Chart {
  const flows = buckets.flows();
  const columns = flows.map(flow => buckets.of(flow));
  const points = labels.map((label, at) => {
    const here = columns.map(column => column[at]!);
    const missing = here.some(({ counts }) => counts.missing !== undefined);
    return { label, tick: ticks[at]!, values: here.map(chartValue), missing };
  });
  const series = flows.map(flow => ({
    name: flowWords[flow],
    tone: flow,
    below: flow === 'to-grid',
    total: showKwh(buckets.total(flow), 3),
  }));
  const known = points.filter(({ values }) => values.some(Boolean)).length;
  const sums = series.map(({ name, total }) => `${name.toLowerCase()} ${total}`).join(', ');
  const description = `${known} of ${points.length} bars have a value${sums && `; ${sums}`}. A table has every figure.`;
  return barChart({ id, title, description, unit: 'kWh', series, points });
}

function chartValue(bucket: Bucket) {
  const { energy } = bucket;
  if (energy === undefined) return undefined;
  return { value: asKwh(energy), text: showKwh(energy), estimated: hasEstimate(bucket) };
}

/** Only for the height of a bar; figures are printed from the integer. */
function asKwh(energy: MicroKwh): number {
  return energy / 1e6;
}
