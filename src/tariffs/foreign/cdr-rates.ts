import type { DayClock } from './cdr-times.ts';
import { addQuantities } from './decimals.ts';
import type { SourceObject } from './source-object.ts';
import type { WeekSpan } from './week-windows.ts';

/** A rate before the plan's day types are known. */
export interface RateDraft {
  /** PEAK; made unique when the component is written. */
  type: string;
  description: string | undefined;
  blocks: PriceBlock[];
  /** undefined: whenever no other rate applies. */
  spans: WeekSpan[] | undefined;
  /** "P1D" where the source says what its blocks are for. */
  period: string | undefined;
  pointer: string;
}

export interface PriceBlock {
  unitPrice: string;
  upTo?: string;
}

/** A list of prices with volumes, each the width of its block, as tiers with upper bounds. `unit` is what they must be per. */
export function blocksOf(source: SourceObject, name = 'rates', unit = 'KWH'): PriceBlock[] {
  const rates = source.objects(name);
  if (rates.length === 0) source.refuse(name, 'there is no price');
  let bound = '0';
  return rates.flatMap((rate, at) => {
    const unitPrice = rate.priceText('unitPrice');
    const measureUnit = rate.text('measureUnit');
    if (measureUnit !== undefined && measureUnit !== unit)
      rate.refuse('measureUnit', `a price per ${measureUnit} cannot be charged here, only one per ${unit}`);
    if (unitPrice === undefined) rate.refuse('unitPrice', 'there is no price');
    const width = rate.quantity('volume');
    const isLast = at === rates.length - 1;
    if (!isLast && width === undefined) rate.refuse('volume', 'only the last block may be without a volume');
    if (isLast && width !== undefined) rate.note('volume', `taken as open: nothing is said of what follows ${width}`);
    if (width !== undefined) bound = addQuantities(bound, width);
    return [{ unitPrice: unitPrice ?? '0', ...(!isLast && { upTo: bound }) }];
  });
}

/** In the seasons named. */
export function inSeasons(clocks: DayClock[], seasons: string[]): WeekSpan[] {
  return seasons.flatMap(season => clocks.map(clock => ({ ...clock, season })));
}
