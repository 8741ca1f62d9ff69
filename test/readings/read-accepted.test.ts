import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Series } from '../../src/accounts/meter-point.ts';
import { StoppedClock } from '../../src/kernel/clock.ts';
import { decide, decideRun } from '../../src/readings/decide.ts';
import { type DecidedReading, outcomes } from '../../src/readings/decided-reading.ts';
import type { RecordReader } from '../../src/readings/journal-record.ts';
import { OriginTable } from '../../src/readings/origin.ts';
import { readRecords } from '../../src/readings/read-records.ts';
import { qualities } from '../../src/readings/reading.ts';
import { ReadingIndex } from '../../src/readings/reading-index.ts';
import { RecordBytes } from '../../src/readings/record-bytes.ts';
import { recover } from '../../src/readings/recover.ts';
import { formatWithdrawal, writeFlag, writeReading, writeRun, writeWave } from '../../src/readings/write-records.ts';
import { microKwh } from '../../src/units/energy.ts';
import { instant } from '../../src/units/time.ts';
import { testFolder } from '../open-house.ts';
import { accepted, contents, midnight, openBooks, readingAt } from './books.ts';

const seriesId = fc.integer({ min: 1, max: 4 });
const slot = fc.integer({ min: 0, max: 150 });
const value = fc.constantFrom(0, 1, 999, 500_000, 123_456_789, 9e15, -250_000, Number.NaN);
const energy = fc.constantFrom(0, 1000, 500_000, 123_456_789);

const record = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      v: seriesId,
      slot,
      value,
      quality: fc.constantFrom(...qualities),
      line: fc.constantFrom(0, 0, 12),
      versionAt: fc.constantFrom(0, 0, midnight),
      outcome: fc.constantFrom('accepted' as const, ...outcomes),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ wave: fc.array(fc.tuple(seriesId, energy), { minLength: 1, maxLength: 9 }), slot }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ run: seriesId, slot, values: fc.array(energy, { minLength: 1, maxLength: 60 }) }),
  },
  { weight: 1, arbitrary: fc.record({ withdrawn: seriesId, slot }) },
  { weight: 1, arbitrary: fc.record({ flagged: seriesId, slot }) },
);
type Written = typeof record extends fc.Arbitrary<infer R> ? R : never;

const atSlot = (each: number) => instant(midnight + each * 1800);

function write(into: RecordBytes, written: Written): void {
  const at = atSlot(written.slot);
  if ('v' in written) {
    const { v, value: of, quality, line, versionAt, outcome } = written;
    const reading = readingAt(at, of, { minutes: 30, quality, line, versionAt });
    writeReading(into, { seriesId: v, reading, receivedAt: midnight + 5, outcome });
  } else if ('wave' in written) {
    const wave = { at, minutes: 30, quality: 3, source: 2, receivedAt: midnight + 9 };
    const [ids, values] = [written.wave.map(([id]) => id), written.wave.map(([, of]) => of)];
    writeWave(into, wave, Uint32Array.from(ids), Float64Array.from(values), ids.length);
  } else if ('run' in written) {
    const values = Float64Array.from(written.values);
    const run = { seriesId: written.run, startsAt: at, minutes: 30, source: 3, line: 7, lineStep: 1, versionAt: 0 };
    writeRun(into, { ...run, values, qualities: new Uint8Array(values.length) }, midnight);
  } else if ('withdrawn' in written) {
    const to = instant(at + 7200);
    const withdrawal = { seriesId: written.withdrawn, from: at, to, withdrawnAt: midnight, undone: [1], rewound: [2] };
    into.text(`${formatWithdrawal(withdrawal)}\n`);
  } else writeFlag(into, { seriesId: written.flagged, at, value: microKwh(5), rule: 'spike', flaggedAt: midnight });
}

/** What a reader is told, in order. */
function told(bytes: Buffer, inNumbers: boolean, from?: number, to?: number): unknown[] {
  const all: unknown[] = [];
  const note = (...each: unknown[]) => void all.push(each);
  const reader: RecordReader = {
    reading: note,
    run: note,
    withdrawal: note,
    decision: note,
    flag: note,
    quarantined: note,
  };
  if (inNumbers)
    reader.accepted = ({ seriesId: id, receivedAt, at, value: of, minutes, quality, source, line, versionAt }) => {
      const reading = {
        at: instant(at),
        value: microKwh(of),
        minutes,
        quality: qualities[quality]!,
        source,
        line,
        versionAt,
      };
      const decided: DecidedReading = { seriesId: id, reading, receivedAt, outcome: 'accepted' };
      note(decided);
    };
  readRecords(bytes, reader, from, to);
  return all;
}

