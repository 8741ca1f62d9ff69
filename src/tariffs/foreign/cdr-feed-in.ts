import { blocksOf, inSeasons, type RateDraft } from './cdr-rates.ts';
import { tierTermsOf } from './cdr-tiers.ts';
import { clocksOf } from './cdr-times.ts';
import type { ComponentDraft } from './component-drafts.ts';
import type { Season } from './seasons.ts';
import type { SourceObject } from './source-object.ts';
import { coversWeek } from './week-windows.ts';

/** Each entry is a credit of its own: what a retailer pays stands beside what a government scheme pays. */
export function feedInsOf(contract: SourceObject, seasons: Season[]): ComponentDraft[] {
  const entries = contract.objects('solarFeedInTariff');
  const names = seasons.length > 0 ? seasons.map(({ name }) => name) : [''];
  const payers = entries.map(entry => entry.text('payerType') ?? 'RETAILER');
  const drafts = entries.map((entry, at) => {
    entry.leaveAsText('description', 'scheme');
    entry.passOver('tariffUType');
    for (const name of ['startDate', 'endDate'])
      if (entry.has(name))
        entry.note(name, `a feed-in tariff with dates: ${entry.text(name)}; check whether it still holds`);
    const code = at === 0 ? 'FIT' : `FIT_${at + 1}`;
    const rates = ratesOf(entry, names);
    return {
      fields: {
        kind: 'feedIn',
        code,
        description: entry.text('displayName') ?? 'Solar feed-in',
        optional: true,
        ...tierTermsOf(rates, code, entry.report),
      },
      rates,
      pointer: entry.pointer,
    };
  });
  const second = payers.findIndex((payer, at) => payers.indexOf(payer) < at);
  if (second < 0) return drafts;
  const answer = contract.report.ask({
    id: 'FIT.several',
    pointer: entries[second]!.pointer,
    question: `Several feed-in tariffs are paid by the ${payers[second]!.toLowerCase()}: are all of them paid (ALL), or is the first one the plan's (FIRST)?`,
    choices: ['ALL', 'FIRST'],
    chosen: 'ALL',
  });
  return answer === 'FIRST' ? drafts.filter((_, at) => payers.indexOf(payers[at]!) === at) : drafts;
}

function ratesOf(entry: SourceObject, seasons: string[]): RateDraft[] {
  const single = entry.object('singleTariff');
  const varying = entry.objects('timeVaryingTariffs');
  if (single) {
    single.leaveAsText('displayName', 'description');
    return [
      {
        type: 'ALL',
        description: undefined,
        blocks: blocksOf(single),
        spans: undefined,
        period: single.text('period'),
        pointer: single.pointer,
      },
    ];
  }
  if (varying.length === 0) entry.refuse('singleTariff', 'there is no price');
  const rates = varying.map(tariff => {
    tariff.leaveAsText('description');
    return {
      type: tariff.text('type') ?? 'RATE',
      description: tariff.text('displayName'),
      blocks: blocksOf(tariff),
      spans: inSeasons(tariff.objects('timeVariations').flatMap(clocksOf), seasons),
      period: tariff.text('period'),
      pointer: tariff.pointer,
    };
  });
  if (
    coversWeek(
      rates.flatMap(({ spans }) => spans),
      seasons,
    )
  )
    return rates;
  entry.note('timeVaryingTariffs', 'at times that no tariff names nothing is paid');
  return [
    ...rates,
    {
      type: 'OTHER',
      description: undefined,
      blocks: [{ unitPrice: '0' }],
      spans: undefined,
      period: undefined,
      pointer: entry.pointer,
    },
  ];
}
