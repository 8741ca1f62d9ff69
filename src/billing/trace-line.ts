import { z } from 'zod';
import { showDay } from '../http/format.ts';
import { assert } from '../kernel/assert.ts';
import { Refusal } from '../kernel/errors.ts';
import { arithmeticOf, formatQuantity } from '../tariffs/amount.ts';
import type { Measured } from '../tariffs/component.ts';
import { contractSegments } from '../tariffs/contracts.ts';
import type { PlanVersion } from '../tariffs/plan.ts';
import { type ChargeLine, type RateRequest, rate } from '../tariffs/rate.ts';
import type { Segment } from '../tariffs/segments.ts';
import { formatCents } from '../units/money.ts';
import { addDays, type Day, daysBetween, formatLocal, formatUtc, type Zone } from '../units/time.ts';
import type { BillRunDeps } from './bill-run.ts';
import { energyByDay } from './energy-by-day.ts';
import type { InvoiceLine, SupplyCharges } from './invoice.ts';
import type { BillingPeriod } from './invoice-draft.ts';
import type { IssuedInvoice } from './invoice-store.ts';
import { supplyRequest } from './supply-request.ts';

/** Why a line of an invoice says what it says: as it was issued, and computed again. */
export interface LineExplanation {
  invoice: string;
  /** Counted from 1 over the whole invoice. */
  line: number;
  meterPoint: string;
  issued: Pick<
    InvoiceLine,
    'code' | 'description' | 'when' | 'from' | 'to' | 'quantity' | 'unit' | 'unitPrice' | 'amount'
  >;
  /** The plan version the line was made with, and the part of its document that says the price. */
  plan: { code: string; version: number; sha256: string; effectiveFrom: string; part: unknown } | null;
  days: { from: string; to: string; count: number };
  intervals: ReturnType<typeof shownIntervals> | null;
  /** What the rate's energy was on each local day, before tiers; empty where the line is not for energy. */
  byDay: { day: string; intervals: number; energy: string }[];
  /** The same from the pinned plan version and the readings of now; or why that cannot be done. */
  recomputed: { amount: string; arithmetic: string; same: boolean } | { refused: string; why: string } | null;
  /** All of it as sentences. */
  words: string[];
}

/** Writes nothing. Throws 'invoice-unknown', 'invoice-line-unknown'. */
export function traceLine(deps: BillRunDeps, number: string, position: number): LineExplanation {
  const invoice = deps.invoices.get(number);
  const lines = invoice.document.supplies.flatMap(supply => supply.lines.map(line => ({ supply, line })));
  const found = lines[position - 1];
  if (!found)
    throw new Refusal('invoice-line-unknown', `invoice ${number} has ${lines.length} lines, and none is ${position}`);
  const { supply, line } = found;
  const base = { invoice: number, line: position, meterPoint: supply.meterPoint, issued: issuedLine(line) };
  const days = { from: line.from, to: line.to, count: daysBetween(line.from as Day, line.to as Day) + 1 };
  const dayWords = `From ${showDay(line.from)} to ${showDay(line.to)}, ${days.count === 1 ? '1 day' : `${days.count} days`}.`;
  const nothing = { days, plan: null, intervals: null, byDay: [] };
  if (line.ofInvoice) {
    const words = [
      dayWords,
      `${line.description}: it belongs to the invoice as a whole and is computed from its total.`,
    ];
    return { ...base, ...nothing, recomputed: null, words };
  }
  const again = ratedAgain(deps, invoice, supply, line);
  if ('refused' in again) {
    const words = [dayWords, `It cannot be computed again now: ${again.why}.`, 'The invoice stands as it was issued.'];
    return { ...base, ...nothing, recomputed: again, words };
  }
  const { charge, segment, request } = again;
  const { plan, version, sha256 } = segment.version;
  const { measured } = charge.trace;
  const intervals = measured ? shownIntervals(measured, request) : null;
  const same = formatCents(charge.amount) === line.amount && formatQuantity(charge) === line.quantity;
  const arithmetic = arithmeticOf(charge);
  return {
    ...base,
    days,
    plan: {
      ...{ code: plan.planCode, version, sha256, effectiveFrom: plan.effectiveFrom },
      part: partOf(segment.version, line.code),
    },
    intervals,
    byDay: measured ? energyByDay(measured, partOf(segment.version, line.code), segment, request) : [],
    recomputed: { amount: formatCents(charge.amount), arithmetic, same },
    words: [
      `${line.description}${line.when ? `, ${line.when}` : ''}: plan ${plan.planCode}, version ${version}, in force from ${showDay(plan.effectiveFrom)}.`,
      dayWords,
      ...(intervals ? [intervalWords(intervals)] : []),
      `${arithmetic}, rounded once to the cent, half away from zero.`,
      same
        ? `Computed again from the readings and this plan version it is the same: ${line.amount}.`
        : `The invoice says ${line.quantity} ${line.unit} and ${line.amount}. The readings or the contract have changed since it was issued; it stands until it is corrected.`,
    ],
  };
}

