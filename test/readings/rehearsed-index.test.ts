import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Series } from '../../src/accounts/meter-point.ts';
import { StoppedClock } from '../../src/kernel/clock.ts';
import { type Books as DecidingBooks, decide, decideRun } from '../../src/readings/decide.ts';
import { RehearsedIndex } from '../../src/readings/rehearsed-index.ts';
import { instant } from '../../src/units/time.ts';
import { testFolder } from '../open-house.ts';
import { type Books, midnight, openBooks, readingAt } from './books.ts';

const now = midnight + 12 * 3600;
const place = { meterPointId: 1, serial: '', code: 'E1', flow: 'from-grid', unit: 'kWh', intervalMinutes: 30 } as const;
const series: Series[] = [
  { ...place, id: 1, kind: 'channel' },
  { ...place, id: 2, kind: 'register' },
];
const startsAt = (slot: number) => instant(midnight - 4 * 1800 + slot * 1800);
const slot = fc.integer({ min: 0, max: 9 });
const value = fc.constantFrom(1, 2, 3);
const versionAt = fc.constantFrom(0, 0, 5, 6);
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('reading' as const),
      of: fc.constantFrom(...series),
      slot,
      value,
      versionAt,
      minutes: fc.constantFrom(30, 30, 60),
      waits: fc.constantFrom(false, false, true),
    }),
  },
  fc.record({
    kind: fc.constant('run' as const),
    slot,
    values: fc.array(value, { minLength: 1, maxLength: 4 }),
    versionAt,
  }),
  fc.record({ kind: fc.constant('pack' as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function take(books: DecidingBooks, what: Step) {
  if (what.kind === 'reading') {
    const { of, minutes, slot: at, value: kWh, waits } = what;
    const more = of.kind === 'channel' ? { minutes } : {};
    const reading = readingAt(startsAt(at), kWh + (of.kind === 'register' ? at * 10 : 0), {
      ...more,
      versionAt: what.versionAt,
    });
    return decide(books, of, reading, now, { waits }).outcome;
  }
  if (what.kind !== 'run') return undefined;
  const [values, qualities] = [Float64Array.from(what.values), new Uint8Array(what.values.length)];
  const run = { seriesId: 1, startsAt: startsAt(what.slot), minutes: 30, values, qualities };
  return decideRun(books, series[0]!, { ...run, source: 1, line: 1, lineStep: 1, versionAt: what.versionAt }, now);
}

function answers({ index }: Pick<Books, 'index'>) {
  return series.map(({ id }) => ({
    current: index.list(id, instant(0), instant(1e10)),
    days: index.listDays(id),
    known: index.listKnown(id, instant(0), instant(1e10)),
    waiting: index
      .listVersions(id, instant(0), instant(1e10))
      .filter(({ outcome }) => outcome === 'conflict' || outcome === 'older'),
  }));
}

it('a rehearsal decides as the index would, however often what is in front is packed, and leaves that as it is', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), fc.array(step, { maxLength: 25 }), async (before, steps) => {
      const clock = new StoppedClock('2026-11-21T12:00:00Z');
      const [real, other] = [openBooks(testFolder(), clock), openBooks(testFolder(), clock)];
      for (const each of before) for (const books of [real, other]) take(books, each);
      const stands = answers(real);
      const index = new RehearsedIndex(real.index);
      const rehearsed = { index, journal: { append: () => undefined } };
      for (const each of steps) {
        if (each.kind === 'pack') index.pack();
        else expect(take(rehearsed, each)).toEqual(take(other, each));
      }
      expect(answers(rehearsed)).toEqual(answers(other));
      expect(answers(real)).toEqual(stands);
      await Promise.all([real.close(), other.close()]);
    }),
    { numRuns: 60 },
  );
});
