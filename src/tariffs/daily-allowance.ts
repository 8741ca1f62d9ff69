import { z } from 'zod';
import { type IntervalSeries, totalEnergy } from '../consumption/interval-series.ts';
import type { FieldProblem } from '../kernel/errors.ts';
import { formatKwh, microKwh } from '../units/energy.ts';
import { addDays, dayOf, instant, startOfDay } from '../units/time.ts';
import type { PlanCalendar } from './calendar.ts';
import type { Charge, Usage } from './component.ts';
import { countedWhen, countOnly, insideWindows, proveNames } from './demand-windows.ts';
import type { EnergyLook } from './energy-charges.ts';
import { decimalPrice, decimalQuantity, windows } from './windows.ts';

/** The first kWh of each local day, inside a window or all day, at a price of their own: nothing when left out. */
export const dailyAllowanceTerms = z
  .strictObject({ kWh: decimalQuantity, window: windows.element.optional(), unitPrice: decimalPrice.prefault('0') })
  .transform(({ kWh, window, unitPrice }) => ({ energy: kWh, unitPrice, windows: countOnly(window && [window]) }));
export type DailyAllowance = z.output<typeof dailyAllowanceTerms>;

/** What is wrong with its window, by pointers into the component; nothing when it is right. */
export function proveAllowance({ windows }: DailyAllowance, calendar: PlanCalendar): FieldProblem[] {
  return proveNames(windows, calendar).map(({ pointer, message }) => ({
    pointer: pointer.replace('/windows/0', '/dailyAllowance/window'),
    message,
  }));
}

/** The line of what the allowance took; none where the register has no interval in its window. */
export function allowedCharges(
  code: string,
  register: string,
  allowance: DailyAllowance,
  { sign, ...look }: EnergyLook,
  usage: Usage,
): Charge[] {
  const all = usage.intervals(register);
  if (!all || !insideWindows(allowance.windows, all, usage).includes(1)) return [];
  const taken = totalEnergy(all) - totalEnergy(beyondAllowance(allowance, all, usage));
  return [
    {
      ...look,
      code: `${code}.ALLOWANCE`,
      description: `${look.description}, first ${formatKwh(microKwh(allowance.energy))} kWh a day`,
      when: countedWhen(allowance.windows, usage.calendar),
      from: usage.from,
      to: addDays(usage.to, -1),
      // 0 + because there is no minus zero kWh.
      quantity: 0 + sign * taken,
      unit: 'kWh',
      unitPrice: allowance.unitPrice,
      measured: undefined,
    },
  ];
}

/** The same usage after the allowance has had its part of the register. */
export function withoutAllowance(allowance: DailyAllowance, register: string, usage: Usage): Usage {
  return {
    ...usage,
    intervals(name, days) {
      const intervals = usage.intervals(name, days);
      return intervals && name === register ? beyondAllowance(allowance, intervals, usage) : intervals;
    },
  };
}

/** The energy of whole local days beyond their allowances: each has its own, used in the order of time; what is left of it is lost. */
function beyondAllowance(allowance: DailyAllowance, intervals: IntervalSeries, usage: Usage): IntervalSeries {
  const isInside = insideWindows(allowance.windows, intervals, usage);
  const { from, stepSeconds } = intervals;
  const energy = intervals.energy.slice();
  let [left, nextDay] = [0, Number.NEGATIVE_INFINITY];
  energy.forEach((value, slot) => {
    const at = instant(from + slot * stepSeconds);
    if (at >= nextDay) {
      left = allowance.energy;
      nextDay = startOfDay(addDays(dayOf(at, usage.zone), 1), usage.zone);
    }
    if (isInside[slot] !== 1) return;
    const taken = Math.min(left, value);
    left -= taken;
    energy[slot] = value - taken;
  });
  return { ...intervals, energy };
}
