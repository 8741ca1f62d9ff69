import type { Series } from '../accounts/meter-point.ts';
import type { Instant } from '../units/time.ts';
import { onOneDial } from './dial.ts';
import { judge } from './judge.ts';
import type { Reading } from './reading.ts';
import type { ReadingIndex } from './reading-index.ts';

/**
 * The reading next to an exchange that came first and that the exchange contradicts: of the old dial above its final value, or of the new
 * one below its first. `series` has been told the exchange at `at`; no energy is known between that reading and the exchange.
 */
export function contradictsExchange(
  index: Pick<ReadingIndex, 'around'>,
  { id, map }: Series,
  at: Instant,
): Reading | undefined {
  const { before, existing, after } = index.around(id, at);
  return [before, existing ?? after].find(reading => {
    if (!reading) return false;
    const alone = onOneDial(map, reading.at, { existing: undefined, before: undefined, after: undefined });
    // It was accepted, so that it came in time.
    return judge(reading, { kind: 'register', ...alone }, reading.at) === 'reading-beyond-exchange';
  });
}
