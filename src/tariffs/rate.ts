import type { IntervalSeries } from '../consumption/interval-series.ts';
import { assert } from '../kernel/assert.ts';
import { Refusal } from '../kernel/errors.ts';
import { formatKwh, microKwh } from '../units/energy.ts';
import { addCents, type Cents, cents, priceCount } from '../units/money.ts';
import { addDays, type Day, daysBetween, type Zone } from '../units/time.ts';
import type { HolidayCalendar } from './calendar.ts';
import type { Charge, Days, Measured, TaxBasis, Unit } from './component.ts';
import type { Facts } from './facts.ts';
import { refuseIncomplete } from './intervals.ts';
import type { Segment } from './segments.ts';
import { type TaxTotal, totalTaxes } from './taxes.ts';
import { usageOf } from './usage.ts';

export interface RateRequest {
  /** Consecutive; together the period to price. See planSegments. */
  segments: Segment[];
  /** The site's zone: the clock of the bill's days. */
  zone: Zone;
  /** IMPORT, SOLAR, EXPORT or a register suffix. A series may reach beyond the period. */
  registers: Map<string, IntervalSeries>;
  /** The calendars that plans may name, one per name. */
  holidayCalendars: HolidayCalendar[];
  /** What is known from outside the period; what is left out is unknown. */
  facts?: Partial<Facts>;
  /** On which day, 1 to 28, the months of monthly prices begin; 1 when left out. */
  monthStartsOn?: number;
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
    const charged = chargeSegment(segment, period, request);
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
  return unitsPerOne[unit] === 1n ? String(quantity) : formatKwh(microKwh(quantity));
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

function chargeSegment(segment: Segment, period: Days, request: RateRequest): ChargeLine[] {
  const { plan, version, id } = segment.version;
  const usage = usageOf(segment, period, request);
  return plan.components.flatMap(component =>
    component.charge(usage).map(({ measured, ...charge }) => ({
      ...charge,
      kind: component.kind,
      amount: amountOf(charge),
      trace: { planCode: plan.planCode, planVersion: version, planVersionId: id, measured },
    })),
  );
}

/** Millionths of a unit, for the units that are measured; the others are counted. */
const unitsPerOne: Record<Unit, bigint> = {
  kWh: 1_000_000n,
  kW: 1_000_000n,
  kVA: 1_000_000n,
  day: 1n,
  month: 1n,
  each: 1n,
};

/** The one rounding. */
function amountOf({ quantity, unit, unitPrice, factors }: Omit<Charge, 'measured'>): Cents {
  assert(Number.isSafeInteger(quantity), 'a quantity is a whole number of its unit or of millionths');
  let numerator = BigInt(quantity);
  let denominator = unitsPerOne[unit];
  for (const factor of factors) {
    numerator *= factor.numerator;
    denominator *= factor.denominator;
  }
  return priceCount(numerator, unitPrice, denominator);
}
