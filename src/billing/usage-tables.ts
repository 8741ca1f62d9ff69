import type { Flow } from '../accounts/meter-point.ts';
import { one } from '../accounts/register-map.ts';
import type { SeriesEnergy } from '../consumption/consumption.ts';
import { dialPeriod } from '../consumption/dial-period.ts';
import { type IntervalSeries, totalEnergy } from '../consumption/interval-series.ts';
import type { DialReading } from '../consumption/register-advance.ts';
import { isEstimate, qualities } from '../readings/reading.ts';
import { formatKwh, microKwh } from '../units/energy.ts';
import {
  addDays,
  addMonths,
  type Day,
  firstDayOf,
  instant,
  type Month,
  monthOf,
  parseDay,
  startOfDay,
  type Zone,
} from '../units/time.ts';
import type { SupplyCharges } from './invoice.ts';
import type { BillingPeriod } from './invoice-draft.ts';

/** The first day the tables look back to: twelve months up to the bill's last day, and the same days a year ago. */
export function historyFrom({ from, to }: BillingPeriod): Day {
  const oldestMonth = firstDayOf(addMonths(monthOf(addDays(to, -1)), -11));
  const yearAgo = yearBefore(from) ?? firstDayOf(addMonths(monthOf(from), -12));
  return [oldestMonth, yearAgo].sort()[0]!;
}

/** The meter table: what each register or channel counted in the period, and how that comes of what its dial showed. */
export function registerTable(energies: SeriesEnergy[]): SupplyCharges['registers'] {
  return energies.flatMap(measured => {
    const { series, energy, startReading, endReading } = measured;
    if (series.flow === 'none') return [];
    const { code, serial, flow } = series;
    const usage = formatKwh(totalEnergy(energy));
    const to = instant(energy.from + energy.energy.length * energy.stepSeconds);
    const dial = dialPeriod(measured, { from: energy.from, to });
    const [start, end] = [startReading ?? dial?.start, endReading ?? dial?.end];
    const quality = [start, end].some(isEstimated) || estimates(energy) > 0 ? 'estimated' : 'actual';
    return [
      {
        ...{ code, serial, flow, startValue: dialValue(start), endValue: dialValue(end), usage, quality },
        ...(start && !startReading && { startEstimated: true as const }),
        ...(end && !endReading && { endEstimated: true as const }),
        ...(dial && dial.multiplierMicro !== one && { multiplier: formatKwh(microKwh(dial.multiplierMicro)) }),
        ...(dial?.digits !== undefined && { digits: dial.digits }),
        ...(dial && dial.arithmetic !== '' && { arithmetic: dial.arithmetic }),
      },
    ];
  });
}

/** kWh per local day, with the same calendar day a year before. `history` reaches from historyFrom to the end of the period. */
export function dailyTable(history: SeriesEnergy[], { from, to }: BillingPeriod, zone: Zone): SupplyCharges['daily'] {
  const rows: SupplyCharges['daily'] = [];
  for (let day = from; day < to; day = addDays(day, 1)) {
    const period = { from: day, to: addDays(day, 1) };
    const flow = (name: Flow) => formatKwh(microKwh(within(history, [name], period, zone).sum));
    const before = yearBefore(day);
    rows.push({
      day,
      fromGrid: flow('from-grid'),
      fromSolar: flow('from-solar'),
      toGrid: flow('to-grid'),
      lastYear: before ? wholeDay(history, before, zone) : null,
    });
  }
  return rows;
}

/** kWh used, from grid and roof, in each of the twelve months up to the bill; days after the bill's last are left out. */
export function monthlyTable(history: SeriesEnergy[], { to }: BillingPeriod, zone: Zone): SupplyCharges['monthly'] {
  const last = monthOf(addDays(to, -1));
  return Array.from({ length: 12 }, (_, at) => {
    const month: Month = addMonths(last, at - 11);
    const end = firstDayOf(addMonths(month, 1));
    const { sum, known } = within(history, used, { from: firstDayOf(month), to: end < to ? end : to }, zone);
    return { month, energy: known > 0 ? formatKwh(microKwh(sum)) : null };
  });
}

/** The share of intervals that were not metered: "0", or at least "0.1". */
export function estimatedPercent(energies: SeriesEnergy[]): string {
  let estimated = 0;
  let all = 0;
  for (const { series, energy } of energies) {
    if (series.flow === 'none') continue;
    estimated += estimates(energy);
    all += energy.energy.length;
  }
  if (estimated === 0) return '0';
  const tenths = Math.max(1, Math.round((estimated * 1000) / all));
  return `${Math.trunc(tenths / 10)}.${tenths % 10}`;
}

const used: Flow[] = ['from-grid', 'from-solar'];

/** A day known in part is not comparable, so it counts as unknown. */
function wholeDay(history: SeriesEnergy[], day: Day, zone: Zone): string | null {
  const { sum, known, partly } = within(history, used, { from: day, to: addDays(day, 1) }, zone);
  return known > 0 && !partly ? formatKwh(microKwh(sum)) : null;
}

/** Sums the known intervals of some flows over local days; `partly` when a series has some of them and lacks others. */
function within(history: SeriesEnergy[], flows: Flow[], { from, to }: BillingPeriod, zone: Zone) {
  const result = { sum: 0, known: 0, partly: false };
  const [start, end] = [startOfDay(from, zone), startOfDay(to, zone)];
  for (const { series, energy: slots } of history) {
    if (!flows.includes(series.flow)) continue;
    const first = Math.max(0, Math.ceil((start - slots.from) / slots.stepSeconds));
    const last = Math.min(slots.energy.length, Math.ceil((end - slots.from) / slots.stepSeconds));
    let known = 0;
    for (let slot = first; slot < last; slot++) {
      const energy = slots.energy[slot]!;
      if (Number.isNaN(energy)) continue;
      result.sum += energy;
      known += 1;
    }
    if (known > 0 && known < last - first) result.partly = true;
    result.known += known;
  }
  return result;
}

/** 29 February has no day a year before. */
function yearBefore(day: Day): Day | undefined {
  return parseDay(`${String(Number(day.slice(0, 4)) - 1).padStart(4, '0')}${day.slice(4)}`);
}

function estimates({ energy, quality }: IntervalSeries): number {
  let count = 0;
  for (let slot = 0; slot < energy.length; slot++) {
    if (!Number.isNaN(energy[slot]!) && isEstimate(qualities[quality[slot]!]!)) count += 1;
  }
  return count;
}

function isEstimated(reading: DialReading | undefined): boolean {
  return reading !== undefined && isEstimate(reading.quality);
}

function dialValue(reading: DialReading | undefined): string {
  return reading ? formatKwh(reading.value) : '';
}
