import type { Supply } from '../accounts/supply.ts';
import type { SeriesEnergy } from '../consumption/consumption.ts';
import { assert } from '../kernel/assert.ts';
import { Refusal } from '../kernel/errors.ts';
import { allAtOnce } from '../kernel/slices.ts';
import { formatQuantity } from '../tariffs/amount.ts';
import type { PayableRoundingTerms } from '../tariffs/bill-terms.ts';
import type { TaxBasis } from '../tariffs/component.ts';
import { estimateMissing } from '../tariffs/estimate-missing.ts';
import { refuseOtherCurrency } from '../tariffs/plan-store.ts';
import { rate } from '../tariffs/rate.ts';
import type { RateRequest } from '../tariffs/rate-request.ts';
import type { ChargeLine, RatedBill } from '../tariffs/rated-bill.ts';
import type { Segment } from '../tariffs/segments.ts';
import { taxableOf } from '../tariffs/taxable.ts';
import type { Taxable } from '../tariffs/taxes.ts';
import { formatCents } from '../units/money.ts';
import { formatRate } from '../units/rate.ts';
import { type BilledFacts, billedFacts } from './billed-facts.ts';
import type { BillingPeriod } from './billing-period.ts';
import type { InvoiceLine, SupplyCharges } from './invoice.ts';
import { withEstimates } from './priced-registers.ts';
import { nothingBilled, type SupplyRequestDeps, supplyRequest } from './supply-request.ts';
import { dailyTable, estimatedPercent, historyFrom, monthlyTable, registerTable } from './usage-tables.ts';

export interface RateSupplyDeps extends SupplyRequestDeps {
  /** Recomputes a bill by other means and says what differs; left out, nobody looks twice. */
  secondOpinion?: (request: RateRequest, bill: RatedBill) => Generator<void, string[]>;
}

/** One supply's part of an invoice, and what is needed to add it up with others. */
export interface RatedSupply {
  charges: SupplyCharges;
  taxables: Taxable[];
  currency: string;
  taxBasis: TaxBasis;
  /** Discounts that are not earned yet. */
  conditional: { code: string; category: string; description: string; taxables: Taxable[] }[];
  /** How the plan has a total rounded to what can be paid; the invoice does it, once. */
  payableRounding: PayableRoundingTerms | undefined;
  /** What later bills are to be told of this one. */
  facts: BilledFacts;
}

/**
 * Prices some days of a supply, on terms that are one for all of them (see partsByTerms). `soFar` is what the same invoice bills before
 * them at this meter point. Writes nothing. Throws the Refusals of contractSegments and rate: 'plan-not-in-force', 'override-stale',
 * 'intervals-missing', 'register-missing', 'fact-missing' and their kin; 'plan-misfit'; 'plan-currency'; 'readings-missing' where nothing
 * was ever read.
 */
export function rateSupply(
  deps: RateSupplyDeps,
  supply: Supply,
  days: BillingPeriod,
  soFar: BilledFacts = nothingBilled,
): RatedSupply {
  return allAtOnce(rateSupplySteps(deps, supply, days, soFar));
}

/** The same in steps; all that is read is read in one of them, so that a bill is of one moment. */
export function* rateSupplySteps(
  deps: RateSupplyDeps,
  supply: Supply,
  days: BillingPeriod,
  soFar: BilledFacts,
): Generator<void, RatedSupply> {
  // A plan that is read for the first time is proved, which takes as long as the first bill on it.
  deps.plans.versionsFor(supply.planCode, days.from, days.to);
  yield;
  const { identifier, address, zone } = deps.meterPoints.getById(supply.meterPointId);
  const { request, energies, named, aliases, energyIn } = supplyRequest(deps, supply, days, { soFar });
  const { segments, monthStartsOn } = request;
  for (const { version } of segments) refuseOtherCurrency(version.plan, deps.plans.currency);
  const readSince = energyIn({ from: historyFrom(days, zone), to: days.to }, { sinceFirst: true });
  yield;
  const bill = rate(request);
  const differences = deps.secondOpinion ? yield* deps.secondOpinion(request, bill) : [];
  if (differences.length > 0)
    throw new Refusal('second-opinion-differs', `the second opinion differs: ${differences.join('; ')}`);
  const filled = (found: SeriesEnergy[]) =>
    bill.estimates.length === 0
      ? found
      : withEstimates(found, estimateMissing(request, days).registers, named, aliases);
  yield;
  const shown = filled(energies);
  const history = filled(readSince);
  return ratedSupply(bill, segments, {
    meterPoint: identifier,
    address,
    zone,
    ...(monthStartsOn !== undefined && { monthStartsOn }),
    registers: registerTable(shown),
    daily: dailyTable(history, days, zone),
    monthly: monthlyTable(history, days, zone),
    estimatedPercent: estimatedPercent(shown),
  });
}

/** What a bill says of the site besides its charges. */
type SiteWords = Pick<
  SupplyCharges,
  'meterPoint' | 'address' | 'registers' | 'daily' | 'monthly' | 'estimatedPercent'
> & { zone: RateRequest['zone']; monthStartsOn?: number };

/** A rated bill as its part of an invoice. */
export function ratedSupply(bill: RatedBill, segments: Segment[], { monthStartsOn, ...site }: SiteWords): RatedSupply {
  const { version, plan } = segments.at(-1)!.version;
  // What can be paid is a matter of the whole invoice, which may have several supplies.
  const lines = bill.lines.filter(({ kind }) => kind !== 'payableRounding');
  return {
    currency: bill.currency,
    taxBasis: bill.taxBasis,
    taxables: lines.map(line => taxableOf(line, segments)),
    conditional: bill.conditional.map(({ code, description, lines }) => ({
      ...{ code, description, category: categoryOf(code, segments) },
      taxables: lines.map(line => taxableOf(line, segments)),
    })),
    payableRounding: plan.payableRounding,
    facts: billedFacts(lines, segments, { zone: site.zone, monthStartsOn }),
    charges: {
      ...site,
      from: bill.from,
      to: bill.to,
      days: bill.days,
      plan: { code: plan.planCode, name: plan.displayName, version, effectiveFrom: plan.effectiveFrom },
      lines: lines.map(invoiceLine),
    },
  };
}

function categoryOf(code: string, segments: Segment[]): string {
  const discounts = segments.flatMap(({ version }) => version.plan.discounts);
  // A line of the bill is called after its discount.
  const found = discounts.find(discount => code === `DISCOUNT.${discount.code}`);
  assert(found, 'a discount that is offered is one of the plan');
  return found.category;
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
    ...(line.estimated && { estimated: true }),
  };
}
