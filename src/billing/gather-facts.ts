import type { Supply } from '../accounts/supply.ts';
import type { SupplyStore } from '../accounts/supply-store.ts';
import { assert } from '../kernel/assert.ts';
import { calendarParts } from '../tariffs/calendar-parts.ts';
import { type EarlierEnergy, type EarlierPeak, type EventList, type Facts, lossFactors } from '../tariffs/facts.ts';
import type { Segment } from '../tariffs/segments.ts';
import { microKwh, parseEnergy } from '../units/energy.ts';
import { parseRate } from '../units/rate.ts';
import { addDays, type Day } from '../units/time.ts';
import type { BilledFactStore } from './billed-fact-store.ts';
import { type BilledFacts, ratesOf } from './billed-facts.ts';
import { type BillingPeriod, daysLeft } from './billing-period.ts';
import type { FeeStore } from './fee-store.ts';
import { concessionsHeld, type RecordedTerms, type SupplyTerms, type TermsSpan } from './supply-terms.ts';

export interface FactDeps {
  supplies: SupplyStore;
  billedFacts: BilledFactStore;
  fees: FeeStore;
  /** Live: what was told last. */
  eventLists: EventList[];
}

/** What is asked about: some days of a supply, under terms that are one for the whole bill. */
export interface FactQuestion {
  supply: Supply;
  days: BillingPeriod;
  segments: Segment[];
  spans: TermsSpan[];
  records: RecordedTerms[];
  /** What the same invoice bills before these days, at this meter point. */
  soFar: BilledFacts;
}

/**
 * What a stored customer's bill knows from outside its readings: from the contract, from operators, and from issued invoices. Bills
 * that were issued say what they measured, never the readings anew. Energy of days on which the account was not supplied is zero; of
 * days that were supplied and not billed nobody knows.
 */
export function gatherFacts(deps: FactDeps, question: FactQuestion): Facts {
  const { supply, days, spans } = question;
  const terms = spans[0]?.terms ?? {};
  return {
    lossFactors: lossFactorsOf(terms),
    quantities: Object.fromEntries(
      Object.entries(terms.quantities ?? {}).map(([name, quantity]) => [name, millionths(quantity)]),
    ),
    peaks: peaksOf(deps, question),
    energies: energiesOf(deps, question),
    events: [...deps.eventLists],
    fees: deps.fees
      .listOfSupply(supply.id, days.from, days.to)
      .map(({ code, on, reason }) => ({ code, on, ...(reason && { reason }) })),
    concessions: concessionsHeld(spans),
  };
}

function lossFactorsOf({ lossFactors: given = {} }: SupplyTerms): Facts['lossFactors'] {
  const factors: Facts['lossFactors'] = {};
  for (const name of lossFactors) {
    const rate = parseRate(given[name] ?? '');
    if (rate !== undefined) factors[name] = rate;
  }
  return factors;
}

function peaksOf({ billedFacts }: FactDeps, { supply, days, records, soFar }: FactQuestion): EarlierPeak[] {
  const told = beforeOurs(records)?.peaks ?? [];
  return [
    ...told.map(({ code, month, quantity }) => ({ code, month, quantity: millionths(quantity) })),
    ...billedFacts.listPeaks(supply, days),
    ...soFar.peaks,
  ];
}

function energiesOf({ billedFacts, supplies }: FactDeps, question: FactQuestion): EarlierEnergy[] {
  const { supply, days, segments, spans, records, soFar } = question;
  const rated = segments.flatMap(({ version }) => ratesOf(version));
  if (!rated.some(({ hasTiers }) => hasTiers)) return [];
  const starts = tierStarts(days.from, spans[0]?.terms.monthStartsOn);
  const oldest = starts[0]!;
  if (oldest === days.from) return [];
  const told = (beforeOurs(records)?.energies ?? []).map(({ code, from, to, energy }) => ({
    ...{ code, from, to },
    energy: millionths(energy),
  }));
  const names = [...new Set(rated.flatMap(namesOf))];
  const supplied = supplies.listOfAccount(supply.accountId).filter(each => each.meterPointId === supply.meterPointId);
  const without = daysLeft(
    { from: oldest, to: days.from },
    supplied.map(({ from, to = days.from }) => ({ from, to })),
  ).flatMap(part => cutAt(starts, part));
  const zero = names
    .filter(name => !told.some(({ code }) => code === name))
    .flatMap(code => without.map(part => ({ code, ...part, energy: microKwh(0) })));
  return [...told, ...zero, ...billedFacts.listEnergies(supply, { from: oldest, to: days.from }), ...soFar.energies];
}

function namesOf({ code, rates }: { code: string; rates: string[] }): string[] {
  return [code, ...rates.map(rate => `${code}.${rate}`)];
}

/** Where the year, the quarter and the month of a day begin, as tiers count them; the earliest first. */
function tierStarts(day: Day, monthStartsOn = 1): Day[] {
  const one = { from: day, to: addDays(day, 1) };
  return (['P1Y', 'P3M', 'P1M'] as const).map(period => calendarParts(one, period, monthStartsOn)[0]!.whole.from);
}

function cutAt(starts: Day[], { from, to }: BillingPeriod): BillingPeriod[] {
  const cuts = [...new Set([from, ...starts.filter(day => day > from && day < to)])].sort();
  return cuts.map((start, at) => ({ from: start, to: cuts[at + 1] ?? to }));
}

/** The last word on what was billed before us. */
function beforeOurs(records: RecordedTerms[]): SupplyTerms['before'] {
  return records.findLast(({ terms }) => terms.before)?.terms.before;
}

function millionths(text: string) {
  const parsed = parseEnergy(text);
  assert(parsed.ok, 'the schema of terms lets only decimals in');
  return parsed.microKwh;
}
