import { addCents, type Cents, zeroCents } from '../../units/money.ts';
import type { Rate } from '../../units/rate.ts';
import { addDays } from '../../units/time.ts';
import type { Category, Charge, Days, Factor, TaxBasis } from '../component.ts';
import type { Facts } from '../facts.ts';
import type { PlanVersion } from '../plan.ts';
import type { ChargeLine } from '../rated-bill.ts';
import type { Segment } from '../segments.ts';

/** The bill as far as it has come: what a rule about the bill as a whole may look at. */
export interface BillSoFar {
  period: Days;
  segments: Segment[];
  lines: ChargeLine[];
  facts: Facts;
  monthStartsOn: number;
}

/** A line that follows from other lines. */
export interface Adjustment {
  kind: 'percentFee' | 'minimum' | 'discount' | 'concession' | 'payableRounding';
  charge: Charge;
  taxBasis: TaxBasis;
  /** The plan version that says so. */
  version: PlanVersion;
}

/** The version in force on the last day speaks for the bill as a whole. */
export function lastVersion({ segments }: BillSoFar): PlanVersion {
  return segments.at(-1)!.version;
}

/** The lines of one segment. */
export function linesOf(segment: Segment, { lines }: BillSoFar): ChargeLine[] {
  return lines.filter(({ trace }) => trace.segment.from === segment.from);
}

export function inCategories(lines: ChargeLine[], categories: readonly Category[]): ChargeLine[] {
  return lines.filter(line => categories.includes(line.category));
}

export function sumOf(lines: ChargeLine[]): Cents {
  return addCents(zeroCents, ...lines.map(line => line.amount));
}

/** Lines that are taxed alike, for a share of them is taxed as they are. */
export function taxGroups(lines: ChargeLine[]): { taxCode: string; taxBasis: TaxBasis; lines: ChargeLine[] }[] {
  const groups = new Map<string, { taxCode: string; taxBasis: TaxBasis; lines: ChargeLine[] }>();
  for (const line of lines) {
    const { taxCode, taxBasis } = line;
    const group = groups.get(`${taxCode} ${taxBasis}`) ?? { taxCode, taxBasis, lines: [] };
    group.lines.push(line);
    groups.set(`${taxCode} ${taxBasis}`, group);
  }
  return [...groups.values()];
}

/** A charge of an amount of money, whole or in part: 1 × the amount × every factor. */
export function moneyCharge(
  charge: Pick<Charge, 'code' | 'category' | 'description' | 'taxCode'>,
  amount: Rate,
  { from, to }: Days,
  factors: Factor[] = [],
): Charge {
  return {
    ...charge,
    group: 'other',
    when: '',
    from,
    to: addDays(to, -1),
    quantity: 1,
    unit: 'each',
    unitPrice: amount,
    factors,
    measured: undefined,
  };
}

/** Cents as a price: 1 cent is 1,000,000 of 1e-8. */
export function priceOf(amount: Cents): Rate {
  return (amount * 1_000_000n) as Rate;
}

export function negative(amount: Rate): Rate {
  return (0n - amount) as Rate;
}
