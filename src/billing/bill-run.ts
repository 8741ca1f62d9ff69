import type { Account } from '../accounts/account.ts';
import type { AccountStore } from '../accounts/account-store.ts';
import type { Supply } from '../accounts/supply.ts';
import type { SupplyStore } from '../accounts/supply-store.ts';
import type { Clock } from '../kernel/clock.ts';
import { Refusal } from '../kernel/errors.ts';
import { Slices } from '../kernel/slices.ts';
import { parseCents } from '../units/money.ts';
import { addDays, addMonths, firstDayOf, instantOfMs, type Month, startOfDay } from '../units/time.ts';
import type { BilledFacts } from './billed-facts.ts';
import { type BilledDays, type BillingPeriod, daysLeft } from './billing-period.ts';
import { composeInvoice, whyNotTogether } from './compose-invoice.ts';
import { type EarnedDiscountDeps, earnedDiscounts } from './earned-discounts.ts';
import type { Seller } from './invoice.ts';
import type { DraftFacts, NewInvoiceDraft } from './invoice-draft.ts';
import type { InvoiceDraftStore } from './invoice-draft-store.ts';
import type { InvoiceStore } from './invoice-store.ts';
import { type RatedSupply, type RateSupplyDeps, rateSupplySteps } from './rate-supply.ts';
import { nothingBilled } from './supply-request.ts';
import { partsByTerms } from './supply-terms.ts';

export interface BillRunDeps extends RateSupplyDeps, EarnedDiscountDeps {
  accounts: AccountStore;
  supplies: SupplyStore;
  drafts: InvoiceDraftStore;
  invoices: InvoiceStore;
  seller: Seller;
  clock: Clock;
}

/** What became of an account in a bill run. A parked draft is shown with its problems and is not issued. */
export type BillVerdict = { account: string } & (
  | { verdict: 'drafted'; draftId: number; currentCharges: string }
  | { verdict: 'parked'; draftId: number; problems: string[] }
  | { verdict: 'already-billed' }
  | { verdict: 'nothing-supplied' }
);

// About 2 ms.
const savedAtOnce = 32;

/** A calendar month, first day to last (P2-02). */
export function billingPeriodOf(month: Month): BillingPeriod {
  return { from: firstDayOf(month), to: firstDayOf(addMonths(month, 1)) };
}

/**
 * Proposes one invoice per account for the supplies it had in `period`, of all accounts or of those named. Days that an issued invoice
 * has billed are left alone; everything else is drafted anew, so the run can be repeated until the drafts are right.
 * Throws 'account-unknown' for a name that is none.
 */
export async function billRun(deps: BillRunDeps, period: BillingPeriod, accounts?: string[]): Promise<BillVerdict[]> {
  const wanted = accounts?.map(number => deps.accounts.get(number).id) ?? everyAccount(deps, period);
  const verdicts: BillVerdict[] = [];
  // Ten thousand accounts take seconds: meters must be answered in between.
  const slices = new Slices();
  for (let next = 0; next < wanted.length; next += savedAtOnce) {
    const proposals: Proposal[] = [];
    for (const accountId of wanted.slice(next, next + savedAtOnce)) {
      proposals.push(await slices.run(propose(deps, deps.accounts.getById(accountId), period)));
      await slices.pause();
    }
    const save = () => verdicts.push(...proposals.map(proposal => keep(deps, proposal, period)));
    // The last ones are synced, and make all before them durable.
    deps.drafts.together(save, { synced: next + savedAtOnce >= wanted.length });
    await slices.pause();
  }
  return verdicts;
}

/** Ids of those with a supply in the period, and of those that still have a draft from when they had one. */
function everyAccount({ supplies, drafts }: BillRunDeps, period: BillingPeriod): number[] {
  return [...new Set([...supplies.listAccountsInPeriod(period.from, period.to), ...drafts.listAccountIds(period)])];
}

/** What a run says of an account: a draft, or why there is none. */
type Proposal = { account: Account } & (
  | { draft: NewInvoiceDraft }
  | { verdict: 'already-billed' | 'nothing-supplied' }
);

