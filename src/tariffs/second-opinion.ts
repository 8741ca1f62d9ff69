import { z } from 'zod';
import { addDays, type Day, dayOf, formatUtc, instant, minuteOfDay, weekdayOf, type Zone } from '../units/time.ts';
import type { RatedBill, RateRequest } from './rate.ts';
import type { Segment } from './segments.ts';

// Reads the stored documents with its own eyes: nothing here comes from the calendar, the compiler or the components, so that a
// mistake in one of them does not repeat itself here.
const rateDocument = z.object({
  code: z.string(),
  unitPrice: z.string(),
  windows: z
    .array(z.object({ season: z.string().optional(), days: z.string().optional(), from: z.string(), to: z.string() }))
    .optional(),
});
const componentDocument = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal(['energy', 'feedIn']),
    code: z.string(),
    register: z.string().default('EXPORT'),
    rates: z.array(rateDocument),
    tax: z.string().default('NONE'),
  }),
  z.object({
    kind: z.literal('supply'),
    code: z.string(),
    amount: z.string(),
    per: z.enum(['DAY', 'MONTH', 'YEAR']),
    tax: z.string(),
  }),
]);
const planDocument = z.object({
  timeZone: z.string().default('LOCAL'),
  dayTypes: z.record(z.string(), z.array(z.string())).default({}),
  seasons: z.record(z.string(), z.tuple([z.string(), z.string()])).default({}),
  holidayCalendar: z.string().optional(),
  taxBasis: z.enum(['EXCLUSIVE', 'INCLUSIVE']),
  taxes: z.record(z.string(), z.object({ percent: z.string(), halfCents: z.enum(['UP', 'DOWN']).default('UP') })),
  components: z.array(z.unknown()),
});
type ComponentDocument = z.output<typeof componentDocument>;
type RateDocument = z.output<typeof rateDocument>;
type WindowDocument = NonNullable<RateDocument['windows']>[number];
type PlanDocument = z.output<typeof planDocument>;
type Tax = PlanDocument['taxes'][string];

/** A line before rounding: `units` of energy (micro-kWh) or days, at `price` (1e-8), divided. */
interface Line {
  units: bigint;
  price: bigint;
  divisor: bigint;
  taxCode: string;
  /** undefined outside tax */
  tax: Tax | undefined;
}

/** A wall clock: what the windows are read on. */
interface Wall {
  plan: PlanDocument;
  zone: Zone;
  holidays: string[];
}

/**
 * Prices the request again, minute by minute, and says in sentences where `bill` differs; nothing when both agree. A component
 * kind it has not learnt is named too, for unchecked is not agreed.
 */
export function secondOpinion(request: RateRequest, bill: RatedBill): string[] {
  const lines = new Map<string, Line>();
  const differences: string[] = [];
  for (const segment of request.segments) {
    const plan = planDocument.parse(segment.version.plan.document);
    for (const document of plan.components) {
      const { data: component } = componentDocument.safeParse(document);
      if (!component) differences.push(`not checked: ${JSON.stringify(document)}`);
      else if (component.kind === 'supply') addDaysUsed(lines, component, segment, plan);
      else differences.push(...addEnergy(lines, component, segment, request, plan));
    }
  }
  return [...differences, ...compareLines(lines, bill), ...compareTotals(lines, bill)];
}

function addDaysUsed(
  lines: Map<string, Line>,
  { code, amount, per, tax }: Extract<ComponentDocument, { kind: 'supply' }>,
  { from, to }: Segment,
  plan: PlanDocument,
): void {
  const same = { DAY: 0, MONTH: 7, YEAR: 4 }[per];
  for (let start = from, day = from; day < to; day = addDays(day, 1)) {
    if (per !== 'DAY' && day.slice(0, same) !== start.slice(0, same)) start = day;
    const key = `${code} from ${start}`;
    const line = lines.get(key) ?? { units: 0n, price: exact(amount), divisor: 1n, taxCode: tax, tax: plan.taxes[tax] };
    line.units += 1n;
    line.divisor = per === 'DAY' ? 1n : BigInt(daysSharing(day, same));
    lines.set(key, line);
  }
}

/** How many days of the calendar begin with the same letters: those of the day's month or year. */
function daysSharing(day: Day, letters: number): number {
  let count = 0;
  for (let offset = -366; offset <= 366; offset++)
    if (addDays(day, offset).slice(0, letters) === day.slice(0, letters)) count += 1;
  return count;
}

function addEnergy(
  lines: Map<string, Line>,
  { kind, code, register, rates, tax }: Exclude<ComponentDocument, { kind: 'supply' }>,
  { from, to }: Segment,
  { zone, registers, holidayCalendars }: RateRequest,
  plan: PlanDocument,
): string[] {
  const series = registers.get(register);
  if (!series) return [];
  const holidays = holidayCalendars.filter(({ name }) => name === plan.holidayCalendar).flatMap(({ days }) => days);
  const wall = { plan, zone: clockOf(plan.timeZone, zone), holidays };
  for (let slot = 0; slot < series.energy.length; slot++) {
    const start = series.from + slot * series.stepSeconds;
    const day = dayOf(instant(start), zone);
    if (day < from || day >= to) continue;
    const found = new Set<RateDocument>();
    for (let at = start; at < start + series.stepSeconds; at += 60)
      for (const rate of ratesAt(at, rates, wall)) found.add(rate);
    const [rate] = found;
    if (!rate || found.size > 1)
      return [`${code}: ${found.size} rates in the interval from ${formatUtc(instant(start))}`];
    const key = `${code}.${rate.code} from ${from}`;
    const line = lines.get(key) ?? {
      units: 0n,
      price: exact(rate.unitPrice),
      divisor: 1_000_000n,
      taxCode: tax,
      tax: plan.taxes[tax],
    };
    line.units += BigInt(series.energy[slot]!) * (kind === 'feedIn' ? -1n : 1n);
    lines.set(key, line);
  }
  return [];
}

