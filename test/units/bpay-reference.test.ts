import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bpayReference, isBpayReference } from '../../src/units/identifiers.ts';

describe('a BPAY customer reference number (MOD10V01)', () => {
  it.each([
    // The published example of case B46.
    ['00001672', '000016725'],
    ['0', '00'],
    ['1', '18'],
    ['5', '59'],
    // From the right: 2 doubled is 4, and 1 makes 5. From the left it would be 6.
    ['12', '125'],
    ['99999999', '999999998'],
  ])('%s becomes %s', (base, reference) => {
    expect(bpayReference(base)).toBe(reference);
    expect(isBpayReference(reference)).toBe(true);
  });

  it('finds every single wrong digit', () => {
    const digits = fc.stringMatching(/^\d{3,19}$/);
    fc.assert(
      fc.property(digits, fc.nat(), fc.integer({ min: 1, max: 9 }), (base, at, change) => {
        const reference = bpayReference(base);
        const place = at % reference.length;
        const wrong = String((Number(reference[place]) + change) % 10);
        expect(isBpayReference(reference.slice(0, place) + wrong + reference.slice(place + 1))).toBe(false);
      }),
    );
  });

  it('has at most twenty digits, however well they fit', () => {
    expect(isBpayReference(bpayReference('1234567890123456789'))).toBe(true);
    expect(isBpayReference(bpayReference('12345678901234567890'))).toBe(false);
  });

  it.each(['', '7', 'A00016725', '00001672 5', '123456789012345678901'])('%j is none', text => {
    expect(isBpayReference(text)).toBe(false);
  });
});
