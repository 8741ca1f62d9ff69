// Of a single interval, as of a channel that is posted without a length.
const minutesDefault = 30;
const unknown = Number.POSITIVE_INFINITY;

/**
 * Minutes of intervals that begin at these instants, in order, where nobody says. Two steps alike are no gap: such an interval lasts
 * until the next one begins, and one beside a gap as long as those nearest to it, but not longer than either step.
 */
export function lengthsBetween(startsAt: readonly number[]): number[] {
  const steps = startsAt.map((at, n) => minutesBetween(at, startsAt[n + 1]));
  const sure = steps.map((step, n) => (step === steps[n - 1] || step === steps[n + 1] ? step : unknown));
  const [before, after] = [nearest(sure), nearest(sure.toReversed()).toReversed()];
  return steps.map((step, n) => {
    if (sure[n] !== unknown) return sure[n]!;
    const least = Math.min(step, steps[n - 1] ?? unknown, before[n]!, after[n]!);
    return least === unknown ? minutesDefault : least;
  });
}

/** Unknown where it says nothing: no next one, an earlier one, no whole minutes. */
function minutesBetween(at: number, next = at): number {
  const seconds = next - at;
  return seconds > 0 && seconds % 60 === 0 ? seconds / 60 : unknown;
}

/** For each the last one up to it that is known. */
function nearest(sure: readonly number[]): number[] {
  let last = unknown;
  return sure.map(each => {
    if (each !== unknown) last = each;
    return last;
  });
}