function clockOf(timeZone: string, site: Zone): Zone {
  if (timeZone === 'LOCAL') return site;
  return (timeZone === 'AEST' ? '+10:00' : timeZone) as Zone;
}

function ratesAt(at: number, rates: RateDocument[], wall: Wall): RateDocument[] {
  const day = dayOf(instant(at), wall.zone);
  const minute = minuteOfDay(instant(at), wall.zone);
  const claimed = rates.filter(rate => rate.windows?.some(window => isInside(window, day, minute, wall)));
  return claimed.length > 0 ? claimed : rates.filter(rate => !rate.windows);
}

function isInside(window: WindowDocument, day: Day, minute: number, wall: Wall): boolean {
  const from = minutes(window.from);
  const to = minutes(window.to);
  if (from < to) return minute >= from && minute < to && isOnDay(window, day, wall);
  if (minute >= from) return isOnDay(window, day, wall);
  return minute < to && isOnDay(window, addDays(day, -1), wall);
}

function minutes(time: string): number {
  const [hours, rest] = time.split(':');
  return Number(hours) * 60 + Number(rest);
}

function isOnDay({ season, days }: WindowDocument, day: Day, { plan, holidays }: Wall): boolean {
  if (season !== undefined) {
    const [first, last] = plan.seasons[season]!;
    const date = day.slice(5);
    const [afterFirst, beforeLast] = [date >= first, date <= last];
    if (first <= last ? !(afterFirst && beforeLast) : !(afterFirst || beforeLast)) return false;
  }
  if (days === undefined) return true;
  const holidaysMatter = Object.values(plan.dayTypes).some(names => names.includes('PUBLIC_HOLIDAY'));
  const weekday = ['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'][weekdayOf(day) - 1]!;
  return plan.dayTypes[days]!.includes(holidaysMatter && holidays.includes(day) ? 'PUBLIC_HOLIDAY' : weekday);
}

function compareLines(lines: Map<string, Line>, bill: RatedBill): string[] {
  const differences: string[] = [];
  const printed = new Map(bill.lines.map(line => [`${line.code} from ${line.from}`, line]));
  for (const key of new Set([...lines.keys(), ...printed.keys()])) {
    const [here, there] = [lines.get(key), printed.get(key)];
    if (!here || !there) differences.push(`${key}: only ${here ? 'in the second opinion' : 'on the bill'}`);
    else if (there.amount !== centsOf(here))
      differences.push(`${key}: ${there.amount} cents on the bill, ${centsOf(here)} in the second opinion`);
    else if (there.unit === 'kWh' && BigInt(there.quantity) !== here.units)
      differences.push(`${key}: ${there.quantity} micro-kWh on the bill, ${here.units} in the second opinion`);
  }
  return differences;
}

function compareTotals(lines: Map<string, Line>, bill: RatedBill): string[] {
  let total = 0n;
  const taxables = new Map<string, { tax: Tax; sum: bigint }>();
  for (const line of lines.values()) {
    const amount = centsOf(line);
    total += amount;
    if (!line.tax) continue;
    const key = `${line.taxCode} ${exact(line.tax.percent)} ${line.tax.halfCents}`;
    taxables.set(key, { tax: line.tax, sum: (taxables.get(key)?.sum ?? 0n) + amount });
  }
  let taxTotal = 0n;
  for (const { tax, sum } of taxables.values()) taxTotal += taxOf(sum, tax, bill.taxBasis === 'INCLUSIVE');
  if (bill.taxBasis === 'EXCLUSIVE') total += taxTotal;
  const differences: string[] = [];
  if (taxTotal !== bill.tax) differences.push(`tax: ${bill.tax} cents on the bill, ${taxTotal} in the second opinion`);
  if (total !== bill.total) differences.push(`total: ${bill.total} cents on the bill, ${total} in the second opinion`);
  return differences;
}

function centsOf({ units, price, divisor }: Line): bigint {
  return nearest(units * price, divisor * 1_000_000n, true);
}

function taxOf(sum: bigint, { percent, halfCents }: Tax, inclusive: boolean): bigint {
  const hundred = exact('100');
  return nearest(sum * exact(percent), inclusive ? hundred + exact(percent) : hundred, halfCents === 'UP');
}

/** The nearest whole number; exactly half goes away from zero when `halfUp`, toward it otherwise. */
function nearest(numerator: bigint, denominator: bigint, halfUp: boolean): bigint {
  if (numerator < 0n) return -nearest(-numerator, denominator, halfUp);
  const whole = numerator / denominator;
  const twiceRest = (numerator - whole * denominator) * 2n;
  return twiceRest > denominator || (halfUp && twiceRest === denominator) ? whole + 1n : whole;
}

/** A decimal string in units of 1e-8. */
function exact(text: string): bigint {
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  const magnitude = BigInt(whole + fraction.padEnd(8, '0'));
  return text.startsWith('-') ? -magnitude : magnitude;
}
