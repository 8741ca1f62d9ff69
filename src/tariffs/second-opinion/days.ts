import { addDays, type Day, dayOf, type Instant, instant } from '../../units/time.ts';
import type { RateRequest } from '../rate-request.ts';
import { remembered } from './naive.ts';

const ranges = new Map<string, Day[]>();

export function daysFrom(from: Day, to: Day): Day[] {
  return remembered(ranges, `${from} ${to}`, () => {
    const days: Day[] = [];
    for (let day = from; day < to; day = addDays(day, 1)) days.push(day);
    return days;
  });
}

const counts = new Map<string, number>();

/** How many days of the calendar are in the same month, quarter or year as this one. */
export function daysLike(day: Day, period: string, startsOn: number): number {
  const label = labelOf(day, period, startsOn);
  return remembered(counts, `${period} ${startsOn} ${label}`, () => {
    let count = 0;
    for (let offset = -400; offset <= 400; offset++)
      if (labelOf(addDays(day, offset), period, startsOn) === label) count += 1;
    return count;
  });
}

/** What the month, quarter or year of a day is called when these begin on day `startsOn` of a month. */
export function labelOf(day: Day, period: string, startsOn: number): string {
  const shifted = startsOn === 1 ? day : addDays(day, 1 - startsOn);
  if (period === 'P1Y') return shifted.slice(0, 4);
  if (period === 'P1M') return shifted.slice(0, 7);
  return `${shifted.slice(0, 4)} ${['01', '04', '07', '10'].findLast(first => first <= shifted.slice(5, 7))}`;
}

export interface Slot {
  at: Instant;
  day: Day;
  seconds: number;
  /** Millionths of a kWh: a whole number that a double holds exactly. */
  energy: number;
}

/** Each slot of a register on the local days [from, to). */
export function slotsOf(register: string, from: Day, to: Day, { registers, zone }: RateRequest): Slot[] {
  const series = registers.get(register);
  if (!series) return [];
  const { from: start, stepSeconds: seconds, energy } = series;
  const days = daysOfSlots(start, seconds, energy.length, zone);
  const slots: Slot[] = [];
  for (let slot = firstOn(from, days); slot < energy.length && days.of[slot]! < to; slot++)
    slots.push({ at: instant(start + slot * seconds), day: days.of[slot]!, seconds, energy: energy[slot]! });
  return slots;
}

interface SlotDays {
  of: Day[];
  first: Map<Day, number>;
}

const slotDays = new Map<string, SlotDays>();
const slotDaysMax = 50;

/** The local day of every slot: all meters of a run have the same. */
function daysOfSlots(start: Instant, seconds: number, count: number, zone: RateRequest['zone']): SlotDays {
  if (slotDays.size >= slotDaysMax) slotDays.clear();
  return remembered(slotDays, `${start} ${seconds} ${count} ${zone}`, () => ({
    of: Array.from({ length: count }, (_, slot) => dayOf(instant(start + slot * seconds), zone)),
    first: new Map(),
  }));
}

/** The first slot of a day, or of the next one that has any. */
function firstOn(day: Day, { of, first }: SlotDays): number {
  return remembered(first, day, () => {
    const slot = of.findIndex(each => each >= day);
    return slot < 0 ? of.length : slot;
  });
}
