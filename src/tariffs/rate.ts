import type { IntervalSeries } from '../consumption/interval-series.ts';
import { assert } from '../kernel/assert.ts';
import { Refusal } from '../kernel/errors.ts';
import { formatKwh, microKwh } from '../units/energy.ts';
import { addCents, type Cents, cents, priceCount, priceEnergy } from '../units/money.ts';
import { addDays, type Day, daysBetween, type Zone } from '../units/time.ts';
import { type HolidayCalendar, holidayTypeOf, type PlanCalendar } from './calendar.ts';
import { compileSlots } from './compile.ts';
import type { Charge, Measured, Usage } from './component.ts';
import { intervalsIn, refuseIncomplete } from './intervals.ts';
import type { Segment } from './segments.ts';
import { type TaxBasis, type TaxTotal, totalTaxes } from './taxes.ts';

export interface RateRequest {
  /** Consecutive; together the period to price. See planSegments. */
  segments: Segment[];
  /** The site's zone: the clock of the bill's days. */
  zone: Zone;
  /** IMPORT, SOLAR, EXPORT or a register suffix. A series may reach beyond the period. */
  registers: Map<string, IntervalSeries>;
  /** The calendars that plans may name, one per name. */
  holidayCalendars: HolidayCalendar[];
}

export interface ChargeLine extends Omit<Charge, 'measured'> {
  /** The component's kind. */
  kind: string;
  amount: Cents;
  trace: LineTrace;
}

/** Why a line says what it says. */
export interface LineTrace {
  planCode: string;
  planVersion: number;
  planVersionId: number;
  measured: Measured | undefined;
}

export interface RatedBill {
  from: Day;
  /** The last day, inclusive. */
  to: Day;
  days: number;
  currency: string;
  taxBasis: TaxBasis;
  lines: ChargeLine[];
  taxes: TaxTotal[];
  chargesExTax: Cents;
  tax: Cents;
  /** EXCLUSIVE: the lines' sum plus tax. INCLUSIVE: the lines' sum, tax inside. */
  total: Cents;
}

/**
 * Prices a site's energy over a period: pure, the same bytes for the same request anywhere. Each line is rounded once, half away
 * from zero; tax once per code on the sum of the rounded lines.
 * Throws 'intervals-missing', 'intervals-misaligned', 'register-missing', 'holidays-unknown', 'plans-differ'.
 */
export function rate(request: RateRequest): RatedBill {
  const { segments } = request;
  const period = periodOf(segments);
  const { currency, taxBasis } = commonTerms(segments);
  refuseIncomplete(segments, request.zone, request.registers);
  const lines: ChargeLine[] = [];
  const taxables = segments.flatMap(segment => {
    const charged = chargeSegment(segment, request);
    lines.push(...charged);
    const { taxes } = segment.version.plan;
    return charged.map(({ amount, taxCode }) => ({ amount, taxCode, tax: taxes[taxCode] }));
  });
  const taxes = totalTaxes(taxables, taxBasis);
  const sum = addCents(...lines.map(line => line.amount));
  const tax = addCents(...taxes.map(({ amount }) => amount));
  const inclusive = taxBasis === 'INCLUSIVE';
  return {
    from: period.from,
    to: addDays(period.to, -1),
    days: daysBetween(period.from, period.to),
    currency,
    taxBasis,
    lines,
    taxes,
    chargesExTax: inclusive ? cents(sum - tax) : sum,
    tax,
    total: inclusive ? sum : cents(sum + tax),
  };
}

/** A line's quantity in its unit as a decimal string: "325.2", "-150", "31". */
export function formatQuantity({ quantity, unit }: Pick<Charge, 'quantity' | 'unit'>): string {
  return unit === 'kWh' ? formatKwh(microKwh(quantity)) : String(quantity);
}

function periodOf(segments: Segment[]): { from: Day; to: Day } {
  const [first] = segments;
  const last = segments.at(-1);
  assert(first && last, 'a bill has at least one segment');
  const consecutive = segments.every(({ from, to }, at) => from < to && (segments[at + 1]?.from ?? to) === to);
  assert(consecutive, 'segments follow each other without gap or overlap');
  return { from: first.from, to: last.to };
}

function commonTerms(segments: Segment[]): { currency: string; taxBasis: TaxBasis } {
  const { currency, taxBasis } = segments[0]!.version.plan;
  for (const { from, version } of segments) {
    if (version.plan.currency !== currency || version.plan.taxBasis !== taxBasis)
      throw new Refusal(
        'plans-differ',
        `from ${from} prices are in ${version.plan.currency} ${version.plan.taxBasis} of tax, before in ${currency} ${taxBasis}`,
      );
  }
  return { currency, taxBasis };
}

function chargeSegment(segment: Segment, request: RateRequest): ChargeLine[] {
  const { plan, version, id } = segment.version;
  const usage = usageOf(segment, request);
  return plan.components.flatMap(component =>
    component.charge(usage).map(({ measured, ...charge }) => ({
      ...charge,
      kind: component.kind,
      amount: amountOf(charge),
      trace: { planCode: plan.planCode, planVersion: version, planVersionId: id, measured },
    })),
  );
}

function usageOf({ from, to, version }: Segment, { zone, registers, holidayCalendars }: RateRequest): Usage {
  const { calendar } = version.plan;
  const clockwork = { calendar, zone: calendar.zone ?? zone, holidays: holidaysOf(calendar, holidayCalendars) };
  return {
    from,
    to,
    calendar,
    intervals(register) {
      const series = registers.get(register);
      return series && intervalsIn(series, { from, to }, zone);
    },
    slotRates: (rates, { from, stepSeconds, energy }) =>
      compileSlots(rates, { from, stepSeconds, count: energy.length }, clockwork),
  };
}

/** undefined when the plan prices holidays as ordinary days, so that it may then be used without any calendar. */
function holidaysOf(calendar: PlanCalendar, known: HolidayCalendar[]): HolidayCalendar | undefined {
  if (holidayTypeOf(calendar) === undefined) return undefined;
  return known.find(({ name }) => name === calendar.holidayCalendar);
}

/** The one rounding. */
function amountOf({ quantity, unit, unitPrice, divisor }: Omit<Charge, 'measured'>): Cents {
  if (unit !== 'kWh') return priceCount(BigInt(quantity), unitPrice, BigInt(divisor));
  assert(divisor === 1, 'only counted days are a part of a month or year');
  return priceEnergy(microKwh(quantity), unitPrice);
}
