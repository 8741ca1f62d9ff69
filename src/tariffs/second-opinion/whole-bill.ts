import { z } from 'zod';
import { concessionsOf } from './concessions.ts';
import { daysFrom } from './days.ts';
import { discountsOf } from './discounts.ts';
import { centsOf, exact, type NaiveLine, nearest, reader } from './naive.ts';
import { money, type NaivePart, share, shareOfTime, sum, totalOf } from './totals.ts';

/** What a bill says of itself that no component says. */
export interface WholeBill {
  /** In the order in which they follow from each other. */
  lines: NaiveLine[];
  /** By code, the total that would be due. */
  conditional: Map<string, bigint>;
}

const minimumDocument = z.strictObject({
  amount: z.string(),
  period: z.enum(['P1D', 'P1M', 'P1Y', 'BILL']),
  prorate: z.boolean().default(true),
  appliesTo: z.array(z.string()),
  tax: z.string().optional(),
});
/** Follows the order of an Australian bill by the book. Throws a ZodError at a rule it has not learnt. */
export function wholeBill(parts: NaivePart[]): WholeBill {
  const lines: NaiveLine[] = [];
  const all = () => [...parts.flatMap(part => part.lines), ...lines];
  lines.push(...parts.flatMap(percentFees));
  const ofSegment = ({ context: { segment }, lines: own }: NaivePart) => [
    ...own,
    ...lines.filter(({ from }) => from >= segment.from && from < segment.to),
  ];
  lines.push(...topUp(parts, all()));
  const bases = parts.map(part => [...ofSegment(part)]);
  const found = (type: string) => parts.flatMap((part, at) => discountsOf(type, part, bases[at]!, parts));
  lines.push(...found('GUARANTEED'));
  for (const order of ['BEFORE_TAX', 'AFTER_TAX']) lines.push(...concessionsOf(order, parts, all()));
  const conditional = new Map<string, bigint>();
  const unearned = found('CONDITIONAL');
  const nameOf = ({ code }: NaiveLine) => code.split('.')[1]!;
  for (const name of new Set(unearned.map(nameOf)))
    conditional.set(name, totalOf([...all(), ...unearned.filter(line => nameOf(line) === name)], parts).total);
  const last = parts.at(-1)!.context;
  if (last.plan.payableRounding) {
    const step = exact(last.plan.payableRounding.increment) / 1_000_000n;
    const { total } = totalOf(all(), parts);
    lines.push(money('ROUNDING', 'ROUNDING', nearest(total, step, true) * step - total, parts, 'NONE'));
  }
  return { lines: lines.filter(line => centsOf(line) !== 0n || !droppedWhenZero.has(line.category)), conditional };
}

const droppedWhenZero = new Set(['MINIMUM', 'ROUNDING', 'CONCESSION']);

const readPercentFee = reader(
  z.looseObject({
    kind: z.literal('fee'),
    code: z.string(),
    trigger: z.literal('PERCENT_OF_BILL'),
    rate: z.string(),
    tax: z.string().default('NONE'),
    taxBasis: z.enum(['EXCLUSIVE', 'INCLUSIVE']).optional(),
  }),
);

function percentFees({ context, lines }: NaivePart): NaiveLine[] {
  const { plan, segment } = context;
  return plan.parts.flatMap(part => {
    const fee = readPercentFee(part);
    if (!fee) return [];
    const base = sum(lines.filter(line => line.category !== 'FEED_IN'));
    const line = share(fee.code, 'FEE', base, fee.rate, segment.from);
    return [{ ...line, taxCode: fee.tax, basis: fee.taxBasis ?? plan.taxBasis }];
  });
}

function topUp(parts: NaivePart[], lines: NaiveLine[]): NaiveLine[] {
  const minimumOf = ({ context }: NaivePart) => minimumDocument.optional().parse(context.plan.minimum);
  const last = minimumOf(parts.at(-1)!);
  if (!last) return [];
  const whole = nearest(exact(last.amount), 1_000_000n, true);
  let least = 0n;
  for (const part of parts) {
    const minimum = minimumOf(part);
    if (!minimum) continue;
    const { segment, period } = part.context;
    const [used, all] = [segment, period].map(({ from, to }) => BigInt(daysFrom(from, to).length)) as [bigint, bigint];
    if (minimum.period === 'BILL' || !minimum.prorate)
      least += nearest(exact(minimum.amount) * used, 1_000_000n * all, true);
    else least += shareOfTime(minimum.amount, minimum.period, part.context);
  }
  if (last.period === 'BILL' || !last.prorate) least = whole;
  const counted = sum(lines.filter(line => last.appliesTo.includes(line.category)));
  const missing = least - (counted > 0n ? counted : 0n);
  return missing > 0n ? [money('MINIMUM', 'MINIMUM', missing, parts, last.tax)] : [];
}
