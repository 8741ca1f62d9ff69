import { assert } from '../kernel/assert.ts';
import { sha256 } from '../kernel/ids.ts';
import { dayOf, parseInstant, parseZone } from '../units/time.ts';
import { publicHoliday } from './calendar.ts';
import { contractOf } from './foreign/cdr-contract.ts';
import { discountsOf } from './foreign/cdr-discounts.ts';
import { feesOf, meteringChargesOf } from './foreign/cdr-fees.ts';
import { greenPowersOf } from './foreign/cdr-green-power.ts';
import { writeComponents } from './foreign/component-drafts.ts';
import { stateOf } from './foreign/distributors.ts';
import { type ImportOptions, ImportReport, type PlanImport } from './foreign/import-report.ts';
import { planCodeOf } from './foreign/plan-code.ts';
import { SourceObject } from './foreign/source-object.ts';
import { taxProfiles } from './taxes.ts';

/**
 * An EnergyPlanDetail of the Consumer Data Standards (Energy, product reference data, versions 1 to 3) as a plan document of ours, or
 * the answer {data, links, meta} it came in. Every field is priced, left as text by name, or refused: throws 'plan-import-refused' with
 * each place that could not be taken over.
 */
export function importCdr(source: unknown, options: ImportOptions = {}): PlanImport {
  const report = new ImportReport(options.answers);
  const answer = new SourceObject(source, '', report);
  const plan = answer.has('data') ? unwrapped(answer) : answer;
  const contract = plan.object('electricityContract') ?? new SourceObject({}, plan.at('electricityContract'), report);
  refuseOtherFuels(plan);
  const states = statesOf(plan);
  const { seasons, drafts, timeZone } = contractOf(contract);
  const { calendar, components } = writeComponents(drafts, seasons, report);
  const others = [...meteringChargesOf(plan), ...greenPowersOf(contract), ...feesOf(contract)];
  const discounts = discountsOf(contract);
  const state = states.length === 1 ? states[0] : undefined;
  const withHolidays = calendar.dayTypes.some(({ days }) => days.includes(publicHoliday));
  const document = {
    ...headerOf(plan, source, options),
    ...(state && isJurisdiction(state) && { jurisdiction: state }),
    timeZone,
    ...(withHolidays && { holidayCalendar: holidaysOf(contract, state, options) }),
    dayTypes: Object.fromEntries(calendar.dayTypes.map(({ name, days }) => [name, days])),
    seasons: Object.fromEntries(seasons.map(({ name, from, to }) => [name, [from, to]])),
    components: [...components, ...others],
    ...(discounts.length > 0 && { discounts }),
  };
  contract.leaveAsText(
    ...['additionalFeeInformation', 'isFixed', 'variation', 'onExpiryDescription', 'paymentOption', 'incentives'],
    ...['intrinsicGreenPower', 'eligibility', 'termType', 'benefitPeriod', 'terms', 'meterTypes', 'coolingOffDays'],
    'billFrequency',
  );
  plan.leaveAsText(...['lastUpdated', 'description', 'type', 'brand', 'brandName', 'applicationUri']);
  plan.leaveAsText('additionalInformation');
  plan.passOver('gasContract');
  answer.refuseUnread();
  report.refuseProblems();
  return { document, notes: report.notes, questions: report.questions };
}

function unwrapped(answer: SourceObject): SourceObject {
  answer.passOver('links', 'meta');
  const plan = answer.object('data');
  assert(plan, 'asked for only where it is');
  return plan;
}

function refuseOtherFuels(plan: SourceObject): void {
  if (plan.has('gasContract')) plan.refuse('gasContract', 'gas cannot be billed');
  const fuel = plan.text('fuelType') ?? 'ELECTRICITY';
  if (fuel !== 'ELECTRICITY') plan.refuse('fuelType', `a plan for ${fuel} cannot be billed, only one for ELECTRICITY`);
  if (!plan.has('electricityContract')) plan.refuse('electricityContract', 'there is no contract, so no price');
}

function headerOf(plan: SourceObject, source: unknown, options: ImportOptions): Record<string, unknown> {
  const id = plan.text('planId');
  const customerType = plan.oneOf('customerType', ['RESIDENTIAL', 'BUSINESS']);
  // Until when it is sold says nothing of customers who have it.
  plan.leaveAsText('effectiveTo');
  // What the caller says instead need not be asked.
  plan.passOver('effectiveFrom', 'displayName');
  return {
    planCode: options.planCode ?? planCodeOf(id ?? '', plan, 'planId'),
    displayName: options.displayName ?? plan.text('displayName') ?? id ?? '',
    ...(customerType && { customerType }),
    source: { kind: 'CDR', id: id ?? 'unnamed', sha256: sha256(JSON.stringify(source)) },
    currency: 'AUD',
    taxBasis: 'EXCLUSIVE',
    taxes: taxProfiles.AU,
    effectiveFrom: options.effectiveFrom ?? effectiveFromOf(plan),
  };
}

/** An instant: midnight in the market, or of UTC where a publisher wrote a day as one. Both are the same day on the market's clock. */
function effectiveFromOf(plan: SourceObject): string {
  const text = plan.text('effectiveFrom');
  const market = parseZone('+10:00');
  assert(market, 'an offset is a zone');
  const at = text === undefined ? undefined : parseInstant(text, market);
  if (at !== undefined) return dayOf(at, market);
  plan.refuse('effectiveFrom', 'no day from which the prices hold: give one to the import');
  return '';
}

function statesOf(plan: SourceObject): string[] {
  const geography = plan.object('geography');
  const distributors = geography?.texts('distributors') ?? [];
  geography?.leaveAsText('includedPostcodes', 'excludedPostcodes');
  return [...new Set(distributors.flatMap(name => stateOf(name) ?? []))];
}

function isJurisdiction(state: string): boolean {
  return ['AU-NSW', 'AU-SA', 'AU-VIC', 'AU-QLD'].includes(state);
}

function holidaysOf(contract: SourceObject, state: string | undefined, options: ImportOptions): string {
  if (options.holidayCalendar !== undefined) return options.holidayCalendar;
  if (state !== undefined) {
    contract.note('tariffPeriod', `public holidays are those of ${state}, where the distributor is`);
    return state;
  }
  contract.refuse(
    'tariffPeriod',
    'public holidays have prices of their own: say which calendar lists them, such as AU-NSW',
  );
  return '';
}
