import { z } from 'zod';
import { timeInQuery } from '../http/time-in-query.ts';
import type { Instant, Zone } from '../units/time.ts';
import { AsKnown, type KnownReadings } from './as-known.ts';
import type { ReadingIndex } from './reading-index.ts';

/** Query parameter of everything that shows readings. */
export const asKnownAt = z.string().optional().meta({
  example: '2026-11-05T00:00:00Z',
  description:
    'The answer as it would have been given then: without what came later, with what was replaced or withdrawn later',
});

/** What was sent as `as_known_at`, in `zone` where it has no offset. Throws 'timestamp-invalid'. */
export function knownAtIn(text: string | undefined, zone: Zone): Instant | undefined {
  return timeInQuery('as_known_at', text, zone);
}

/** The readings as they are, or as they were known at an instant. */
export function knownReadings(index: ReadingIndex, knownAt: Instant | undefined): KnownReadings {
  return knownAt === undefined ? index : new AsKnown(index, knownAt);
}
