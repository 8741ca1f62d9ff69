import { allAtOnce } from '../kernel/slices.ts';
import { addDays } from '../units/time.ts';
import { estimateMissing } from './estimate-missing.ts';
import type { RateRequest } from './rate-request.ts';
import type { RatedBill } from './rated-bill.ts';
import { coincidentCheck } from './second-opinion/coincident.ts';
import { feeCheck, greenCheck, supplyCheck } from './second-opinion/counted.ts';
import { demandCheck } from './second-opinion/demand.ts';
import { energyCheck } from './second-opinion/energy.ts';
import { feedInCheck } from './second-opinion/feed-in.ts';
import { hoursUseCheck } from './second-opinion/hours-use.ts';
import { type Check, centsOf, type NaiveContext, type NaiveLine, planOf } from './second-opinion/naive.ts';
import { type NaivePart, totalOf } from './second-opinion/totals.ts';
import { type WholeBill, wholeBill } from './second-opinion/whole-bill.ts';

/** What the second opinion has learnt, each kind by code of its own. */
const checks: Check[] = [
  feedInCheck,
  energyCheck,
  demandCheck,
  hoursUseCheck,
  coincidentCheck,
  supplyCheck,
  feeCheck,
  greenCheck,
];

/**
 * Prices the request again, minute by minute, and says in sentences where `bill` differs; nothing when both agree. What it has not
 * learnt, a component kind or a field of one, is named too, for unchecked is not agreed.
 */
export function secondOpinion(given: RateRequest, bill: RatedBill): string[] {
  return allAtOnce(secondOpinionSteps(given, bill));
}

/** The same, a component at a time. */
export function* secondOpinionSteps(given: RateRequest, bill: RatedBill): Generator<void, string[]> {
  yield;
  const period = { from: bill.from, to: addDays(bill.to, 1) };
  // Filling holes is no pricing: the same estimate is priced again.
  const request = { ...given, registers: estimateMissing(given, period).registers };
  const differences: string[] = [];
  const parts: NaivePart[] = [];
  for (const segment of given.segments) {
    yield;
    const plan = planOf(segment);
    const context: NaiveContext = { plan, segment, period, request };
    const lines: NaiveLine[] = [];
    for (const document of plan.parts) {
      yield* hear(document, context);
      yield;
      const found = linesOf(document, context);
      if (typeof found === 'string') differences.push(found);
      else lines.push(...found);
    }
    parts.push({ context, lines });
  }
  yield;
  const whole = wholeBill(parts);
  const lines = [...parts.flatMap(part => part.lines), ...whole.lines];
  return [
    ...differences,
    ...compareLines(lines, bill),
    ...compareTotals(lines, parts, bill),
    ...compareConditional(whole, bill),
  ];
}

const heardAtOnceDays = 7;
const heard = new WeakMap<object, Set<string>>();

/** Whoever is the first to ask each minute of a month takes 25 ms, so they ask week by week. What is wrong `lines` will say. */
function* hear(document: { kind: string }, context: NaiveContext): Generator<void> {
  const check = checks.find(({ kinds }) => kinds.includes(document.kind));
  const { from, to } = context.segment;
  const known = heard.get(document) ?? new Set();
  const days = `${context.request.zone} ${from} ${to}`;
  if (!check?.hear || known.has(days)) return;
  heard.set(document, known.add(days));
  for (let day = from; day < to; ) {
    const end = addDays(day, heardAtOnceDays);
    try {
      check.hear(document, context, day, end < to ? end : to);
    } catch {
      return;
    }
    day = end;
    yield;
  }
}

function linesOf(document: { kind: string }, context: NaiveContext): NaiveLine[] | string {
  const check = checks.find(({ kinds }) => kinds.includes(document.kind));
  try {
    return check?.lines(document, context) ?? `not checked: ${JSON.stringify(document)}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function compareLines(lines: NaiveLine[], bill: RatedBill): string[] {
  const differences: string[] = [];
  const found = byIdentity(lines);
  const printed = byIdentity(bill.lines);
  for (const key of new Set([...found.keys(), ...printed.keys()])) {
    const [here, there] = [found.get(key), printed.get(key)];
    if (!here || !there) differences.push(`${key}: only ${here ? 'in the second opinion' : 'on the bill'}`);
    else if (there.amount !== centsOf(here))
      differences.push(`${key}: ${there.amount} cents on the bill, ${centsOf(here)} in the second opinion`);
    else if (here.energy !== undefined && BigInt(there.quantity) !== here.energy)
      differences.push(`${key}: ${there.quantity} micro-kWh on the bill, ${here.energy} in the second opinion`);
  }
  return differences;
}

/** A code and a first day are one line; a second of the same name would be overlooked, so it is counted. */
function byIdentity<Line extends { code: string; from: string }>(lines: Line[]): Map<string, Line> {
  const found = new Map<string, Line>();
  for (const line of lines) {
    let key = `${line.code} from ${line.from}`;
    while (found.has(key)) key += ' again';
    found.set(key, line);
  }
  return found;
}

function compareTotals(lines: NaiveLine[], parts: NaivePart[], bill: RatedBill): string[] {
  const { tax, total } = totalOf(lines, parts);
  const differences: string[] = [];
  if (tax !== bill.tax) differences.push(`tax: ${bill.tax} cents on the bill, ${tax} in the second opinion`);
  if (total !== bill.total) differences.push(`total: ${bill.total} cents on the bill, ${total} in the second opinion`);
  return differences;
}

function compareConditional({ conditional }: WholeBill, bill: RatedBill): string[] {
  const printed = bill.conditional.map(({ total }) => total).join(', ');
  const found = [...conditional.values()].join(', ');
  return printed === found
    ? []
    : [`totals if discounts are earned: ${printed} on the bill, ${found} in the second opinion`];
}
