import { z } from 'zod';
import type { Day } from '../../units/time.ts';
import { daysFrom, daysLike, labelOf } from './days.ts';
import { centsOf, exact, type NaiveContext, type NaiveLine, nearest, reader } from './naive.ts';

/** The lines of one segment, with what they were found from. */
export interface NaivePart {
  context: NaiveContext;
  lines: NaiveLine[];
}

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
const concessionDocument = z.strictObject({
  code: z.string(),
  displayName: z.string(),
  discountType: z.string(),
  appliedTo: z.array(z.string()),
  perDay: z.string().optional(),
  perQuarter: z.string().optional(),
  perYear: z.string().optional(),
  perBill: z.string().optional(),
  percent: z.string().optional(),
  order: z.enum(['BEFORE_TAX', 'AFTER_TAX']).optional(),
  cap: z.object({ amount: z.string(), per: z.string() }).optional(),
  from: z.string().optional(),
  to: z.string().optional(),
  tax: z.string().optional(),
});
type DiscountDocument = z.output<typeof discountDocument>;
type ConcessionDocument = z.output<typeof concessionDocument>;

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

/** Tax and total of some lines. */
export function totalOf(lines: NaiveLine[], parts: NaivePart[]): { tax: bigint; total: bigint } {
  const sums = new Map<string, { cents: bigint[]; line: NaiveLine; context: NaiveContext }>();
  let total = 0n;
  for (const line of lines) {
    const cents = centsOf(line);
    total += cents;
    if (line.taxCode === 'NONE') continue;
    const { context } = partOf(line, parts);
    const { percent } = context.plan.taxes[line.taxCode]!;
    const key = `${line.taxCode} ${exact(percent)} ${halvesGoUp(line, context)} ${context.plan.taxMode} ${line.basis}`;
    const group = sums.get(key) ?? { cents: [], line, context };
    group.cents.push(cents);
    sums.set(key, group);
  }
  let tax = 0n;
  for (const { cents, line, context } of sums.values()) {
    const amounts = context.plan.taxMode === 'LINE' ? cents : [cents.reduce((sum, each) => sum + each, 0n)];
    for (const amount of amounts) {
      const part = taxOf(amount, line, context);
      tax += part;
      if (line.basis === 'EXCLUSIVE') total += part;
    }
  }
  return { tax, total };
}

function taxOf(amount: bigint, line: NaiveLine, context: NaiveContext): bigint {
  const { taxCode, basis } = line;
  const { plan } = context;
  const { percent } = plan.taxes[taxCode]!;
  const hundred = exact('100');
  const up = halvesGoUp(line, context);
  return nearest(amount * exact(percent), basis === 'INCLUSIVE' ? hundred + exact(percent) : hundred, up);
}

function halvesGoUp({ taxCode }: NaiveLine, { plan }: NaiveContext): boolean {
  return (plan.taxes[taxCode]!.halfCents ?? (plan.jurisdiction === 'NZ' ? 'DOWN' : 'UP')) === 'UP';
}

/** The segment a line belongs to by its first day; what is said of the whole bill is the last one's. */
function partOf({ from, category }: NaiveLine, parts: NaivePart[]): NaivePart {
  if (category === 'MINIMUM' || category === 'CONCESSION' || category === 'ROUNDING') return parts.at(-1)!;
  return parts.find(({ context: { segment } }) => from >= segment.from && from < segment.to)!;
}

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

/** Each calendar period's share is rounded by itself. */
function shareOfTime(
  amount: string,
  period: string,
  { segment, request }: NaiveContext,
  days = daysFrom(segment.from, segment.to),
): bigint {
  if (period === 'P1D') return nearest(exact(amount) * BigInt(days.length), 1_000_000n, true);
  const startsOn = period === 'P1M' ? (request.monthStartsOn ?? 1) : 1;
  const label = (day: Day) => labelOf(day, period, startsOn);
  return [...new Set(days.map(label))].reduce((total, name) => {
    const used = days.filter(day => label(day) === name);
    return (
      total +
      nearest(exact(amount) * BigInt(used.length), 1_000_000n * BigInt(daysLike(used[0]!, period, startsOn)), true)
    );
  }, 0n);
}

