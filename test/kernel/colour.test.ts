import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contrastWithWhite, parseHex, readableUnderWhite } from '../../src/kernel/colour.ts';

const contrastOf = (hex: string) => contrastWithWhite(parseHex(hex) ?? [255, 255, 255]);

describe('a colour under white letters', () => {
  it('knows the ends of the WCAG scale', () => {
    expect(contrastOf('#fff')).toBeCloseTo(1);
    expect(contrastOf('#000000')).toBeCloseTo(21);
    expect(contrastOf('#777777')).toBeCloseTo(4.48, 2);
  });

  it('stays as it is when it can be read', () => {
    expect(readableUnderWhite('#2f5d50', '#000000')).toBe('#2f5d50');
  });

  it('is the fallback when it is no colour', () => {
    for (const nonsense of ['', 'red', '#12', '#gggggg', 'url(x)'])
      expect(readableUnderWhite(nonsense, '#2f5d50')).toBe('#2f5d50');
  });

  it('is darkened until it can be read, whatever it was', () => {
    const channel = fc.integer({ min: 0, max: 255 }).map(value => value.toString(16).padStart(2, '0'));
    fc.assert(
      fc.property(channel, channel, channel, (red, green, blue) => {
        expect(contrastOf(readableUnderWhite(`#${red}${green}${blue}`, '#000000'))).toBeGreaterThanOrEqual(4.5);
      }),
    );
  });
});
