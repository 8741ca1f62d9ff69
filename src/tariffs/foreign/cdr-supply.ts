import type { TariffPeriod } from './cdr-contract.ts';
import type { ComponentDraft } from './component-drafts.ts';
import { addQuantities } from './decimals.ts';
import type { Season } from './seasons.ts';
import type { SourceObject } from './source-object.ts';

/** The daily supply charges of the tariff periods. A price that changes with the season cannot be said by one component. */
export function suppliesOf(periods: TariffPeriod[], seasons: Season[]): ComponentDraft[] {
  const found = periods.flatMap(period => {
    const price = priceOf(period.source);
    return price ? [{ period, price, key: JSON.stringify(price) }] : [];
  });
  const types = [...new Set(found.map(({ period }) => period.type))];
  const supplies = types.flatMap(type => {
    const own = found.filter(({ period }) => period.type === type);
    const [first, ...others] = own;
    const other = others.find(({ key }) => key !== first!.key);
    if (other)
      other.period.source.refuse('dailySupplyCharge', 'a supply charge that changes with the season cannot be billed');
    const covered = new Set(own.flatMap(({ period }) => period.seasons));
    if (seasons.length > 0 && covered.size < seasons.length)
      first!.period.source.refuse('dailySupplyCharge', 'a supply charge for a part of the year cannot be billed');
    return [first!];
  });
  return supplies.flatMap(({ period, price }, at) => {
    const said = supplies.slice(0, at).find(other => JSON.stringify(other.price) === JSON.stringify(price));
    if (said && !countsTwice(period.source, period.type)) return [];
    const code = at === 0 ? 'SUPPLY' : `SUPPLY_${period.type}`;
    const fields = { kind: 'supply', code, description: 'Supply charge', ...price, per: 'DAY', tax: 'GST' };
    return [{ fields, pointer: period.source.pointer }];
  });
}

function countsTwice(source: SourceObject, type: string): boolean {
  const answer = source.report.ask({
    id: `SUPPLY_${type}.count`,
    pointer: source.at('dailySupplyCharge'),
    question: 'Two tariff periods of different types name the same supply charge: is it charged once or for both?',
    choices: ['ONCE', 'BOTH'],
    chosen: 'ONCE',
  });
  return answer === 'BOTH';
}

/** undefined when there is none or it is nothing. */
function priceOf(source: SourceObject): Record<string, unknown> | undefined {
  source.passOver('dailySupplyChargeType');
  // Version 1 and 2 of the standard called it dailySupplyCharges.
  const amounts = ['dailySupplyCharge', 'dailySupplyCharges'].flatMap(name => source.priceText(name) ?? []);
  const bands = source.objects('bandedDailySupplyCharges');
  if (bands.length > 0 && amounts.some(notZero))
    source.refuse('bandedDailySupplyCharges', 'a period has one supply charge or bands, not both');
  if (bands.length > 0) return bandsOf(source, bands);
  const [amount] = amounts.filter(notZero);
  return amount === undefined ? undefined : { amount };
}

function bandsOf(source: SourceObject, bands: SourceObject[]): Record<string, unknown> {
  const units = [...new Set(bands.map(band => band.oneOf('measureUnit', ['DAYS', 'KWH']) ?? 'DAYS'))];
  const bandsBy = source.report.ask({
    id: 'SUPPLY.bandsBy',
    pointer: source.at('bandedDailySupplyCharges'),
    question:
      'Are the bands chosen by the average use a day (KWH_PER_DAY), or do the first days of a bill fall in the first (DAYS)?',
    choices: ['KWH_PER_DAY', 'DAYS'],
    chosen: units.join() === 'KWH' ? 'KWH_PER_DAY' : units.join() === 'DAYS' ? 'DAYS' : undefined,
  });
  let bound = '0';
  return {
    bandsBy,
    bands: bands.map((band, at) => {
      const amount = band.priceText('unitPrice');
      if (amount === undefined) band.refuse('unitPrice', 'there is no price');
      const width = band.quantity('volume');
      const isLast = at === bands.length - 1;
      if (!isLast && width === undefined) band.refuse('volume', 'only the last band may be without a volume');
      if (isLast && width !== undefined) band.note('volume', `taken as open: nothing is said of what follows ${width}`);
      if (width !== undefined) bound = addQuantities(bound, width);
      return { ...(!isLast && { upTo: bound }), amount: amount ?? '0' };
    }),
  };
}

function notZero(price: string): boolean {
  return !/^-?0(\.0*)?$/.test(price);
}