function discountsOf(type: string, { context }: NaivePart, base: NaiveLine[], parts: NaivePart[]): NaiveLine[] {
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

function concessionsOf(order: string, parts: NaivePart[], lines: NaiveLine[]): NaiveLine[] {
  const { plan, request, period } = parts.at(-1)!.context;
  const before = ['AU-VIC', 'AU-QLD'].includes(plan.jurisdiction ?? '') ? 'BEFORE_TAX' : 'AFTER_TAX';
  const granted: NaiveLine[] = [];
  for (const each of plan.concessionsEligible) {
    const concession = concessionDocument.parse(each);
    if ((concession.order ?? before) !== order) continue;
    for (const held of (request.facts?.concessions ?? []).filter(({ code }) => code === concession.code)) {
      const days = daysFrom(period.from, period.to).filter(
        day =>
          day >= held.from &&
          (held.to === undefined || day < held.to) &&
          day >= (concession.from ?? day) &&
          (concession.to === undefined || day < concession.to),
      );
      if (days.length === 0) continue;
      const taxCode = order === 'AFTER_TAX' ? 'NONE' : (concession.tax ?? onlyTax(parts.at(-1)!.context));
      const base = concessionBase(concession, order, lines, granted, parts);
      const wanted = concessionLines(concession, held.amount, days, base, taxCode, parts);
      const limit = smaller(base, capOf(concession, days, parts));
      const asked = -sum(wanted);
      if (asked <= limit) granted.push(...wanted);
      else
        granted.push({
          ...money(`CONCESSION.${concession.code}`, 'CONCESSION', -limit, parts, taxCode),
          from: days[0]!,
        });
    }
  }
  return granted;
}

function concessionBase(
  { appliedTo }: ConcessionDocument,
  order: string,
  lines: NaiveLine[],
  granted: NaiveLine[],
  parts: NaivePart[],
): bigint {
  const meaning: Record<string, string[]> = {
    USAGE: ['USAGE', 'DEMAND', 'GREEN', 'NETWORK'],
    SERVICE_CHARGE: ['SUPPLY'],
    CONTROLLED_LOAD: ['CONTROLLED_LOAD'],
  };
  const invoice = appliedTo.includes('INVOICE');
  const counted = lines.filter(
    line =>
      (invoice || appliedTo.some(name => meaning[name]?.includes(line.category))) &&
      (order === 'AFTER_TAX' || line.category !== 'FEED_IN'),
  );
  const amount = (order === 'AFTER_TAX' ? totalOf(counted, parts).total : sum(counted)) + (invoice ? sum(granted) : 0n);
  return amount > 0n ? amount : 0n;
}

function capOf({ cap }: ConcessionDocument, days: Day[], parts: NaivePart[]): bigint | undefined {
  if (!cap) return undefined;
  if (cap.per === 'BILL') return nearest(exact(cap.amount), 1_000_000n, true);
  const period = { DAY: 'P1D', QUARTER: 'P3M', YEAR: 'P1Y' }[cap.per]!;
  return shareOfTime(cap.amount, period, parts.at(-1)!.context, days);
}

function smaller(a: bigint, b: bigint | undefined): bigint {
  return b !== undefined && b < a ? b : a;
}

function concessionLines(
  concession: ConcessionDocument,
  amount: string | undefined,
  days: Day[],
  base: bigint,
  taxCode: string,
  parts: NaivePart[],
): NaiveLine[] {
  const { code, perDay, perQuarter, perYear, perBill, percent } = concession;
  const line = {
    ...money(`CONCESSION.${code}`, 'CONCESSION', 0n, parts, taxCode),
    from: days[0]!,
    units: -1n,
    times: 1n,
    over: 1n,
  };
  if (perDay !== undefined) return [{ ...line, units: -BigInt(days.length), price: exact(perDay) }];
  if (perBill !== undefined) return [{ ...line, price: exact(perBill) }];
  if (percent !== undefined) return [{ ...line, price: base * 1_000_000n, times: exact(percent), over: 100_000_000n }];
  const perPeriod = perQuarter ?? perYear;
  if (perPeriod === undefined) return [{ ...line, price: exact(amount ?? '0') }];
  const period = perQuarter === undefined ? 'P1Y' : 'P3M';
  const label = (day: Day) => labelOf(day, period, 1);
  return [...new Set(days.map(label))].map(name => {
    const used = days.filter(day => label(day) === name);
    return {
      ...line,
      from: used[0]!,
      price: exact(perPeriod),
      times: BigInt(used.length),
      over: BigInt(daysLike(used[0]!, period, 1)),
    };
  });
}

function onlyTax({ plan }: NaiveContext): string {
  return Object.keys(plan.taxes)[0] ?? 'NONE';
}

/** `rate` of so many cents. */
function share(code: string, category: string, cents: bigint, rate: string, from: Day) {
  return {
    code,
    category,
    from,
    units: 1n,
    price: cents * 1_000_000n,
    times: exact(rate),
    over: 100_000_000n,
    energy: undefined,
  };
}

/** A line of cents over the whole bill. */
function money(
  code: string,
  category: string,
  cents: bigint,
  parts: NaivePart[],
  taxCode: string | undefined,
): NaiveLine {
  const { context } = parts.at(-1)!;
  return {
    ...share(code, category, cents, '1', context.period.from),
    taxCode: taxCode ?? onlyTax(context),
    basis: context.plan.taxBasis,
  };
}

function sum(lines: NaiveLine[]): bigint {
  return lines.reduce((total, line) => total + centsOf(line), 0n);
}
