import { showDay, showMonth } from '../http/format.ts';
import {
  addMonths,
  type Day,
  dayOf,
  dayPeriod,
  firstDayOf,
  type Instant,
  instant,
  type Month,
  monthPeriod,
  type Period,
  parseDay,
  parseMonth,
  startOfDay,
  type Zone,
} from '../units/time.ts';

/** "2026", "2026-06" or "2026-06-10" as an address says it, and what leads up and down from there. */
export interface DateDrill {
  chosen: string;
  /** undefined: all times. */
  period: Period | undefined;
  /** From all dates down to the chosen one. */
  up: { date: string; words: string }[];
  /** The years, months or days that have something. */
  down: { date: string; words: string }[];
}

/** `findNext` gives the first instant at or after one that has something: one question for each year, month or day shown. */
export function dateDrill(sent: string, zone: Zone, findNext: (at: Instant) => Instant | undefined): DateDrill {
  const chosen = periodOf(sent, zone) ? sent : '';
  const period = periodOf(chosen, zone);
  const steps = [4, 7, 10].filter(length => length <= chosen.length).map(length => chosen.slice(0, length));
  const nextLength = ({ 0: 4, 4: 7, 7: 10 } as Record<number, number>)[chosen.length];
  const down: string[] = [];
  for (let at = findNext(period?.from ?? instant(0)); nextLength && at !== undefined && inside(at, period); ) {
    const date = dayOf(at, zone).slice(0, nextLength);
    down.push(date);
    at = findNext(periodOf(date, zone)!.to);
  }
  return {
    chosen,
    period,
    up: [{ date: '', words: 'All dates' }, ...steps.map(date => ({ date, words: wordsOf(date) }))],
    down: down.map(date => ({ date, words: wordsOf(date) })),
  };
}

function inside(at: Instant, period: Period | undefined): boolean {
  return period === undefined || at < period.to;
}

function periodOf(date: string, zone: Zone): Period | undefined {
  const [day, month] = [parseDay(date), parseMonth(date)];
  if (day) return dayPeriod(day, zone);
  if (month) return monthPeriod(month, zone);
  if (!/^\d{4}$/.test(date)) return undefined;
  const january = `${date}-01` as Month;
  return { from: startOfDay(firstDayOf(january), zone), to: startOfDay(firstDayOf(addMonths(january, 12)), zone) };
}

function wordsOf(date: string): string {
  if (date.length === 10) return showDay(date as Day);
  return date.length === 7 ? showMonth(date) : date;
}
