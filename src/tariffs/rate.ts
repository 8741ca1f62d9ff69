import { assert } from '../kernel/assert.ts';
import { Refusal } from '../kernel/errors.ts';
import { isEstimate, type Quality } from '../readings/reading.ts';
import { addCents, type Cents, cents, zeroCents } from '../units/money.ts';
import { addDays, daysBetween } from '../units/time.ts';
import type { Adjustment, BillSoFar } from './adjustments/adjustment.ts';
import { concessions } from './adjustments/concessions.ts';
import { discounts } from './adjustments/discounts.ts';
import { minimumTopUp } from './adjustments/minimum.ts';
import { payableRounding } from './adjustments/payable-rounding.ts';
import { percentFees } from './adjustments/percent-fees.ts';
import { amountOf } from './amount.ts';
import type { Charge, Days, TaxBasis } from './component.ts';
import { estimateMissing } from './estimate-missing.ts';
import { noFacts } from './facts.ts';
import { refuseIncomplete } from './intervals.ts';
import type { PlanVersion } from './plan.ts';
import type { RateRequest } from './rate-request.ts';
import type { ChargeLine, ConditionalDiscount, RatedBill } from './rated-bill.ts';
import type { Segment } from './segments.ts';
import { taxableOf } from './taxable.ts';
import { lineTax, sumWithTax } from './taxes.ts';
import { usageOf } from './usage.ts';

/**
 * Prices a site's energy over a period: pure, the same bytes for the same request anywhere. Each line is rounded once, half away
 * from zero. The rules about the whole bill follow the components in a fixed order, each seeing what came before it: shares of the bill
 * as fees, the top-up to the minimum, guaranteed discounts, concessions before tax, tax, concessions after tax, payable rounding.
 * Throws 'intervals-missing', 'intervals-misaligned', 'register-missing', 'holidays-unknown', 'fact-missing', 'plans-differ'.
 */
export function rate(given: RateRequest): RatedBill {
  const { segments, monthStartsOn = 1 } = given;
  const period = periodOf(segments);
  const { currency, taxBasis } = commonTerms(segments);
  const { registers, estimates } = estimateMissing(given, period);
  const request = { ...given, registers };
  refuseIncomplete(segments, request.zone, registers);
  const lines = segments.flatMap(segment => chargeSegment(segment, period, request));
  const bill: BillSoFar = { period, segments, lines, facts: { ...noFacts, ...request.facts }, monthStartsOn };
  const add = (adjustments: Adjustment[]) =>
    lines.push(...adjustments.map(each => adjustmentLine(each, bill, request)));
  add(percentFees(bill));
  add(minimumTopUp(bill));
  const beforeDiscounts = { ...bill, lines: [...lines] };
  add(discounts('GUARANTEED', bill));
  add(concessions('BEFORE_TAX', bill));
  add(concessions('AFTER_TAX', bill));
  const unrounded = totalOf(lines, segments);
  const conditional = ifEarned(discounts('CONDITIONAL', beforeDiscounts), bill, request, unrounded.total);
  const rounding = payableRounding(unrounded.total, bill);
  add(rounding);
  const { taxes, exTax, tax, total } = totalOf(lines, segments);
  return {
    from: period.from,
    to: addDays(period.to, -1),
    days: daysBetween(period.from, period.to),
    ...{ currency, taxBasis, lines, taxes, chargesExTax: exTax, tax, total },
    rounding: addCents(zeroCents, ...rounding.map(({ charge }) => amountOf(charge))),
    ...{ conditional, estimates },
  };
}

function totalOf(lines: ChargeLine[], segments: Segment[]) {
  return sumWithTax(lines.map(line => taxableOf(line, segments)));
}

/** Each discount with all its lines: it may come off several taxes and segments. */
function ifEarned(discounts: Adjustment[], bill: BillSoFar, request: RateRequest, due: Cents): ConditionalDiscount[] {
  const byCode = Map.groupBy(discounts, ({ charge }) => charge.code.split('.').slice(0, 2).join('.'));
  return [...byCode].map(([code, parts]) => {
    const lines = parts.map(each => adjustmentLine(each, bill, request));
    const { total } = totalOf([...bill.lines, ...lines], bill.segments);
    return { code, description: lines[0]!.description, amount: cents(total - due), total, lines };
  });
}

function periodOf(segments: Segment[]): Days {
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
  const { plan } = segment.version;
  const usage = usageOf(segment, period, request);
  return plan.components.flatMap(({ kind, taxBasis = plan.taxBasis, charge }) =>
    charge(usage).map(each => lineOf({ kind, charge: each, taxBasis }, segment, segment.version, request)),
  );
}

function adjustmentLine(adjustment: Adjustment, bill: BillSoFar, request: RateRequest) {
  const { charge, version } = adjustment;
  const { from } = charge;
  const to = addDays(charge.to, 1);
  const segment = bill.segments.find(each => each.from === from && each.to === to) ?? { from, to, version };
  return lineOf(adjustment, segment, version, request);
}

function lineOf(
  { kind, charge, taxBasis }: { kind: string; charge: Charge; taxBasis: TaxBasis },
  { from, to, override }: Segment,
  { plan, version, id, sha256 }: PlanVersion,
  { dataRevision }: RateRequest,
): ChargeLine {
  const { measured, ...said } = charge;
  const amount = amountOf(said);
  const { taxCode } = said;
  const tax = lineTax({ amount, taxCode, tax: plan.taxes[taxCode], basis: taxBasis, mode: plan.taxMode });
  return {
    ...said,
    kind,
    amount,
    taxBasis,
    ...(tax !== undefined && { tax }),
    estimated: measured !== undefined && Object.keys(measured.qualities).some(each => isEstimate(each as Quality)),
    trace: {
      ...{ planCode: plan.planCode, planVersion: version, planVersionId: id, planSha256: sha256 },
      ...(override && { override }),
      segment: { from, to },
      ...(dataRevision !== undefined && { dataRevision }),
      measured,
    },
  };
}
