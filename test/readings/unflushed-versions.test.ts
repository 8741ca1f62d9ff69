import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ReadingVersion } from '../../src/readings/decided-reading.ts';
import { UnflushedVersions } from '../../src/readings/unflushed-versions.ts';
import { instant } from '../../src/units/time.ts';
import { midnight, readingAt } from './books.ts';

const atOf = (slot: number) => instant(midnight + slot * 1800);
const slot = fc.integer({ min: 0, max: 400 });
const without = (rows: ReadingVersion[] | undefined, count: number) => rows?.slice(count);
const step = fc.oneof(
  // So many that they are put in order by day, and fewer.
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('keep' as const), slots: fc.array(slot, { maxLength: 90 }) }) },
  fc.record({ kind: fc.constantFrom('freeze' as const, 'release' as const, 'thaw' as const) }),
  fc.record({ kind: fc.constant('stored' as const), count: fc.integer({ min: 1, max: 100 }) }),
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('list' as const), from: slot, to: slot }) },
);

it('lists of a series what a plain list would, in the order of events for each instant, during a flush and after it', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), steps => {
      const versions = new UnflushedVersions();
      let [frozen, kept]: [ReadingVersion[] | undefined, ReadingVersion[]] = [undefined, []];
      for (const what of steps) {
        if (what.kind === 'keep') {
          for (const each of what.slots) {
            const reading = readingAt(atOf(each), kept.length, { minutes: 30 });
            const version: ReadingVersion = { seriesId: 1, reading, receivedAt: 1, endedAt: 0, outcome: 'conflict' };
            versions.keep(version);
            kept.push(version);
          }
        } else if (what.kind === 'list') {
          const [from, to] = [atOf(what.from), atOf(what.to)];
          const expected = [...(frozen ?? []), ...kept].filter(({ reading: { at } }) => at >= from && at <= to);
          const byTime = (a: ReadingVersion, b: ReadingVersion) => a.reading.at - b.reading.at;
          expect(versions.list(1, from, to).sort(byTime)).toEqual(expected.sort(byTime));
          expect(versions.list(2, from, to)).toEqual([]);
        } else if (what.kind === 'freeze' && !frozen) {
          expect(versions.freeze().get(1) ?? []).toEqual(kept);
          [frozen, kept] = [kept, []];
        } else if (what.kind === 'stored') {
          versions.stored(1, what.count);
          frozen = without(frozen, what.count);
        } else if (what.kind === 'release') {
          versions.release();
          frozen = undefined;
        } else if (what.kind === 'thaw') {
          versions.thaw();
          [frozen, kept] = [undefined, [...(frozen ?? []), ...kept]];
        }
        expect([...versions.each()]).toEqual([...(frozen ?? []), ...kept]);
      }
    }),
  );
});
