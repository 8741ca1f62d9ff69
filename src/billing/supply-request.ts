import type { MeterPointStore } from '../accounts/meter-point-store.ts';
import type { Supply } from '../accounts/supply.ts';
import type { Consumption, EnergyOptions, SeriesEnergy } from '../consumption/consumption.ts';
import { Refusal } from '../kernel/errors.ts';
import type { HolidayCalendar } from '../tariffs/calendar.ts';
import { contractSegments } from '../tariffs/contracts.ts';
import type { EstimationMethod } from '../tariffs/estimate-missing.ts';
import { registersOf } from '../tariffs/plan.ts';
import type { PlanStore } from '../tariffs/plan-store.ts';
import type { RateRequest } from '../tariffs/rate-request.ts';
import type { Segment } from '../tariffs/segments.ts';
import { addDays, startOfDay } from '../units/time.ts';
import type { BilledFacts } from './billed-facts.ts';
import type { BillingPeriod } from './billing-period.ts';
import { type FactDeps, gatherFacts } from './gather-facts.ts';
import { pricedRegisters, type RegisterAliases } from './priced-registers.ts';
import { refuseMisfit } from './refuse-misfit.ts';
import { type SupplyTerms, termsSpans } from './supply-terms.ts';
import type { SupplyTermsStore } from './supply-terms-store.ts';

export interface SupplyRequestDeps extends FactDeps {
  meterPoints: MeterPointStore;
  consumption: Pick<Consumption, 'energyOf'>;
  plans: PlanStore;
  supplyTerms: SupplyTermsStore;
  holidayCalendars: HolidayCalendar[];
}

/** What rating is asked about some days of a supply, and what the question was made from. */
export interface SupplyRequest {
  request: RateRequest;
  /** Of the days alone, by series. */
  energies: SeriesEnergy[];
  named: string[];
  aliases: RegisterAliases;
  /** The meter point's series over other days. */
  energyIn(days: BillingPeriod, options?: EnergyOptions): SeriesEnergy[];
}

export const nothingBilled: BilledFacts = { peaks: [], energies: [] };

/** How far around a hole an estimate looks: four weeks, and a day for a clock change in between. */
const estimateDays = 29;

/**
 * `soFar` is what was billed before at this meter point and is not issued yet. `segmentsOf` puts another plan in the place of the
 * supply's own, whose price changes then have nothing to say. Throws the Refusals of contractSegments; 'plan-misfit', 'fact-missing';
 * 'readings-missing' where nothing was ever read.
 */
export function supplyRequest(
  deps: SupplyRequestDeps,
  supply: Supply,
  days: BillingPeriod,
  {
    soFar = nothingBilled,
    segmentsOf,
  }: { soFar?: BilledFacts; segmentsOf?: ((days: BillingPeriod) => Segment[]) | undefined } = {},
): SupplyRequest {
  const { meterPoints, consumption, plans, supplyTerms, holidayCalendars } = deps;
  const { zone } = meterPoints.getById(supply.meterPointId);
  const records = supplyTerms.listOfSupply(supply.id);
  const spans = termsSpans(records, days);
  const terms = spans[0]?.terms ?? {};
  const contracts = () =>
    spans.map(({ from, to, terms: { changes } }) => ({
      ...{ from, to, versions: plans.versionsFor(supply.planCode, from, to) },
      ...(changes && { changes }),
    }));
  const segments = segmentsOf ? segmentsOf(days) : contractSegments(contracts(), days.from, days.to);
  refuseMisfit(segments, terms.customer);
  const named = [...new Set(segments.flatMap(({ version }) => registersOf(version.plan).map(need => need.register)))];
  const { registers: aliases = {}, monthStartsOn } = terms;
  const called = [...named, ...Object.values(aliases)];
  const energyIn = ({ from, to }: BillingPeriod, options?: EnergyOptions) =>
    consumption.energyOf(
      supply.meterPointId,
      { from: startOfDay(from, zone), to: startOfDay(to, zone) },
      called,
      options,
    );
  const energies = energyIn(days);
  if (energies.length === 0 && named.length > 0) throw new Refusal('readings-missing', 'nothing was ever read here');
  const estimation = methodOf(terms);
  const around = estimation
    ? energyIn({ from: addDays(days.from, -estimateDays), to: addDays(days.to, estimateDays) })
    : energies;
  const request: RateRequest = {
    // A bill is rated in steps, and lists are live: it is of those there are now.
    ...{ segments, zone, holidayCalendars: [...holidayCalendars] },
    registers: pricedRegisters(around, named, aliases),
    facts: gatherFacts(deps, { supply, days, segments, spans, records, soFar }),
    ...(monthStartsOn !== undefined && { monthStartsOn }),
    ...(estimation && { estimation }),
  };
  return { request, energies, named, aliases, energyIn };
}

function methodOf({ estimation = 'NONE' }: SupplyTerms): EstimationMethod | undefined {
  return estimation === 'NONE' ? undefined : estimation;
}
