import { type MicroKwh, microKwh } from '../units/energy.ts';
import { type Instant, instant, secondsPerDay } from '../units/time.ts';
import type { DayBlock } from './day-block.ts';
import type { DayNumber } from './day-number.ts';

export type Visit = (at: Instant, value: MicroKwh, origin: number) => void;

/** Calls `visit` for each reading of the blocks, which are in order, that lies in [from, to). */
export function visitBlocks(
  blocks: { day: DayNumber; block: DayBlock }[],
  from: Instant,
  to: Instant,
  visit: Visit,
): void {
  for (const { day, block } of blocks) {
    const base = day * secondsPerDay;
    for (let i = block.search(Math.max(0, from - base)); i < block.count; i++) {
      const at = instant(base + block.offset[i]!);
      if (at >= to) return;
      visit(at, microKwh(block.value[i]!), block.origin[i]!);
    }
  }
}
