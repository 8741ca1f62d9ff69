import type { AccountStore } from '../accounts/account-store.ts';
import type { Supply } from '../accounts/supply.ts';
import { type IntervalSeries, totalEnergy } from '../consumption/interval-series.ts';
import { assert } from '../kernel/assert.ts';
import { Refusal } from '../kernel/errors.ts';
import { Slices } from '../kernel/slices.ts';
import type { Days } from '../tariffs/component.ts';
import type { EarlierEnergy, EarlierPeak, Facts } from '../tariffs/facts.ts';
import { registersOf } from '../tariffs/plan.ts';
import { refuseOtherCurrency } from '../tariffs/plan-store.ts';
import { rate } from '../tariffs/rate.ts';
import type { RateRequest } from '../tariffs/rate-request.ts';
import type { Segment } from '../tariffs/segments.ts';
import { addCents, type Cents, cents, formatCents, zeroCents } from '../units/money.ts';
import { addMonths, type Day, firstDayOf, monthOf } from '../units/time.ts';
import { type BilledFacts, billedFacts } from './billed-facts.ts';
import { energyAtMeterPoint } from './site-energy.ts';
import { nothingBilled, type SupplyRequestDeps, supplyRequest } from './supply-request.ts';
import { partsByTerms } from './supply-terms.ts';
import { type PlanChoice, type TriedPlan, tryPlan } from './tried-plan.ts';

export interface CompareDeps extends SupplyRequestDeps {
  accounts: AccountStore;
}

export interface CompareInput extends Days {
  plans: PlanChoice[];
  /** Whose bills: of these accounts with all their supplies, or of these meter points, whoever pays. */
  of: { accounts: string[] } | { meterPoints: string[] };
}

/** Bills on one plan: what they come to, or why they could not be made. */
export type PlanTotal = { plan: string } & (
  | {
      total: string;
      /** Without tax. */
      charges: string;
      /** To what is paid now: below zero is less. */
      difference: string | null;
      /** Registers with energy that this plan has no price for: a plan that leaves something out is no bargain. */
      unpriced: string[];
    }
  | { refused: string; why: string }
);

export interface ComparedCustomer {
  account: string | null;
  name: string;
  meterPoints: string[];
  /** On the plans of the supplies as they were; null where nothing was supplied or could be billed. */
  now: { plans: string[]; total: string; charges: string } | { refused: string; why: string } | null;
  plans: PlanTotal[];
  /** The plan with the least total, the one of now included, of those that price all there is. */
  cheapest: string | null;
}

export interface PlanComparison {
  from: Day;
  /** The first day that is not compared. */
  to: Day;
  currency: string;
  customers: ComparedCustomer[];
  /** Of the customers whose bills could be made both now and then. */
  plans: {
    plan: string;
    customers: number;
    winners: number;
    losers: number;
    /** What the customers would pay, and what of it is revenue: without tax. */
    total: string;
    revenue: string;
    revenueNow: string;
    difference: string;
  }[];
}

/**
 * The bills of past days again, month by month, on other plans, beside what was paid on the plans of the time. Writes nothing. Throws for
 * what is wrong with the question itself: 'account-unknown', 'meter-point-unknown', 'plan-invalid', 'plan-unknown', 'plans-differ',
 * 'plan-currency'.
 */
export async function comparePlans(deps: CompareDeps, input: CompareInput): Promise<PlanComparison> {
  const days = { from: input.from, to: input.to };
  // A year of bills on several plans takes a while: meters must be answered in between.
  const slices = new Slices();
  const tried: TriedPlan[] = [];
  for (const choice of input.plans) {
    tried.push(tryPlan(choice, deps.plans));
    await slices.pause();
  }
  const currency = currencyOf(tried, days, deps.plans.currency);
  const asked: Customer[] = [];
  for (const customer of customersOf(deps, input, days)) {
    asked.push(customer);
    await slices.pause();
  }
  const customers: Compared[] = [];
  for (const customer of asked) customers.push(await slices.run(compareCustomer(deps, customer, tried)));
  return {
    ...{ ...days, currency },
    customers: customers.map(({ customer }) => customer),
    plans: tried.map(({ name }, at) => ({ plan: name, ...summed(customers, at) })),
  };
}

function currencyOf(tried: TriedPlan[], days: Days, books: string | undefined): string {
  const segments = tried.flatMap(plan => plan.segmentsOf(days));
  // Bills of now are in the books' currency: a difference to another one is no amount of money.
  for (const { version } of segments) refuseOtherCurrency(version.plan, books);
  const [first, other] = [...new Set(segments.map(({ version }) => version.plan.currency))];
  if (other !== undefined) throw new Refusal('plans-differ', `prices in ${first} and in ${other} cannot be compared`);
  return first ?? '';
}

