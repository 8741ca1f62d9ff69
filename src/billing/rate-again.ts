import { assert } from '../kernel/assert.ts';
import { Refusal } from '../kernel/errors.ts';
import { contractSegments } from '../tariffs/contracts.ts';
import type { PlanVersion } from '../tariffs/plan.ts';
import { rate } from '../tariffs/rate.ts';
import type { RateRequest } from '../tariffs/rate-request.ts';
import type { ChargeLine } from '../tariffs/rated-bill.ts';
import type { Segment } from '../tariffs/segments.ts';
import { addDays, type Day } from '../units/time.ts';
import type { BillRunDeps } from './bill-run.ts';
import type { BilledFacts } from './billed-facts.ts';
import type { BillingPeriod } from './billing-period.ts';
import type { InvoiceDocument, InvoiceLine, SupplyCharges } from './invoice.ts';
import { supplyRequest } from './supply-request.ts';

/** An issued invoice or a draft of one, as far as its lines can be computed again. */
export interface Paper {
  /** "2026-000001", "draft 7" */
  name: string;
  accountId: number;
  document: InvoiceDocument;
  /** Epoch seconds: plan versions saved later were not known to it. */
  knownAt: number;
  /** What it bills at a meter point before a day, and no invoice says yet. */
  soFar(meterPointId: number, before: Day): BilledFacts;
}

/** A line computed anew, or why it cannot be. */
type Again = { charge: ChargeLine; segment: Segment; request: RateRequest } | { refused: string; why: string };

/** From the plan versions that were known to the paper and the readings of now. Writes nothing. */
export function rateAgain(deps: BillRunDeps, paper: Paper, issued: SupplyCharges, line: InvoiceLine): Again {
  try {
    const request = pinned(requestNow(deps, paper, issued), deps, paper, issued);
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
function requestNow(deps: BillRunDeps, paper: Paper, issued: SupplyCharges): RateRequest {
  const meterPoint = deps.meterPoints.get(issued.meterPoint);
  const days = daysOf(issued);
  const supply = deps.supplies
    .listOfAccount(paper.accountId)
    .find(each => each.meterPointId === meterPoint.id && each.from <= days.from && (each.to ?? days.to) >= days.to);
  // The paper had one; it may have been ended since, for days before.
  if (!supply)
    throw new Refusal(
      'supply-unknown',
      `the account is not supplied at ${issued.meterPoint} on all of these days any more`,
    );
  return supplyRequest(deps, supply, days, { soFar: paper.soFar(meterPoint.id, days.from) }).request;
}

/** The request with the plan versions that the paper knew: a price correction since then is another matter. */
function pinned(request: RateRequest, deps: BillRunDeps, paper: Paper, issued: SupplyCharges): RateRequest {
  const { from, to } = daysOf(issued);
  const { code, version } = issued.plan;
  const known = deps.plans.versionsFor(code, from, to).filter(each => each.createdAt <= paper.knownAt);
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
