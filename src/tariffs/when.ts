import { formatKwh, microKwh } from '../units/energy.ts';
import { holidayTypeOf, type PlanCalendar, publicHoliday, weekdayNames } from './calendar.ts';
import type { PriceWords } from './component.ts';
import { boundsOf, type TieredRate } from './tiers.ts';
import { formatClockTime, minutesPerDay, type Window, type WindowedRate } from './windows.ts';

const monthWords = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const weekdayWords = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** When a rate applies, in words for paper: "Mon to Fri 07:00 to 17:00". '' when it is the component's only one. */
export function describeWindows(rate: WindowedRate, rates: WindowedRate[], calendar: PlanCalendar): string {
  if (rates.length === 1) return '';
  // A dial of its own (day, night) says when it counts, not the plan.
  if ('register' in rate && rate.register !== undefined) return '';
  if (!rate.windows) return 'all other times';
  const clock = calendar.zone ? ` (${clockWords(calendar.zone)} time)` : '';
  return groupByDays(rate.windows, calendar).join('; ') + clock;
}

/** "From grid: Peak"; the component's words alone when it has only this rate. */
export function describeRate(component: string, rate: WindowedRate, rates: WindowedRate[]): string {
  if (rates.length === 1) return rate.description ?? component;
  return `${component}: ${rate.description ?? wordsOf(rate.code)}`;
}

/** The prices of energy by time, for people. */
export function ratePrices(
  component: string,
  rates: TieredRate[],
  calendar: PlanCalendar,
  taxCode: string,
): PriceWords[] {
  return rates.flatMap(rate =>
    rate.tiers.map(({ unitPrice }, at) => ({
      description: describeRate(component, rate, rates) + describeTier(at, boundsOf(rate.tiers), ''),
      when: describeWindows(rate, rates, calendar),
      unitPrice,
      per: 'kWh',
      taxCode,
    })),
  );
}

/** ", first 24 kWh a day", ", 24 to 40 kWh a day", ", over 40 kWh a day"; '' when there is one tier. */
export function describeTier(at: number, bounds: number[], perWords: string): string {
  if (bounds.length === 0) return '';
  const [low, high] = [bounds[at - 1], bounds[at]].map(bound =>
    bound === undefined ? undefined : formatKwh(microKwh(bound)),
  );
  const range = low === undefined ? `first ${high}` : high === undefined ? `over ${low}` : `${low} to ${high}`;
  return `, ${range} kWh${perWords}`;
}

/** "Off peak" from OFF_PEAK. */
function wordsOf(code: string): string {
  return code.charAt(0) + code.slice(1).toLowerCase().replaceAll('_', ' ');
}

/** Windows of the same days share their words: "Mon to Fri 07:00 to 09:00 and 17:00 to 20:00". */
function groupByDays(windows: Window[], calendar: PlanCalendar): string[] {
  const times = new Map<string, string[]>();
  for (const window of windows) {
    const days = [seasonWords(window, calendar), dayWords(window, calendar)].filter(Boolean).join(', ');
    times.set(days, [...(times.get(days) ?? []), timeWords(window)]);
  }
  return [...times].map(([days, spans]) => `${days} ${spans.join(' and ')}`);
}

function timeWords({ from, to }: Window): string {
  if (from === 0 && to === minutesPerDay) return 'all day';
  return `${formatClockTime(from)} to ${formatClockTime(to)}`;
}

/** "1 Dec to 31 Mar" */
function seasonWords({ season: name }: Window, { seasons }: PlanCalendar): string {
  const season = seasons.find(season => season.name === name);
  return season ? `${dateWords(season.from)} to ${dateWords(season.to)}` : '';
}

/** "1 Dec" from "12-01". */
export function dateWords(monthDay: string): string {
  return `${Number(monthDay.slice(3))} ${monthWords[Number(monthDay.slice(0, 2)) - 1]}`;
}

/** "Mon to Fri", "Sat, Sun and public holidays", "Every day". */
function dayWords({ days: name }: Window, calendar: PlanCalendar): string {
  const type = calendar.dayTypes.find(type => type.name === name);
  if (!type) return 'Every day';
  const weekdays = weekdayNames.flatMap((day, at) => (type.days.includes(day) ? [at] : []));
  const words = runsOf(weekdays).flatMap(runWords);
  if (type.days.includes(publicHoliday)) return joined([...words, 'public holidays']);
  return joined(words) + (holidayTypeOf(calendar) === undefined ? '' : ' except public holidays');
}

function runsOf(numbers: number[]): number[][] {
  const runs: number[][] = [];
  for (const number of numbers) {
    const run = runs.at(-1);
    if (run && run.at(-1) === number - 1) run.push(number);
    else runs.push([number]);
  }
  return runs;
}

function runWords(run: number[]): string[] {
  const words = run.map(weekday => weekdayWords[weekday]!);
  return words.length < 3 ? words : [`${words[0]} to ${words.at(-1)}`];
}

function joined(words: string[]): string {
  const last = words.at(-1);
  if (words.length < 2 || last === undefined) return words.join('');
  return `${words.slice(0, -1).join(', ')} and ${last}`;
}

function clockWords(zone: string): string {
  return /^[+-]/.test(zone) ? `UTC${zone}` : zone;
}
