import type { SeriesKind } from '../accounts/meter-point.ts';
import { Refusal } from '../kernel/errors.ts';
import { formatKwh } from '../units/energy.ts';
import { formatUtc } from '../units/time.ts';
import type { ItemVerdict } from './post-readings.ts';
import type { Reading } from './reading.ts';
import type { FlagRule } from './rules.ts';

export type SingleAnswer =
  | { verdict: 'accepted' | 'duplicate'; flags?: readonly FlagRule[] }
  | { verdict: 'quarantined'; code: string; message: string };

/** What is said of a reading that came alone, by whatever road: 202 when it was put aside, otherwise 200. Throws the problem that stops it. */
export function answerSingle(verdict: ItemVerdict, kind: SeriesKind): SingleAnswer {
  if (verdict.verdict === 'rejected') {
    const { code, message, pointer } = verdict;
    throw new Refusal(code, message, [{ pointer, message }]);
  }
  if (verdict.verdict === 'conflict') {
    const message = conflictMessage(verdict.existing);
    throw new Refusal('reading-conflict', message, [{ pointer: kind === 'channel' ? '/energy' : '/value', message }]);
  }
  if (verdict.verdict === 'quarantined') {
    const { code, message } = verdict;
    return { verdict: 'quarantined', code, message };
  }
  return verdict.verdict === 'accepted' && verdict.flags
    ? { verdict: 'accepted', flags: verdict.flags }
    : { verdict: verdict.verdict };
}

/** What the sender of another value is told of the one that stays current. */
export function conflictMessage(existing: Reading): string {
  return `${formatUtc(existing.at)} has ${formatKwh(existing.value)} kWh already; both are kept`;
}
