/** Month and day, "12-01", both inclusive; may wrap the year. */
export interface YearSpan {
  from: string;
  to: string;
}

export interface Season extends YearSpan {
  /** "DEC_MAR" */
  name: string;
}

/** "01-01" … "12-31" with "02-29": a leap year has every month-day there is. */
const monthDays = Array.from({ length: 366 }, (_, at) =>
  new Date(Date.UTC(2024, 0, 1 + at)).toISOString().slice(5, 10),
);
const monthWords = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

/** The coarsest seasons that tile the year and are cut nowhere inside by a span. None when every span is the whole year. */
export function seasonsOf(spans: YearSpan[]): Season[] {
  const starts = new Set<number>();
  for (const span of spans) {
    const first = ordinal(span.from);
    const after = (ordinal(lastDay(span)) + 1) % monthDays.length;
    if (first === after) continue;
    starts.add(first);
    starts.add(after);
  }
  const cuts = [...starts].sort((a, b) => a - b);
  return cuts.map((start, at) => {
    const next = cuts[(at + 1) % cuts.length]!;
    const from = monthDays[start]!;
    const to = monthDays.at(next - 1)!;
    return { from, to, name: nameOf(from, to) };
  });
}

/** Whether the season lies in the span; seasons come from seasonsOf, so it lies in it wholly or not at all. */
export function isWithin(season: Season, span: YearSpan): boolean {
  const { from } = season;
  const to = lastDay(span);
  return span.from <= to ? from >= span.from && from <= to : from >= span.from || from <= to;
}

export function isMonthDay(text: string): boolean {
  return monthDays.includes(text);
}

/** Writers of years without a leap day mean the whole of February. */
function lastDay({ to }: YearSpan): string {
  return to === '02-28' ? '02-29' : to;
}

function ordinal(monthDay: string): number {
  return monthDays.indexOf(monthDay);
}

function nameOf(from: string, to: string): string {
  const wholeMonths = from.endsWith('-01') && monthDays[(ordinal(to) + 1) % monthDays.length]!.endsWith('-01');
  const [first, last] = [monthWordOf(from), monthWordOf(to)];
  if (wholeMonths) return first === last ? first : `${first}_${last}`;
  return `${first}${from.slice(3)}_${last}${to.slice(3)}`;
}

function monthWordOf(monthDay: string): string {
  return monthWords[Number(monthDay.slice(0, 2)) - 1]!;
}
