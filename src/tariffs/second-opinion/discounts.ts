import { z } from 'zod';
import type { Day } from '../../units/time.ts';
import { exact, type NaiveLine, nearest } from './naive.ts';
import { type NaivePart, onlyTax, share, sum } from './totals.ts';

const discountDocument = z.strictObject({
  code: z.string().optional(),
  displayName: z.string().optional(),
  methodUType: z.enum(['percentOfUse', 'percentOfBill', 'fixedAmount', 'percentOverThreshold']),
  category: z.string(),
  type: z.enum(['GUARANTEED', 'CONDITIONAL']),
  rate: z.string().optional(),
  amount: z.string().optional(),
  usageAmount: z.string().optional(),
  from: z.string().optional(),
  to: z.string().optional(),
  tax: z.string().optional(),
});
type DiscountDocument = z.output<typeof discountDocument>;

/** What each segment's discounts of a type take off its lines. */
export function discountsOf(type: string, { context }: NaivePart, base: NaiveLine[], parts: NaivePart[]): NaiveLine[] {
  const { plan, segment } = context;
  const documents = (part: NaivePart) => part.context.plan.discounts.map(each => discountDocument.parse(each));
  const holds = ({ from, to }: DiscountDocument, day: Day) => (from ?? day) <= day && (to === undefined || day < to);
  return plan.discounts.flatMap(each => {
    const discount = discountDocument.parse(each);
    if (discount.type !== type || !holds(discount, segment.from)) return [];
    const code = `DISCOUNT.${discount.code ?? discount.category}`;
    if (discount.methodUType === 'fixedAmount') {
      const later = parts.some(
        part =>
          part.context.segment.from > segment.from &&
          documents(part).some(
            other =>
              (other.code ?? other.category) === (discount.code ?? discount.category) &&
              holds(other, part.context.segment.from),
          ),
      );
      if (later) return [];
      const line = share(code, 'DISCOUNT', -1n, '1', segment.from);
      return [
        {
          ...line,
          units: -1n,
          price: exact(discount.amount!),
          times: 1n,
          over: 1n,
          taxCode: discount.tax ?? onlyTax(context),
          basis: plan.taxBasis,
        },
      ];
    }
    const lines =
      discount.methodUType === 'percentOfBill'
        ? base.filter(line => line.category !== 'FEED_IN' && line.category !== 'DISCOUNT')
        : base.filter(line => ['USAGE', 'CONTROLLED_LOAD'].includes(line.category));
    let untouched = nearest(exact(discount.usageAmount ?? '0') - 499_999n, 1_000_000n, true);
    if (untouched < 0n) untouched = 0n;
    const kinds = [...new Set(lines.map(line => `${line.taxCode} ${line.basis}`))];
    return kinds.flatMap((kind, at) => {
      const alike = lines.filter(line => `${line.taxCode} ${line.basis}` === kind);
      const amount = sum(alike);
      const counted = amount > untouched ? amount - untouched : 0n;
      untouched -= amount - counted;
      const { taxCode, basis } = alike[0]!;
      if (counted === 0n) return [];
      return [
        {
          ...share(at === 0 ? code : `${code}.${taxCode}.${basis}`, 'DISCOUNT', -counted, discount.rate!, segment.from),
          taxCode,
          basis,
        },
      ];
    });
  });
}
