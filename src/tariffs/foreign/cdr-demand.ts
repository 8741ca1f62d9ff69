import type { TariffPeriod } from './cdr-contract.ts';
import { inSeasons } from './cdr-rates.ts';
import { clocksOf } from './cdr-times.ts';
import type { ComponentDraft } from './component-drafts.ts';
import { microOf } from './decimals.ts';
import type { SourceObject } from './source-object.ts';
import type { WeekSpan } from './week-windows.ts';

interface DemandDraft {
  source: SourceObject;
  description: string | undefined;
  fields: Record<string, unknown>;
  windows: WeekSpan[];
  unitPrice: string;
  min: string;
  max: string | undefined;
}

const units = ['KW', 'KVA'] as const;
const charged = ['DAY', 'MONTH', 'TARIFF_PERIOD'] as const;

/** Charges that share everything but their bounds and price are the tiers of one demand component. */
export function demandsOf(periods: TariffPeriod[]): ComponentDraft[] {
  const drafts = periods.flatMap(period =>
    period.source.objects('demandCharges').map(source => draftOf(source, period)),
  );
  const groups = new Map<string, DemandDraft[]>();
  for (const draft of drafts) {
    const key = JSON.stringify([draft.fields, draft.windows]);
    groups.set(key, [...(groups.get(key) ?? []), draft]);
  }
  return [...groups.values()].map((group, at) => {
    const [{ source, description, fields, windows }] = group as [DemandDraft, ...DemandDraft[]];
    const code = at === 0 ? 'DEM' : `DEM_${at + 1}`;
    return {
      fields: {
        kind: 'demand',
        code,
        ...(description && { description }),
        ...fields,
        ...priceOf(group, code),
        tax: 'GST',
      },
      windows,
      pointer: source.pointer,
    };
  });
}

function draftOf(source: SourceObject, period: TariffPeriod): DemandDraft {
  const unitPrice = source.priceText('amount');
  if (unitPrice === undefined) source.refuse('amount', 'there is no price');
  if (!source.has('measureUnit')) source.note('measureUnit', 'not said: taken as KW');
  const quantity = source.oneOf('measureUnit', units) ?? 'KW';
  source.leaveAsText('description');
  const [measured, chargedPer] = [source.oneOf('measurementPeriod', charged), source.oneOf('chargePeriod', charged)];
  return {
    source,
    description: source.text('displayName'),
    fields: {
      quantity,
      ...(quantity === 'KVA' && { reactiveRegister: reactiveRegister(source) }),
      interval: 'PT30M',
      measurementPeriod: measured ?? 'MONTH',
      chargePeriod: chargePeriodOf(chargedPer ?? 'MONTH', source, period),
    },
    windows: inSeasons(clocksOf(source), period.seasons),
    unitPrice: unitPrice ?? '0',
    min: source.quantity('minDemand') ?? '0',
    max: source.quantity('maxDemand'),
  };
}

function reactiveRegister(source: SourceObject): string {
  const answer = source.report.ask({
    id: 'DEM.reactiveRegister',
    pointer: source.at('measureUnit'),
    question: 'Which register measures the reactive energy that kVA are computed from?',
    choices: ['Q1', 'K1'],
    chosen: 'Q1',
  });
  return answer ?? 'Q1';
}

/** Ours are per day, month or year: a price for a tariff period is one for the year when the period is. */
function chargePeriodOf(per: (typeof charged)[number], source: SourceObject, { seasons }: TariffPeriod): string {
  if (per !== 'TARIFF_PERIOD') return per;
  if (seasons[0] !== '') source.refuse('chargePeriod', 'a price for a season as a whole cannot be billed');
  return 'YEAR';
}

/** One price with a least quantity; or bands of kW that follow each other as tiers. */
function priceOf(group: DemandDraft[], code: string): Record<string, unknown> {
  const bands = [...group].sort((a, b) => microOf(a.min) - microOf(b.min));
  const [first] = bands as [DemandDraft, ...DemandDraft[]];
  if (bands.length === 1 && first.max === undefined) return { ...leastOf(first, code), unitPrice: first.unitPrice };
  bands.forEach(({ source, min }, at) => {
    const before = at === 0 ? '0' : bands[at - 1]!.max;
    if (bands.length > 1 && min !== before)
      source.refuse('minDemand', `starts at ${min} kW, and what comes before it ends at ${before ?? 'nothing'}`);
  });
  const last = bands.at(-1)!;
  if (bands.length === 1 && first.min !== '0')
    first.source.refuse('maxDemand', 'a single charge with a least and a greatest demand cannot be billed');
  if (last.max !== undefined) last.source.note('maxDemand', `demand above ${last.max} kW is not charged`);
  const tiers = bands.map(({ max, unitPrice }) => ({ ...(max !== undefined && { upTo: max }), unitPrice }));
  return { tiers: last.max === undefined ? tiers : [...tiers, { unitPrice: '0' }] };
}

function leastOf({ source, min }: DemandDraft, code: string): Record<string, unknown> {
  if (min === '0') return {};
  const answer = source.report.ask({
    id: `${code}.minDemand`,
    pointer: source.at('minDemand'),
    question: `Is ${min} kW the least that is charged (LEAST), or are the first ${min} kW free (FREE)?`,
    choices: ['LEAST', 'FREE'],
    chosen: 'LEAST',
  });
  return answer === 'FREE' ? { free: min } : { min };
}
