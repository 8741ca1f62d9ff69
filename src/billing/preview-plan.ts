import { arithmeticOf, formatQuantity } from '../tariffs/amount.ts';
import type { Days } from '../tariffs/component.ts';
import type { EstimationMethod } from '../tariffs/estimate-missing.ts';
import { rate } from '../tariffs/rate.ts';
import type { RateRequest } from '../tariffs/rate-request.ts';
import type { ChargeLine, RatedBill } from '../tariffs/rated-bill.ts';
import { formatCents } from '../units/money.ts';
import { formatRate } from '../units/rate.ts';
import { formatUtc, type Zone } from '../units/time.ts';
import type { CaseFacts } from './bill-case.ts';
import { caseFacts } from './case-facts.ts';
import { energyAtMeterPoint, energyInline, type InlineReadings } from './site-energy.ts';
import { type SupplyRequestDeps, supplyRequest } from './supply-request.ts';
import { type PlanChoice, tryPlan } from './tried-plan.ts';

export interface PreviewInput extends Days {
  plan: PlanChoice;
  /** Whose readings: a meter point's, or those given. */
  site: { meterPoint: string } | { readings: InlineReadings };
  /** What rating is told from outside the readings. */
  facts?: CaseFacts | undefined;
  estimation?: EstimationMethod | undefined;
}

/**
 * What a bill of these days would say on a plan. Writes nothing, and is rated by the same code as the bill itself would be. Where an
 * account pays for the meter point on all the days, what its contract says besides prices holds. Throws what the plan, the readings and
 * rate() refuse.
 */
export function previewPlan(deps: SupplyRequestDeps, input: PreviewInput) {
  const { facts, estimation } = input;
  const request = requestOf(deps, input);
  const told = facts && caseFacts(facts, request.zone);
  const bill = rate({
    ...request,
    ...(told && { facts: { ...request.facts, ...told, events: [...(told.events ?? []), ...deps.eventLists] } }),
    ...(estimation && { estimation }),
  });
  return shown(bill, request.zone);
}

function requestOf(deps: SupplyRequestDeps, { plan, site, from, to }: PreviewInput): RateRequest {
  const days = { from, to };
  const tried = tryPlan(plan, deps.plans);
  const supply = 'meterPoint' in site ? supplyOn(deps, site.meterPoint, days) : undefined;
  if (supply) return supplyRequest(deps, supply, days, { segmentsOf: days => tried.segmentsOf(days) }).request;
  const segments = tried.segmentsOf(days);
  const { zone, registers } =
    'meterPoint' in site
      ? energyAtMeterPoint(deps, site.meterPoint, days, segments)
      : energyInline(site.readings, days);
  const facts = { peaks: [], events: deps.eventLists };
  return { segments, zone, registers, holidayCalendars: deps.holidayCalendars, facts };
}

function supplyOn({ meterPoints, supplies }: SupplyRequestDeps, identifier: string, { from, to }: Days) {
  const supplied = supplies.listOfMeterPoint(meterPoints.get(identifier).id);
  return supplied.find(supply => supply.from <= from && (supply.to === undefined || supply.to >= to));
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
