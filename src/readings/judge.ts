import type { MicroKwh } from '../units/energy.ts';
import type { Outcome } from './decided-reading.ts';
import { advanceOnDial } from './dial.ts';
import { endOf, isEstimate, type Reading } from './reading.ts';
import type { DialEnds, Surroundings } from './surroundings.ts';

const rejections = [
  'reading-before-1970',
  'reading-from-the-future',
  'reading-goes-backwards',
  'reading-beyond-exchange',
  'reading-rollover',
  'reading-exchange',
  'reading-spike',
] as const;
export type RejectionCode = (typeof rejections)[number];

/** Whether the reading is not kept. */
export function isRejection(outcome: Outcome | 'duplicate' | RejectionCode): outcome is RejectionCode {
  // Most are accepted, and are not looked for in a list.
  return outcome !== 'accepted' && rejections.some(each => each === outcome);
}

// A meter's clock may run ahead by up to one half-hour slot; further ahead it is wrong, and so would be the bill.
export const clockSkewMaxSeconds = 1800;

// No reading cycle is longer than a year, so no estimate reaches further ahead.
const forwardEstimateMaxSeconds = 366 * 86_400;

/**
 * The rules for one reading, in order of precedence: the first that speaks decides. Pure: `now` is epoch seconds.
 * A value for an instant that already has one is never lost: it revises, confirms, conflicts or is older (N12-36, N12-37).
 */
export function judge(reading: Reading, around: Surroundings, now: number): Outcome | 'duplicate' | RejectionCode {
  // Days are counted from 1970 on: before it a day would be taken for one of another register.
  if (reading.at < 0) return 'reading-before-1970';
  // Files carry forward estimates of intervals to come (N12-41); nothing can have been measured there.
  const forwardEstimate = around.kind === 'channel' && isEstimate(reading.quality);
  if (reading.at > now + (forwardEstimate ? forwardEstimateMaxSeconds : clockSkewMaxSeconds))
    return 'reading-from-the-future';
  if (around.existing) {
    const outcome = compare(reading, around.existing);
    if (outcome !== 'revised') return outcome;
    const grows = around.kind === 'channel' && reading.minutes > around.existing.minutes;
    return around.waits || (grows && overlaps(reading, around)) ? 'conflict' : outcome;
  }
  if (around.kind === 'register') {
    const { before, after, digits, ends } = around;
    if (goesBackwards(before?.value, reading.value, after?.value, digits)) return 'reading-goes-backwards';
    if (ends && isBeyond(reading, around, ends)) return 'reading-beyond-exchange';
  }
  if (around.kind === 'channel' && overlaps(reading, around)) return 'conflict';
  return 'accepted';
}

/** A lower value may be a rollover (D10-18), but not if the register had to go around once more between the readings it stands between. */
function goesBackwards(
  before: MicroKwh | undefined,
  value: MicroKwh,
  after: MicroKwh | undefined,
  digits: number | undefined,
): boolean {
  const since = before === undefined ? 0 : advanceOnDial(before, value, digits);
  const until = after === undefined ? 0 : advanceOnDial(value, after, digits);
  if (since === undefined || until === undefined) return true;
  const whole = before === undefined || after === undefined ? undefined : advanceOnDial(before, after, digits);
  return whole !== undefined && since + until !== whole;
}

/**
 * An exchange says what its two dials showed at its moment, and a value is held against that where no other reading is nearer. At the
 * moment itself the new dial is read: what the old one showed last is no reading of it.
 */
function isBeyond(
  { value }: Reading,
  { before, after, digits }: Surroundings,
  { first, final, gone }: DialEnds,
): boolean {
  if (value === gone && value !== first) return true;
  return goesBackwards(before?.value ?? first, value, after?.value ?? final, digits);
}

/** Two lengths of interval over the same minutes would count the energy twice (N12-38): the later one is kept beside. */
function overlaps(reading: Reading, { before, after }: Surroundings): boolean {
  return (before !== undefined && endOf(before) > reading.at) || (after !== undefined && endOf(reading) > after.at);
}

function isSaidBy(existing: Reading, { value, minutes }: Reading): boolean {
  return Object.is(existing.value, value) && existing.minutes === minutes;
}

/** What a reading is beside another one for the same instant. */
export function compare(reading: Reading, existing: Reading): Outcome | 'duplicate' {
  // The same energy in another length of interval is another power: an hour without any says more than its first half.
  const isSame = isSaidBy(existing, reading);
  if (isSame && reading.versionAt <= existing.versionAt) return 'duplicate';
  if (isSame && reading.quality === existing.quality) return 'confirmed';
  if (reading.versionAt > existing.versionAt) return 'revised';
  if (reading.versionAt < existing.versionAt) return 'older';
  if (existing.quality === 'missing') return 'revised';
  if (isEstimate(existing.quality) && !isEstimate(reading.quality) && reading.quality !== 'missing') return 'revised';
  return 'conflict';
}
