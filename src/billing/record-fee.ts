import { z } from 'zod';
import type { Supply } from '../accounts/supply.ts';
import { Refusal } from '../kernel/errors.ts';
import type { Plan } from '../tariffs/plan.ts';
import { planSegments } from '../tariffs/segments.ts';
import { addDays, type Day } from '../units/time.ts';
import type { RecordedFee } from './fee-store.ts';
import type { SupplyDeps } from './supply-contract.ts';

export interface NewFee {
  code: string;
  on: Day;
  reason: string;
  meterPoint?: string | undefined;
}

/**
 * Keeps a fee for the bill of its day. Throws 'account-unknown', 'body-invalid' when no supply of the account, or more than one, could
 * be charged or its plan knows no such fee, 'plan-not-in-force', and 'days-billed' when the day's bill is issued: the fee would be lost.
 */
export function recordFee(deps: SupplyDeps, number: string, given: NewFee, recordedAt: number): RecordedFee {
  const { code, on, reason } = given;
  const supply = supplyOf(deps, number, given);
  const next = addDays(on, 1);
  const [segment] = planSegments(deps.plans.versionsFor(supply.planCode, on, next), on, next);
  const known = segment ? eventFees(segment.version.plan) : [];
  if (!known.includes(code))
    throw wrongField(
      '/code',
      `plan ${supply.planCode} has no fee ${code} for an event; it has ${known.join(', ') || 'none'}`,
    );
  return deps.database
    .transaction(() => {
      if (deps.invoices.listBilledDays(supply.id, { from: on, to: next }).length > 0)
        throw new Refusal('days-billed', `an invoice has billed ${on} already`);
      return deps.fees.add({ supplyId: supply.id, code, on, reason, recordedAt });
    })
    .immediate();
}

function supplyOf({ accounts, supplies, meterPoints }: SupplyDeps, number: string, { on, meterPoint }: NewFee): Supply {
  const wanted = meterPoint === undefined ? undefined : meterPoints.get(meterPoint).id;
  const found = supplies
    .listOfAccount(accounts.get(number).id)
    .filter(({ from, to }) => from <= on && (to === undefined || on < to))
    .filter(({ meterPointId }) => wanted === undefined || meterPointId === wanted);
  const [only] = found;
  if (!only) throw wrongField('/on', `nothing is supplied to account ${number} on ${on}`);
  if (found.length > 1) throw wrongField('/meterPoint', `account ${number} has several on ${on}: name one`);
  return only;
}

const fee = z.looseObject({ code: z.string(), kind: z.string().optional(), trigger: z.string().optional() });
const feeParts = z.looseObject({ components: z.array(fee), fees: z.array(fee).default([]) });

/** The codes of the plan's fees that are charged for an event. */
function eventFees({ document }: Plan): string[] {
  const { components, fees } = feeParts.parse(document);
  const all = [...components.filter(({ kind }) => kind === 'fee'), ...fees];
  return all.filter(({ trigger }) => trigger === 'EVENT').map(({ code }) => code);
}

function wrongField(pointer: string, message: string): Refusal {
  return new Refusal('body-invalid', `${pointer}: ${message}`, [{ pointer, message }]);
}
