import { instantOfMs } from '../units/time.ts';
import type { PlainRoad } from './plain-road.ts';
import { type ItemVerdict, type Notable, type PostDeps, postItem } from './post-readings.ts';
import type { Batch } from './posted-batch.ts';

/** What became of a batch: how many were accepted, and every item that was not plainly so; what was flagged is among both. */
export interface BatchVerdict {
  accepted: number;
  notable: { index: number; verdict: Notable }[];
}

/**
 * The door of `postReadings` for many at once: with the same verdicts, and the same left in journal and index. What is plain goes the
 * plain road, all else item by item through the rules. Resolves when everything kept is on disk.
 */
export async function postBatch(deps: PostDeps, road: PlainRoad, batch: Batch, source: number): Promise<BatchVerdict> {
  const verdict = judgeBatch(deps, road, batch, source);
  deps.tally.accepted += verdict.accepted;
  for (const { verdict: each } of verdict.notable) if (each.verdict !== 'accepted') deps.tally[each.verdict] += 1;
  await deps.journal.durable();
  return verdict;
}

/** The same of verdicts one by one. */
export function notableOf(verdicts: readonly ItemVerdict[]): BatchVerdict {
  const notable = verdicts.flatMap((verdict, index) => (isPlain(verdict) ? [] : [{ index, verdict }]));
  return { accepted: acceptedOf(verdicts.length, notable), notable };
}

function acceptedOf(count: number, notable: BatchVerdict['notable']): number {
  return count - notable.filter(({ verdict }) => verdict.verdict !== 'accepted').length;
}

function isPlain(verdict: ItemVerdict): verdict is Exclude<ItemVerdict, Notable> {
  return verdict.verdict === 'accepted' && verdict.flags === undefined;
}

function judgeBatch(deps: PostDeps, road: PlainRoad, batch: Batch, source: number): BatchVerdict {
  const now = instantOfMs(deps.clock.now());
  const judged: BatchVerdict = { accepted: 0, notable: [] };
  // A journal that takes nothing says so to the item that is to be kept.
  const isOpen = !deps.journal.full && !deps.journal.failed;
  const trip = road.begin(batch, source, now);
  try {
    for (let index = 0; index < batch.count; ) {
      const taken = isOpen ? trip.take(index, judged.notable) : 0;
      if (taken > 0) {
        index += taken;
        continue;
      }
      // The journal keeps the order in which things were decided.
      trip.write();
      const item = batch.itemAt(index);
      const verdict = postItem(deps, item, source, now);
      if (!isPlain(verdict)) judged.notable.push({ index, verdict });
      if (verdict.verdict === 'accepted' || verdict.verdict === 'duplicate') road.learn(item);
      index += 1;
    }
  } finally {
    trip.write();
  }
  judged.accepted = acceptedOf(batch.count, judged.notable);
  return judged;
}
