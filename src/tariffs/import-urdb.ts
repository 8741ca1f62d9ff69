import { assert } from '../kernel/assert.ts';
import { sha256 } from '../kernel/ids.ts';
import { addDays, dayOf, instant, parseDay, parseZone } from '../units/time.ts';
import { type ComponentDraft, writeComponents } from './foreign/component-drafts.ts';
import { type ImportOptions, ImportReport, type PlanImport } from './foreign/import-report.ts';
import { planCodeOf } from './foreign/plan-code.ts';
import type { Season } from './foreign/seasons.ts';
import { SourceObject } from './foreign/source-object.ts';
import { demandsOf, demandTermsOf, type UrdbDemand } from './foreign/urdb-demand.ts';
import {
  energyOf,
  generationRuleOf,
  hoursUseOf,
  isHoursOfUse,
  salesOf,
  type UrdbEnergy,
} from './foreign/urdb-energy.ts';
import { coincidentsOf, fixedChargesOf, minimumOf } from './foreign/urdb-fixed.ts';
import { always, monthlySchedule, scheduleOf, seasonsOfSchedules } from './foreign/urdb-schedules.ts';
import { structureOf } from './foreign/urdb-structure.ts';

/**
 * A rate of the OpenEI Utility Rate Database (version 7 or 8, or the same fields as other calculators write them) as a plan document of
 * ours. Every field is priced, left as text by name, or refused: throws 'plan-import-refused' with each place that could not be taken over.
 */
export function importUrdb(source: unknown, options: ImportOptions = {}): PlanImport {
  const report = new ImportReport(options.answers);
  const answer = new SourceObject(source, '', report);
  const rate = answer.has('items') ? onlyItem(answer) : answer;
  const energy = energyStructureOf(rate);
  const demands = demandStructuresOf(rate);
  const seasons = seasonsOfSchedules([...(energy ? [energy] : []), ...demands].map(({ schedule }) => schedule));
  const drafts = [...pricedByUse(rate, energy, demands, seasons), ...coincidentsOf(rate)];
  const { calendar, components } = writeComponents(drafts, seasons, report);
  const minimum = minimumOf(rate);
  const document = {
    ...headerOf(rate, source, options),
    dayTypes: Object.fromEntries(calendar.dayTypes.map(({ name, days }) => [name, days])),
    seasons: Object.fromEntries(seasons.map(({ name, from, to }) => [name, [from, to]])),
    components: [...components, ...fixedChargesOf(rate)],
    ...(minimum && { minimum }),
  };
  refuseWhatIsCharged(rate);
  leaveAsText(rate);
  answer.refuseUnread();
  report.refuseProblems();
  return { document, notes: report.notes, questions: report.questions };
}

function onlyItem(answer: SourceObject): SourceObject {
  const items = answer.objects('items');
  if (items.length !== 1) answer.refuse('items', `${items.length} rates: import them one by one`);
  answer.leaveAsText('version');
  return items[0] ?? new SourceObject({}, '/items/0', answer.report);
}

function energyStructureOf(rate: SourceObject): UrdbEnergy | undefined {
  const structure = structureOf(rate, 'energyratestructure');
  const schedule = scheduleOf(rate, 'energyweekdayschedule', 'energyweekendschedule');
  return structure && checked(rate, 'energyratestructure', { structure, schedule: schedule ?? always() });
}

function demandStructuresOf(rate: SourceObject): UrdbDemand[] {
  const byClock = structureOf(rate, 'demandratestructure');
  const clock = scheduleOf(rate, 'demandweekdayschedule', 'demandweekendschedule');
  const flat = structureOf(rate, 'flatdemandstructure');
  const months = monthlySchedule(rate, 'flatdemandmonths');
  return [
    ...(byClock
      ? [checked(rate, 'demandratestructure', { structure: byClock, schedule: clock ?? always(), code: 'DEM' })]
      : []),
    ...(flat
      ? [checked(rate, 'flatdemandstructure', { structure: flat, schedule: months ?? always(), code: 'DEM_FLAT' })]
      : []),
  ];
}

/** Every period that a schedule names must have a price. */
function checked<Part extends UrdbEnergy>(rate: SourceObject, name: string, part: Part): Part {
  const { weekday, weekend } = part.schedule;
  const highest = Math.max(...weekday.flat(), ...weekend.flat());
  if (highest >= part.structure.length)
    rate.refuse(name, `the schedule names period ${highest}, and there are ${part.structure.length}, counted from 0`);
  return part;
}

