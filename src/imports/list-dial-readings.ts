import { Slices } from '../kernel/slices.ts';
import { Turns } from '../kernel/turns.ts';
import type { Reading } from '../readings/reading.ts';
import type { ReadingIndex } from '../readings/reading-index.ts';
import type { ReadingStore } from '../readings/reading-store.ts';
import type { SourceStore } from '../readings/source-store.ts';
import { microKwh } from '../units/energy.ts';
import { instant, secondsPerDay } from '../units/time.ts';
import type { DialReadingStore, DueDay } from './dial-reading-store.ts';

export interface DialReadingDeps {
  dialReadings: DialReadingStore;
  store: Pick<ReadingStore, 'listBlocks'>;
  index: Pick<ReadingIndex, 'origins'>;
  sources: SourceStore;
}

// A few milliseconds each.
const daysAtOnce = 200;
const metersAtOnce = 200;
const turns = new Turns();

/**
 * Makes again the rows of the days whose blocks changed, in slices. They show what is flushed: a row of a reading that a crash takes back
 * before it was flushed would stay for ever. Returns the days done.
 */
export function listDialReadings(deps: DialReadingDeps): Promise<number> {
  return turns.take(async () => {
    const slices = new Slices();
    const runOf = runs(deps.sources);
    let done = 0;
    while (deps.dialReadings.indexMeters(metersAtOnce) > 0) await slices.pause();
    for (;;) {
      const due = deps.dialReadings.listDue(daysAtOnce);
      if (due.length === 0) return done;
      deps.dialReadings.replace(due, day =>
        readingsOf(deps, day).flatMap(reading => {
          const runId = runOf(reading.source);
          return runId === undefined || Number.isNaN(reading.value) ? [] : [{ reading, runId }];
        }),
      );
      done += due.length;
      await slices.pause();
    }
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
function runs(sources: SourceStore): (source: number) => number | undefined {
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
