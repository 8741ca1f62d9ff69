import { formatRate } from '../../units/rate.ts';
import { addDays, parseDay } from '../../units/time.ts';
import { codeOf } from './component-drafts.ts';
import { zeroRate } from './decimals.ts';
import type { SourceObject } from './source-object.ts';

type Document = Record<string, unknown>;

const methods = ['percentOfBill', 'percentOfUse', 'fixedAmount', 'percentOverThreshold'] as const;

/** GUARANTEED discounts are lines of each bill, CONDITIONAL ones are shown beside it until they are earned. */
export function discountsOf(contract: SourceObject): Document[] {
  return contract.objects('discounts').flatMap((discount, at) => {
    const displayName = discount.text('displayName') ?? 'Discount';
    discount.leaveAsText('description');
    const type = typeOf(discount, at);
    const method = discount.oneOf('methodUType', methods);
    if (method === undefined) {
      discount.refuse('methodUType', 'does not say how the discount is counted');
      return [];
    }
    const worth = discount.object(method);
    if (!worth) discount.refuse(method, 'methodUType names it, and it is not there');
    const category = discount.text('category') ?? (type === 'GUARANTEED' ? 'GUARANTEED_DISCOUNT' : 'OTHER');
    const to = lastDayOf(discount);
    if (type === undefined || type === 'LEAVE_OUT' || !worth) {
      worth?.leaveAsText('rate', 'amount', 'usageAmount');
      return [];
    }
    const code = codeOf(`DISCOUNT_${at + 1}`);
    return [{ code, displayName, methodUType: method, category, type, ...worthOf(worth, method), ...to }];
  });
}

function typeOf(discount: SourceObject, at: number): 'GUARANTEED' | 'CONDITIONAL' | 'LEAVE_OUT' | undefined {
  const type = discount.oneOf('type', ['GUARANTEED', 'CONDITIONAL', 'OTHER']);
  if (type === undefined) discount.refuse('type', 'does not say whether the discount is guaranteed');
  if (type !== 'OTHER') return type;
  return discount.report.ask({
    id: `DISCOUNT_${at + 1}.type`,
    pointer: discount.at('type'),
    question: 'Is this discount taken off every bill, only when it is earned, or not at all?',
    choices: ['GUARANTEED', 'CONDITIONAL', 'LEAVE_OUT'],
    chosen: undefined,
  });
}

function worthOf(worth: SourceObject, method: (typeof methods)[number]): Document {
  if (method === 'fixedAmount') {
    const amount = worth.priceText('amount');
    if (amount === undefined) worth.refuse('amount', 'there is no amount');
    worth.note('amount', 'taken off each bill, before GST');
    return { amount: amount ?? '0', tax: 'GST' };
  }
  const rate = worth.price('rate');
  if (rate === undefined) worth.refuse('rate', 'there is no rate');
  else if (rate < 0n || rate > 100_000_000n)
    worth.refuse('rate', 'must be a fraction from 0 to 1: the standard writes ten percent as 0.10');
  const usageAmount = method === 'percentOverThreshold' ? worth.priceText('usageAmount') : undefined;
  return { rate: formatRate(rate ?? zeroRate), ...(usageAmount !== undefined && { usageAmount }) };
}

/** The source names the last day, a plan document the first one after it. */
function lastDayOf(discount: SourceObject): { to?: string } {
  const text = discount.text('endDate');
  if (text === undefined) return {};
  const day = parseDay(text.slice(0, 10));
  if (day === undefined) discount.refuse('endDate', `"${text}" is no day`);
  return day === undefined ? {} : { to: addDays(day, 1) };
}
