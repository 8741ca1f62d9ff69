import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { StoppedClock } from '../../src/kernel/clock.ts';
import { openDatabase } from '../../src/kernel/database.ts';
import type { DecidedReading } from '../../src/readings/decided-reading.ts';
import { Journal } from '../../src/readings/journal.ts';
import { OriginTable } from '../../src/readings/origin.ts';
import type { Reading } from '../../src/readings/reading.ts';
import { ReadingIndex } from '../../src/readings/reading-index.ts';
import { ReadingStore } from '../../src/readings/reading-store.ts';
import { RecordBytes } from '../../src/readings/record-bytes.ts';
import { type Recovery, recover } from '../../src/readings/recover.ts';
import { writeReading } from '../../src/readings/write-records.ts';
import { microKwh } from '../../src/units/energy.ts';
import { type Instant, instant } from '../../src/units/time.ts';

export const midnight = Date.parse('2026-11-21T00:00:00Z') / 1000;

export function readingAt(at: number, value: number, more: Partial<Reading> = {}): Reading {
  return {
    at: instant(at),
    value: microKwh(value),
    minutes: 0,
    quality: 'actual',
    source: 1,
    line: 0,
    versionAt: 0,
    ...more,
  };
}

export function accepted(seriesId: number, reading: Reading): DecidedReading {
  return { seriesId, reading, receivedAt: midnight, outcome: 'accepted' };
}

export interface Books {
  store: ReadingStore;
  index: ReadingIndex;
  recovery: Recovery;
  journal: Journal;
  failures: Error[];
  /** Journal and index, as a decision does it. */
  keep: (decided: DecidedReading) => void;
  close: () => Promise<void>;
}

/** Store, index and journal of a home, opened as the house opens them. */
export function openBooks(home: string, clock: StoppedClock): Books {
  mkdirSync(home, { recursive: true });
  const database = openDatabase(join(home, 'data', 'wattledger.db'));
  const origins = new OriginTable();
  const store = new ReadingStore(database, origins);
  const index = new ReadingIndex(store, origins);
  const logs = join(home, 'logs');
  const today = new Date(clock.now()).toISOString().slice(0, 10);
  const failures: Error[] = [];
  try {
    const recovery = recover(logs, store.flushes.findPosition(), index, today);
    const journal = new Journal(logs, recovery.position, clock, error => void failures.push(error));
    return {
      store,
      index,
      recovery,
      journal,
      failures,
      keep: decided => {
        journal.append(recordsOf([decided]));
        index.apply(decided);
      },
      close: async () => {
        await journal.close();
        database.close();
      },
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

/** As lines of a journal. */
export function recordsOf(decided: readonly DecidedReading[]): Uint8Array {
  const into = new RecordBytes();
  for (const each of decided) writeReading(into, each);
  return into.bytes;
}

/** Everything an index knows of these series, for comparison. */
export function contents(index: ReadingIndex, seriesIds: readonly number[]) {
  const [from, to]: [Instant, Instant] = [instant(0), instant(1e10)];
  return seriesIds.map(id => ({ id, readings: index.list(id, from, to), versions: index.listVersions(id, from, to) }));
}
