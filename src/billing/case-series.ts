import type { IntervalSeries } from '../consumption/interval-series.ts';
import { assert } from '../kernel/assert.ts';
import { Refusal } from '../kernel/errors.ts';
import { qualityCode } from '../readings/reading.ts';
import { parseEnergy } from '../units/energy.ts';
import {
  type Day,
  dayOf,
  type Instant,
  instant,
  instantOfWallClock,
  minuteOfDay,
  startOfDay,
  weekdayOf,
  type Zone,
} from '../units/time.ts';
import type { CaseLayer, CaseSeries } from './bill-case.ts';

/** One slot of a series on the wall clock of the site. */
interface Slot {
  index: number;
  day: Day;
  minute: number;
}

interface Canvas {
  from: Instant;
  stepSeconds: number;
  zone: Zone;
  slots: Slot[];
  energy: Float64Array;
  readFile: (name: string) => string;
}

/**
 * The readings a bill case describes, exact to the millionth of a kWh. `period` are the days when the case names none of its own;
 * `readFile` gives the text of a series file. Throws 'bill-case-invalid' for a description that does not fit the days.
 */
export function caseSeries(
  { stepMinutes, layers, keep, quality, from, to }: CaseSeries,
  zone: Zone,
  period: { from: Day; to: Day },
  readFile: (name: string) => string,
): IntervalSeries {
  const stepSeconds = stepMinutes * 60;
  const start = startOfDay(from ?? period.from, zone);
  const count = (startOfDay(to ?? period.to, zone) - start) / stepSeconds;
  if (!Number.isInteger(count) || count <= 0)
    throw invalid(`${stepMinutes}-minute slots do not fill the days of the series`);
  const slots = Array.from({ length: count }, (_, index): Slot => {
    const at = instant(start + index * stepSeconds);
    return { index, day: dayOf(at, zone), minute: minuteOfDay(at, zone) };
  });
  const canvas: Canvas = { from: start, stepSeconds, zone, slots, energy: new Float64Array(count), readFile };
  for (const layer of layers) paint(canvas, layer);
  const { energy } = canvas;
  if (keep)
    for (const [at, value] of energy.entries()) energy[at] = Math.max(keep === 'POSITIVE' ? value : 0 - value, 0);
  const qualities = Uint8Array.from(energy, value => qualityCode(Number.isNaN(value) ? 'missing' : quality));
  return { from: start, stepSeconds, energy, quality: qualities };
}

function paint(canvas: Canvas, layer: CaseLayer): void {
  const { slots, energy, stepSeconds } = canvas;
  const chosen = slots.filter(slot => isIn(slot, layer));
  if (chosen.length === 0) throw invalid(`a layer has no slot of the series: ${JSON.stringify(layer)}`);
  const add = (slot: Slot, value: number) => (energy[slot.index]! += layer.minus ? 0 - value : value);
  if (layer.missing) for (const { index } of chosen) energy[index] = Number.NaN;
  if (layer.each !== undefined) for (const slot of chosen) add(slot, micro(layer.each));
  if (layer.kw !== undefined) {
    const value = Math.round((micro(layer.kw) * stepSeconds) / 3600);
    for (const slot of chosen) add(slot, value);
  }
  if (layer.total !== undefined) spread(micro(layer.total), chosen, add);
  if (layer.totalPerDay !== undefined)
    for (const day of Map.groupBy(chosen, slot => slot.day).values()) spread(micro(layer.totalPerDay), day, add);
  if (layer.byHour) byHour(layer.byHour, chosen, stepSeconds, add);
  if (layer.values) inOrder(layer.values.map(micro), chosen, add);
  if (layer.at) pinpoint(canvas, layer.at, add);
  if (layer.file !== undefined) inOrder(rowsOf(layer, canvas), chosen, add, true);
}

type Add = (slot: Slot, value: number) => void;

