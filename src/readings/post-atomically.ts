import { instantOfMs } from '../units/time.ts';
import type { PlainRoad } from './plain-road.ts';
import { type BatchVerdict, notableOf, postBatch } from './post-batch.ts';
import type { PostDeps } from './post-readings.ts';
import type { Batch } from './posted-batch.ts';
import { rehearseReadings } from './rehearse-readings.ts';

/**
 * All or nothing: when no item is rejected or in conflict all are posted in the same tick, and their records are one group of the
 * journal, so that a power cut takes or leaves the whole. Otherwise nothing is kept and the verdicts say why.
 */
export async function postAtomically(
  deps: PostDeps,
  road: PlainRoad,
  batch: Batch,
  source: number,
): Promise<BatchVerdict> {
  const { verdicts, newSeries } = rehearseReadings(deps, batch.items(), source);
  if (verdicts.some(({ verdict }) => verdict !== 'accepted' && verdict !== 'duplicate')) return notableOf(verdicts);
  const now = instantOfMs(deps.clock.now());
  // Before the first reading: were the database to refuse one, nothing would have been kept yet.
  if (newSeries.length > 0)
    deps.meterPoints.addTogether(() => {
      for (const { meterPointId, serial, kind, code, flow, unit, intervalMinutes } of newSeries)
        deps.meterPoints.addSeries({ meterPointId, serial, kind, code, flow, unit, intervalMinutes }, now);
    });
  return postBatch(deps, road, batch, source);
}
