import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Series } from '../../src/accounts/meter-point.ts';
import { StoppedClock } from '../../src/kernel/clock.ts';
import { decide, decideRun } from '../../src/readings/decide.ts';
import type { ReadingRun } from '../../src/readings/decided-reading.ts';
import { flush } from '../../src/readings/flush.ts';
import { readRecords } from '../../src/readings/read-records.ts';
import { acceptedReadings, readingOf } from '../../src/readings/reading-run.ts';
import { RecordBytes } from '../../src/readings/record-bytes.ts';
import { RehearsedIndex } from '../../src/readings/rehearsed-index.ts';
import { writeRun } from '../../src/readings/write-records.ts';
import { instant, type Zone } from '../../src/units/time.ts';
import { testFolder } from '../open-house.ts';
import { type Books, contents, midnight, openBooks } from './books.ts';

const now = midnight + 4 * 86_400;
const channel: Series = {
  id: 1,
  meterPointId: 1,
  serial: '',
  kind: 'channel',
  code: 'E1',
  flow: 'from-grid',
  unit: 'kWh',
  intervalMinutes: 30,
};

// Few values, lengths and places, so that runs meet each other in every way there is.
const value = fc.constantFrom(0, 1, 500_000, 123_456_789, -250_000, Number.NaN);
const runs = fc.array(
  fc.record({
    startsAt: fc.integer({ min: -4, max: 240 }).map(slot => instant(midnight - 6 * 3600 + slot * 1800)),
    minutes: fc.constantFrom(30, 30, 30, 15, 60, 1440),
    values: fc.oneof(
      fc.array(value, { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 60 }).map(length => Array.from({ length }, () => 500_000)),
    ),
    quality: fc.constantFrom(0, 0, 3, 6),
    versionAt: fc.constantFrom(0, 0, 10, 20),
    lineStep: fc.constantFrom(0, 0, 1),
  }),
  { minLength: 1, maxLength: 8 },
);

function runOf({ values, quality, ...rest }: typeof runs extends fc.Arbitrary<(infer R)[]> ? R : never, at: number) {
  // The quality changes on the way, as a 400 record makes it change.
  const qualities = Uint8Array.from(values, (_, slot) => (slot > values.length / 2 ? quality : 0));
  const run: ReadingRun = { seriesId: 1, values: Float64Array.from(values), qualities, source: 1, line: at, ...rest };
  return run;
}

function oneByOne(books: Books, run: ReadingRun): string[] {
  return Array.from(run.values, (_, at) => decide(books, channel, readingOf(run, at), now).outcome);
}

function atOnce(books: Books, run: ReadingRun): string[] {
  const outcome = decideRun(books, channel, run, now);
  return outcome ? Array.from(run.values, () => outcome) : oneByOne(books, run);
}

const clock = () => new StoppedClock(new Date(now * 1000).toISOString());
const flushed = (books: Books) => flush({ ...books, clock: clock(), zone: 'UTC' as Zone });