function isIn({ day, minute }: Slot, { from, to, days, hours }: CaseLayer): boolean {
  if ((from && day < from) || (to && day >= to)) return false;
  if (days && !days.includes(weekdayNames[weekdayOf(day) - 1]!)) return false;
  if (!hours) return true;
  const [first, end] = hours.map(minutes) as [number, number];
  return first < end ? minute >= first && minute < end : minute >= first || minute < end;
}

const weekdayNames = ['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'] as const;

function minutes(clock: string): number {
  return Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));
}

/** Whole millionths, the rest of the division to the first slots. */
function spread(total: number, slots: Slot[], add: Add): void {
  const parts = divided(total, slots.length);
  slots.forEach((slot, at) => {
    add(slot, parts(at));
  });
}

function divided(total: number, count: number): (at: number) => number {
  const whole = Math.trunc(total / count);
  const rest = Math.abs(total - whole * count);
  return at => whole + (at < rest ? Math.sign(total) : 0);
}

function byHour(hours: string[], slots: Slot[], stepSeconds: number, add: Add): void {
  const perHour = 3600 / stepSeconds;
  if (!Number.isInteger(perHour)) throw invalid('byHour needs slots that divide an hour');
  for (const slot of slots) {
    const part = divided(micro(hours[Math.trunc(slot.minute / 60)]!), perHour);
    add(slot, part(Math.trunc(((slot.minute % 60) * 60) / stepSeconds)));
  }
}

/** A file may reach beyond the series, values written into the case may not; neither may be too short for it. */
function inOrder(values: number[], slots: Slot[], add: Add, mayBeLonger = false): void {
  if (values.length < slots.length || (values.length > slots.length && !mayBeLonger))
    throw invalid(`${values.length} values for ${slots.length} slots`);
  slots.forEach((slot, at) => {
    add(slot, values[at]!);
  });
}

function pinpoint({ from, stepSeconds, zone, slots }: Canvas, energies: Record<string, string>, add: Add): void {
  for (const [clock, energy] of Object.entries(energies)) {
    const match = /^(\d{4}-\d\d-\d\d)T(\d\d):(\d\d)$/.exec(clock);
    const at = match && instantOfWallClock(match[1] as Day, Number(match[2]), Number(match[3]), 0, zone);
    const slot = slots[at ? Math.floor((at - from) / stepSeconds) : -1];
    if (!slot) throw invalid(`${clock} is no time of the series`);
    add(slot, micro(energy));
  }
}

function rowsOf(layer: CaseLayer, { stepSeconds, readFile }: Canvas): number[] {
  const { file = '', column = 'kwh', unit = 'kWh', only, rowMinutes = stepSeconds / 60 } = layer;
  const ratio = (rowMinutes * 60) / stepSeconds;
  if (!Number.isInteger(ratio)) throw invalid(`rows of ${rowMinutes} minutes are not whole slots`);
  const [header = '', ...lines] = readFile(file).trim().split(/\r?\n/);
  const at = header.split(',').indexOf(column);
  if (at < 0) throw invalid(`${file} has no column ${column}`);
  return lines.flatMap(line => {
    const read = micro(line.split(',')[at] ?? '');
    const energy = unit === 'kW' ? Math.round((read * rowMinutes) / 60) : read;
    const counted = (only === 'POSITIVE' && energy < 0) || (only === 'NEGATIVE' && energy > 0) ? 0 : energy;
    const parts = divided(counted, ratio);
    return Array.from({ length: ratio }, (_, part) => parts(part));
  });
}

/** kWh, or kW, as whole millionths. Published series carry exponents and more decimals than a meter does. */
function micro(text: string): number {
  const parsed = parseEnergy(/e/i.test(text) ? Number(text) : text);
  if (!parsed.ok) throw invalid(`"${text}" is no energy`);
  assert(Number.isSafeInteger(parsed.microKwh), 'parseEnergy gives whole millionths');
  return parsed.microKwh;
}

function invalid(why: string): Refusal {
  return new Refusal('bill-case-invalid', why);
}
