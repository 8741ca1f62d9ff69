import type { Day } from '../../units/time.ts';
import { daysFrom, daysLike, labelOf } from './days.ts';
import { centsOf, exact, type NaiveContext, type NaiveLine, nearest } from './naive.ts';

/** The lines of one segment, with what they were found from. */
export interface NaivePart {
  context: NaiveContext;
  lines: NaiveLine[];
}

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

/** Each calendar period's share is rounded by itself. */
export function shareOfTime(
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

export function onlyTax({ plan }: NaiveContext): string {
  return Object.keys(plan.taxes)[0] ?? 'NONE';
}

/** `rate` of so many cents. */
export function share(code: string, category: string, cents: bigint, rate: string, from: Day) {
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
export function money(
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

export function sum(lines: NaiveLine[]): bigint {
  return lines.reduce((total, line) => total + centsOf(line), 0n);
}
