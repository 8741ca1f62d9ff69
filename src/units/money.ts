import type { Rate } from './rate.ts';

/** Money: whole cents (minor units of a currency with two decimals). A bigint, so that no binary float can slip in. */
export type Cents = bigint & { readonly cents: unique symbol };

/** Marks an integer as cents; a number must be a whole one. */
export function cents(value: bigint | number): Cents {
  return BigInt(value) as Cents;
}

export const zeroCents: Cents = cents(0);

/** The sum; zero of none. */
export function addCents(...amounts: Cents[]): Cents {
  return cents(amounts.reduce((sum, amount) => sum + amount, 0n));
}

/** What was owed is owed back. */
export function negateCents(amount: Cents): Cents {
  return cents(-amount);
}

/** "-13.50" from -1350. Always two decimals, a point, no grouping: the form for JSON and CSV. */
export function formatCents(amount: Cents): string {
  const magnitude = amount < 0n ? -amount : amount;
  return `${amount < 0n ? '-' : ''}${magnitude / 100n}.${String(magnitude % 100n).padStart(2, '0')}`;
}

/** Reads "1234.5", "-0.07", "12"; undefined for anything else, a third decimal included. */
export function parseCents(text: string): Cents | undefined {
  const match = /^(-?)(\d+)(?:\.(\d{1,2}))?$/.exec(text);
  if (!match) return undefined;
  const magnitude = BigInt(match[2]!) * 100n + BigInt((match[3] ?? '').padEnd(2, '0'));
  return cents(match[1] ? -magnitude : magnitude);
}

/** `numerator / denominator` to the nearest whole number, halves away from zero, so that -15.945 mirrors +15.945 (B03). */
export function divideHalfAwayFromZero(numerator: bigint, denominator: bigint): bigint {
  const negative = numerator < 0n !== denominator < 0n;
  const n = numerator < 0n ? -numerator : numerator;
  const d = denominator < 0n ? -denominator : denominator;
  const quotient = (2n * n + d) / (2n * d);
  return negative ? -quotient : quotient;
}

// 1e-8 money = 1e-6 cents.
const ratePerCent = 1_000_000n;

/** The one rounding of a line: `count` / `denominator` units (millionths of a kWh, a share of a month) at a price, to the cent. */
export function priceCount(count: bigint, unitPrice: Rate, denominator = 1n): Cents {
  return cents(divideHalfAwayFromZero(count * unitPrice, ratePerCent * denominator));
}
