import { formatKwh, microKwh } from '../units/energy.ts';
import { formatRate } from '../units/rate.ts';
import { dayOf, type Month, minuteOfDay, type Zone } from '../units/time.ts';
import type { DemandPart } from './billing-demand.ts';
import type { Usage } from './component.ts';
import type { DemandTerms } from './demand-terms.ts';
import type { Peak } from './peaks.ts';
import { dateWords } from './when.ts';
import { formatClockTime } from './windows.ts';

type Measuring = Pick<DemandTerms, 'quantity' | 'interval' | 'ratchet' | 'min'>;

/** Why a demand is billed: "42.5 kW on 15 Jul 2025, 17:30 to 18:00", with what raised it. Times are those of the site. */
export function demandWords(parts: DemandPart[], terms: Measuring, { zone }: Pick<Usage, 'zone'>): string {
  const unit = terms.quantity === 'KVA' ? 'kVA' : 'kW';
  const measuring = { unit, seconds: terms.interval, zone };
  if (parts.length === 1) return partWords(parts[0]!, measuring) + raisedWords(parts[0]!, terms, unit);
  const highest = parts.reduce((a, b) => (b.billing > a.billing ? b : a));
  return `${parts.length} daily peaks, the highest ${partWords(highest, measuring)}${raisedWords(highest, terms, unit)}`;
}

/** ", first 100 kW", ", 100 to 200 kW", ", over 200 kW"; '' when there is one tier. */
export function demandTierWords(tier: number, bounds: number[], unit: string): string {
  if (bounds.length === 0) return '';
  const [low, high] = [bounds[tier - 1], bounds[tier]];
  if (low === undefined) return `, first ${quantityWords(high ?? 0, unit)}`;
  return high === undefined
    ? `, over ${quantityWords(low, unit)}`
    : `, ${formatKwh(microKwh(low))} to ${quantityWords(high, unit)}`;
}

/** "42.5 kW on 15 Jul 2025, 17:30 to 18:00" */
export function peakWords({ at, demand }: Peak, { unit, seconds, zone }: PeakMeasuring): string {
  const day = dayOf(at, zone);
  const from = minuteOfDay(at, zone);
  // By its length, for where the clock is put back the wall clock ends an interval before it begins.
  const clock = `${formatClockTime(from)} to ${formatClockTime(from + seconds / 60)}`;
  return `${quantityWords(demand, unit)} on ${dateWords(day.slice(5))} ${day.slice(0, 4)}, ${clock}`;
}

interface PeakMeasuring {
  unit: string;
  seconds: number;
  zone: Zone;
}

function partWords({ peaks, equalPeaks, carried }: DemandPart, measuring: PeakMeasuring): string {
  if (carried) return `${quantityWords(carried.demand, measuring.unit)} in ${monthWords(carried.month)}`;
  if (peaks.length === 0) return 'nothing was measured in its hours';
  const words = peaks.map(peak => peakWords(peak, measuring));
  if (peaks.length > 1) return `average of ${peaks.length} peaks: ${words.join('; ')}`;
  // A demand of nothing is equal everywhere, which tells nobody anything.
  const isTied = equalPeaks > 1 && peaks[0]!.demand > 0;
  return words.join('') + (isTied ? `, the first of ${equalPeaks} equal peaks` : '');
}

function raisedWords({ billing, raisedBy }: DemandPart, { ratchet }: Measuring, unit: string): string {
  if (raisedBy === undefined) return '';
  const billed = `; billed ${quantityWords(billing, unit)}`;
  if (raisedBy === 'min' || raisedBy === 'floor' || !ratchet) return `${billed}, the least of this plan`;
  return `${billed}, ${formatRate(ratchet.percent)} × ${quantityWords(raisedBy.demand, unit)} in ${monthWords(raisedBy.month)}`;
}

function quantityWords(millionths: number, unit: string): string {
  return `${formatKwh(microKwh(millionths))} ${unit}`;
}

/** "Apr 2022" */
function monthWords(month: Month): string {
  return `${dateWords(`${month.slice(5)}-01`).slice(2)} ${month.slice(0, 4)}`;
}
