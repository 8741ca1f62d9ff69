import type { IntervalSeries } from '../consumption/interval-series.ts';
import type { FieldProblem } from '../kernel/errors.ts';
import type { PlanCalendar } from './calendar.ts';
import type { Usage } from './component.ts';
import { proveRates } from './prove.ts';
import { describeWindows } from './when.ts';
import { formatClockTime, type Window, type WindowedRate, windows } from './windows.ts';

/** Windows in which something is counted: the compiler and the proof see them as one rate beside a catch-all; undefined is always. */
export type CountedWindows = WindowedRate[] | undefined;
export const countedWindows = windows.optional().transform(countOnly);

/** One list for ever: compiled windows are cached by the list's identity. */
export function countOnly(windows: Window[] | undefined): CountedWindows {
  return windows && [{ code: 'OTHER' }, { code: 'INSIDE', windows }];
}

/** When they are, in words; '' for always. */
export function countedWhen(windows: CountedWindows, calendar: PlanCalendar): string {
  return windows?.[1] ? describeWindows(windows[1], windows, calendar) : '';
}

/** 1 for each slot that lies in a window; everything is inside when there are none. */
export function insideWindows(
  windows: CountedWindows,
  intervals: Omit<IntervalSeries, 'quality'>,
  usage: Usage,
): Uint8Array {
  if (!windows) return new Uint8Array(intervals.energy.length).fill(1);
  return usage.slotRates(windows, intervals).rateOf;
}

/** Known seasons and day types. Pointers are relative to the component. */
export function proveNames(windows: CountedWindows, calendar: PlanCalendar): FieldProblem[] {
  if (!windows) return [];
  return proveRates(windows, calendar).map(({ pointer, message }) => ({
    pointer: pointer.replace(/^\/rates\/1/, ''),
    message,
  }));
}

/** Known seasons and day types, and boundaries that do not cut a demand interval. Pointers are relative to the component. */
export function proveWindows(windows: CountedWindows, stepSeconds: number, calendar: PlanCalendar): FieldProblem[] {
  const problems = proveNames(windows, calendar);
  const minutes = stepSeconds / 60;
  windows?.[1]?.windows?.forEach((window, at) => {
    for (const side of ['from', 'to'] as const)
      if (window[side] % minutes !== 0)
        problems.push({
          pointer: `/windows/${at}/${side}`,
          message: `${formatClockTime(window[side])} lies inside a demand interval of ${minutes} minutes`,
        });
  });
  return problems;
}