describe('accepted readings of a journal, read in numbers', () => {
  it('are those that are read one by one, among all other records and up to where a part of a group ends', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 30 }), fc.nat(30), (records, cut) => {
        const into = new RecordBytes();
        let to = 0;
        for (const [at, each] of records.entries()) {
          write(into, each);
          if (at === cut) to = into.length;
        }
        const bytes = Buffer.from(into.bytes);
        expect(told(bytes, true)).toEqual(told(bytes, false));
        expect(told(bytes, true, 0, to)).toEqual(told(bytes, false, 0, to));
      }),
    );
  });

  it.each([
    'v 1 2 3',
    'm 1 2 3 0 5 0 7',
    'm 1 2 3 0 5 0 7 8x',
    'm 1 2 3 0 5 9 7 8',
    'v 1 2 3 4 0 6 7 8 9 0 0',
    'v  1 2 3 4 0 6 7 8 9 0',
  ])('that say %j are refused, as they are read one by one', line => {
    for (const inNumbers of [true, false]) expect(() => told(Buffer.from(`${line}\n`), inNumbers)).toThrow();
  });
});

const channelOf = (id: number): Series => ({
  id,
  meterPointId: id,
  serial: '',
  kind: 'channel',
  code: 'E1',
  flow: 'from-grid',
  unit: 'kWh',
  intervalMinutes: 30,
});

describe('recovery, which puts readings into blocks series by series', () => {
  it('leaves what was there before, whatever was said of a series in between', async () => {
    const done = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          wave: fc.array(seriesId, { minLength: 1 }),
          slot,
          energy,
          source: fc.constantFrom(1, 2),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          one: seriesId,
          slot,
          energy,
          versionAt: fc.constantFrom(0, 0, 10, 20),
          line: fc.constantFrom(0, 3),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ run: seriesId, slot, values: fc.array(energy, { minLength: 2, maxLength: 60 }) }),
      },
      { weight: 1, arbitrary: fc.record({ withdrawn: seriesId, slot, undone: fc.constantFrom(1, 2) }) },
    );
    const now = midnight + 4 * 86_400;
    let readings = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(done, { maxLength: 40 }), async acts => {
        const home = testFolder();
        const clock = new StoppedClock(new Date(now * 1000).toISOString());
        const books = openBooks(home, clock);
        for (const act of acts) {
          const at = atSlot(act.slot);
          if ('wave' in act)
            for (const id of act.wave)
              decide(books, channelOf(id), readingAt(at, act.energy, { minutes: 30, source: act.source }), now);
          else if ('one' in act) {
            const { versionAt, line } = act;
            decide(
              books,
              channelOf(act.one),
              readingAt(at, act.energy, { minutes: 30, versionAt, line, source: 3 }),
              now,
            );
          } else if ('run' in act) {
            const values = Float64Array.from(act.values);
            const run = { seriesId: act.run, startsAt: at, minutes: 30, source: 1, line: 0, lineStep: 0, versionAt: 0 };
            decideRun(books, channelOf(act.run), { ...run, values, qualities: new Uint8Array(values.length) }, now);
          } else {
            const to = instant(at + 36_000);
            const withdrawal = {
              seriesId: act.withdrawn,
              from: at,
              to,
              withdrawnAt: now,
              undone: [act.undone],
              rewound: [],
            };
            books.journal.append(formatWithdrawal(withdrawal));
            books.index.withdraw(withdrawal);
          }
        }
        await books.journal.durable();
        const index = new ReadingIndex(books.store, new OriginTable());
        const recovery = recover(join(home, 'logs'), undefined, index, '2026-11-25');
        readings += recovery.readings;
        const ids = [1, 2, 3, 4];
        expect(contents(index, ids)).toEqual(contents(books.index, ids));
        const known = (of: ReadingIndex) => ids.map(id => of.listKnown(id, instant(0), instant(1e10)));
        expect(known(index)).toEqual(known(books.index));
        await books.close();
      }),
      { numRuns: 60 },
    );
    expect(readings).toBeGreaterThan(300);
  });

  it('takes no more memory for readings that came the newest first', async () => {
    const home = testFolder();
    const books = openBooks(home, new StoppedClock('2026-11-25T00:00:00Z'));
    for (let day = 300; day > 0; day--) books.keep(accepted(1, readingAt(midnight - (300 - day) * 86_400, day * 1000)));
    await books.journal.durable();
    const index = new ReadingIndex(books.store, new OriginTable());
    expect(recover(join(home, 'logs'), undefined, index, '2026-11-25').readings).toBe(300);
    const room = index.listChanged().map(({ block }) => block.offset.length);
    expect(room).toHaveLength(300);
    expect(Math.max(...room)).toBeLessThan(48);
    await books.close();
  });
});
