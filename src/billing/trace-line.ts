import { z } from 'zod';
import { showDay } from '../http/format.ts';
import { Refusal } from '../kernel/errors.ts';
import { arithmeticOf, formatQuantity } from '../tariffs/amount.ts';
import type { Measured } from '../tariffs/component.ts';
import type { PlanVersion } from '../tariffs/plan.ts';
import type { PriceChange } from '../tariffs/price-override.ts';
import type { RateRequest } from '../tariffs/rate-request.ts';
import { formatCents } from '../units/money.ts';
import { type Day, daysBetween, formatLocal, formatUtc, type Zone } from '../units/time.ts';
import type { BillRunDeps } from './bill-run.ts';
import type { BilledFacts } from './billed-facts.ts';
import { energyByDay } from './energy-by-day.ts';
import type { InvoiceLine } from './invoice.ts';
import { type Paper, rateAgain } from './rate-again.ts';
import { nothingBilled } from './supply-request.ts';

/** Why a line of an invoice says what it says: as it was issued, and computed again. */
export interface LineExplanation {
  /** Its number, or "draft 7". */
  invoice: string;
  /** Counted from 1 over the whole invoice. */
  line: number;
  meterPoint: string;
  issued: Pick<
    InvoiceLine,
    'code' | 'description' | 'when' | 'from' | 'to' | 'quantity' | 'unit' | 'unitPrice' | 'amount'
  >;
  /** The plan version the line was made with, and the part of its document that says the price. */
  plan: {
    code: string;
    version: number;
    sha256: string;
    effectiveFrom: string;
    part: unknown;
    changes: PriceChange[];
  } | null;
  days: { from: string; to: string; count: number };
  intervals: ReturnType<typeof shownIntervals> | null;
  /** What the rate's energy was on each local day, before tiers; empty where the line is not for energy. */
  byDay: { day: string; intervals: number; energy: string }[];
  /** The same from the pinned plan version and the readings of now; or why that cannot be done. */
  recomputed: { amount: string; arithmetic: string; same: boolean } | { refused: string; why: string } | null;
  /** All of it as sentences. */
  words: string[];
}

/** A line of an issued invoice. Writes nothing. Throws 'invoice-unknown', 'invoice-line-unknown'. */
export function traceLine(deps: BillRunDeps, number: string, position: number): LineExplanation {
  const { accountId, document, issuedAt } = deps.invoices.get(number);
  const paper = { name: number, accountId, document, knownAt: issuedAt, soFar: () => nothingBilled };
  return explain(deps, paper, position);
}

/** A line of a draft. Writes nothing. Throws 'draft-unknown', 'invoice-line-unknown'. */
export function traceDraftLine(deps: BillRunDeps, draftId: number, position: number): LineExplanation {
  const { id, accountId, document, draftedAt, facts } = deps.drafts.get(draftId);
  const supplies = deps.supplies.listOfAccount(accountId);
  const soFar = (meterPointId: number, before: Day): BilledFacts => {
    const there = supplies.filter(supply => supply.meterPointId === meterPointId).map(supply => supply.id);
    const earlier = facts.supplies.filter(part => there.includes(part.supplyId) && part.to <= before);
    return {
      peaks: earlier.flatMap(part => part.facts.peaks),
      energies: earlier.flatMap(part => part.facts.energies),
    };
  };
  return explain(deps, { name: `draft ${id}`, accountId, document, knownAt: draftedAt, soFar }, position);
}

function explain(deps: BillRunDeps, paper: Paper, position: number): LineExplanation {
  const { name } = paper;
  const lines = paper.document.supplies.flatMap(supply => supply.lines.map(line => ({ supply, line })));
  const found = lines[position - 1];
  if (!found)
    throw new Refusal('invoice-line-unknown', `invoice ${name} has ${lines.length} lines, and none is ${position}`);
  const { supply, line } = found;
  const base = { invoice: name, line: position, meterPoint: supply.meterPoint, issued: issuedLine(line) };
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
  const again = rateAgain(deps, paper, supply, line);
  if ('refused' in again) {
    const words = [dayWords, `It cannot be computed again now: ${again.why}.`, 'The paper stands as it was made.'];
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
      changes: segment.override ?? [],
    },
    intervals,
    byDay: measured ? energyByDay(measured, partOf(segment.version, line.code), segment, request) : [],
    recomputed: { amount: formatCents(charge.amount), arithmetic, same },
    words: [
      `${line.description}${line.when ? `, ${line.when}` : ''}: plan ${plan.planCode}, version ${version}, in force from ${showDay(plan.effectiveFrom)}.`,
      ...(segment.override ?? []).map(
        ({ at, was, is }) => `The customer's contract changes ${at} of the plan from ${was} to ${is}.`,
      ),
      dayWords,
      ...(intervals ? [intervalWords(intervals)] : []),
      `${arithmetic}, rounded once to the cent, half away from zero.`,
      same
        ? `Computed again from the readings and this plan version it is the same: ${line.amount}.`
        : `The paper says ${line.quantity} ${line.unit} and ${line.amount}. The readings or the contract have changed since it was made; an issued invoice stands until it is corrected.`,
    ],
  };
}

function issuedLine(line: InvoiceLine): LineExplanation['issued'] {
  const { code, description, when, from, to, quantity, unit, unitPrice, amount } = line;
  return { code, description, when, from, to, quantity, unit, unitPrice, amount };
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
  return `${count} intervals of ${minutes} minutes of ${register}, the first from ${clock(first)}, the last from ${clock(last)}: ${quality.join(', ')}.`;
}

/** "2026-11-18 00:00" */
function clock({ local }: { local: string }): string {
  return local.slice(0, 16).replace('T', ' ');
}
