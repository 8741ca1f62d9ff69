import { blocksOf, inSeasons, type RateDraft } from './cdr-rates.ts';
import { tierTermsOf } from './cdr-tiers.ts';
import { clocksOf } from './cdr-times.ts';
import type { ComponentDraft } from './component-drafts.ts';
import type { Season } from './seasons.ts';
import type { SourceObject } from './source-object.ts';

/** Each controlled load reads a register of its own, and may have its own supply charge. */
export function controlledLoads(contract: SourceObject, seasons: Season[]): ComponentDraft[] {
  const loads = contract.objects('controlledLoad');
  const isWith = contract.text('pricingModel')?.endsWith('CONT_LOAD') ?? false;
  const names = seasons.length > 0 ? seasons.map(({ name }) => name) : [''];
  return loads.flatMap((load, at) => {
    const code = at === 0 ? 'CL' : `CL_${at + 1}`;
    const register = at === 0 ? 'CONTROLLED_LOAD' : `CONTROLLED_LOAD_${at + 1}`;
    for (const name of ['startDate', 'endDate'])
      if (load.has(name)) load.refuse(name, 'a controlled load for some days only cannot be billed');
    load.passOver('rateBlockUType', 'startDate', 'endDate');
    const description = load.text('displayName') ?? 'Controlled load';
    const parts = [...load.objects('singleRate'), ...load.objects('timeOfUseRates')];
    if (parts.length === 0) load.refuse('singleRate', 'there is no price');
    const rates = parts.map(part => rateOf(part, parts.length, names));
    const supplies = [...new Set(parts.flatMap(part => part.priceText('dailySupplyCharge') ?? []))].filter(notZero);
    if (supplies.length > 1) load.refuse('timeOfUseRates', 'its rates name different supply charges');
    const [supply] = supplies;
    if (supply !== undefined && !sellWith(load, code, isWith && loads.length === 1)) return [];
    return [
      {
        fields: {
          kind: 'energy',
          code,
          description,
          register,
          optional: supply === undefined,
          tax: 'GST',
          ...tierTermsOf(rates, code, load.report),
        },
        rates,
        pointer: load.pointer,
      },
      ...(supply === undefined
        ? []
        : [
            {
              fields: {
                kind: 'supply',
                code: `${code}_SUPPLY`,
                description: `${description}, supply`,
                amount: supply,
                per: 'DAY',
                tax: 'GST',
              },
              pointer: load.pointer,
            },
          ]),
    ];
  });
}

/** A supply charge is for every site on the plan, so a plan for sites with and without the load is two plans of ours. */
function sellWith(load: SourceObject, code: string, isWith: boolean): boolean {
  const answer = load.report.ask({
    id: `${code}.sites`,
    pointer: load.pointer,
    question:
      'This controlled load has its own supply charge. Is the plan for sites that have the load (WITH), or for those that do not (WITHOUT)?',
    choices: ['WITH', 'WITHOUT'],
    chosen: isWith ? 'WITH' : undefined,
  });
  return answer !== 'WITHOUT';
}

function rateOf(part: SourceObject, count: number, seasons: string[]): RateDraft {
  part.leaveAsText('description');
  const times = part.objects('timeOfUse');
  const timed = times.filter(time => time.has('startTime') || time.has('endTime') || time.has('days'));
  for (const time of times) time.leaveAsText('additionalInfo', 'additionalInfoUri');
  if (timed.length === 0 && count > 1)
    part.refuse('timeOfUse', 'one of several rates must say by the clock when it applies');
  return {
    type: part.text('type') ?? 'ALL',
    description: part.text('displayName'),
    blocks: blocksOf(part),
    // The network switches the load: where no clock time is given, whatever its register counts has this price.
    spans: timed.length === 0 ? undefined : inSeasons(timed.flatMap(clocksOf), seasons),
    period: part.text('period'),
    pointer: part.pointer,
  };
}

function notZero(price: string): boolean {
  return !/^-?0(\.0*)?$/.test(price);
}
