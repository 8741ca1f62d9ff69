import { z } from 'zod';
import type { Day } from '../../units/time.ts';
import { daysFrom, daysLike, labelOf } from './days.ts';
import { exact, type NaiveLine, nearest } from './naive.ts';
import { money, type NaivePart, onlyTax, shareOfTime, sum, totalOf } from './totals.ts';

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
type ConcessionDocument = z.output<typeof concessionDocument>;

/** The concessions the customer holds that count before, or after, tax. */
export function concessionsOf(order: string, parts: NaivePart[], lines: NaiveLine[]): NaiveLine[] {
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
