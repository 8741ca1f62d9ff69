import type { RegisterMap } from '../accounts/register-map.ts';
import { rangeOfDial } from '../readings/dial.ts';
import type { Reading } from '../readings/reading.ts';
import { microKwh } from '../units/energy.ts';
import { type Instant, instant } from '../units/time.ts';
import { type Advance, advances, type DialReading } from './register-advance.ts';
import { type Count, interpolate } from './register-energy.ts';

/**
 * A register's readings as counts that only go up: multiplied, across rollovers and exchanges. One run of counts for each stretch in
 * which that can be said; they differ from the register's values by a constant. Readings are in order of time.
 */
export function countRegister(readings: readonly Reading[], map: RegisterMap | undefined): (readonly Count[])[] {
  const [first] = readings;
  if (!first) return [];
  // Most registers have no map and are read every half-hour: what they show is what they count.
  if (!map && readings.every((reading, at) => at === 0 || reading.value >= readings[at - 1]!.value)) return [readings];
  const runs: Count[][] = [[countOf(first, 0)]];
  advances(readings, map).forEach((advance, at) => {
    const run = runs.at(-1)!;
    const to = readings[at + 1]!;
    if (!advance) {
      runs.push([countOf(to, 0)]);
      return;
    }
    const counted = run.at(-1)!.value;
    // An exchange is as good as a reading: what the old meter showed last is known.
    const exchange = advance.parts.length > 1 ? advance.parts[0]! : undefined;
    if (exchange && exchange.endAt < to.at)
      run.push({ at: exchange.endAt, value: microKwh(counted + exchange.energy), quality: 'actual' });
    run.push(countOf(to, counted + advance.energy));
  });
  return runs;
}

function countOf({ at, quality }: Reading, value: number): Count {
  return { at, value: microKwh(value), quality };
}

/** What the dial would have shown at an instant between the readings of an advance, on the straight line between them. */
export function dialBetween({ parts }: Pick<Advance, 'parts'>, at: Instant): DialReading | undefined {
  const part = parts.find(({ startAt, endAt }) => startAt <= at && at <= endAt);
  if (!part) return undefined;
  const { startAt, endAt, startValue, advance, digits } = part;
  const value = interpolate(
    { at: startAt, value: startValue },
    { at: endAt, value: microKwh(startValue + advance) },
    at,
  );
  if (value === undefined) return undefined;
  const shown = part.rolledOver && digits !== undefined ? value % rangeOfDial(digits) : value;
  return { at: instant(at), value: microKwh(shown), quality: 'estimated' };
}
