/** LocalTimeParameters of a Green Button feed: the clock at the site, in seconds and two packed rules (GB-7). */
export interface LocalTime {
  /** Seconds ahead of UTC without summer time. */
  tzOffset: number;
  /** Seconds that summer time adds. */
  dstOffset: number;
  /** undefined: no summer time. */
  dstStart: ClockChange | undefined;
  dstEnd: ClockChange | undefined;
}

/** When the clock changes each year: `second` of a day found by `operator` from day of month and day of week. */
interface ClockChange {
  month: number;
  operator: number;
  dayOfMonth: number;
  /** 1 is Monday, 7 Sunday. */
  dayOfWeek: number;
  second: number;
}

const noRule = 'FFFFFFFF';

/** undefined when the rule says there is no summer time; 'illegible' when it is not a rule. Eight hexadecimal digits. */
export function readClockChange(text: string): ClockChange | undefined | 'illegible' {
  const digits = text.toUpperCase();
  if (digits === '' || digits === noRule) return undefined;
  if (!/^[0-9A-F]{1,8}$/.test(digits)) return 'illegible';
  const map = Number.parseInt(digits, 16);
  const field = (shift: number, bits: number) => (map >>> shift) & (2 ** bits - 1);
  const second = field(12, 5) * 3600 + field(0, 12);
  const change = {
    month: field(28, 4),
    operator: field(25, 3),
    dayOfMonth: field(20, 5),
    dayOfWeek: field(17, 3),
    second,
  };
  const isDay = change.operator === 0 ? change.dayOfMonth >= 1 : change.dayOfWeek >= 1;
  return change.month >= 1 && change.month <= 12 && isDay && second < 90_000 ? change : 'illegible';
}

/** Seconds to add to UTC for the clock at the site at that instant (epoch seconds). */
export function localOffsetAt(at: number, { tzOffset, dstOffset, dstStart, dstEnd }: LocalTime): number {
  if (!dstStart || !dstEnd) return tzOffset;
  const year = new Date((at + tzOffset) * 1000).getUTCFullYear();
  // The start is told on the clock without summer time, the end on the clock with it.
  const begins = secondsOf(dstStart, year) - tzOffset;
  const ends = secondsOf(dstEnd, year) - tzOffset - dstOffset;
  const isSummer = begins < ends ? at >= begins && at < ends : at >= begins || at < ends;
  return isSummer ? tzOffset + dstOffset : tzOffset;
}

const secondsPerDay = 86_400;
const dayOnOrAfter = 1;
const lastInMonth = 7;

/** Seconds from 1970 to the change, on the wall clock. */
function secondsOf({ month, operator, dayOfMonth, dayOfWeek, second }: ClockChange, year: number): number {
  const dayAt = (day: number) => Date.UTC(year, month - 1, day) / 1000;
  const lastDay = new Date(Date.UTC(year, month, 0)).getUTCDate();
  let day = dayOfMonth;
  if (operator === dayOnOrAfter) day = onOrAfter(year, month, Math.max(dayOfMonth, 1), dayOfWeek);
  else if (operator === lastInMonth) day = onOrAfter(year, month, lastDay - 6, dayOfWeek);
  // 2 is the first of its kind in the month, 3 the second …
  else if (operator > dayOnOrAfter) day = Math.min(onOrAfter(year, month, 1 + (operator - 2) * 7, dayOfWeek), lastDay);
  return dayAt(day) + (second % secondsPerDay) + (second >= secondsPerDay ? secondsPerDay : 0);
}

function onOrAfter(year: number, month: number, day: number, dayOfWeek: number): number {
  const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay() || 7;
  return day + ((dayOfWeek - weekday + 7) % 7);
}
