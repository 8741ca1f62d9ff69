import { flows } from '../accounts/meter-point.ts';
import type { Usage, UsageGroup, UsagePoint } from '../consumption/usage-analysis.ts';
import { showDay, showKwh, showMonth } from '../http/format.ts';
import { addDays, type Day, monthOf } from '../units/time.ts';
import { barChart, type Chart } from './chart.ts';
import { flowWords } from './energy-chart.ts';

const units = [
  { unit: 'GWh', microKwh: 1e12 },
  { unit: 'MWh', microKwh: 1e9 },
  { unit: 'kWh', microKwh: 1e6 },
];
// A scale that goes up to less than this is better read in the next smaller unit.
const scaleMin = 10;

/** A line per flow, in the unit that keeps the scale short; words have every decimal. */
export function usageChart({ points, totals }: Usage, group: UsageGroup): Chart {
  const shown = flows.filter(flow => flow !== 'none' && totals[flow] !== undefined);
  const highest = Math.max(0, ...points.flatMap(({ energy }) => shown.map(flow => energy[flow] ?? 0)));
  const scale = units.find(({ microKwh }) => highest >= scaleMin * microKwh) ?? units.at(-1)!;
  const known = points.filter(({ energy }) => shown.some(flow => energy[flow] !== undefined)).length;
  return barChart({
    ...{ id: 'usage', shape: 'lines', unit: scale.unit, title: `Usage by ${group}` },
    description: `${known} of ${points.length} points have a value. A table has every figure.`,
    series: shown.map(flow => ({ name: flowWords[flow], tone: flow, below: false, total: showKwh(totals[flow]!, 3) })),
    points: points.map(point => ({
      ...labelsOf(point, group),
      missing: false,
      values: shown.map(flow => {
        const energy = point.energy[flow];
        if (energy === undefined) return undefined;
        return { value: energy / scale.microKwh, text: showKwh(energy, 3), estimated: false };
      }),
    })),
  });
}

/** "Q3 2026"; a point that the range cuts says which days it has. */
function labelsOf({ from, to }: UsagePoint, group: UsageGroup): { label: string; tick: string } {
  const year = from.slice(0, 4);
  if (group === 'day') return { label: showDay(from), tick: showDay(from).slice(0, -5) };
  const quarter = `Q${Math.floor((Number(from.slice(5, 7)) + 2) / 3)} ${year}`;
  const name = { month: showMonth(monthOf(from)), quarter, year }[group];
  const tick = { month: `${showDay(from).split(' ')[1]} ${year.slice(2)}`, quarter, year }[group];
  const label = isWhole(from, to, group) ? name : `${name}, ${showDay(from)} to ${showDay(addDays(to, -1))}`;
  return { label, tick };
}

const firstDays = { month: /-01$/, quarter: /-(01|04|07|10)-01$/, year: /-01-01$/ };

function isWhole(from: Day, to: Day, group: Exclude<UsageGroup, 'day'>): boolean {
  return firstDays[group].test(from) && firstDays[group].test(to);
}
