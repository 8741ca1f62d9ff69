import { knownReadings } from '../readings/known-at.ts';
import { type Instant, instant } from '../units/time.ts';
import type { IntervalRun, RegisterReading } from './format.ts';
import { findChannel, findRegister } from './place-records.ts';
import { getKnownRun, readRun } from './read-run.ts';
import type { ReconcileDeps } from './reconcile.ts';

/** What another source brought with the same value as a file does. */
export interface SameReadings {
  /** "import:3", "key:meter-7". */
  source: string;
  readings: number;
}

/**
 * Who brought the readings of an import before it: for each that it says with the value that is current, the source of the current one.
 * Read from its file once more, in slices; the most frequent first. With `knownAt`, of those that were current then.
 */
export async function findDuplicates(
  deps: ReconcileDeps,
  run: number,
  knownAt: Instant | undefined,
): Promise<SameReadings[]> {
  const known = knownReadings(deps.index, knownAt);
  const own = new Set(deps.sources.listOfImport(run));
  const counts = new Map<number, number>();
  const runs: IntervalRun[] = [];
  const registers: RegisterReading[] = [];
  /** Values of instants that are `stepSeconds` apart, against those that are current from the first to the last. */
  const meet = (seriesId: number, startsAt: Instant, stepSeconds: number, values: ArrayLike<number>) => {
    const until = instant(startsAt + stepSeconds * (values.length - 1) + 1);
    for (const { at, value, source } of known.list(seriesId, startsAt, until)) {
      if (own.has(source) || !Object.is(value, values[(at - startsAt) / stepSeconds])) continue;
      counts.set(source, (counts.get(source) ?? 0) + 1);
    }
  };
  await readRun(deps, getKnownRun(deps, run, knownAt), {
    intervals: each => void runs.push(each),
    registerReading: each => void registers.push(each),
    portion: () => {
      for (const { channel, startsAt, energies } of runs.splice(0)) {
        const series = findChannel(deps, channel);
        if (series) meet(series.id, startsAt, channel.lengthMinutes * 60, energies);
      }
      for (const reading of registers.splice(0)) {
        const series = findRegister(deps, reading);
        if (series) meet(series.id, reading.at, 1, [reading.value]);
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