interface Customer {
  account: string | null;
  name: string;
  sites: Site[];
}

/** Some days of a meter point; `supply` when an account paid for all of them. */
interface Site extends Days {
  meterPoint: string;
  supply: Supply | undefined;
}

function* customersOf(deps: CompareDeps, { of }: CompareInput, days: Days): Generator<Customer> {
  if ('meterPoints' in of) {
    for (const identifier of new Set(of.meterPoints)) {
      const { id } = deps.meterPoints.get(identifier);
      const supply = deps.supplies.listOfMeterPoint(id).find(each => covers(each, days));
      yield { account: null, name: identifier, sites: [{ ...days, meterPoint: identifier, supply }] };
    }
    return;
  }
  for (const number of new Set(of.accounts)) {
    const account = deps.accounts.get(number);
    const supplies = deps.supplies.listOfAccount(account.id).filter(supply => overlaps(supply, days));
    const sites = supplies.map(supply => ({
      ...clipped(supply, days),
      meterPoint: deps.meterPoints.getById(supply.meterPointId).identifier,
      supply,
    }));
    yield { account: number, name: account.name, sites };
  }
}

interface Compared {
  customer: ComparedCustomer;
  now: Bills | undefined;
  /** One per plan that is tried. */
  tried: (Bills | undefined)[];
}

interface Bills {
  total: Cents;
  charges: Cents;
  unpriced: string[];
}

/** A bill at a step. */
function* compareCustomer(
  deps: CompareDeps,
  { account, name, sites }: Customer,
  plans: TriedPlan[],
): Generator<void, Compared> {
  const plansNow = [...new Set(sites.flatMap(({ supply }) => supply?.planCode ?? []))];
  const knowsNow = sites.length > 0 && sites.every(({ supply }) => supply !== undefined);
  const now = knowsNow ? yield* attempt(deps, sites, undefined) : undefined;
  const tried: Attempt[] = [];
  for (const plan of sites.length > 0 ? plans : []) tried.push(yield* attempt(deps, sites, plan));
  const nowBills = billsIn(now);
  return {
    now: nowBills,
    tried: tried.map(billsIn),
    customer: {
      ...{ account, name, meterPoints: [...new Set(sites.map(({ meterPoint }) => meterPoint))] },
      now: now ? shownNow(now, plansNow) : null,
      plans: tried.map((each, at) => shownTried(plans[at]!.name, each, nowBills)),
      cheapest: cheapestOf([
        ...(nowBills ? [{ plan: plansNow.join(' and '), bills: nowBills }] : []),
        ...tried.flatMap((each, at) =>
          'refused' in each || each.unpriced.length > 0 ? [] : [{ plan: plans[at]!.name, bills: each }],
        ),
      ]),
    },
  };
}

type Attempt = Bills | { refused: string; why: string };

/** One customer's missing interval must not stop the comparison of the others. */
function* attempt(deps: CompareDeps, sites: Site[], plan: TriedPlan | undefined): Generator<void, Attempt> {
  const bills: Bills[] = [];
  try {
    for (const site of sites) bills.push(yield* billsOf(deps, site, plan));
    return added(bills);
  } catch (error) {
    if (error instanceof Refusal) return { refused: error.code, why: error.message };
    throw error;
  }
}

/**
 * Month by month, as bills are made: what counts per bill counts twelve times a year, and a month's peak is known to the next. `plan` in
 * the place of the supply's own; what the contract says besides its prices holds all the same.
 */
function* billsOf(deps: CompareDeps, site: Site, plan: TriedPlan | undefined): Generator<void, Bills> {
  let soFar = nothingBilled;
  const records = site.supply ? deps.supplyTerms.listOfSupply(site.supply.id) : [];
  const bills: Bills[] = [];
  for (const days of monthsIn(site).flatMap(month => partsByTerms(month, records))) {
    const request = requestOf(deps, site, days, plan, soFar);
    const { segments, registers } = request;
    const bill = rate(request);
    const billed = billedFacts(bill.lines, segments, request);
    soFar = {
      peaks: [...soFar.peaks, ...billed.peaks],
      energies: [...soFar.energies, ...billed.energies],
    };
    bills.push({ total: bill.total, charges: bill.chargesExTax, unpriced: unpricedIn(registers, segments) });
    yield;
  }
  return added(bills);
}

