import { assert } from '../kernel/assert.ts';
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

/** The one rounding: quantity × price × every factor, exactly, then to the cent, half away from zero. */
export function amountOf({ quantity, unit, unitPrice, factors }: Omit<Charge, 'measured'>): Cents {
  assert(Number.isSafeInteger(quantity), 'a quantity is a whole number of its unit or of millionths');
  let numerator = BigInt(quantity);
  let denominator = unitsPerOne[unit];
  for (const factor of factors) {
    numerator *= factor.numerator;
    denominator *= factor.denominator;
  }
  return priceCount(numerator, unitPrice, denominator);
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
