import { Refusal } from '../kernel/errors.ts';
import {
  addDays,
  type Day,
  dayOf,
  formatLocal,
  type Instant,
  instant,
  offsetAt,
  secondsPerDay,
  type Zone,
} from '../units/time.ts';
import { dayKindOf, type HolidayCalendar, type PlanCalendar } from './calendar.ts';
import { claimMinutes, minutesPerDay, runsPastMidnight, type WindowedRate } from './windows.ts';

/** Consecutive equal intervals, without their values. */
export interface Slots {
  from: Instant;
  stepSeconds: number;
  count: number;
}

/** What a plan says about slots, whoever's they are: computed once, used for every customer on the plan. */
export interface SlotRates {
  /** Per slot, the index of its rate. */
  rateOf: Uint8Array;
  /** Per rate: how many slots it has, its first one and its last one. */
  slotCount: Uint32Array;
  firstSlot: Uint32Array;
  lastSlot: Uint32Array;
}

/** `zone` is the clock the windows are read on, the site's unless the plan declares another. */
export interface Clockwork {
  calendar: PlanCalendar;
  zone: Zone;
  holidays: HolidayCalendar | undefined;
}

// Keyed by the component's rates, which belong to one plan version and so to one calendar.
const compiled = new WeakMap<WindowedRate[], Map<string, SlotRates>>();
const compiledPerComponentMax = 64;

/** Throws 'intervals-misaligned' when a slot lies across two rates, for then nobody knows which part of its energy has which price. */
export function compileSlots(rates: WindowedRate[], slots: Slots, clockwork: Clockwork): SlotRates {
  let known = compiled.get(rates);
  if (!known) {
    known = new Map();
    compiled.set(rates, known);
  }
  const key = keyOf(slots, clockwork);
  let slotRates = known.get(key);
  if (!slotRates) {
    if (known.size >= compiledPerComponentMax) known.clear();
    slotRates = summarise(rates, rateEachSlot(rates, slots, clockwork));
    known.set(key, slotRates);
  }
  return slotRates;
}

function keyOf({ from, stepSeconds, count }: Slots, { zone, holidays }: Clockwork): string {
  return `${from}|${stepSeconds}|${count}|${zone}|${holidays ? holidayKey(holidays) : ''}`;
}

// By value, because callers read their calendars from a store and hand in a new object each time.
const holidayKeys = new WeakMap<HolidayCalendar, string>();

function holidayKey(holidays: HolidayCalendar): string {
  let key = holidayKeys.get(holidays);
  if (key === undefined) {
    key = `${holidays.name}|${holidays.from}|${holidays.to}|${holidays.days}`;
    holidayKeys.set(holidays, key);
  }
  return key;
}

function rateEachSlot(rates: WindowedRate[], slots: Slots, clockwork: Clockwork): Uint8Array {
  const { zone } = clockwork;
  const { from, stepSeconds, count } = slots;
  const dayTable = dayTables(rates, clockwork);
  const rateAt = (at: number, offset: number) => {
    const local = at + offset;
    const day = Math.floor(local / secondsPerDay);
    return dayTable(day)[Math.floor((local - day * secondsPerDay) / 60)]!;
  };
  const grain = grainSeconds(rates);
  const rateOf = new Uint8Array(count);
  for (let slot = 0; slot < count; slot++) {
    const start = from + slot * stepSeconds;
    const offset = offsetAt(instant(start), zone);
    const rate = rateAt(start, offset);
    // Inside a slot the rate can change only where a window begins or ends, or where the clock itself is changed.
    const clockChanges = offsetAt(instant(start + stepSeconds - 1), zone) !== offset;
    const stride = clockChanges ? 60 : grain;
    const next = clockChanges ? 60 : stride - ((((start + offset) % stride) + stride) % stride);
    for (let ahead = next; ahead < stepSeconds; ahead += stride) {
      const at = start + ahead;
      if (rateAt(at, offsetAt(instant(at), zone)) !== rate) throw misaligned(start, stepSeconds, zone);
    }
    rateOf[slot] = rate;
  }
  return rateOf;
}

/** Tables of 1,440 minutes by day number since 1970, shared between days of the same kind. */
function dayTables(rates: WindowedRate[], { calendar, holidays }: Clockwork): (dayNumber: number) => Uint8Array {
  const wraps = rates.some(rate => rate.windows?.some(runsPastMidnight));
  const byDay = new Map<number, Uint8Array>();
  const byKind = new Map<string, Uint8Array>();
  return dayNumber => {
    let table = byDay.get(dayNumber);
    if (table) return table;
    const day = dayOfNumber(dayNumber);
    const today = dayKindOf(day, calendar, holidays);
    // Whether yesterday was a holiday is asked only when a window of yesterday can reach today.
    const yesterday = wraps ? dayKindOf(addDays(day, -1), calendar, holidays) : today;
    const kind = JSON.stringify([today, yesterday]);
    table = byKind.get(kind) ?? claimMinutes(rates, today, yesterday).rateOf;
    byKind.set(kind, table);
    byDay.set(dayNumber, table);
    return table;
  };
}

function dayOfNumber(dayNumber: number): Day {
  return dayOf(instant(dayNumber * secondsPerDay), utc);
}

const utc = 'UTC' as Zone;

/** The greatest number of seconds that divides every boundary of the windows, midnight included. */
function grainSeconds(rates: WindowedRate[]): number {
  const boundaries = rates.flatMap(rate => (rate.windows ?? []).flatMap(window => [window.from, window.to]));
  return 60 * boundaries.reduce(greatestDivisor, minutesPerDay);
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

function misaligned(start: number, stepSeconds: number, zone: Zone): Refusal {
  const at = formatLocal(instant(start), zone);
  return new Refusal(
    'intervals-misaligned',
    `the ${stepSeconds / 60}-minute interval from ${at} lies across two rates of the plan`,
  );
}

function summarise(rates: WindowedRate[], rateOf: Uint8Array): SlotRates {
  const slotCount = new Uint32Array(rates.length);
  const firstSlot = new Uint32Array(rates.length);
  const lastSlot = new Uint32Array(rates.length);
  rateOf.forEach((rate, slot) => {
    if (slotCount[rate] === 0) firstSlot[rate] = slot;
    slotCount[rate]! += 1;
    lastSlot[rate] = slot;
  });
  return { rateOf, slotCount, firstSlot, lastSlot };
}
