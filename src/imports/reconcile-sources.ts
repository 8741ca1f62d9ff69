import type { MeterPoint } from '../accounts/meter-point.ts';
import { Slices } from '../kernel/slices.ts';
import { type Instant, instant, secondsPerDay } from '../units/time.ts';
import { sourceName } from './find-duplicates.ts';
import type { ReconcileDeps } from './reconcile.ts';

const windowSeconds = 31 * secondsPerDay;

/** Who said what is stored of a meter point, be it current or not, as `reconcile` takes them; the one that said most first. In slices. */
export async function listReconcileSources(
  deps: Pick<ReconcileDeps, 'meterPoints' | 'index' | 'sources'>,
  meterPoint: MeterPoint,
): Promise<string[]> {
  const { meterPoints, index } = deps;
  const counts = new Map<number, number>();
  const slices = new Slices();
  for (const { id } of meterPoints.listSeries(meterPoint.id)) {
    const { from, to } = index.spanOf(id) ?? { from: instant(0), to: instant(0) };
    for (let begin: number = from; begin < to; begin += windowSeconds) {
      const until: Instant = instant(Math.min(begin + windowSeconds, to));
      const meet = (source: number) => counts.set(source, (counts.get(source) ?? 0) + 1);
      index.forEach(id, instant(begin), until, (_at, _value, origin) => void meet(index.origins.sourceOf(origin)));
      for (const { reading } of index.listHistory(id, instant(begin), instant(until - 1))) meet(reading.source);
      await slices.pause();
    }
  }
  const ordered = [...counts].sort(([, a], [, b]) => b - a);
  return [...new Set(ordered.map(([source]) => sourceName(deps, source)))].filter(name =>
    /^(import|key|user):/.test(name),
  );
}