describe('a run of intervals', () => {
  it('judged at once leaves what its readings leave one by one: outcomes, index, versions, store and what is recovered', async () => {
    let together = 0;
    await fc.assert(
      fc.asyncProperty(runs, fc.uniqueArray(fc.nat(16)), fc.boolean(), async (drawn, flushesAfter, again) => {
        const home = testFolder();
        const [one, other] = [openBooks(`${home}/one`, clock()), openBooks(`${home}/other`, clock())];
        const all = drawn.map(runOf);
        for (const [at, run] of [...all, ...(again ? all : [])].entries()) {
          const outcomes = atOnce(other, run);
          expect(outcomes).toEqual(oneByOne(one, run));
          if (new Set(outcomes).size === 1 && outcomes.length > 1) together += 1;
          if (flushesAfter.includes(at)) await Promise.all([flushed(one), flushed(other)]);
        }
        expect(contents(other.index, [1])).toEqual(contents(one.index, [1]));
        await Promise.all([one.journal.durable(), other.journal.durable()]);
        await Promise.all([one.close(), other.close()]);
        const [oneAgain, otherAgain] = [openBooks(`${home}/one`, clock()), openBooks(`${home}/other`, clock())];
        expect(otherAgain.recovery.readings).toBe(oneAgain.recovery.readings);
        expect(contents(otherAgain.index, [1])).toEqual(contents(oneAgain.index, [1]));
        await Promise.all([oneAgain.close(), otherAgain.close()]);
      }),
      { numRuns: 50 },
    );
    // Or else the quick road was never taken.
    expect(together).toBeGreaterThan(20);
  });

  it('gives in a rehearsal what it would give in earnest, and leaves everything as it was', async () => {
    let together = 0;
    await fc.assert(
      fc.asyncProperty(runs, fc.nat(8), async (drawn, rehearsedFrom) => {
        const books = openBooks(testFolder(), clock());
        const all = drawn.map(runOf);
        for (const run of all.slice(0, rehearsedFrom)) atOnce(books, run);
        const before = contents(books.index, [1]);
        const rehearsed = { index: new RehearsedIndex(books.index), journal: { append: () => undefined } };
        const outcomes = all.slice(rehearsedFrom).map(run => {
          const outcome = decideRun(rehearsed, channel, run, now);
          if (outcome) together += 1;
          return Array.from(
            run.values,
            (_, at) => outcome ?? decide(rehearsed, channel, readingOf(run, at), now).outcome,
          );
        });
        expect(contents(books.index, [1])).toEqual(before);
        expect(outcomes).toEqual(all.slice(rehearsedFrom).map(run => oneByOne(books, run)));
        await books.close();
      }),
      { numRuns: 120 },
    );
    expect(together).toBeGreaterThan(20);
  });

  it('gives what its readings give where nothing is known of what comes last', async () => {
    await fc.assert(
      fc.asyncProperty(runs, fc.nat(8), async (drawn, flushAfter) => {
        const home = testFolder();
        const [quick, careful] = [openBooks(`${home}/quick`, clock()), openBooks(`${home}/careful`, clock())];
        const { index, journal } = careful;
        const plain = {
          journal,
          index: {
            around: index.around.bind(index),
            after: index.after.bind(index),
            before: index.before.bind(index),
            apply: index.apply.bind(index),
            listVersions: index.listVersions.bind(index),
            endsBy: () => false,
            isUnheardOf: () => false,
            meetRun: () => 'mixed' as const,
            applyRun: () => expect.fail('runs are decided reading by reading here'),
          },
        };
        for (const [at, run] of drawn.map(runOf).entries()) {
          const outcomes = Array.from(
            run.values,
            (_, slot) => decide(plain, channel, readingOf(run, slot), now).outcome,
          );
          expect(oneByOne(quick, run)).toEqual(outcomes);
          if (at === flushAfter) await Promise.all([flushed(quick), flushed(careful)]);
        }
        expect(contents(quick.index, [1])).toEqual(contents(index, [1]));
        await Promise.all([quick.close(), careful.close()]);
      }),
      { numRuns: 30 },
    );
  });

  it('is written as a line and read as what it was', () => {
    fc.assert(
      fc.property(runs, drawn => {
        const bytes = new RecordBytes();
        const all = drawn.map(runOf);
        for (const run of all) writeRun(bytes, run, now);
        const read: unknown[] = [];
        readRecords(Buffer.from(bytes.bytes), {
          reading: () => expect.fail('there is none'),
          run: (run, receivedAt) => void read.push([run, receivedAt]),
          withdrawal: () => expect.fail('there is none'),
          flag: () => undefined,
          quarantined: () => undefined,
          decision: () => expect.fail('there is none'),
        });
        expect(read).toEqual(all.map(run => [run, now]));
      }),
      { numRuns: 300 },
    );
  });

  it('is legible in the journal: watt-hours as watt-hours, qualities where they change', () => {
    const bytes = new RecordBytes();
    const values = Float64Array.of(512_000, 0, Number.NaN, -3000);
    const qualities = Uint8Array.of(0, 0, 6, 0);
    const run = { seriesId: 17, startsAt: instant(midnight), minutes: 30, values, qualities, source: 3, line: 12 };
    writeRun(bytes, { ...run, lineStep: 0, versionAt: 5 }, midnight + 9);
    expect(bytes.bytes.toString()).toBe(`r 17 ${midnight} 30 3 12 0 5 ${midnight + 9} 0x2,6x1,0x1 3 512 0 n -3\n`);
    const [third] = [...acceptedReadings({ ...run, lineStep: 2, versionAt: 5 }, midnight + 9)].slice(2);
    expect(third).toMatchObject({
      reading: { at: midnight + 3600, line: 16, quality: 'missing' },
      outcome: 'accepted',
    });
  });
});
