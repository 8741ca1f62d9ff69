import { formatRate } from '../../units/rate.ts';
import type { ComponentDraft } from './component-drafts.ts';
import { zeroRate } from './decimals.ts';
import type { Season } from './seasons.ts';
import type { SourceObject } from './source-object.ts';
import { always, periodsIn, type Schedule, spansOfPeriod } from './urdb-schedules.ts';
import { tiersOf, type UrdbStructure, type UrdbTier } from './urdb-structure.ts';

export interface UrdbEnergy {
  structure: UrdbStructure;
  schedule: Schedule;
}

const rules = ['Net Metering', 'Net Billing Instantaneous', 'Net Billing Hourly', 'Buy All Sell All'] as const;
export type GenerationRule = (typeof rules)[number] | undefined;

/** What becomes of generation: netted against use, or bought and sold apart. */
export function generationRuleOf(source: SourceObject): GenerationRule {
  const rule = source.oneOf('dgrules', rules) ?? (source.flag('usenetmetering') ? 'Net Metering' : undefined);
  if (rule !== 'Net Metering') return rule;
  const answer = source.report.ask({
    id: 'USE.net',
    pointer: source.at('dgrules'),
    question:
      'Net metering sets kWh sent to the grid against kWh used over the month, which no component here does. Net them inside each interval, without a credit for the rest (PER_INTERVAL), or not at all (GROSS)? Sites without generation are billed the same.',
    choices: ['PER_INTERVAL', 'GROSS'],
    chosen: 'PER_INTERVAL',
  });
  return answer === 'GROSS' ? 'Buy All Sell All' : 'Net Billing Instantaneous';
}

/** Periods of kWh, all filling the same tiers. */
export function energyOf(
  { structure, schedule }: UrdbEnergy,
  rule: GenerationRule,
  seasons: Season[],
): ComponentDraft[] {
  const used = usedPeriods(structure, schedule);
  const [first] = used;
  if (!first) return [];
  const unit = first.tiers[0]!.unit ?? 'kWh';
  for (const { tiers } of used)
    for (const tier of tiers)
      if ((tier.unit ?? 'kWh') !== unit)
        tier.source.refuse('unit', `tiers in ${tier.unit} and in ${unit} cannot be billed by one component`);
  if (unit !== 'kWh' && unit !== 'kWh daily')
    first.tiers[0]!.source.refuse('unit', `tiers in ${unit} cannot be billed; kWh, kWh daily and kWh/kW can`);
  const tiered = used.some(({ tiers }) => tiers.length > 1);
  return [
    {
      fields: {
        kind: 'energy',
        code: 'USE',
        register: 'IMPORT',
        net: rule === undefined || rule === 'Buy All Sell All' ? 'GROSS' : 'PER_INTERVAL',
        ...(tiered && { tierScope: 'COMPONENT', ...(unit === 'kWh daily' ? pooled : { tierPeriod: 'P1M' }) }),
        tax: 'NONE',
      },
      rates: used.map(({ period, tiers }) => ({
        type: `PERIOD_${period + 1}`,
        description: undefined,
        blocks: tiersOf(tiers, ({ price }) => price),
        spans: used.length === 1 ? undefined : spansOfPeriod(schedule, period, seasons),
        period: undefined,
        pointer: tiers[0]!.source.pointer,
      })),
      pointer: tiersPointer(first.tiers),
    },
  ];
}

const pooled = { tierPeriod: 'P1D', tierAllowance: 'POOLED' };

