import assert from 'node:assert/strict';
import type { IntervalSeries } from '../../src/consumption/interval-series.ts';
import { Refusal } from '../../src/kernel/errors.ts';
import { sha256 } from '../../src/kernel/ids.ts';
import { formatQuantity } from '../../src/tariffs/amount.ts';
import type { HolidayCalendar } from '../../src/tariffs/calendar.ts';
import type { EstimationMethod } from '../../src/tariffs/estimate-missing.ts';
import type { Facts } from '../../src/tariffs/facts.ts';
import { type PlanVersion, readPlan } from '../../src/tariffs/plan.ts';
import { rate } from '../../src/tariffs/rate.ts';
import type { RateRequest } from '../../src/tariffs/rate-request.ts';
import type { ChargeLine, RatedBill } from '../../src/tariffs/rated-bill.ts';
import { secondOpinion } from '../../src/tariffs/second-opinion.ts';
import { planSegments } from '../../src/tariffs/segments.ts';
import { formatCents } from '../../src/units/money.ts';
import { formatRate } from '../../src/units/rate.ts';
import { type Day, dayOf, instant, minuteOfDay, startOfDay, weekdayOf, type Zone } from '../../src/units/time.ts';

export const day = (text: string) => text as Day;
export const zone = (text: string) => text as Zone;

/** The header every plan needs, around `parts`. */
export function planDocument(parts: Record<string, unknown>): Record<string, unknown> {
  return {
    planCode: 'TEST-1',
    displayName: 'A plan for a test',
    currency: 'AUD',
    taxBasis: 'EXCLUSIVE',
    taxes: { GST: { name: 'GST', percent: '10' } },
    effectiveFrom: '2000-01-01',
    ...parts,
  };
}

export const flat = (unitPrice: string, register = 'IMPORT') => ({
  kind: 'energy',
  code: register === 'IMPORT' ? 'USE' : register,
  register,
  rates: [{ code: 'ALL', unitPrice }],
  tax: 'GST',
});

export const supplyPerDay = (amount: string) => ({ kind: 'supply', code: 'SUPPLY', amount, per: 'DAY', tax: 'GST' });

/** Peak 17 to 21 every day, shoulder Mon to Fri 7 to 17, off-peak the rest. */
export const threeRates = {
  kind: 'energy',
  code: 'USE',
  register: 'IMPORT',
  tax: 'GST',
  rates: [
    { code: 'PEAK', unitPrice: '0.40', windows: [{ from: '17:00', to: '21:00' }] },
    { code: 'SHOULDER', unitPrice: '0.295', windows: [{ days: 'WEEKDAY', from: '07:00', to: '17:00' }] },
    {
      code: 'OFF_PEAK',
      unitPrice: '0.21',
      windows: [
        { from: '21:00', to: '07:00' },
        { days: 'WEEKEND', from: '07:00', to: '17:00' },
      ],
    },
  ],
};

/** P2-15: three rates; rooftop solar and supply apart. */
export const embeddedNetwork = planDocument({
  planCode: 'IO_CI_01',
  displayName: 'Embedded network, time of use',
  dayTypes: { WEEKDAY: ['MON', 'TUE', 'WED', 'THU', 'FRI'], WEEKEND: ['SAT', 'SUN'] },
  components: [threeRates, { ...flat('0.25', 'SOLAR'), optional: true }, supplyPerDay('1.60')],
});

export function versionOf(document: Record<string, unknown>, version = 1): PlanVersion {
  return { id: version, version, sha256: sha256(JSON.stringify(document)), createdAt: 0, plan: readPlan(document) };
}

/** What a test says to make a series: micro-kWh by wall clock. */
export interface Wall {
  day: Day;
  /** Since local midnight on the wall clock. */
  minute: number;
  /** 1 is Monday. */
  weekday: number;
  slot: number;
}

/** A series over the local days [from, to) with `energy(wall)` micro-kWh in each slot. */
export function seriesOf(
  from: string,
  to: string,
  at: string,
  energy: (wall: Wall) => number,
  stepSeconds = 1800,
): IntervalSeries {
  const start = startOfDay(day(from), zone(at));
  const count = (startOfDay(day(to), zone(at)) - start) / stepSeconds;
  const values = Float64Array.from({ length: count }, (_, slot) => {
    const moment = instant(start + slot * stepSeconds);
    const local = dayOf(moment, zone(at));
    return energy({ day: local, minute: minuteOfDay(moment, zone(at)), weekday: weekdayOf(local), slot });
  });
  return { from: start, stepSeconds, energy: values, quality: new Uint8Array(count) };
}

export interface Sketch {
  plan: Record<string, unknown> | PlanVersion[];
  zone: string;
  from: string;
  to: string;
  registers: Record<string, IntervalSeries>;
  holidays?: HolidayCalendar[];
  facts?: Partial<Facts>;
  monthStartsOn?: number;
  estimation?: EstimationMethod;
}

export function requestOf(sketch: Sketch): RateRequest {
  const versions = Array.isArray(sketch.plan) ? sketch.plan : [versionOf(sketch.plan)];
  return {
    segments: planSegments(versions, day(sketch.from), day(sketch.to)),
    zone: zone(sketch.zone),
    registers: new Map(Object.entries(sketch.registers)),
    holidayCalendars: sketch.holidays ?? [],
    ...(sketch.facts && { facts: sketch.facts }),
    ...(sketch.monthStartsOn !== undefined && { monthStartsOn: sketch.monthStartsOn }),
    ...(sketch.estimation && { estimation: sketch.estimation }),
  };
}

export function rateSketch(sketch: Sketch): RatedBill {
  return rate(requestOf(sketch));
}

/** The bill, which the second opinion must find as well. */
export function agreedBill(sketch: Sketch): RatedBill {
  const request = requestOf(sketch);
  const bill = rate(request);
  assert.deepEqual(secondOpinion(request, bill), []);
  return bill;
}

/** A line as paper shows it: "USE.PEAK 198.4 kWh 0.4 79.36". */
export function onPaper(line: ChargeLine): string {
  return `${line.code} ${formatQuantity(line)} ${line.unit} ${formatRate(line.unitPrice)} ${formatCents(line.amount)}`;
}

/** The bill as JSON text, every bigint as its decimal digits. */
export function bytesOf(bill: RatedBill): string {
  return JSON.stringify(bill, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}

export function refusalOf(act: () => unknown): Refusal {
  try {
    act();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
