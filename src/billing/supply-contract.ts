import type { AccountStore } from '../accounts/account-store.ts';
import type { MeterPointStore } from '../accounts/meter-point-store.ts';
import type { Supply } from '../accounts/supply.ts';
import type { SupplyStore } from '../accounts/supply-store.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Database } from '../kernel/database.ts';
import { Refusal } from '../kernel/errors.ts';
import { contractSegments } from '../tariffs/contracts.ts';
import type { PlanStore } from '../tariffs/plan-store.ts';
import { addDays, type Day } from '../units/time.ts';
import type { FeeStore } from './fee-store.ts';
import type { InvoiceStore } from './invoice-store.ts';
import type { RecordedTerms, SupplyTerms } from './supply-terms.ts';
import type { SupplyTermsStore } from './supply-terms-store.ts';

export interface SupplyDeps {
  database: Database;
  accounts: AccountStore;
  meterPoints: MeterPointStore;
  supplies: SupplyStore;
  supplyTerms: SupplyTermsStore;
  plans: PlanStore;
  invoices: InvoiceStore;
  fees: FeeStore;
  clock: Clock;
}

/** A supply with every record of its terms, in the order in which they were made. */
export interface SupplyWithTerms extends Supply {
  records: RecordedTerms[];
}

export interface NewSupply {
  meterPoint: string;
  plan: string;
  from: Day;
  to?: Day | undefined;
  terms?: SupplyTerms | undefined;
}

// Later than any day that can be billed.
const endOfTime = '9999-12-31' as Day;

/**
 * Puts a meter point on an account's bill, with the terms of its contract. `recordedAt` in epoch seconds. Throws 'account-unknown',
 * 'meter-point-unknown', 'supply-overlaps', 'account-closed', and what prices of its own are refused for: 'plan-unknown',
 * 'override-stale', 'plan-invalid'.
 */
export function addSupply(deps: SupplyDeps, number: string, given: NewSupply, recordedAt: number): SupplyWithTerms {
  const { meterPoint, plan: planCode, from, to, terms } = given;
  refuseReversed(given);
  const [accountId, meterPointId] = [deps.accounts.get(number).id, deps.meterPoints.get(meterPoint).id];
  const closed = deps.accounts.findClosing(accountId);
  if (closed && (to === undefined || to > closed.closedFrom))
    throw new Refusal('account-closed', `account ${number} is closed from ${closed.closedFrom} on`);
  if (terms) refuseStale(deps, planCode, from, terms);
  return deps.database
    .transaction(() => {
      const supply = deps.supplies.add({ accountId, meterPointId, planCode, from, to }, recordedAt);
      const records = terms ? [deps.supplyTerms.add({ supplyId: supply.id, from, to, terms, recordedAt })] : [];
      return { ...supply, records };
    })
    .immediate();
}

/**
 * Records other terms for days of a supply. Throws 'supply-unknown', 'days-billed' when an invoice has billed one of the days, and the
 * refusals of addSupply for prices.
 */
export function changeTerms(
  deps: SupplyDeps,
  number: string,
  supplyId: number,
  given: { from: Day; to?: Day | undefined; terms: SupplyTerms },
  recordedAt: number,
): SupplyWithTerms {
  const { from, to, terms } = given;
  refuseReversed(given);
  const supply = deps.supplies.listOfAccount(deps.accounts.get(number).id).find(({ id }) => id === supplyId);
  if (!supply) throw new Refusal('supply-unknown', `account ${number} has no supply ${supplyId}`);
  if (from < supply.from || (supply.to !== undefined && from >= supply.to))
    throw wrongField('/from', `${from} is not a day of the supply`);
  refuseStale(deps, supply.planCode, from, terms);
  return deps.database
    .transaction(() => {
      const [billed] = deps.invoices.listBilledDays(supplyId, { from, to: to ?? endOfTime });
      if (billed)
        throw new Refusal('days-billed', `an invoice has billed the days from ${billed.from} to ${billed.to}`);
      deps.supplyTerms.add({ supplyId, from, to, terms, recordedAt });
      return { ...supply, records: deps.supplyTerms.listOfSupply(supplyId) };
    })
    .immediate();
}

function refuseReversed({ from, to }: { from: Day; to?: Day | undefined }): void {
  if (to !== undefined && to <= from) throw wrongField('/to', 'a supply ends after it begins');
}

/** A difference that does not fit the plan is better refused when it is agreed than found by the bill. */
function refuseStale({ plans }: SupplyDeps, planCode: string, from: Day, { changes }: SupplyTerms): void {
  if (!changes) return;
  const to = addDays(from, 1);
  contractSegments([{ from, to, versions: plans.versionsFor(planCode, from, to), changes }], from, to);
}

function wrongField(pointer: string, message: string): Refusal {
  return new Refusal('body-invalid', `${pointer}: ${message}`, [{ pointer, message }]);
}
