import { describe, expect, it } from 'vitest';
import type { IntervalSeries } from '../../src/consumption/interval-series.ts';
import type { HolidayCalendar } from '../../src/tariffs/calendar.ts';
import {
  day,
  flat,
  onPaper,
  planDocument,
  rateSketch,
  refusalOf,
  seriesOf,
  supplyPerDay,
  versionOf,
} from './fixtures.ts';

const kWh = 1_000_000;
const flatAndSupply = planDocument({ components: [flat('1'), supplyPerDay('1')] });

describe('a local day', () => {
  it.each`
    zone                     | day             | slots | why
    ${'Australia/Adelaide'}  | ${'2025-07-01'} | ${48} | ${'an ordinary day'}
    ${'Australia/Adelaide'}  | ${'2025-10-05'} | ${46} | ${'the clock goes forward'}
    ${'Australia/Adelaide'}  | ${'2025-04-06'} | ${50} | ${'the clock goes back'}
    ${'Europe/London'}       | ${'2026-03-29'} | ${46} | ${'the settlement day of 46 periods'}
    ${'Europe/London'}       | ${'2025-10-26'} | ${50} | ${'the settlement day of 50 periods'}
    ${'Australia/Lord_Howe'} | ${'2025-10-05'} | ${47} | ${'half an hour forward'}
    ${'Australia/Lord_Howe'} | ${'2026-04-05'} | ${49} | ${'half an hour back'}
    ${'Asia/Beirut'}         | ${'2025-03-30'} | ${46} | ${'a day without a midnight'}
  `('$day in $zone has $slots half-hours and is one day of supply: $why', ({ zone, day: from, slots }) => {
    const to = new Date(Date.parse(from) + 86_400_000).toISOString().slice(0, 10);
    const registers = { IMPORT: seriesOf(from, to, zone, () => kWh) };
    const { lines } = rateSketch({ zone, from, to, plan: flatAndSupply, registers });
    expect(lines.map(onPaper)).toEqual([`USE.ALL ${slots} kWh 1 ${slots}.00`, 'SUPPLY 1 day 1 1.00']);
  });

  it.each`
    from            | last            | days  | hours
    ${'2026-06-30'} | ${'2026-07-28'} | ${29} | ${696}
    ${'2025-10-29'} | ${'2025-11-30'} | ${33} | ${793}
    ${'2026-03-03'} | ${'2026-03-31'} | ${29} | ${695}
  `('$from to $last in Los Angeles is $days days and $hours hours (B35)', ({ from, last, days, hours }) => {
    const zone = 'America/Los_Angeles';
    const to = new Date(Date.parse(last) + 86_400_000).toISOString().slice(0, 10);
    const registers = { IMPORT: seriesOf(from, to, zone, () => kWh / 2) };
    const bill = rateSketch({ zone, from, to, plan: flatAndSupply, registers });
    expect(bill).toMatchObject({ days, from, to: last });
    expect(bill.lines[0]?.quantity).toBe(hours * kWh);
  });

  it('gives each unit to the month of its own wall clock across the clock change of March 2023 (B31)', () => {
    const zone = 'America/New_York';
    const moments = [
      '03-01T04:00-05',
      '03-15T00:00-04',
      '03-31T23:30-04',
      '04-01T00:00-04',
      '04-30T23:30-04',
      '05-01T00:00-04',
    ];
    const starts = moments.map(moment => Date.parse(`2023-${moment}:00`) / 1000);
    const series = seriesOf('2023-03-01', '2023-06-01', zone, () => 0);
    for (const start of starts) series.energy[(start - series.from) / 1800]! += kWh;
    const month = (from: string, to: string) =>
      rateSketch({ zone, from, to, plan: flatAndSupply, registers: { IMPORT: series } }).lines[0]?.quantity;
    expect(month('2023-03-01', '2023-04-01')).toBe(3 * kWh);
    expect(month('2023-04-01', '2023-05-01')).toBe(2 * kWh);
    expect(month('2023-05-01', '2023-06-01')).toBe(1 * kWh);
  });
});

