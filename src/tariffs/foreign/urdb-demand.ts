import { z } from 'zod';
import { formatRate } from '../../units/rate.ts';
import type { ComponentDraft } from './component-drafts.ts';
import type { Season } from './seasons.ts';
import type { SourceObject } from './source-object.ts';
import { periodsIn, type Schedule, spansOfPeriod } from './urdb-schedules.ts';
import { tiersOf, type UrdbStructure } from './urdb-structure.ts';

export interface UrdbDemand {
  structure: UrdbStructure;
  schedule: Schedule;
  /** "DEM" by the clock, "DEM_FLAT" at any time. */
  code: string;
}

const intervals = ['PT5M', 'PT10M', 'PT15M', 'PT30M', 'PT60M'] as const;
const quantities: Record<string, { quantity: 'KW' | 'KVA'; daily: boolean }> = {
  kW: { quantity: 'KW', daily: false },
  'kW daily': { quantity: 'KW', daily: true },
  kVA: { quantity: 'KVA', daily: false },
  'kVA daily': { quantity: 'KVA', daily: true },
};

/** The terms that all demand charges of a rate share. */
export function demandTermsOf(source: SourceObject): Record<string, unknown> {
  const said = source.quantity('demandwindow');
  const interval = said === undefined ? askInterval(source) : intervals.find(each => each === `PT${said}M`);
  if (said !== undefined && interval === undefined)
    source.refuse('demandwindow', `${said} minutes do not divide the hour`);
  const units = ['demandunits', 'flatdemandunit', 'demandrateunit'].flatMap(name => source.text(name) ?? []);
  const unit = [...new Set(units)].find(unit => unit !== 'kW') ?? 'kW';
  const known = quantities[unit];
  if (!known)
    source.refuse('demandunits', `demand in ${unit} cannot be billed; ${Object.keys(quantities).join(', ')} can`);
  const { quantity, daily } = known ?? quantities['kW']!;
  return {
    quantity,
    ...(quantity === 'KVA' && { reactiveRegister: 'Q1' }),
    interval: interval ?? 'PT15M',
    ...(daily && { measurementPeriod: 'DAY', chargePeriod: 'DAY' }),
    ...(!daily && ratchetOf(source)),
    tax: 'NONE',
  };
}

/** One component for each period of a schedule, for each has a peak of its own. What costs nothing is left out, unless `isNeeded`. */
export function demandsOf(
  { structure, schedule, code }: UrdbDemand,
  terms: Record<string, unknown>,
  seasons: Season[],
  isNeeded: boolean,
): ComponentDraft[] {
  const periods = periodsIn(schedule).filter(period => structure[period] !== undefined);
  return periods.flatMap((period, at) => {
    const tiers = structure[period]!;
    if (tiers.every(({ price }) => price === 0n) && !isNeeded) return [];
    for (const { source, unit } of tiers)
      if (unit !== undefined && !quantities[unit]) source.refuse('unit', `demand in ${unit} cannot be billed`);
    const [only] = tiers;
    return [
      {
        fields: {
          kind: 'demand',
          code: at === 0 ? code : `${code}_${at + 1}`,
          ...terms,
          ...(tiers.length === 1
            ? { unitPrice: formatRate(only!.price) }
            : { tiers: tiersOf(tiers, ({ price }) => price) }),
        },
        windows: periods.length === 1 ? undefined : spansOfPeriod(schedule, period, seasons),
        pointer: only!.source.pointer,
      },
    ];
  });
}

function askInterval(source: SourceObject): (typeof intervals)[number] {
  const answer = source.report.ask({
    id: 'DEM.interval',
    pointer: source.at('demandwindow'),
    question: 'Over which time is the demand averaged?',
    choices: intervals,
    chosen: 'PT15M',
  });
  return answer ?? 'PT15M';
}

const chosenMonths = z.array(z.union([z.boolean(), z.number().int().min(0).max(1)])).length(12);

/** lookbackRange months before, or the named months of the year: the months before the billed one and it are a year. */
function ratchetOf(source: SourceObject): Record<string, unknown> {
  const percent = source.price('lookbackpercent') ?? source.price('lookbackPercent');
  const range = source.quantity('lookbackrange') ?? source.quantity('lookbackRange');
  const [named] = ['lookbackmonths', 'lookbackMonths'].filter(name => source.has(name));
  const { data: months, error } = chosenMonths.safeParse(
    named === undefined ? new Array(12).fill(false) : source.raw(named),
  );
  if (error) source.refuse(named ?? 'lookbackmonths', 'must be twelve times true or false');
  const chosen = (months ?? []).flatMap((isChosen, at) => (isChosen ? [at + 1] : []));
  if (percent === undefined || percent === 0n) return {};
  if (percent > 100_000_000n) source.refuse('lookbackpercent', 'must be a fraction up to 1, such as 0.75');
  if (chosen.length === 0 && (range === undefined || Number(range) === 0)) {
    source.refuse('lookbackrange', 'a share of earlier peaks needs the months that are looked back at');
    return {};
  }
  const share = { percent: formatRate(percent) };
  if (chosen.length === 0) return { ratchet: { ...share, lookbackMonths: Number(range) } };
  return { ratchet: { ...share, months: chosen, lookbackMonths: 11 } };
}