function requestOf(
  deps: CompareDeps,
  { meterPoint, supply }: Site,
  days: Days,
  plan: TriedPlan | undefined,
  soFar: BilledFacts,
): RateRequest {
  const segmentsOf = plan && ((days: Days) => plan.segmentsOf(days));
  if (supply) {
    const { request } = supplyRequest(deps, supply, days, { segmentsOf });
    return { ...request, facts: { ...request.facts, ...instead(request.facts, soFar) } };
  }
  assert(plan, 'without a supply there is no plan of now');
  const segments = plan.segmentsOf(days);
  const { zone, registers } = energyAtMeterPoint(deps, meterPoint, days, segments);
  const facts = { ...soFar, events: deps.eventLists };
  return { segments, zone, registers, holidayCalendars: deps.holidayCalendars, facts };
}

/** What the compared bills measured takes the place of what issued invoices of the same days did. */
function instead({ peaks = [], energies = [] }: Partial<Facts> = {}, soFar: BilledFacts): BilledFacts {
  const isAgain = ({ code, from, to }: EarlierEnergy) =>
    soFar.energies.some(each => each.code === code && each.from < to && each.to > from);
  const isMonthAgain = ({ code, month }: EarlierPeak) =>
    soFar.peaks.some(each => each.code === code && each.month === month);
  return {
    peaks: [...peaks.filter(peak => !isMonthAgain(peak)), ...soFar.peaks],
    energies: [...energies.filter(energy => !isAgain(energy)), ...soFar.energies],
  };
}

function unpricedIn(registers: Map<string, IntervalSeries>, segments: Segment[]): string[] {
  const priced = new Set(segments.flatMap(({ version }) => registersOf(version.plan).map(({ register }) => register)));
  return [...registers].flatMap(([name, series]) => (!priced.has(name) && totalEnergy(series) !== 0 ? [name] : []));
}

function monthsIn({ from, to }: Days): Days[] {
  const months: Days[] = [];
  for (let start = from; start < to; ) {
    const next = firstDayOf(addMonths(monthOf(start), 1));
    months.push({ from: start, to: next < to ? next : to });
    start = next;
  }
  return months;
}

function added(bills: Bills[]): Bills {
  return {
    total: addCents(zeroCents, ...bills.map(({ total }) => total)),
    charges: addCents(zeroCents, ...bills.map(({ charges }) => charges)),
    unpriced: [...new Set(bills.flatMap(({ unpriced }) => unpriced))],
  };
}

function billsIn(attempt: Attempt | undefined): Bills | undefined {
  return attempt && !('refused' in attempt) ? attempt : undefined;
}

function shownNow(now: Attempt, plans: string[]): ComparedCustomer['now'] {
  return 'refused' in now ? now : { plans, ...money(now) };
}

function shownTried(plan: string, tried: Attempt, now: Bills | undefined): PlanTotal {
  if ('refused' in tried) return { plan, ...tried };
  const difference = now ? formatCents(cents(tried.total - now.total)) : null;
  return { plan, ...money(tried), difference, unpriced: tried.unpriced };
}

function money({ total, charges }: Bills): { total: string; charges: string } {
  return { total: formatCents(total), charges: formatCents(charges) };
}

function cheapestOf(offers: { plan: string; bills: Bills }[]): string | null {
  const [cheapest] = offers.toSorted((a, b) => Number(a.bills.total - b.bills.total));
  return cheapest?.plan ?? null;
}

/** Over the customers for whom both bills are whole: a plan that leaves out what is billed now is not cheaper, it says nothing. */
function summed(customers: Compared[], at: number) {
  const both = customers.flatMap(({ now, tried }) => {
    const bills = tried[at];
    if (!now || !bills) return [];
    return bills.unpriced.every(name => now.unpriced.includes(name)) ? [{ now, bills }] : [];
  });
  const [now, tried] = [added(both.map(each => each.now)), added(both.map(({ bills }) => bills))];
  return {
    customers: both.length,
    winners: both.filter(({ now, bills }) => bills.total < now.total).length,
    losers: both.filter(({ now, bills }) => bills.total > now.total).length,
    total: formatCents(tried.total),
    revenue: formatCents(tried.charges),
    revenueNow: formatCents(now.charges),
    difference: formatCents(cents(tried.charges - now.charges)),
  };
}

function overlaps({ from, to }: Supply, days: Days): boolean {
  return from < days.to && (to === undefined || to > days.from);
}

function covers({ from, to }: Supply, days: Days): boolean {
  return from <= days.from && (to === undefined || to >= days.to);
}

function clipped({ from, to }: Supply, days: Days): Days {
  return {
    from: from > days.from ? from : days.from,
    to: to !== undefined && to < days.to ? to : days.to,
  };
}
