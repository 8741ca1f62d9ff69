import { describe, expect, it } from 'vitest';
import {
  addCents,
  cents,
  divideHalfAwayFromZero,
  formatCents,
  negateCents,
  parseCents,
  priceCount,
  zeroCents,
} from '../../src/units/money.ts';
import { formatRate, parseRate } from '../../src/units/rate.ts';

describe('money', () => {
  it.each([
    [0n, '0.00'],
    [1n, '0.01'],
    [-1n, '-0.01'],
    [99n, '0.99'],
    [100n, '1.00'],
    [-1350n, '-13.50'],
    [123_456_789_012_345_678_905n, '1234567890123456789.05'],
  ])('%s cents are printed %s and read back', (amount, text) => {
    expect(formatCents(cents(amount))).toBe(text);
    expect(parseCents(text)).toBe(amount);
  });

  it.each([
    ['12', 1200n],
    ['1234.5', 123_450n],
    ['-0.07', -7n],
    ['007.10', 710n],
    ['-0', 0n],
  ])('%s is %s cents', (text, amount) => {
    expect(parseCents(text)).toBe(amount);
  });

  it.each(['', '-', '.5', '5.', '1.005', '+1', ' 1', '1 ', '1,00', '1e2', '--1', 'x1', '1x', '$1'])(
    '%j is none',
    text => {
      expect(parseCents(text)).toBeUndefined();
    },
  );

  it('is added and turned round exactly', () => {
    expect(addCents()).toBe(zeroCents);
    expect(addCents(cents(10), cents(-25n), cents(3))).toBe(-12n);
    expect(negateCents(cents(7))).toBe(-7n);
    expect(negateCents(zeroCents)).toBe(0n);
  });

  it('is whole: a fraction of a cent is no money', () => {
    expect(() => cents(0.5)).toThrow(RangeError);
  });
});

describe('the one rounding', () => {
  it.each([
    [0n, 1n, 0n],
    [1n, 2n, 1n],
    [-1n, 2n, -1n],
    [1n, -2n, -1n],
    [-1n, -2n, 1n],
    [3n, 2n, 2n],
    [5n, 2n, 3n],
    [-5n, 2n, -3n],
    [1n, 3n, 0n],
    [2n, 3n, 1n],
    [-2n, 3n, -1n],
    [49n, 100n, 0n],
    [50n, 100n, 1n],
    [7n, 7n, 1n],
    [-15_945n, 10n, -1595n],
  ])('%s / %s is %s: halves away from zero', (numerator, denominator, quotient) => {
    expect(divideHalfAwayFromZero(numerator, denominator)).toBe(quotient);
  });

  it.each([
    // 100 kWh in millionths would be priced per millionth: counts here are whole units.
    [100n, '0.25', 1n, 2500n],
    [1n, '0.005', 1n, 1n],
    [1n, '0.00499999', 1n, 0n],
    [-1n, '0.005', 1n, -1n],
    [1n, '-0.005', 1n, -1n],
    // 123.456789 kWh at 0.3729: 46.0370... = 46.04.
    [123_456_789n, '0.3729', 1_000_000n, 4604n],
    // A third of a month at 10.00.
    [1n, '10', 3n, 333n],
    [2n, '10', 3n, 667n],
  ])('%s at %s, divided by %s, is %s cents', (count, price, denominator, amount) => {
    expect(priceCount(count, parseRate(price)!, denominator)).toBe(amount);
  });

  it('counts whole units where no denominator is given', () => {
    expect(priceCount(31n, parseRate('1.55')!)).toBe(4805n);
  });
});

describe('a price', () => {
  it.each([
    ['0', 0n, '0'],
    ['0.3729', 37_290_000n, '0.3729'],
    ['-0.05', -5_000_000n, '-0.05'],
    ['12', 1_200_000_000n, '12'],
    ['10.50', 1_050_000_000n, '10.5'],
    ['0.00000001', 1n, '0.00000001'],
    ['123456.12345678', 12_345_612_345_678n, '123456.12345678'],
  ])('%s is %s of 1e-8 and is printed %s', (text, rate, printed) => {
    expect(parseRate(text)).toBe(rate);
    expect(formatRate(parseRate(text)!)).toBe(printed);
  });

  it.each([
    ['12', 2, '12.00'],
    ['0.5', 2, '0.50'],
    ['0.3729', 2, '0.3729'],
    ['-1', 1, '-1.0'],
  ])('%s with at least %d decimals is %s', (text, decimals, printed) => {
    expect(formatRate(parseRate(text)!, decimals)).toBe(printed);
  });

  it.each(['', '-', '.5', '5.', '0.123456789', '+1', ' 1', '1 ', '1e-3', '0,5', 'x1', '1x', '--1'])(
    '%j is none',
    text => {
      expect(parseRate(text)).toBeUndefined();
    },
  );
});