/** Reads and computes, and writes nothing. */
function* propose(deps: BillRunDeps, account: Account, period: BillingPeriod): Generator<void, Proposal> {
  const { seller, clock } = deps;
  const draftedAt = Math.floor(clock.now() / 1000);
  const supplies = deps.supplies.listInPeriod(account.id, period.from, period.to);
  const days = supplies.flatMap(supply => unbilledDays(deps, supply, period));
  if (days.length === 0) return { account, verdict: supplies.length > 0 ? 'already-billed' : 'nothing-supplied' };
  yield;
  const { rated, billed, problems } = yield* rateAll(deps, supplies, days);
  yield;
  const earned = earnedDiscounts(deps, account);
  const { document, promised } = composeInvoice(account, seller, rated, earned);
  const tooMuch = whyNotBookable(document.currentCharges);
  if (tooMuch) problems.push(tooMuch);
  const facts: DraftFacts = { supplies: billed, promised, granted: earned.map(({ id }) => id) };
  const draft = { ...period, accountId: account.id, problems, document, supplies: days, facts, draftedAt };
  return { account, draft };
}

function keep({ drafts }: BillRunDeps, proposal: Proposal, period: BillingPeriod): BillVerdict {
  const { id, number: account } = proposal.account;
  if (!('draft' in proposal)) {
    drafts.removeOf(id, period);
    return { account, verdict: proposal.verdict };
  }
  const { problems, document } = proposal.draft;
  const draftId = drafts.save(proposal.draft);
  if (problems.length > 0) return { account, verdict: 'parked', draftId, problems };
  return { account, verdict: 'drafted', draftId, currentCharges: document.currentCharges };
}

// Ten trillion. No customer owes it, and a thousand such postings still fit the integers of the books.
const chargesMaxCents = 10n ** 15n;

function whyNotBookable(currentCharges: string): string | undefined {
  const cents = parseCents(currentCharges);
  const fits = cents !== undefined && cents <= chargesMaxCents && cents >= -chargesMaxCents;
  return fits ? undefined : `the charges come to ${currentCharges}: is a price of the plan wrong?`;
}

/** The part of the period in which the supply ran and that no invoice has billed, cut where its terms are others. */
function unbilledDays(
  { invoices, supplyTerms }: BillRunDeps,
  { id, from, to }: Supply,
  period: BillingPeriod,
): BilledDays[] {
  const supplied = {
    from: from > period.from ? from : period.from,
    to: to !== undefined && to < period.to ? to : period.to,
  };
  const records = supplyTerms.listOfSupply(id);
  return daysLeft(supplied, invoices.listBilledDays(id, supplied))
    .flatMap(days => partsByTerms(days, records))
    .map(days => ({ supplyId: id, ...days }));
}

function* rateAll(deps: BillRunDeps, supplies: Supply[], days: BilledDays[]) {
  const rated: RatedSupply[] = [];
  const billed: DraftFacts['supplies'] = [];
  const problems: string[] = [];
  // By meter point: what this invoice bills first is known to what it bills next, as if it were issued.
  const soFar = new Map<number, BilledFacts>();
  for (const part of days) {
    const supply = supplies.find(({ id }) => id === part.supplyId)!;
    const { meterPointId } = supply;
    const known = soFar.get(meterPointId) ?? nothingBilled;
    const { identifier, zone } = deps.meterPoints.getById(meterPointId);
    // A daily price needs no measurement, and an invoice once issued stands: for a slip of the month as well.
    if (startOfDay(part.to, zone) > instantOfMs(deps.clock.now())) {
      problems.push(`${identifier}: the days from ${part.from} to ${addDays(part.to, -1)} are not over yet`);
      continue;
    }
    try {
      const result = yield* rateSupplySteps(deps, supply, part, known);
      const { facts } = result;
      rated.push(result);
      billed.push({ ...part, facts });
      soFar.set(meterPointId, {
        peaks: [...known.peaks, ...facts.peaks],
        energies: [...known.energies, ...facts.energies],
      });
    } catch (error) {
      // A Refusal is a sentence about this supply; anything else is our own fault and must not look like one.
      if (!(error instanceof Refusal)) throw error;
      problems.push(`${identifier}: ${error.message}`);
    }
  }
  const apart = whyNotTogether(rated);
  return apart ? { rated: rated.slice(0, 1), billed, problems: [...problems, apart] } : { rated, billed, problems };
}
