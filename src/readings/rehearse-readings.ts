import type { NewSeries } from '../accounts/meter-point-store.ts';
import { RehearsedMeterPoints } from '../accounts/rehearsed-meter-points.ts';
import { type BatchItem, type ItemVerdict, type JudgeDeps, postItem } from './post-readings.ts';
import { type RealIndex, RehearsedIndex } from './rehearsed-index.ts';

export interface Rehearsal {
  verdicts: ItemVerdict[];
  /** Registers and channels the readings would bring with them. */
  newSeries: NewSeries[];
}

/** The verdicts that posting would give, each item meeting those before it, and nothing is kept. */
export function rehearseReadings(
  deps: JudgeDeps & { index: RealIndex },
  items: readonly BatchItem[],
  source: number,
): Rehearsal {
  const meterPoints = new RehearsedMeterPoints(deps.meterPoints);
  const index = new RehearsedIndex(deps.index);
  const { clock, rules, usual } = deps;
  const quarantine = { putAside: () => undefined };
  const journal = { append: () => undefined };
  const rehearsed: JudgeDeps = {
    clock,
    meterPoints,
    index,
    journal,
    quarantine,
    ...(rules && { rules }),
    ...(usual && { usual }),
  };
  return { verdicts: items.map(item => postItem(rehearsed, item, source)), newSeries: meterPoints.newSeries };
}