function pricedByUse(
  rate: SourceObject,
  energy: UrdbEnergy | undefined,
  demands: UrdbDemand[],
  seasons: Season[],
): ComponentDraft[] {
  const rule = generationRuleOf(rate);
  const byHours = energy !== undefined && isHoursOfUse(energy);
  const terms = demands.length > 0 || byHours ? demandTermsOf(rate) : noDemand(rate);
  const charged = demands.flatMap((demand, at) => demandsOf(demand, terms, seasons, byHours && at === 0));
  if (!energy) return charged;
  if (!byHours) return [...energyOf(energy, rule, seasons), ...charged, ...salesOf(energy, rule, seasons)];
  // Hours of use are of a demand, charged for or not; where the source has none, it is the month's highest.
  const measured =
    charged.length > 0
      ? charged
      : [
          {
            fields: { kind: 'demand', code: 'DEM', ...terms, unitPrice: '0' },
            pointer: rate.at('energyratestructure'),
          },
        ];
  const hours = hoursUseOf(energy, String(measured[0]!.fields['code']), seasons);
  return [...measured, ...hours, ...salesOf(energy, rule, seasons)];
}

/** Terms without a demand that they are of. */
function noDemand(rate: SourceObject): Record<string, unknown> {
  rate.leaveAsText('demandwindow', 'demandunits', 'flatdemandunit', 'demandrateunit');
  rate.leaveAsText('lookbackpercent', 'lookbackPercent', 'lookbackrange', 'lookbackRange');
  rate.leaveAsText('lookbackmonths', 'lookbackMonths');
  return {};
}

function headerOf(rate: SourceObject, source: unknown, options: ImportOptions): Record<string, unknown> {
  const [label, name] = [rate.text('label'), rate.text('name')];
  const to = lastDayOf(rate);
  // What the caller says instead need not be asked.
  rate.passOver('startdate');
  return {
    planCode: options.planCode ?? planCodeOf(label ?? name ?? '', rate, 'label'),
    displayName: options.displayName ?? name ?? label ?? '',
    source: { kind: 'URDB', id: label ?? name ?? 'unnamed', sha256: sha256(JSON.stringify(source)) },
    currency: 'USD',
    taxBasis: 'EXCLUSIVE',
    taxes: {},
    effectiveFrom: options.effectiveFrom ?? dayIn(rate, 'startdate') ?? missingStart(rate),
    ...(to && { effectiveTo: to }),
    timeZone: 'LOCAL',
  };
}

function missingStart(rate: SourceObject): string {
  rate.refuse('startdate', 'no day from which the prices hold: give one to the import');
  return '';
}

/** The source names the last day, a plan document the first one after it. */
function lastDayOf(rate: SourceObject): string | undefined {
  const last = dayIn(rate, 'enddate');
  const day = last === undefined ? undefined : parseDay(last);
  return day && addDays(day, 1);
}

/** Seconds since 1970 at midnight somewhere in America, which is the same day in UTC; or the day as text. */
function dayIn(rate: SourceObject, name: string): string | undefined {
  const text = rate.text(name);
  if (text === undefined) return undefined;
  const seconds = /^\d{6,11}$/.test(text) ? Number(text) : undefined;
  const utc = parseZone('UTC');
  assert(utc, 'UTC is a zone');
  const day = seconds === undefined ? parseDay(text.slice(0, 10)) : dayOf(instant(seconds), utc);
  if (day === undefined) rate.refuse(name, `"${text}" is no day`);
  return day;
}

/** Charges of the standard that no component here makes. Zeros are how many writers say that there is none. */
function refuseWhatIsCharged(rate: SourceObject): void {
  rate.mustBeZero('demandreactivepowercharge', 'a charge for reactive power cannot be billed');
  rate.mustBeZero('demandratchetpercentage', 'say it with lookbackpercent and lookbackrange, which can be billed');
  rate.mustBeZero('fueladjustmentsmonthly', 'add the monthly adjustments to adj, which can be billed');
  rate.mustBeZero('fixedchargeeaaddl', 'a charge for each further meter cannot be billed: here each has its own bill');
}

function leaveAsText(rate: SourceObject): void {
  rate.leaveAsText(
    ...['utility', 'eiaid', 'uri', 'approved', 'supercedes', 'sector', 'servicetype', 'description', 'source'],
    ...['sourceparent', 'basicinformationcomments', 'energycomments', 'demandcomments', 'country', 'is_default'],
    ...['energyattrs', 'demandattrs', 'fixedattrs', 'revisions', 'phasewiring', 'voltagecategory'],
    ...['voltageminimum', 'voltagemaximum', 'peakkwcapacitymin', 'peakkwcapacitymax', 'peakkwcapacityhistory'],
    ...['peakkwhusagemin', 'peakkwhusagemax', 'peakkwhusagehistory'],
  );
}
