import { type Instant, instant } from '../units/time.ts';
import type { DemandSeries } from './demand-series.ts';

/** The demand of one demand interval, in micro-kW or micro-kVA, and when that interval starts. */
export interface Peak {
  at: Instant;
  demand: number;
}

/** Slots [first, end) of a demand series. */
export interface SlotSpan {
  first: number;
  end: number;
}

/** The highest demand in the span where `isInside` is 1, the earliest one of equals; undefined when nothing is inside. */
export function highestPeak(series: DemandSeries, isInside: Uint8Array, { first, end }: SlotSpan): Peak | undefined {
  let highest = -1;
  for (let slot = first; slot < end; slot++)
    if (isInside[slot] === 1 && (highest < 0 || series.demand[slot]! > series.demand[highest]!)) highest = slot;
  return highest < 0 ? undefined : peakAt(series, highest);
}

/** Every demand in the span where `isInside` is 1, in the order of time. */
export function peaksIn(series: DemandSeries, isInside: Uint8Array, { first, end }: SlotSpan): Peak[] {
  const peaks: Peak[] = [];
  for (let slot = first; slot < end; slot++) if (isInside[slot] === 1) peaks.push(peakAt(series, slot));
  return peaks;
}

/** The `count` highest, the highest first and the earlier first of equals; fewer when there are not so many. */
export function topPeaks(peaks: Peak[], count: number): Peak[] {
  return peaks.toSorted((a, b) => b.demand - a.demand || a.at - b.at).slice(0, count);
}

/** The average of those there are, to the nearest micro-kW, half up. */
export function averageDemand(peaks: Peak[]): number {
  const sum = peaks.reduce((sum, { demand }) => sum + demand, 0);
  return Math.floor((2 * sum + peaks.length) / (2 * peaks.length));
}

function peakAt({ from, stepSeconds, demand }: DemandSeries, slot: number): Peak {
  return { at: instant(from + slot * stepSeconds), demand: demand[slot]! };
}
