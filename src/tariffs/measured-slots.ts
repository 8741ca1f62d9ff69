import { qualities } from '../readings/reading.ts';
import { instant } from '../units/time.ts';
import type { Measured } from './component.ts';
import type { DemandSeries } from './demand-series.ts';
import type { Peak, SlotSpan } from './peaks.ts';

/** The trace of a charge on power: how many demand intervals were looked at, how good they were, and which were counted. */
export function measuredSlots(
  register: string,
  { series, isInside }: { series: DemandSeries; isInside: Uint8Array },
  { first, end }: SlotSpan,
  peaks: Peak[],
): Measured | undefined {
  const counts: Measured['qualities'] = {};
  let [slots, firstSlot, lastSlot] = [0, 0, 0];
  for (let slot = first; slot < end; slot++) {
    if (isInside[slot] !== 1) continue;
    if (slots === 0) firstSlot = slot;
    lastSlot = slot;
    slots += 1;
    const quality = qualities[series.quality[slot]!]!;
    counts[quality] = (counts[quality] ?? 0) + 1;
  }
  if (slots === 0) return undefined;
  const startOf = (slot: number) => instant(series.from + slot * series.stepSeconds);
  return {
    register,
    bucket: 0,
    slots,
    firstSlot: startOf(firstSlot),
    lastSlot: startOf(lastSlot),
    qualities: counts,
    peaks: peaks.map(({ at, demand }) => ({ at, quantity: demand })),
  };
}
