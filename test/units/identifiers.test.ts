import { describe, expect, it } from 'vitest';
import { isMpan, isNmi, nmiCheckDigit, printedIdentifier, withoutCheckDigit } from '../../src/units/identifiers.ts';

describe('a National Metering Identifier', () => {
  // Worked examples of the market's own allocation procedure (N12-13).
  it.each([
    ['2001985732', 8],
    ['2001985733', 6],
    ['3075621875', 8],
    ['3075621876', 6],
    ['4316854005', 9],
    ['4316854006', 7],
    ['6305888444', 6],
    ['6350888444', 2],
    ['7001888333', 8],
    ['7102000001', 7],
    ['NAAAMYS582', 6],
    ['NBBBX11110', 0],
    ['NBBBX11111', 8],
    ['NCCC519495', 5],
    ['NGGG000055', 4],
    ['QAAAVZZZZZ', 3],
    ['VAAA000065', 7],
  ])('%s has the check digit %d', (nmi, digit) => {
    expect(isNmi(nmi)).toBe(true);
    expect(nmiCheckDigit(nmi)).toBe(digit);
    expect(printedIdentifier(nmi)).toBe(`${nmi}${digit}`);
    expect(withoutCheckDigit(`${nmi}${digit}`)).toBe(nmi);
  });

  it.each(['', '200198573', '20019857328', '200198573O', 'I001985732', 'x001985732', '2001985732\n', '2001 85732'])(
    '%j is none, and is printed as it is',
    text => {
      expect(isNmi(text)).toBe(false);
      expect(printedIdentifier(text)).toBe(text);
    },
  );

  it.each([
    ['20019857320', 'its last digit does not fit'],
    ['2001985732', 'it has no check digit'],
    ['200198573288', 'it is too long'],
    ['2001985732O', 'its last is no digit'],
    ['METER-00018', 'it is no NMI'],
  ])('%s is kept as it is: %s', text => {
    expect(withoutCheckDigit(text)).toBe(text);
  });
});

describe('an MPAN core', () => {
  // Weights 3 5 7 13 17 19 23 29 31 37 41 43 by hand. All zeros: 0. A one in the first place: 3. In the last: 43 mod 11 = 10, mod 10 = 0.
  it.each(['0000000000000', '1000000000003', '0100000000005', '0010000000007', '0001000000002', '0000100000006'])(
    '%s is one',
    mpan => {
      expect(isMpan(mpan)).toBe(true);
    },
  );

  // 19 → 8, 23 → 1, 29 → 7, 31 → 9, 37 → 4, 41 → 8, 43 → 10 → 0.
  it.each([
    '0000010000008',
    '0000001000001',
    '0000000100007',
    '0000000010009',
    '0000000001004',
    '0000000000108',
    '0000000000010',
  ])('%s is one', mpan => {
    expect(isMpan(mpan)).toBe(true);
  });

  // 3+10+21+52+85+114+161+232+279+0+41+86 = 1084, mod 11 = 6.
  it('adds up over all places', () => {
    expect(isMpan('1234567890126')).toBe(true);
    expect(isMpan('1234567890125')).toBe(false);
  });

  it.each(['', '123456789012', '12345678901260', '123456789012X', ' 1234567890126', '0000000000001'])(
    '%j is none',
    text => {
      expect(isMpan(text)).toBe(false);
    },
  );
});