describe("the tariff's clock", () => {
  const evening = (timeZone: string) =>
    planDocument({
      timeZone,
      components: [
        {
          ...flat('0'),
          rates: [
            { code: 'PEAK', unitPrice: '1', windows: [{ from: '16:00', to: '21:00' }] },
            { code: 'BASE', unitPrice: '1' },
          ],
        },
      ],
    });
  // 10 kWh from 16:00 to 17:00 of a summer day in Sydney, which is 15:00 on the market's clock (B52).
  const summer = { zone: 'Australia/Sydney', from: '2026-01-15', to: '2026-01-16' };
  const registers = {
    IMPORT: seriesOf(summer.from, summer.to, summer.zone, ({ minute }) => (minute === 960 ? 10 * kWh : 0)),
  };
  const peak = (timeZone: string) => rateSketch({ ...summer, plan: evening(timeZone), registers }).lines[0]!;

  it.each`
    timeZone                | inPeak
    ${'LOCAL'}              | ${10}
    ${'AEST'}               | ${0}
    ${'Australia/Brisbane'} | ${0}
    ${'Australia/Sydney'}   | ${10}
  `('$timeZone puts $inPeak kWh of 16:00 Sydney summer time into a peak from 16:00', ({ timeZone, inPeak }) => {
    expect(peak(timeZone).quantity).toBe(inPeak * kWh);
  });

  it('is said on paper when it is not the wall clock of the site', () => {
    expect(peak('AEST').when).toBe('Every day 16:00 to 21:00 (UTC+10:00 time)');
    expect(peak('Australia/Brisbane').when).toBe('Every day 16:00 to 21:00 (Australia/Brisbane time)');
    expect(peak('LOCAL').when).toBe('Every day 16:00 to 21:00');
  });

  it('is the clock of each site, though two share plan, instants and number of intervals', () => {
    // From July to July both cities begin and end at the same instants; only Sydney has summer time between.
    const plan = [versionOf(evening('LOCAL'))];
    const atEight = (zone: string) => {
      const year = { zone, from: '2025-07-01', to: '2026-07-01' };
      const series = seriesOf(year.from, year.to, 'Australia/Brisbane', ({ minute }) => (minute === 20 * 60 ? kWh : 0));
      return rateSketch({ ...year, plan, registers: { IMPORT: series } }).lines[0]!.quantity / kWh;
    };
    expect(atEight('Australia/Brisbane')).toBe(365);
    // 20:00 in Brisbane is 21:00, after the peak, on the 182 days of Sydney's summer time.
    expect(atEight('Australia/Sydney')).toBe(365 - 182);
  });

  it('refuses an interval across two rates instead of guessing: hours in Adelaide against windows on the market clock', () => {
    const zone = 'Australia/Adelaide';
    const hourly = { IMPORT: seriesOf('2025-07-01', '2025-07-02', zone, () => kWh, 3600) };
    const refusal = refusalOf(() =>
      rateSketch({ zone, from: '2025-07-01', to: '2025-07-02', plan: evening('AEST'), registers: hourly }),
    );
    expect(refusal.code).toBe('intervals-misaligned');
    expect(refusal.message).toBe(
      'the 60-minute interval from 2025-07-01T15:30:00+10:00 lies across two rates of the plan',
    );
  });

  it('sees a window that lies wholly inside an interval', () => {
    const plan = planDocument({
      components: [
        {
          ...flat('0'),
          rates: [
            { code: 'DIP', unitPrice: '0', windows: [{ from: '12:10', to: '12:20' }] },
            { code: 'BASE', unitPrice: '1' },
          ],
        },
      ],
    });
    const at = { zone: 'UTC', from: '2025-07-01', to: '2025-07-02' };
    const lines = (step: number) =>
      rateSketch({ ...at, plan, registers: { IMPORT: seriesOf(at.from, at.to, at.zone, () => kWh, step) } }).lines;
    expect(refusalOf(() => lines(1800)).code).toBe('intervals-misaligned');
    expect(lines(300).map(line => line.quantity / kWh)).toEqual([2, 286]);
  });

  it('refuses hours that began before the half-hour clock change of Lord Howe, for midnight then lies inside one', () => {
    const series = seriesOf('2025-10-04', '2025-10-05', 'Australia/Lord_Howe', () => kWh, 3600);
    const longer: IntervalSeries = { ...series, energy: new Float64Array(72), quality: new Uint8Array(72) };
    const at = { zone: 'Australia/Lord_Howe', from: '2025-10-04', to: '2025-10-06' };
    const refusal = refusalOf(() => rateSketch({ ...at, plan: flatAndSupply, registers: { IMPORT: longer } }));
    expect(refusal.message).toBe(
      'midnight of 2025-10-06 in Australia/Lord_Howe lies inside a 60-minute interval of IMPORT',
    );
  });
});