/** What is paid for kWh sent to the grid. */
export function salesOf(
  { structure, schedule }: UrdbEnergy,
  rule: GenerationRule,
  seasons: Season[],
): ComponentDraft[] {
  const used = usedPeriods(structure, schedule);
  if (!used.some(({ tiers }) => tiers.some(({ sell }) => (sell ?? 0n) !== 0n))) return [];
  const source = tiersPointer(used[0]!.tiers);
  if (rule === undefined)
    used[0]!.tiers[0]!.source.note(
      'sell',
      'dgrules does not say how it is netted: what the register EXPORT counts is paid',
    );
  const rates = used.map(({ period, tiers }) => {
    const [first, ...others] = tiers;
    if (others.some(({ sell }) => (sell ?? zeroRate) !== (first!.sell ?? zeroRate)))
      first!.source.refuse('sell', 'a price for selling that changes with the tier of use cannot be billed');
    return {
      type: `PERIOD_${period + 1}`,
      description: undefined,
      blocks: [{ unitPrice: formatRate(first!.sell ?? zeroRate) }],
      spans: used.length === 1 ? undefined : spansOfPeriod(schedule, period, seasons),
      period: undefined,
      pointer: first!.source.pointer,
    };
  });
  const fields = { kind: 'feedIn', code: 'FIT', description: 'Sold to the grid', optional: true };
  return [{ fields, rates, pointer: source }];
}

/** Whether the blocks are of hours of use of the billing demand. */
export function isHoursOfUse({ structure }: UrdbEnergy): boolean {
  return structure.flat().some(({ unit }) => unit === 'kWh/kW');
}

/**
 * Blocks of kWh/kW. Steps of kWh that follow a block are inside it and replace its price, as the published calculators read it; a last
 * block of kWh/kW is open.
 */
export function hoursUseOf({ structure, schedule }: UrdbEnergy, demand: string, seasons: Season[]): ComponentDraft[] {
  const used = usedPeriods(structure, schedule).map(each => ({ ...each, blocks: hourBlocks(each.tiers) }));
  const byPrice = new Map<string, typeof used>();
  for (const each of used) {
    const key = JSON.stringify(each.blocks);
    byPrice.set(key, [...(byPrice.get(key) ?? []), each]);
  }
  return [...byPrice.values()].map((alike, at) => ({
    fields: {
      kind: 'hoursUse',
      code: at === 0 ? 'HOURS' : `HOURS_${at + 1}`,
      register: 'IMPORT',
      demand,
      tiers: alike[0]!.blocks,
      tax: 'NONE',
    },
    windows: byPrice.size === 1 ? undefined : alike.flatMap(({ period }) => spansOfPeriod(schedule, period, seasons)),
    pointer: tiersPointer(alike[0]!.tiers),
  }));
}

interface HourBlock {
  upToHours?: string;
  unitPrice?: string;
  tiers?: { upTo?: string; unitPrice: string }[];
}

function hourBlocks(tiers: UrdbTier[]): HourBlock[] {
  const groups: { head: UrdbTier; steps: UrdbTier[] }[] = [];
  for (const tier of tiers) {
    const last = groups.at(-1);
    if (tier.unit === 'kWh/kW') groups.push({ head: tier, steps: [] });
    else if (last && (tier.unit ?? 'kWh') === 'kWh') last.steps.push(tier);
    else tier.source.refuse('unit', `a tier in ${tier.unit} cannot stand among blocks of kWh/kW`);
  }
  return groups.map(({ head, steps }, at) => {
    const isLast = at === groups.length - 1;
    if (!isLast && head.max === undefined) head.source.refuse('max', 'only the last block may be open');
    if (isLast && head.max !== undefined)
      head.source.note('max', `taken as open: nothing is said of what follows ${head.max}`);
    if (steps.length > 0)
      head.source.note(
        'rate',
        `the steps of kWh that follow have the prices of this block; ${formatRate(head.price)} has no part in it`,
      );
    return {
      ...(!isLast && head.max !== undefined && { upToHours: head.max }),
      ...(steps.length > 0 ? { tiers: tiersOf(steps, ({ price }) => price) } : { unitPrice: formatRate(head.price) }),
    };
  });
}

interface UsedPeriod {
  period: number;
  tiers: UrdbTier[];
}

function usedPeriods(structure: UrdbStructure, schedule: Schedule = always()): UsedPeriod[] {
  return periodsIn(schedule).flatMap(period => (structure[period] ? [{ period, tiers: structure[period] }] : []));
}

function tiersPointer(tiers: UrdbTier[]): string {
  return tiers[0]!.source.pointer;
}
