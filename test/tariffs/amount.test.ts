import { describe, expect, it } from 'vitest';
import { amountOf, arithmeticOf, formatQuantity } from '../../src/tariffs/amount.ts';
import type { Factor, Unit } from '../../src/tariffs/component.ts';
import { parseRate } from '../../src/units/rate.ts';
import { day } from './fixtures.ts';

type UnpricedLine = Parameters<typeof amountOf>[0];
const line = (quantity: number, unit: Unit, unitPrice: string, factors: Factor[] = []): UnpricedLine => ({
  ...{ code: 'L', group: 'grid', category: 'USAGE', description: 'A line', when: '', taxCode: 'GST' },
  ...{ from: day('2025-07-01'), to: day('2025-07-31') },
  ...{ quantity, unit, unitPrice: parseRate(unitPrice)!, factors },
});
const share = (numerator: bigint, denominator: bigint) => ({
  ...{ numerator, denominator, words: `× ${numerator} / ${denominator}` },
});

describe('a line on paper', () => {
  it.each([
    [line(325_200_000, 'kWh', '0.25'), '325.2 kWh × 0.25 = 81.30'],
    [line(-150_000_000, 'kWh', '0.05'), '-150 kWh × 0.05 = -7.50'],
    [line(42_500_000, 'kW', '10'), '42.5 kW × 10.00 = 425.00'],
    [line(1, 'kVA', '8000'), '0.000001 kVA × 8000.00 = 0.01'],
    [line(31, 'day', '1.55'), '31 day × 1.55 = 48.05'],
    [line(1, 'month', '9.005'), '1 month × 9.005 = 9.01'],
    [line(3, 'each', '-2'), '3 each × -2.00 = -6.00'],
    // 132 × 15.24 × 17 / 31 / 12 = 91.932… : one rounding at the end.
    [line(132_000_000, 'kW', '15.24', [share(17n, 31n), share(1n, 12n)]), '132 kW × 15.24 × 17 / 31 × 1 / 12 = 91.93'],
    // A third of 0.02 rounded twice would be nothing or too much: 0.02 × 3 / 4 = 0.015.
    [line(1, 'each', '0.02', [share(1n, 4n), share(3n, 1n)]), '1 each × 0.02 × 1 / 4 × 3 / 1 = 0.02'],
  ])('%#: its arithmetic', (charge, words) => {
    expect(arithmeticOf({ ...charge, amount: amountOf(charge) })).toBe(words);
  });

  it('shows its quantity in its unit', () => {
    expect(formatQuantity({ quantity: 1_500_000, unit: 'kVA' })).toBe('1.5');
    expect(formatQuantity({ quantity: 1_500_000, unit: 'day' })).toBe('1500000');
  });

  it('is never made from part of a millionth', () => {
    expect(() => amountOf(line(0.5, 'day', '1'))).toThrow('whole number');
  });
});