describe('seasons and holidays', () => {
  const rates = [
    { code: 'SUMMER', unitPrice: '1', windows: [{ season: 'SUMMER', from: '00:00', to: '24:00' }] },
    { code: 'REST', unitPrice: '1', windows: [{ season: 'REST', from: '00:00', to: '24:00' }] },
  ];
  const seasonal = planDocument({
    seasons: { SUMMER: ['12-01', '02-29'], REST: ['03-01', '11-30'] },
    components: [{ ...flat('0'), rates }],
  });
  const zone = 'Australia/Hobart';

  it('begin and end with the local day, in leap years too', () => {
    const at = { zone, from: '2024-02-25', to: '2024-03-04' };
    const { lines } = rateSketch({
      ...at,
      plan: seasonal,
      registers: { IMPORT: seriesOf(at.from, at.to, zone, () => kWh) },
    });
    expect(lines.map(line => `${line.code} ${line.quantity / kWh / 48} days, ${line.when}`)).toEqual([
      'USE.SUMMER 5 days, 1 Dec to 29 Feb, Every day all day',
      'USE.REST 3 days, 1 Mar to 30 Nov, Every day all day',
    ]);
  });

  it('leave out a rate that no interval of the period has', () => {
    const at = { zone, from: '2024-07-01', to: '2024-07-02' };
    const { lines } = rateSketch({
      ...at,
      plan: seasonal,
      registers: { IMPORT: seriesOf(at.from, at.to, zone, () => kWh) },
    });
    expect(lines.map(line => line.code)).toEqual(['USE.REST']);
  });

  // Australia Day 2025 was a Sunday, observed on Monday 27 January.
  const holidays: HolidayCalendar = {
    name: 'AU-NSW',
    from: day('2025-01-01'),
    to: day('2026-01-01'),
    days: [day('2025-01-01'), day('2025-01-27')],
  };
  const weekly = (weekend: string[]) =>
    planDocument({
      holidayCalendar: 'AU-NSW',
      dayTypes: { WD: ['MON', 'TUE', 'WED', 'THU', 'FRI'], WE: weekend },
      components: [
        {
          ...flat('0'),
          rates: [
            { code: 'NIGHT', unitPrice: '1', windows: [{ days: 'WD', from: '22:00', to: '06:00' }] },
            { code: 'BASE', unitPrice: '1' },
          ],
        },
      ],
    });
  const longWeekend = { zone: 'Australia/Sydney', from: '2025-01-25', to: '2025-01-29' };
  const registers = { IMPORT: seriesOf(longWeekend.from, longWeekend.to, longWeekend.zone, () => kWh / 2) };
  const night = (weekend: string[], calendars: HolidayCalendar[]) =>
    rateSketch({ ...longWeekend, plan: weekly(weekend), registers, holidays: calendars }).lines[0]!;

  it('make a Monday a holiday, and its night no weekday night; a night belongs to the day it began', () => {
    // Fri night into Sat 6 h, Tue evening 2 h; Monday's night is a holiday's and so is not a weekday night.
    expect(night(['SAT', 'SUN', 'PUBLIC_HOLIDAY'], [holidays]).quantity).toBe(8 * kWh);
    expect(night(['SAT', 'SUN', 'PUBLIC_HOLIDAY'], [holidays]).when).toBe(
      'Mon to Fri except public holidays 22:00 to 06:00',
    );
  });

  it('are an ordinary Monday in a plan that does not speak of them (B37), and then no calendar is needed', () => {
    expect(night(['SAT', 'SUN'], []).quantity).toBe(16 * kWh);
    expect(night(['SAT', 'SUN'], []).when).toBe('Mon to Fri 22:00 to 06:00');
  });

  it('are refused where the calendar does not say: not given, or not far enough', () => {
    const weekend = ['SAT', 'SUN', 'PUBLIC_HOLIDAY'];
    expect(refusalOf(() => night(weekend, [])).message).toBe(
      'the holiday calendar AU-NSW was not given for 2025-01-25',
    );
    const short = { ...holidays, to: day('2025-01-27') };
    expect(refusalOf(() => night(weekend, [short])).message).toBe(
      'the holiday calendar AU-NSW covers 2025-01-01 up to 2025-01-27, not 2025-01-27',
    );
    expect(refusalOf(() => night(weekend, [short])).code).toBe('holidays-unknown');
  });

  it('are looked up anew when the calendar has learnt a day', () => {
    const plan = [versionOf(weekly(['SAT', 'SUN', 'PUBLIC_HOLIDAY']))];
    const quantity = (days: string[]) =>
      rateSketch({ ...longWeekend, plan, registers, holidays: [{ ...holidays, days: days.map(day) }] }).lines[0]
        ?.quantity;
    expect(quantity([])).toBe(16 * kWh);
    expect(quantity(['2025-01-27'])).toBe(8 * kWh);
  });
});
