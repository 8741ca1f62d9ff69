import { assert } from '../kernel/assert.ts';
import { daysBetween } from '../units/time.ts';
import { type HolidayCalendar, holidayTypeOf, type PlanCalendar } from './calendar.ts';
import { compileSlots } from './compile.ts';
import type { Days, Measure, Usage } from './component.ts';
import { noFacts } from './facts.ts';
import { intervalsIn } from './intervals.ts';
import type { RateRequest } from './rate-request.ts';
import type { Segment } from './segments.ts';

/** What the components of `segment` may ask, each question answered once. */
export function usageOf(segment: Segment, period: Days, request: RateRequest): Usage {
  const { from, to, version } = segment;
  const { calendar, components } = version.plan;
  const { zone, registers, holidayCalendars, monthStartsOn = 1 } = request;
  const clockwork = { calendar, zone: calendar.zone ?? zone, holidays: holidaysOf(calendar, holidayCalendars) };
  const measures = new Map<string, Measure>();
  const usage: Usage = {
    from,
    to,
    period,
    zone,
    calendar,
    monthStartsOn,
    facts: { ...noFacts, ...request.facts },
    intervals(register, days = { from, to }) {
      assert(days.from >= period.from && days.to <= period.to, 'only the days of the bill were looked at for holes');
      assert(daysBetween(days.from, days.to) > 0, 'days follow each other');
      const series = registers.get(register);
      return series && intervalsIn(series, days, zone);
    },
    slotRates: (rates, { from, stepSeconds, energy }) =>
      compileSlots(rates, { from, stepSeconds, count: energy.length }, clockwork),
    measure(code, days = { from, to }) {
      const key = `${code} ${days.from} ${days.to}`;
      const known = measures.get(key);
      if (known) return known;
      const component = components.find(component => component.code === code);
      assert(component?.measure, 'readPlan refuses references to components that are not there or measure nothing');
      const measure = component.measure(usage, days);
      measures.set(key, measure);
      return measure;
    },
    daysWith: code => daysWith(code, segment, request.segments),
  };
  return usage;
}

function daysWith(code: string, segment: Segment, segments: Segment[]): Days {
  const has = ({ version }: Segment) => version.plan.components.some(component => component.code === code);
  const at = segments.indexOf(segment);
  assert(has(segment), 'a component asks for days with itself');
  let [first, last] = [at, at];
  while (first > 0 && has(segments[first - 1]!)) first -= 1;
  while (last < segments.length - 1 && has(segments[last + 1]!)) last += 1;
  return { from: segments[first]!.from, to: segments[last]!.to };
}

/** undefined when the plan prices holidays as ordinary days, so that it may then be used without any calendar. */
function holidaysOf(calendar: PlanCalendar, known: HolidayCalendar[]): HolidayCalendar | undefined {
  if (holidayTypeOf(calendar) === undefined) return undefined;
  return known.find(({ name }) => name === calendar.holidayCalendar);
}
