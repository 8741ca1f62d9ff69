import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Origin, OriginTable } from '../../src/readings/origin.ts';
import { qualities } from '../../src/readings/reading.ts';

const lineOf = (line: number): Origin => ({
  minutes: 30,
  quality: 'actual',
  source: 1,
  line,
  versionAt: 1_700_000_000,
});

describe('origins are numbered', () => {
  it('each once, in the order in which they come, however often the table is doubled meanwhile', () => {
    const table = new OriginTable();
    // Past four doublings; after each line an old one is asked for again, wherever its hash stands by then.
    for (let line = 0; line < 20_000; line++) {
      expect(table.intern(lineOf(line))).toBe(line);
      const again = (line * 7919) % (line + 1);
      expect(table.intern(lineOf(again))).toBe(again);
    }
    for (let line = 0; line < 20_000; line++) expect(table.intern(lineOf(line))).toBe(line);
    expect(table.get(19_999)).toEqual(lineOf(19_999));
  });

  it('by every part: two that differ in one alone are two', () => {
    const part = fc.record({
      minutes: fc.constantFrom(0, 5, 30, 1440),
      quality: fc.constantFrom(...qualities),
      source: fc.constantFrom(0, 1, 2 ** 32 - 1),
      line: fc.constantFrom(0, 1, 2, 2 ** 32 - 1),
      versionAt: fc.constantFrom(0, 1_700_000_000, 2 ** 40),
    });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 200 }), origins => {
        const table = new OriginTable();
        const known = new Map<string, number>();
        for (const origin of origins) {
          const key = JSON.stringify(origin);
          const id = table.intern(origin);
          expect(id).toBe(known.get(key) ?? known.size);
          known.set(key, id);
          expect(table.get(id)).toEqual(origin);
          expect([table.minutesOf(id), table.qualityOf(id), table.sourceOf(id), table.versionOf(id)]).toEqual([
            ...[origin.minutes, origin.quality, origin.source, origin.versionAt],
          ]);
        }
      }),
    );
  });
});
