import { describe, expect, it } from 'vitest';
import type { PlanCalendar } from '../../src/tariffs/calendar.ts';
import { compileSlots } from '../../src/tariffs/compile.ts';
import type { WindowedRate } from '../../src/tariffs/windows.ts';
import { addDays, instant, startOfDay } from '../../src/units/time.ts';
import { day, flat, planDocument, rateSketch, refusalOf, seriesOf, zone } from './fixtures.ts';

const kWh = 1_000_000;
const cheapUntil = (to: string, timeZone = 'LOCAL') =>
  planDocument({
    timeZone,
    components: [
      {
        ...flat('0'),
        rates: [
          { code: 'NIGHT', unitPrice: '1', windows: [{ from: '00:00', to }] },
          { code: 'DAY', unitPrice: '2' },
        ],
      },
    ],
  });

describe('an interval across two rates is refused', () => {
  const bill = (plan: Record<string, unknown>, at: { zone: string; from: string; to: string }, step: number) =>
    rateSketch({ ...at, plan, registers: { IMPORT: seriesOf(at.from, at.to, at.zone, () => kWh, step) } });

  // The hour from 15:30 UTC: in spring 01:30 to 02:00 and 03:00 to 03:30 in Sydney, in autumn 02:30 to 03:00 and 02:00 to 02:30.
  it.each`
    change        | from            | until      | at
    ${'forward'}  | ${'2025-10-05'} | ${'03:00'} | ${'2025-10-05T01:30:00+10:00'}
    ${'backward'} | ${'2025-04-06'} | ${'02:30'} | ${'2025-04-06T02:30:00+11:00'}
  `('when the clock jumps $change over the boundary', ({ from, until, at }) => {
    const darwin = { zone: 'Australia/Darwin', from, to: addDays(day(from), 1) };
    expect(refusalOf(() => bill(cheapUntil(until, 'Australia/Sydney'), darwin, 3600)).message).toBe(
      `the 60-minute interval from ${at} lies across two rates of the plan`,
    );
  });

  it('at the hour of the wall clock, wherever the site is', () => {
    const brisbane = { zone: 'Australia/Brisbane', from: '2025-07-01', to: '2025-07-02' };
    expect(refusalOf(() => bill(cheapUntil('03:00'), brisbane, 7200)).message).toBe(
      'the 120-minute interval from 2025-07-01T02:00:00+10:00 lies across two rates of the plan',
    );
    expect(bill(cheapUntil('04:00'), brisbane, 7200).lines.map(line => line.quantity / kWh)).toEqual([2, 10]);
  });
});

describe('which rate has which slot', () => {
  const rates: WindowedRate[] = [{ code: 'NIGHT', windows: [{ from: 0, to: 180 }] }, { code: 'DAY' }];
  const calendar: PlanCalendar = { zone: undefined, seasons: [], dayTypes: [], holidayCalendar: undefined };
  const clock = { calendar, zone: zone('Australia/Brisbane'), holidays: undefined };
  const dayFrom = (from: number) => ({ from: instant(from), stepSeconds: 3600, count: 24 });
  const midnight = startOfDay(day('2025-07-01'), clock.zone);

  it('is said with the number of slots of each rate, its first and its last one', () => {
    const { rateOf, slotCount, firstSlot, lastSlot } = compileSlots(rates, dayFrom(midnight - 3600), clock);
    expect([...rateOf].join('')).toBe('100011111111111111111111');
    expect([...slotCount]).toEqual([3, 21]);
    expect([...firstSlot]).toEqual([1, 0]);
    expect([...lastSlot]).toEqual([3, 23]);
  });

  it('is worked out once for every customer on the plan, and for 64 periods of time at most', () => {
    const own = [...rates];
    const period = (at: number) => compileSlots(own, dayFrom(midnight + at * 86_400), { ...clock });
    const first = Array.from({ length: 64 }, (_, at) => period(at));
    expect(first.every((slots, at) => period(at) === slots)).toBe(true);
    period(64);
    expect(period(0)).not.toBe(first[0]);
    expect(period(0)).toEqual(first[0]);
  });

  it('is worked out anew for another plan, zone, step or length', () => {
    const slots = dayFrom(midnight);
    const known = compileSlots(rates, slots, clock);
    expect(compileSlots([...rates], slots, clock)).not.toBe(known);
    expect(compileSlots(rates, slots, { ...clock, zone: zone('Australia/Perth') })).not.toBe(known);
    expect(compileSlots(rates, { ...slots, stepSeconds: 1800 }, clock)).not.toBe(known);
    expect(compileSlots(rates, { ...slots, count: 23 }, clock)).not.toBe(known);
  });
});
