import { Slices } from '../kernel/slices.ts';
import { Turns } from '../kernel/turns.ts';
import type { Reading } from '../readings/reading.ts';
import type { ReadingIndex } from '../readings/reading-index.ts';
import type { ReadingStore } from '../readings/reading-store.ts';
import type { SourceStore } from '../readings/source-store.ts';
import { microKwh } from '../units/energy.ts';
import { instant, secondsPerDay } from '../units/time.ts';
import type { DialDay, DialReadingStore, DueDay } from './dial-reading-store.ts';

export interface DialReadingDeps {
  dialReadings: DialReadingStore;
  store: Pick<ReadingStore, 'listBlocks'>;
  index: Pick<ReadingIndex, 'origins'>;
  sources: SourceStore;
}

// Ten milliseconds: what costs is the pages they are on, which are more by far where the rows are fewer.
const daysAtOnce = 300;
const metersAtOnce = 1000;
const turns = new Turns();

/**
 * Makes again the rows of the days whose blocks changed, in slices. They show what is flushed: a row of a reading that a crash takes back
 * before it was flushed would stay for ever. For whoever searches, the words of meters are taken in as well. Returns the days done.
 */
export function listDialReadings(deps: DialReadingDeps, search = ''): Promise<number> {
  return turns.take(async () => {
    if (search !== '') await deps.dialReadings.words.load();
    const slices = new Slices();
    const runOf = runs(deps.sources);
    let done = 0;
    for (;;) {
      const due = deps.dialReadings.listDue(daysAtOnce);
      if (due.length === 0) break;
      // Read and replaced in one tick: a flush in between would write blocks that are due no more.
      deps.dialReadings.replace(due.map(day => ({ ...day, rows: rowsOf(deps, day, runOf) })));
      done += due.length;
      await slices.next();
    }
    while (deps.dialReadings.countNew(metersAtOnce)) await slices.next();
    return done;
  });
}

function rowsOf(deps: DialReadingDeps, day: DueDay, runOf: ReturnType<typeof runs>): DialDay['rows'] {
  return readingsOf(deps, day).flatMap(reading => {
    const runId = runOf(reading.source);
    return runId === undefined || Number.isNaN(reading.value) ? [] : [{ reading, runId }];
  });
}

function readingsOf({ store, index: { origins } }: DialReadingDeps, { seriesId, day }: DueDay): Reading[] {
  return store.listBlocks(seriesId, day, day).flatMap(({ block }) =>
    Array.from({ length: block.count }, (_, at) => ({
      ...origins.get(block.origin[at]!),
      at: instant(day * secondsPerDay + block.offset[at]!),
      value: microKwh(block.value[at]!),
    })),
  );
}

/** The import run behind a source; undefined for whatever is no file. */
export function runs(sources: SourceStore): (source: number) => number | undefined {
  const known = new Map<number, number | undefined>();
  return id => {
    if (!known.has(id)) {
      const source = sources.find(id);
      // "12", or "12!a.uff" for a file in a zip.
      known.set(id, source?.kind === 'import' ? Number(source.reference.split('!', 1)[0]) : undefined);
    }
    return known.get(id);
  };
}
