import type { MeterPointStore } from '../accounts/meter-point-store.ts';
import type { Supply } from '../accounts/supply.ts';
import type { Consumption } from '../consumption/consumption.ts';
import { Refusal } from '../kernel/errors.ts';
import { formatQuantity } from '../tariffs/amount.ts';
import type { HolidayCalendar } from '../tariffs/calendar.ts';
import type { TaxBasis } from '../tariffs/component.ts';
import { registersOf } from '../tariffs/plan.ts';
import type { PlanStore } from '../tariffs/plan-store.ts';
import { type ChargeLine, type RatedBill, type RateRequest, rate } from '../tariffs/rate.ts';
import { planSegments, type Segment } from '../tariffs/segments.ts';
import { taxableOf } from '../tariffs/taxable.ts';
import type { Taxable } from '../tariffs/taxes.ts';
import { formatCents } from '../units/money.ts';
import { formatRate } from '../units/rate.ts';
import { startOfDay } from '../units/time.ts';
import type { InvoiceLine, SupplyCharges } from './invoice.ts';
import type { BillingPeriod } from './invoice-draft.ts';
import { pricedRegisters } from './priced-registers.ts';
import { dailyTable, estimatedPercent, historyFrom, monthlyTable, registerTable } from './usage-tables.ts';

export interface RateSupplyDeps {
  meterPoints: MeterPointStore;
  consumption: Pick<Consumption, 'energyOf'>;
  plans: PlanStore;
  holidayCalendars: HolidayCalendar[];
  /** Recomputes a bill by other means and says what differs; left out, nobody looks twice. */
  secondOpinion?: (request: RateRequest, bill: RatedBill) => string[];
}

/** One supply's part of an invoice, and what is needed to add it up with others. */
export interface RatedSupply {
  charges: SupplyCharges;
  taxables: Taxable[];
  currency: string;
  taxBasis: TaxBasis;
}

/**
 * Prices some days of a supply. Writes nothing. Throws the Refusals of planSegments and rate: 'plan-not-in-force',
 * 'intervals-missing', 'register-missing' and their kin; 'readings-missing' where nothing was ever read.
 */
export function rateSupply(
  { meterPoints, consumption, plans, holidayCalendars, secondOpinion }: RateSupplyDeps,
  supply: Supply,
  days: BillingPeriod,
): RatedSupply {
  const { identifier, address, zone } = meterPoints.getById(supply.meterPointId);
  const segments = planSegments(plans.versionsFor(supply.planCode, days.from, days.to), days.from, days.to);
  const energyFrom = (day: BillingPeriod['from']) =>
    consumption.energyOf(supply.meterPointId, { from: startOfDay(day, zone), to: startOfDay(days.to, zone) });
  const energies = energyFrom(days.from);
  const named = segments.flatMap(({ version }) => registersOf(version.plan).map(need => need.register));
  if (energies.length === 0 && named.length > 0) throw new Refusal('readings-missing', 'nothing was ever read here');
  const request = { segments, zone, registers: pricedRegisters(energies, named), holidayCalendars };
  const bill = rate(request);
  const differences = secondOpinion?.(request, bill) ?? [];
  if (differences.length > 0)
    throw new Refusal('second-opinion-differs', `the second opinion differs: ${differences.join('; ')}`);
  const history = energyFrom(historyFrom(days));
  return ratedSupply(bill, segments, {
    meterPoint: identifier,
    address,
    zone,
    registers: registerTable(energies),
    daily: dailyTable(history, days, zone),
    monthly: monthlyTable(history, days, zone),
    estimatedPercent: estimatedPercent(energies),
  });
}

/** What a bill says of the site besides its charges. */
type SiteWords = Pick<
  SupplyCharges,
  'meterPoint' | 'address' | 'zone' | 'registers' | 'daily' | 'monthly' | 'estimatedPercent'
>;

/** A rated bill as its part of an invoice. */
export function ratedSupply(bill: RatedBill, segments: Segment[], site: SiteWords): RatedSupply {
  const { version, plan } = segments.at(-1)!.version;
  return {
    currency: bill.currency,
    taxBasis: bill.taxBasis,
    taxables: bill.lines.map(line => taxableOf(line, segments)),
    charges: {
      ...site,
      from: bill.from,
      to: bill.to,
      days: bill.days,
      plan: { code: plan.planCode, name: plan.displayName, version, effectiveFrom: plan.effectiveFrom },
      lines: bill.lines.map(invoiceLine),
    },
  };
}

function invoiceLine({ code, group, description, when, from, to, unit, taxCode, ...line }: ChargeLine): InvoiceLine {
  const price = formatRate(line.unitPrice, 2);
  return {
    code,
    group,
    description,
    when,
    from,
    to,
    unit,
    taxCode,
    quantity: formatQuantity({ quantity: line.quantity, unit }),
    // The division stands on the paper, so that a reader can repeat it: 90 days × 1585.00 / 365.
    unitPrice: [price, ...line.factors.map(({ words }) => words)].join(' '),
    amount: formatCents(line.amount),
  };
}