function issuedLine(line: InvoiceLine): LineExplanation['issued'] {
  const { code, description, when, from, to, quantity, unit, unitPrice, amount } = line;
  return { code, description, when, from, to, quantity, unit, unitPrice, amount };
}

type Again = { charge: ChargeLine; segment: Segment; request: RateRequest } | { refused: string; why: string };

function ratedAgain(deps: BillRunDeps, invoice: IssuedInvoice, issued: SupplyCharges, line: InvoiceLine): Again {
  try {
    const request = pinned(requestNow(deps, invoice, issued), deps, invoice, issued);
    const charge = rate(request).lines.find(({ code, from }) => code === line.code && from === line.from);
    if (!charge) return { refused: 'line-gone', why: `there is no line ${line.code} from ${line.from} any more` };
    const segment = request.segments.find(({ version }) => version.id === charge.trace.planVersionId);
    assert(segment, 'a line comes from one of the segments');
    return { charge, segment, request };
  } catch (error) {
    if (error instanceof Refusal) return { refused: error.code, why: error.message };
    throw error;
  }
}

/** What rating would be asked today about the days of the issued supply. */
function requestNow(deps: BillRunDeps, invoice: IssuedInvoice, issued: SupplyCharges): RateRequest {
  const meterPoint = deps.meterPoints.get(issued.meterPoint);
  const days = daysOf(issued);
  const supply = deps.supplies
    .listOfAccount(invoice.accountId)
    .find(each => each.meterPointId === meterPoint.id && each.from <= days.from && (each.to ?? days.to) >= days.to);
  assert(supply, 'an invoice was issued for supplies of its account');
  return supplyRequest(deps, supply, days).request;
}

/** The request with the plan versions that were known when the invoice was issued: a price correction since then is another matter. */
function pinned(request: RateRequest, deps: BillRunDeps, invoice: IssuedInvoice, issued: SupplyCharges): RateRequest {
  const { from, to } = daysOf(issued);
  const { code, version } = issued.plan;
  const known = deps.plans.versionsFor(code, from, to).filter(each => each.createdAt <= invoice.issuedAt);
  const segmentsOf = (versions: PlanVersion[]) =>
    contractSegments(
      request.segments.map(segment => ({
        ...{ from: segment.from, to: segment.to, versions },
        ...(segment.override && { changes: segment.override }),
      })),
      from,
      to,
    );
  const segments = segmentsOf(known);
  const isPinned = segments.at(-1)!.version.version === version;
  // A version saved between the draft and its issue was not in the draft.
  return { ...request, segments: isPinned ? segments : segmentsOf(known.filter(each => each.version <= version)) };
}

function daysOf({ from, to }: SupplyCharges): BillingPeriod {
  return { from: from as Day, to: addDays(to as Day, 1) };
}

const coded = z.looseObject({ code: z.string() });
const document = z.object({ components: z.array(z.unknown()), fees: z.array(z.unknown()).default([]) });

/** The component of the plan document that a line comes from: USE of USE.PEAK.T1. */
function partOf({ plan }: PlanVersion, lineCode: string): unknown {
  const { components, fees } = document.parse(plan.document);
  return [...components, ...fees].find(part => coded.safeParse(part).data?.code === lineCode.split('.')[0]) ?? null;
}

function shownIntervals(measured: Measured, { zone, registers }: RateRequest) {
  const { register, slots, firstSlot, lastSlot, qualities, peaks = [] } = measured;
  const minutes = (registers.get(register)?.stepSeconds ?? 0) / 60;
  return {
    ...{ register, minutes, count: slots, qualities },
    first: instantOf(firstSlot, zone),
    last: instantOf(lastSlot, zone),
    peaks: peaks.map(({ at, quantity }) => ({
      at: instantOf(at, zone),
      quantity: formatQuantity({ quantity, unit: 'kW' }),
    })),
  };
}

function instantOf(at: Measured['firstSlot'], zone: Zone): { utc: string; local: string } {
  return { utc: formatUtc(at), local: formatLocal(at, zone) };
}

function intervalWords({
  register,
  minutes,
  count,
  first,
  last,
  qualities,
}: NonNullable<LineExplanation['intervals']>): string {
  const quality = Object.entries(qualities).map(([name, number]) => `${number} ${name}`);
  return `${count} intervals of ${minutes} minutes of ${register}, the first from ${first.local}, the last from ${last.local}: ${quality.join(', ')}.`;
}
