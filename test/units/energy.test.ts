import { describe, expect, it } from 'vitest';
import { energyMaxMicroKwh, formatKwh, microKwh, parseEnergy } from '../../src/units/energy.ts';

const exact = (value: number) => ({ ok: true, microKwh: value, rounded: false });
const near = (value: number) => ({ ok: true, microKwh: value, rounded: true });
const notANumber = { ok: false, why: 'not-a-number' };
const tooLarge = { ok: false, why: 'too-large' };

describe('energy from decimal text, in kWh', () => {
  it.each([
    ['0', exact(0)],
    ['1', exact(1_000_000)],
    ['+1.5', exact(1_500_000)],
    ['-1.5', exact(-1_500_000)],
    ['.25', exact(250_000)],
    ['7.', exact(7_000_000)],
    ['0.000001', exact(1)],
    ['0012.000001000', exact(12_000_001)],
    // A zero has no sign, however it was written.
    ['-0', exact(0)],
    ['-0.0000001', near(0)],
    // Half to even on what is dropped.
    ['0.0000004', near(0)],
    ['0.0000005', near(0)],
    ['0.00000050', near(0)],
    ['0.000000501', near(1)],
    ['0.0000015', near(2)],
    ['0.0000025', near(2)],
    ['0.0000006', near(1)],
    ['0.00000049', near(0)],
    ['-0.0000015', near(-2)],
    ['1.9999999', near(2_000_000)],
    // 2^52 - 1 micro-kWh is the most there is.
    ['4503599627.370495', exact(energyMaxMicroKwh)],
    ['-4503599627.370495', exact(-energyMaxMicroKwh)],
    ['4503599627.370496', tooLarge],
    ['99999999999', tooLarge],
    ['', notANumber],
    ['.', notANumber],
    ['+', notANumber],
    ['-.', notANumber],
    [' 1', notANumber],
    ['1 ', notANumber],
    ['1,5', notANumber],
    ['1.2.3', notANumber],
    ['--1', notANumber],
    ['0x10', notANumber],
    ['five', notANumber],
    ['NaN', notANumber],
    // N12-19: text carries no exponent; a JSON number may.
    ['1e3', notANumber],
  ])('%j is %o', (text, parsed) => {
    expect(parseEnergy(text)).toStrictEqual(parsed);
  });

  it.each([
    ['1', 'Wh', exact(1_000)],
    ['0.0004', 'Wh', near(0)],
    ['0.001', 'Wh', exact(1)],
    ['0.0015', 'Wh', near(2)],
    ['1', 'MWh', exact(1_000_000_000)],
    ['0.000000001', 'MWh', exact(1)],
    ['0.0000000004', 'MWh', near(0)],
    ['4503599.627370496', 'MWh', tooLarge],
  ] as const)('%s %s is %o', (text, unit, parsed) => {
    expect(parseEnergy(text, unit)).toStrictEqual(parsed);
  });
});

describe('energy from a JSON number', () => {
  it.each([
    [0, exact(0)],
    [-0, exact(0)],
    [0.1, exact(100_000)],
    [1.005, exact(1_005_000)],
    [-12.5, exact(-12_500_000)],
    // Written by JavaScript as 1e-7, 1.5e-6, 1.234e-7.
    [1e-7, near(0)],
    [1.5e-6, near(2)],
    [2.5e-6, near(2)],
    [-1.5e-6, near(-2)],
    [1.234e-7, near(0)],
    [9.9e-7, near(1)],
    // And as 1e+21, 1.5e+300.
    [1e21, tooLarge],
    [1.5e300, tooLarge],
    [-1e21, tooLarge],
    [Number.NaN, notANumber],
    [Number.POSITIVE_INFINITY, notANumber],
    [Number.NEGATIVE_INFINITY, notANumber],
  ])('%d is %o', (number, parsed) => {
    expect(parseEnergy(number)).toStrictEqual(parsed);
  });

  it('reads 1e-7 MWh as a tenth of a watt-hour, through its decimal form', () => {
    expect(parseEnergy(1e-7, 'MWh')).toStrictEqual(exact(100));
    expect(parseEnergy(1.25e-7, 'MWh')).toStrictEqual(exact(125));
    expect(parseEnergy(-1.25e-7, 'MWh')).toStrictEqual(exact(-125));
  });
});

describe('energy as text in kWh', () => {
  it.each([
    [0, 0, '0'],
    [512_000, 0, '0.512'],
    [-512_000, 0, '-0.512'],
    [1, 0, '0.000001'],
    [12_000_000, 0, '12'],
    [120_000_000, 0, '120'],
    [12_000_000, 3, '12.000'],
    [12_345_000, 2, '12.345'],
    [12_300_000, 2, '12.30'],
    [-1_000_000, 1, '-1.0'],
    [energyMaxMicroKwh, 0, '4503599627.370495'],
  ])('%d with %d decimals is %s', (energy, decimals, text) => {
    expect(formatKwh(microKwh(energy), decimals)).toBe(text);
  });
});
