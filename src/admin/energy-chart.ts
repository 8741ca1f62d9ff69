import { showKwh } from '../http/format.ts';
import type { MicroKwh } from '../units/energy.ts';
import { barChart, type Chart } from './chart.ts';
import type { Bucket } from './energy-buckets.ts';

export interface EnergyChart {
  id: string;
  title: string;
  axis: string;
  labelOf(bucket: Bucket): string;
  fromGrid: Bucket[];
  toGrid: Bucket[];
}

/** Bars of energy from the grid and, where there is any, to it. */
export function energyChart({ id, title, axis, labelOf, fromGrid, toGrid }: EnergyChart): Chart {
  const exports = toGrid.some(({ energy }) => energy !== undefined);
  const points = fromGrid.map((bucket, index) => {
    const back = toGrid[index]?.energy;
    return {
      label: labelOf(bucket),
      value: asKwh(bucket.energy),
      text: bucket.energy === undefined ? '' : showKwh(bucket.energy),
      estimated: bucket.estimated > 0,
      ...(exports && { second: asKwh(back), secondText: back === undefined ? '' : showKwh(back) }),
    };
  });
  const known = fromGrid.filter(({ energy }) => energy !== undefined).length;
  const description = `${known} of ${fromGrid.length} bars have a value${exports ? '; energy to the grid is beside it' : ''}. The table below has every figure.`;
  const names: Chart['names'] = exports ? ['From grid', 'To grid'] : ['From grid'];
  return barChart({ id, title, description, unit: 'kWh', axis, names, points });
}

/** Only for the height of a bar; figures are printed from the integer. */
function asKwh(energy: MicroKwh | undefined): number | undefined {
  return energy === undefined ? undefined : energy / 1e6;
}
