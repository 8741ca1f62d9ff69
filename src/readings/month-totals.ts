import type { DayOfMonth } from './month-block.ts';
import type { OriginTable } from './origin.ts';
import { type Quality, qualities, qualityCode } from './reading.ts';

/** What a series has in a month, of one quality. */
export interface MonthTotal {
  quality: Quality;
  count: number;
  /** micro-kWh of a channel's intervals; null for a register, whose values are no amounts, and for a sum no double holds exactly. */
  energy: number | null;
}

/** By quality, in the order of `qualities`; a quality that does not occur has none. */
export function monthTotals(days: readonly DayOfMonth[], origins: OriginTable): MonthTotal[] {
  const counts = new Float64Array(qualities.length);
  const sums = new Float64Array(qualities.length);
  // NaN once a sum was not exact or there is none: it stays unsaid, even when later values bring it back.
  let [id, code] = [-1, 0];
  for (const { block } of days) {
    for (let i = 0; i < block.count; i++) {
      if (block.origin[i] !== id) {
        id = block.origin[i]!;
        code = qualityCode(origins.qualityOf(id));
        if (origins.minutesOf(id) === 0) sums[code] = Number.NaN;
      }
      counts[code]! += 1;
      const value = block.value[i]!;
      if (Number.isNaN(value)) continue;
      const sum = sums[code]! + value;
      sums[code] = Math.abs(sum) <= Number.MAX_SAFE_INTEGER ? sum : Number.NaN;
    }
  }
  return qualities.flatMap((quality, at) =>
    counts[at]! > 0 ? { quality, count: counts[at]!, energy: Number.isNaN(sums[at]!) ? null : sums[at]! } : [],
  );
}
