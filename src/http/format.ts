import { formatKwh, type MicroKwh } from '../units/energy.ts';
import {
  type Day,
  dayOf,
  formatWallClock,
  type Instant,
  type Month,
  offsetAt,
  weekdayOf,
  type Zone,
} from '../units/time.ts';

const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const weekdayNames = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const monthNamesLong = 'January February March April May June July August September October November December'.split(
  ' ',
);

/** "1,234.567 kWh", with at least `decimalsMin` decimals and never fewer than it has. */
export function showKwh(energy: MicroKwh, decimalsMin = 0): string {
  return `${showEnergy(energy, decimalsMin)} kWh`;
}

/** The figure alone, for a column whose head says the unit. */
export function showEnergy(energy: MicroKwh, decimalsMin = 0): string {
  return groupDecimal(formatKwh(energy, decimalsMin));
}

/** "1,488" */
export function showCount(count: number): string {
  return group(String(count));
}

/** "21 Nov 2026" */
export function showDay(day: Day | string): string {
  return `${Number(day.slice(8, 10))} ${monthNames[Number(day.slice(5, 7)) - 1]} ${day.slice(0, 4)}`;
}

/** "Sat" */
export function showWeekday(day: Day): string {
  return weekdayNames[weekdayOf(day) - 1]!;
}

/** "November 2026" */
export function showMonth(month: Month | string): string {
  return `${monthNamesLong[Number(month.slice(5, 7)) - 1]} ${month.slice(0, 4)}`;
}

/** "21:30" on the wall clock of `zone`. */
export function showTime(at: Instant, zone: Zone): string {
  return formatWallClock(at, zone).slice(11, 16);
}

/** "21 Nov 2026, 21:30 (UTC+10:30)": the offset makes the repeated hour of a clock change unambiguous. */
export function showMoment(at: Instant, zone: Zone): string {
  return `${showDay(dayOf(at, zone))}, ${showTime(at, zone)} (${showOffset(at, zone)})`;
}

/** "UTC+10:30" */
export function showOffset(at: Instant, zone: Zone): string {
  const minutes = Math.trunc(offsetAt(at, zone) / 60);
  const magnitude = Math.abs(minutes);
  const rest = magnitude % 60 ? `:${String(magnitude % 60).padStart(2, '0')}` : '';
  return minutes === 0 ? 'UTC' : `UTC${minutes < 0 ? '−' : '+'}${Math.trunc(magnitude / 60)}${rest}`;
}

function groupDecimal(text: string): string {
  const negative = text.startsWith('-');
  const [whole = '', fraction] = (negative ? text.slice(1) : text).split('.');
  return `${negative ? '−' : ''}${group(whole)}${fraction ? `.${fraction}` : ''}`;
}

function group(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ',');
}
