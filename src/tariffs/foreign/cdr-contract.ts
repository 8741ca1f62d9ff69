import { controlledLoads } from './cdr-controlled-load.ts';
import { demandsOf } from './cdr-demand.ts';
import { feedInsOf } from './cdr-feed-in.ts';
import { blocksOf, inSeasons, type RateDraft } from './cdr-rates.ts';
import { suppliesOf } from './cdr-supply.ts';
import { tierTermsOf } from './cdr-tiers.ts';
import { clocksOf, everyDay } from './cdr-times.ts';
import type { ComponentDraft } from './component-drafts.ts';
import { isMonthDay, isWithin, type Season, seasonsOf, type YearSpan } from './seasons.ts';
import type { SourceObject } from './source-object.ts';

/** A tariffPeriod and where in the year it holds. */
export interface TariffPeriod extends YearSpan {
  source: SourceObject;
  /** Names of the plan's seasons it covers; [''] in a plan without seasons. */
  seasons: string[];
  /** RETAIL_SERVICE, NETWORK …: periods of different types are charged beside each other. */
  type: string;
}

export interface ContractDraft {
  seasons: Season[];
  drafts: ComponentDraft[];
  timeZone: 'AEST' | 'LOCAL';
}

const zones = ['AEST', 'LOCAL'] as const;

/** The priced parts of an electricityContract. */
export function contractOf(contract: SourceObject): ContractDraft {
  const sources = contract.objects('tariffPeriod');
  if (sources.length === 0) contract.refuse('tariffPeriod', 'there is no tariff period, so no price');
  const timeZone = zoneOf(contract, sources);
  const spans = sources.map(yearOf);
  const seasons = seasonsOf(spans);
  const periods = sources.map((source, at) => {
    const covered = seasons.filter(season => isWithin(season, spans[at]!)).map(({ name }) => name);
    return {
      ...spans[at]!,
      source,
      seasons: seasons.length > 0 ? covered : [''],
      type: source.text('type') ?? 'OTHER',
    };
  });
  for (const { source } of periods) {
    source.leaveAsText('displayName');
    refuseMissingBlock(source);
  }
  return {
    seasons,
    timeZone,
    drafts: [
      ...energiesOf(periods),
      ...controlledLoads(contract, seasons),
      ...demandsOf(periods),
      ...suppliesOf(periods, seasons),
      ...feedInsOf(contract, seasons),
    ],
  };
}

/** One clock for the whole plan: what our windows, and the minutes of CDR, are read on. */
function zoneOf(contract: SourceObject, periods: SourceObject[]): 'AEST' | 'LOCAL' {
  const own = contract.oneOf('timeZone', zones);
  const said = periods.map(period => period.oneOf('timeZone', zones) ?? own);
  const chosen = said[0] ?? own;
  periods.forEach((period, at) => {
    if (said[at] !== chosen) period.refuse('timeZone', 'all tariff periods of a plan must be read on one clock');
  });
  if (chosen !== undefined && own !== undefined && chosen !== own)
    contract.note('timeZone', `the tariff periods say ${chosen}, and so it is taken for the whole plan`);
  if (chosen === undefined)
    contract.note('timeZone', 'not said: taken as AEST, the default of the standard, though most plans mean LOCAL');
  return chosen ?? 'AEST';
}

function yearOf(period: SourceObject): YearSpan {
  const [from, to] = [period.text('startDate') ?? '01-01', period.text('endDate') ?? '12-31'];
  for (const [name, day] of [
    ['startDate', from],
    ['endDate', to],
  ] as const)
    if (!isMonthDay(day)) period.refuse(name, `"${day}" must be month and day, such as 12-01`);
  return isMonthDay(from) && isMonthDay(to) ? { from, to } : { from: '01-01', to: '12-31' };
}

function refuseMissingBlock(source: SourceObject): void {
  const named = source.oneOf('rateBlockUType', ['singleRate', 'timeOfUseRates', 'demandCharges']);
  if (named !== undefined && !source.has(named)) source.refuse(named, `rateBlockUType names it, and it is not there`);
}

/** Periods of one type follow each other in the year and are one component; those of another type are charged beside it. */
function energiesOf(periods: TariffPeriod[]): ComponentDraft[] {
  const priced = periods.filter(({ source }) => source.has('singleRate') || source.has('timeOfUseRates'));
  const types = [...new Set(priced.map(({ type }) => type))];
  return types.flatMap((type, at) => {
    const own = priced.filter(period => period.type === type);
    refuseOverlaps(own);
    const code = at === 0 ? 'USE' : `USE_${type}`;
    const rates = own.flatMap(ratesOf);
    const pointer = own[0]!.source.pointer;
    const fields = {
      kind: 'energy',
      code,
      ...(at > 0 && { description: `From grid, ${type.toLowerCase().replaceAll('_', ' ')}` }),
      register: 'IMPORT',
      tax: 'GST',
      ...tierTermsOf(rates, code, own[0]!.source.report),
    };
    return [{ fields, rates, pointer }];
  });
}

function refuseOverlaps(periods: TariffPeriod[]): void {
  periods.forEach((period, at) => {
    const other = periods.slice(0, at).find(({ seasons }) => seasons.some(season => period.seasons.includes(season)));
    if (other)
      period.source.refuse('startDate', `this period and ${other.source.pointer} price the same days of the year`);
  });
}

function ratesOf({ source, seasons }: TariffPeriod): RateDraft[] {
  const single = source.object('singleRate');
  if (single) {
    if (source.has('timeOfUseRates'))
      source.refuse('timeOfUseRates', 'a period has a single rate or rates by time of use, not both');
    source.passOver('timeOfUseRates');
    if (single.has('generalUnitPrice'))
      single.refuse(
        'generalUnitPrice',
        'a quota plan sells a fixed amount of energy for a fixed sum, with its price above that including GST; it cannot be billed',
      );
    single.leaveAsText('description');
    single.passOver('generalUnitPrice');
    return [
      {
        type: 'ALL',
        description: single.text('displayName'),
        blocks: blocksOf(single),
        spans: inSeasons(everyDay(), seasons),
        period: single.text('period'),
        pointer: single.pointer,
      },
    ];
  }
  return source.objects('timeOfUseRates').map(rate => {
    rate.leaveAsText('description');
    const times = rate.objects('timeOfUse');
    if (times.length === 0) rate.refuse('timeOfUse', 'a rate by time of use says when it applies');
    return {
      type: rate.text('type') ?? 'RATE',
      description: rate.text('displayName'),
      blocks: blocksOf(rate),
      spans: inSeasons(times.flatMap(clocksOf), seasons),
      period: rate.text('period'),
      pointer: rate.pointer,
    };
  });
}
