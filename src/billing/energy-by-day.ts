import { z } from 'zod';
import { holidayTypeOf } from '../tariffs/calendar.ts';
import { compileSlots } from '../tariffs/compile.ts';
import type { Measured } from '../tariffs/component.ts';
import { intervalsIn } from '../tariffs/intervals.ts';
import type { RateRequest } from '../tariffs/rate-request.ts';
import type { Segment } from '../tariffs/segments.ts';
import { tieredRates } from '../tariffs/tiers.ts';
import { formatKwh, microKwh } from '../units/energy.ts';
import { dayOf, instant } from '../units/time.ts';

const energyPart = z.object({ net: z.literal('GROSS').default('GROSS'), rates: tieredRates });

export interface DayEnergy {
  day: string;
  intervals: number;
  /** kWh */
  energy: string;
}

/** A rate's energy day by day, from the same compiled windows that priced it. Nothing for what is not energy by rates, or is netted. */
export function energyByDay(measured: Measured, part: unknown, segment: Segment, request: RateRequest): DayEnergy[] {
  const { data } = energyPart.safeParse(part);
  const series = request.registers.get(measured.register);
  if (!data || !series || data.rates.some(rate => rate.register !== undefined)) return [];
  const { calendar } = segment.version.plan;
  const { zone } = request;
  const intervals = intervalsIn(series, segment, zone);
  const { from, stepSeconds, energy } = intervals;
  const holidays =
    holidayTypeOf(calendar) === undefined
      ? undefined
      : request.holidayCalendars.find(({ name }) => name === calendar.holidayCalendar);
  const slots = { from, stepSeconds, count: energy.length };
  const { rateOf } = compileSlots(data.rates, slots, { calendar, zone: calendar.zone ?? zone, holidays });
  const days = new Map<string, { intervals: number; energy: number }>();
  energy.forEach((value, slot) => {
    if (rateOf[slot] !== measured.bucket) return;
    const day = dayOf(instant(from + slot * stepSeconds), zone);
    const known = days.get(day) ?? { intervals: 0, energy: 0 };
    days.set(day, { intervals: known.intervals + 1, energy: known.energy + value });
  });
  return [...days].map(([day, sum]) => ({ day, intervals: sum.intervals, energy: formatKwh(microKwh(sum.energy)) }));
}
