import { arithmeticOf, formatQuantity } from '../tariffs/amount.ts';
import type { HolidayCalendar } from '../tariffs/calendar.ts';
import type { Days } from '../tariffs/component.ts';
import type { EstimationMethod } from '../tariffs/estimate-missing.ts';
import type { PlanStore } from '../tariffs/plan-store.ts';
import { type ChargeLine, type RatedBill, rate } from '../tariffs/rate.ts';
import { formatCents } from '../units/money.ts';
import { formatRate } from '../units/rate.ts';
import { formatUtc, type Zone } from '../units/time.ts';
import type { CaseFacts } from './bill-case.ts';
import { caseFacts } from './case-facts.ts';
import { energyAtMeterPoint, energyInline, type InlineReadings, type SiteDeps } from './site-energy.ts';
import { type PlanChoice, tryPlan } from './tried-plan.ts';

export interface PreviewDeps extends SiteDeps {
  plans: PlanStore;
  holidayCalendars: HolidayCalendar[];
}

export interface PreviewInput extends Days {
  plan: PlanChoice;
  /** Whose readings: a meter point's, or those given. */
  site: { meterPoint: string } | { readings: InlineReadings };
  /** What rating is told from outside the readings. */
  facts?: CaseFacts | undefined;
  estimation?: EstimationMethod | undefined;
}

/**
 * What a bill of these days would say on a plan. Writes nothing, and is rated by the same code as the bill itself would be. Throws what
 * the plan, the readings and rate() refuse.
 */
export function previewPlan(deps: PreviewDeps, input: PreviewInput) {
  const { plan, site, facts, estimation } = input;
  const days = { from: input.from, to: input.to };
  const segments = tryPlan(plan, deps.plans).segmentsOf(days);
  const { zone, registers } =
    'meterPoint' in site ? energyAtMeterPoint(deps, site.meterPoint, days) : energyInline(site.readings, days);
  const bill = rate({
    segments,
    zone,
    registers: registers(segments),
    holidayCalendars: deps.holidayCalendars,
    facts: caseFacts(facts, zone),
    ...(estimation && { estimation }),
  });
  return shown(bill, zone);
}

function shown(bill: RatedBill, zone: Zone) {
  const { from, to, days, currency, taxBasis, chargesExTax, tax, total, rounding } = bill;
  return {
    ...{ from, to, days, zone, currency, taxBasis },
    lines: bill.lines.map(shownLine),
    taxes: bill.taxes.map(each => ({
      code: each.code,
      name: each.name,
      percent: formatRate(each.percent),
      taxable: formatCents(each.taxable),
      amount: formatCents(each.amount),
    })),
    chargesExTax: formatCents(chargesExTax),
    tax: formatCents(tax),
    total: formatCents(total),
    rounding: formatCents(rounding),
    conditional: bill.conditional.map(each => ({
      ...each,
      amount: formatCents(each.amount),
      total: formatCents(each.total),
    })),
    estimates: bill.estimates,
  };
}

function shownLine(line: ChargeLine) {
  const { kind, code, group, description, when, from, to, unit, unitPrice, amount, taxCode, estimated, trace } = line;
  const { measured } = trace;
  return {
    ...{ kind, code, group, description, when, from, to, unit, taxCode, estimated },
    quantity: formatQuantity(line),
    unitPrice: [formatRate(unitPrice, 2), ...line.factors.map(({ words }) => words)].join(' '),
    amount: formatCents(amount),
    arithmetic: arithmeticOf(line),
    trace: {
      planCode: trace.planCode,
      planVersion: trace.planVersion,
      segment: trace.segment,
      measured: measured && {
        register: measured.register,
        intervals: measured.slots,
        first: formatUtc(measured.firstSlot),
        last: formatUtc(measured.lastSlot),
        qualities: measured.qualities,
      },
    },
  };
}
