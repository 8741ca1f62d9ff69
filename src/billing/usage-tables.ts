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
  dayPeriod,
  firstDayOf,
  instant,
  type Month,
  monthOf,
  type Period,
  parseDay,
  startOfDay,
  type Zone,
} from '../units/time.ts';
import type { BillingPeriod } from './billing-period.ts';
import type { SupplyCharges } from './invoice.ts';

/** The first day the tables look back to: twelve months up to the bill's last day, and the same days a year ago. */
export function historyFrom(days: BillingPeriod, zone: Zone): Day {
  return calendarOf(days, zone).historyFrom;
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
export function dailyTable(history: SeriesEnergy[], days: BillingPeriod, zone: Zone): SupplyCharges['daily'] {
  return calendarOf(days, zone).days.map(({ day, inside, yearAgo }) => {
    const flow = (name: Flow) => {
      const { sum } = within(history, [name], inside);
      return sum === 0 ? '0' : formatKwh(microKwh(sum));
    };
    return {
      day,
      fromGrid: flow('from-grid'),
      fromSolar: flow('from-solar'),
      toGrid: flow('to-grid'),
      lastYear: yearAgo ? wholeDay(history, yearAgo) : null,
    };
  });
}

/** kWh used, from grid and roof, in each of the twelve months up to the bill; days after the bill's last are left out. */
export function monthlyTable(history: SeriesEnergy[], days: BillingPeriod, zone: Zone): SupplyCharges['monthly'] {
  return calendarOf(days, zone).months.map(({ month, inside }) => {
    const { sum, known } = within(history, used, inside);
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
function wholeDay(history: SeriesEnergy[], day: Period): string | null {
  const { sum, known, partly } = within(history, used, day);
  return known > 0 && !partly ? formatKwh(microKwh(sum)) : null;
}

/** Sums the known intervals of some flows over a period; `partly` when a series has some of them and lacks others. */
function within(history: SeriesEnergy[], flows: Flow[], { from, to }: Period) {
  let [sum, known, partly] = [0, 0, false];
  for (const { series, energy: slots } of history) {
    if (!flows.includes(series.flow)) continue;
    const first = Math.max(0, Math.ceil((from - slots.from) / slots.stepSeconds));
    const last = Math.min(slots.energy.length, Math.ceil((to - slots.from) / slots.stepSeconds));
    let here = 0;
    for (let slot = first; slot < last; slot++) {
      const energy = slots.energy[slot]!;
      if (Number.isNaN(energy)) continue;
      sum += energy;
      here += 1;
    }
    if (here > 0 && here < last - first) partly = true;
    known += here;
  }
  return { sum, known, partly };
}

/** The days and months that a bill's tables show, and when they begin and end. */
interface UsageCalendar {
  historyFrom: Day;
  days: { day: Day; inside: Period; yearAgo: Period | undefined }[];
  months: { month: Month; inside: Period }[];
}

// Everybody's bill of a month has the same ones, and working them out costs more than adding up what is in them.
const calendars = new Map<string, UsageCalendar>();
const calendarsMax = 100;

function calendarOf(days: BillingPeriod, zone: Zone): UsageCalendar {
  const key = `${days.from} ${days.to} ${zone}`;
  let calendar = calendars.get(key);
  if (!calendar) {
    if (calendars.size >= calendarsMax) calendars.clear();
    calendar = workOut(days, zone);
    calendars.set(key, calendar);
  }
  return calendar;
}

function workOut({ from, to }: BillingPeriod, zone: Zone): UsageCalendar {
  const days: UsageCalendar['days'] = [];
  for (let day = from; day < to; day = addDays(day, 1)) {
    const before = yearBefore(day);
    days.push({ day, inside: dayPeriod(day, zone), yearAgo: before && dayPeriod(before, zone) });
  }
  const last = monthOf(addDays(to, -1));
  const months = Array.from({ length: 12 }, (_, at) => {
    const month: Month = addMonths(last, at - 11);
    const end = firstDayOf(addMonths(month, 1));
    return { month, inside: { from: startOfDay(firstDayOf(month), zone), to: startOfDay(end < to ? end : to, zone) } };
  });
  const yearAgo = yearBefore(from) ?? firstDayOf(addMonths(monthOf(from), -12));
  return { historyFrom: [firstDayOf(months[0]!.month), yearAgo].sort()[0]!, days, months };
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
