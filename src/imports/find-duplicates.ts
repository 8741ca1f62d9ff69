import { instant } from '../units/time.ts';
import type { IntervalRun, RegisterReading } from './format.ts';
import { findChannel, findRegister } from './place-records.ts';
import { readRun } from './read-run.ts';
import type { ReconcileDeps } from './reconcile.ts';

/** What another source brought with the same value as a file does. */
export interface SameReadings {
  /** "import:3", "key:meter-7". */
  source: string;
  readings: number;
}

/**
 * Who brought the readings of an import before it: for each that it says with the value that is current, the source of the current one.
 * Read from its file once more, in slices; the most frequent first.
 */
export async function findDuplicates(deps: ReconcileDeps, run: number): Promise<SameReadings[]> {
  const own = new Set(deps.sources.listOfImport(run));
  const counts = new Map<number, number>();
  const runs: IntervalRun[] = [];
  const registers: RegisterReading[] = [];
  const meet = (seriesId: number, at: number, value: number) => {
    const known = deps.index.findKnown(seriesId, instant(at))?.reading;
    if (!known || !Object.is(known.value, value) || own.has(known.source)) return;
    counts.set(known.source, (counts.get(known.source) ?? 0) + 1);
  };
  await readRun(deps, deps.imports.get(run), {
    intervals: each => void runs.push(each),
    registerReading: each => void registers.push(each),
    portion: () => {
      for (const { channel, startsAt, energies } of runs.splice(0)) {
        const series = findChannel(deps, channel);
        if (series)
          energies.forEach((value, i) => void meet(series.id, startsAt + i * channel.lengthMinutes * 60, value));
      }
      for (const reading of registers.splice(0)) {
        const series = findRegister(deps, reading);
        if (series) meet(series.id, reading.at, reading.value);
      }
    },
  });
  const named = new Map<string, number>();
  for (const [id, readings] of counts) {
    const name = sourceName(deps, id);
    named.set(name, (named.get(name) ?? 0) + readings);
  }
  return [...named].map(([source, readings]) => ({ source, readings })).sort((a, b) => b.readings - a.readings);
}

/** As `reconcile` takes it, where it takes it. */
export function sourceName({ sources }: Pick<ReconcileDeps, 'sources'>, id: number): string {
  const source = sources.find(id);
  if (source?.kind === 'import') return `import:${source.reference.split('!')[0]}`;
  if (source?.kind === 'user') return `user:${source.reference}`;
  return source?.kind === 'api-key' ? `key:${source.reference}` : (source?.kind ?? 'unknown');
}
