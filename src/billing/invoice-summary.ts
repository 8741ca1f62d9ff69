import { microKwh, parseEnergy } from '../units/energy.ts';
import {
  addCents,
  type Cents,
  cents,
  divideHalfAwayFromZero,
  formatCents,
  parseCents,
  zeroCents,
} from '../units/money.ts';
import { addDays, type Day, daysBetween, parseDay } from '../units/time.ts';
import type { InvoiceDocument, InvoiceLine, SupplyCharges } from './invoice.ts';

/** The sum of the lines of a group before tax, undefined where there are none. */
export function groupTotal(invoice: InvoiceDocument, group: InvoiceLine['group']): string | undefined {
  const lines = invoice.supplies.flatMap(supply => supply.lines).filter(line => line.group === group);
  return lines.length > 0 ? sumMoney(lines.map(line => line.amount)) : undefined;
}

/** Of amounts as the invoice has them ("-13.50"); "0.00" of none. */
export function sumMoney(amounts: string[]): string {
  return formatCents(addCents(...amounts.map(amountOf)));
}

/** Energy and money a day over the days billed, to a tenth of a kWh and a cent; undefined where no day is known. */
export function dailyAverages(invoice: InvoiceDocument): Averages | undefined {
  const supplies = invoice.supplies.filter(supply => supply.days > 0 && supply.daily.length > 0);
  const days = Math.max(0, ...supplies.map(supply => supply.days));
  if (days === 0) return undefined;
  const used = dailyUsage(supplies);
  const lastYear = used.map(day => day.lastYear).filter(value => value !== null);
  return {
    energy: tenths(
      used.reduce((sum, day) => sum + day.fromGrid + day.fromSolar, 0),
      used.length,
    ),
    energyLastYear:
      lastYear.length > 0
        ? tenths(
            lastYear.reduce((sum, value) => sum + value, 0),
            lastYear.length,
          )
        : undefined,
    cost: formatCents(cents(divideHalfAwayFromZero(amountOf(invoice.currentCharges), BigInt(days)))),
  };
}

export interface Averages {
  /** kWh, one decimal. */
  energy: string;
  energyLastYear: string | undefined;
  cost: string;
}

/** All supplies together, day by day: micro-kWh. lastYear is null unless every supply that has the day knows it. */
export interface DayUsage {
  day: Day;
  fromGrid: number;
  fromSolar: number;
  toGrid: number;
  lastYear: number | null;
}

/** Energy of each day over all supplies, by time, in micro-kWh; `lastYear` is null where any of them has none. */
export function dailyUsage(supplies: SupplyCharges[]): DayUsage[] {
  const days = new Map<Day, DayUsage>();
  for (const { day: text, fromGrid, fromSolar, toGrid, lastYear } of supplies.flatMap(supply => supply.daily)) {
    const day = parseDay(text);
    if (!day) continue;
    const known = days.get(day) ?? { day, fromGrid: 0, fromSolar: 0, toGrid: 0, lastYear: 0 };
    known.fromGrid += energyOf(fromGrid);
    known.fromSolar += energyOf(fromSolar);
    known.toGrid += energyOf(toGrid);
    known.lastYear = known.lastYear === null || lastYear === null ? null : known.lastYear + energyOf(lastYear);
    days.set(day, known);
  }
  return [...days.values()].sort((a, b) => (a.day < b.day ? -1 : 1));
}

/** A hundred years would not fit on the paper; a period longer than this is shown by its first days. */
const daysMax = 400;

/** Every calendar day the supplies are billed for, with the days nobody measured among them. */
export function billedDays(supplies: SupplyCharges[]): Day[] {
  const ends = supplies.flatMap(({ from, to }) => [parseDay(from), parseDay(to)]).filter(day => day !== undefined);
  const [first, last] = [ends.toSorted().at(0), ends.toSorted().at(-1)];
  if (!first || !last) return [];
  return Array.from({ length: Math.min(daysMax, daysBetween(first, last) + 1) }, (_, index) => addDays(first, index));
}

function amountOf(text: string): Cents {
  return parseCents(text) ?? zeroCents;
}

function energyOf(text: string): number {
  const parsed = parseEnergy(text);
  return parsed.ok ? parsed.microKwh : microKwh(0);
}

function tenths(totalMicroKwh: number, days: number): string {
  const tenth = divideHalfAwayFromZero(BigInt(totalMicroKwh), BigInt(days) * 100_000n);
  return `${tenth / 10n}.${tenth % 10n}`;
}
