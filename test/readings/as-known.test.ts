import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Series } from '../../src/accounts/meter-point.ts';
import { StoppedClock } from '../../src/kernel/clock.ts';
import { AsKnown } from '../../src/readings/as-known.ts';
import { listContradictions } from '../../src/readings/conflicts.ts';
import { decide, decideRun } from '../../src/readings/decide.ts';
import type { ReadingRun } from '../../src/readings/decided-reading.ts';
import { flush } from '../../src/readings/flush.ts';
import { formatDecision, formatWithdrawal } from '../../src/readings/write-records.ts';
import { instant, type Zone } from '../../src/units/time.ts';
import { testFolder } from '../open-house.ts';
import { type Books, midnight, openBooks, readingAt } from './books.ts';

const channel: Series = {
  ...{ id: 1, meterPointId: 1, serial: '', kind: 'channel', code: 'E1', flow: 'from-grid', unit: 'kWh' },
  intervalMinutes: 30,
};
const everything = [instant(0), instant(1e10)] as const;
const slot = fc.integer({ min: 0, max: 7 });
const value = fc.constantFrom(1, 2, 3, Number.NaN);

// Everything that can happen to an instant, at moments that are seconds or days apart.
const steps = fc.array(
  fc.record({
    after: fc.constantFrom(0, 1, 1, 86_400),
    what: fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          kind: fc.constant('post' as const),
          slot,
          value,
          minutes: fc.constantFrom(30, 30, 30, 60),
          source: fc.integer({ min: 1, max: 3 }),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constant('run' as const),
          slot,
          values: fc.array(value, { minLength: 1, maxLength: 4 }),
          source: fc.integer({ min: 1, max: 3 }),
        }),
      },
      fc.record({ kind: fc.constant('undo' as const), source: fc.integer({ min: 1, max: 3 }) }),
      fc.record({ kind: fc.constant('decide' as const), takes: fc.boolean() }),
      fc.record({ kind: fc.constant('flush' as const) }),
      fc.record({ kind: fc.constant('reopen' as const) }),
    ),
    versionAt: fc.constantFrom(0, 0, 5, 6),
    quality: fc.constantFrom('actual' as const, 'actual' as const, 'estimated' as const),
  }),
  { minLength: 1, maxLength: 14 },
);

const startsAt = (at: number) => instant(midnight - 4 * 1800 + at * 1800);

function answer(readings: Pick<AsKnown, 'list' | 'listVersions'>) {
  return { readings: readings.list(1, ...everything), versions: readings.listVersions(1, ...everything) };
}

/** No minute has two current readings, and whatever waits for a decision waits beside one. */
function expectNothingTwiceAndNothingAlone(index: Books['index']) {
  const current = index.list(1, ...everything);
  const overlapping = current.filter(({ at }, i) => i > 0 && current[i - 1]!.at + current[i - 1]!.minutes * 60 > at);
  expect(overlapping).toEqual([]);
  expect(listContradictions(index, 1, ...everything).filter(({ current: beside }) => beside.length === 0)).toEqual([]);
}

describe('what was known at an instant', () => {
  it('is the answer that was given then, whatever happened since: new versions, undone imports, decisions, flushes, restarts', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async drawn => {
        const clock = new StoppedClock('2026-11-21T12:00:00Z');
        const home = testFolder();
        let books: Books = openBooks(home, clock);
        let now = midnight + 12 * 3600;
        const given = new Map<number, ReturnType<typeof answer>>();
        for (const { after, what, versionAt, quality } of drawn) {
          now += after;
          if (what.kind === 'post') {
            const more = { minutes: what.minutes, versionAt, quality, source: what.source };
            decide(books, channel, readingAt(startsAt(what.slot), what.value, more), now);
          } else if (what.kind === 'run') {
            const values = Float64Array.from(what.values);
            const place = { seriesId: 1, startsAt: startsAt(what.slot), minutes: 30, source: what.source, versionAt };
            const run: ReadingRun = {
              ...place,
              values,
              qualities: new Uint8Array(values.length),
              line: 1,
              lineStep: 0,
            };
            decideRun(books, channel, run, now);
          } else if (what.kind === 'undo') {
            const [from, to] = everything;
            const place = { seriesId: 1, from, to, withdrawnAt: now };
            const withdrawal = { ...place, undone: [what.source], rewound: [] };
            books.journal.append(formatWithdrawal(withdrawal));
            books.index.withdraw(withdrawal);
          } else if (what.kind === 'decide') {
            const open = books.index.listVersions(1, ...everything).find(({ outcome }) => outcome === 'conflict');
            if (open) {
              const { reading, receivedAt } = open;
              const decision = { seriesId: 1, reading, receivedAt, decidedAt: now, takes: what.takes };
              books.journal.append(formatDecision(decision));
              books.index.decideConflict(decision);
            }
          } else if (what.kind === 'flush') await flush({ ...books, clock, zone: 'UTC' as Zone });
          else {
            await books.close();
            books = openBooks(home, clock);
          }
          given.set(now, answer(books.index));
          expectNothingTwiceAndNothingAlone(books.index);
        }
        for (const [at, then] of given) expect(answer(new AsKnown(books.index, instant(at)))).toEqual(then);
        expect(answer(new AsKnown(books.index, instant(midnight)))).toEqual({ readings: [], versions: [] });
        await books.close();
      }),
      { numRuns: 60 },
    );
  });
});
