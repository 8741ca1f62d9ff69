import { secondsPerDay } from '../units/time.ts';
import type { DayNumber } from './day-number.ts';

/** UTC months since January 1970. */
export type MonthNumber = number;

/** The UTC month in which a UTC day lies. */
export function monthNumberOf(day: DayNumber): MonthNumber {
  const date = new Date(day * secondsPerDay * 1000);
  return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth();
}

/** The first UTC day of a UTC month. */
export function firstDayOfMonth(month: MonthNumber): DayNumber {
  return Date.UTC(1970, month, 1) / (secondsPerDay * 1000);
}

/** "2026-11" */
export function formatMonth(month: MonthNumber): string {
  return new Date(Date.UTC(1970, month, 1)).toISOString().slice(0, 7);
}
