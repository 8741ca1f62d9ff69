import type { DayOfMonth } from './month-block-codec.ts';
import type { OriginTable } from './origin.ts';
import { type Quality, qualities } from './reading.ts';

/** What a series has in a month, of one quality. */
export interface MonthTotal {
  quality: Quality;
  count: number;
  /** micro-kWh of a channel's intervals; null for a register, whose values are no amounts, and for a sum no double holds exactly. */
  energy: number | null;
}

/** By quality, in the order of `qualities`; a quality that does not occur has none. */
export function monthTotals(days: readonly DayOfMonth[], origins: OriginTable): MonthTotal[] {
  const totals = new Map<Quality, MonthTotal>();
  // Readings come in runs of one origin.
  let [id, total] = [-1, { quality: qualities[0], count: 0, energy: 0 } as MonthTotal];
  for (const { block } of days) {
    for (let i = 0; i < block.count; i++) {
      if (block.origin[i] !== id) {
        id = block.origin[i]!;
        const { quality, minutes } = origins.get(id);
        total = totals.get(quality) ?? { quality, count: 0, energy: 0 };
        totals.set(quality, total);
        if (minutes === 0) total.energy = null;
      }
      total.count += 1;
      if (total.energy === null || Number.isNaN(block.value[i]!)) continue;
      // Once a sum was not exact it stays unsaid, even when later values bring it back.
      const sum: number = total.energy + block.value[i]!;
      total.energy = Number.isSafeInteger(sum) ? sum : null;
    }
  }
  return qualities.flatMap(quality => totals.get(quality) ?? []);
}
