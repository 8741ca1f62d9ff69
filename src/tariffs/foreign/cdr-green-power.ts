import { formatRate } from '../../units/rate.ts';
import { codeOf } from './component-drafts.ts';
import { decimalText, hundredth, rateOf } from './decimals.ts';
import type { SourceObject } from './source-object.ts';

type Document = Record<string, unknown>;

const types = [
  'FIXED_PER_DAY',
  'FIXED_PER_WEEK',
  'FIXED_PER_MONTH',
  'FIXED_PER_UNIT',
  'PERCENT_OF_USE',
  'PERCENT_OF_BILL',
] as const;
const none = 'NONE';

/** Customers choose green power, and how much: a plan document has the choice or nothing, so it is asked for. */
export function greenPowersOf(contract: SourceObject): Document[] {
  return contract.objects('greenPowerCharges').flatMap((charge, at): Document[] => {
    const description = charge.text('displayName') ?? 'Green power';
    charge.leaveAsText('description', 'scheme');
    const type = charge.oneOf('type', types);
    const tiers = charge.objects('tiers').map(tier => ({
      tier,
      share: tier.priceText('percentGreen') ?? '1',
      amount: tier.priceText('amount'),
      rate: tier.priceText('rate'),
    }));
    const id = `GREEN_${at + 1}.percent`;
    const chosen = charge.report.ask({
      id,
      pointer: charge.pointer,
      question: `${description} is the customer's choice: which share of green power does this plan have?`,
      choices: [none, ...tiers.map(({ share }) => share)],
      chosen: none,
    });
    const tier = tiers.find(({ share }) => share === chosen);
    if (!tier || type === undefined) return [];
    const code = codeOf(`GREEN_${at + 1}`);
    const base = { code, description, tax: 'GST' };
    const price = type === 'PERCENT_OF_BILL' || type === 'PERCENT_OF_USE' ? tier.rate : tier.amount;
    if (price === undefined) {
      tier.tier.refuse('amount', 'there is no price');
      return [];
    }
    if (type === 'FIXED_PER_DAY') return [{ kind: 'supply', ...base, amount: price, per: 'DAY' }];
    if (type === 'FIXED_PER_MONTH') return [{ kind: 'supply', ...base, amount: price, per: 'MONTH' }];
    if (type === 'FIXED_PER_UNIT')
      return [{ kind: 'greenPower', ...base, percentOfKwh: fraction(tier.share), unitPrice: price }];
    if (type === 'PERCENT_OF_BILL') return [{ kind: 'fee', ...base, trigger: 'PERCENT_OF_BILL', rate: price }];
    charge.refuse('type', `green power as ${type} cannot be billed`);
    return [];
  });
}

/** Some publishers write a share of 20 as "20", the standard as "0.20". */
function fraction(share: string): string {
  const { rate } = rateOf(decimalText(share) ?? '0');
  if (rate <= 100_000_000n) return share;
  return formatRate(hundredth(rate));
}
