import { assert } from '../kernel/assert.ts';
import { Refusal } from '../kernel/errors.ts';
import { formatKwh, microKwh } from '../units/energy.ts';
import { type Cents, formatCents, priceCount } from '../units/money.ts';
import { formatRate } from '../units/rate.ts';
import type { Charge, Unit } from './component.ts';

/** Millionths of a unit, for the units that are measured; the others are counted. */
const unitsPerOne: Record<Unit, bigint> = {
  kWh: 1_000_000n,
  kW: 1_000_000n,
  kVA: 1_000_000n,
  day: 1n,
  month: 1n,
  each: 1n,
};

/**
 * The one rounding: quantity × price × every factor, exactly, then to the cent, half away from zero. Throws 'quantity-unbillable' beyond
 * what a double counts exactly: absurd readings are a matter of data, and must not end the process.
 */
export function amountOf({ code, quantity, unit, unitPrice, factors }: Omit<Charge, 'measured'>): Cents {
  refuseInexact(quantity, code, unit);
  assert(Number.isInteger(quantity), 'a quantity is a whole number of its unit or of millionths');
  let numerator = BigInt(quantity);
  let denominator = unitsPerOne[unit];
  for (const factor of factors) {
    numerator *= factor.numerator;
    denominator *= factor.denominator;
  }
  return priceCount(numerator, unitPrice, denominator);
}

/** Throws 'quantity-unbillable' for a sum that a double may have rounded. */
export function refuseInexact(quantity: number, code: string, unit: string): void {
  if (Math.abs(quantity) > Number.MAX_SAFE_INTEGER)
    throw new Refusal('quantity-unbillable', `${code} comes to more than nine billion ${unit}: is a reading wrong?`);
}

/** A line's quantity in its unit as a decimal string: "325.2", "-150", "31". */
export function formatQuantity({ quantity, unit }: Pick<Charge, 'quantity' | 'unit'>): string {
  return unitsPerOne[unit] === 1n ? String(quantity) : formatKwh(microKwh(quantity));
}

/** The sum as a reader can repeat it: "132 kW × 15.24 × 17 days / 31 / 12 = 7.66". */
export function arithmeticOf(line: Omit<Charge, 'measured'> & { amount: Cents }): string {
  const factors = line.factors.map(({ words }) => words);
  const sum = [`${formatQuantity(line)} ${line.unit} × ${formatRate(line.unitPrice, 2)}`, ...factors].join(' ');
  return `${sum} = ${formatCents(line.amount)}`;
}
