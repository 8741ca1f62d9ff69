import { plainHeading } from './cells.ts';
import type { GuessSample } from './guess-sample.ts';
import { names } from './guess-words.ts';
import type { ProfileInput } from './profile.ts';
import { dateTimesOf, timesOf } from './sample-table.ts';
import { StampReader } from './stamp-pattern.ts';

const dayColumns = [24, 48, 96, 144, 288];

export interface GuessedStamp {
  at: number;
  pattern: string;
  hasTime: boolean;
  /** -1 when the time stands beside the date or there is none. */
  timeAt: number;
  /** Every column of dates or times. */
  columns: number[];
  moment: ProfileInput['stamp'];
}

/** The first column of dates, with its time beside it or in it (CSV-5). */
export function guessStamp(sample: GuessSample): GuessedStamp | undefined {
  const { columns } = sample.table;
  for (let at = 0; at < columns; at++) {
    const cells = sample.cellsOf(at);
    const fitting = dateTimesOf(cells);
    const pattern = fitting[0];
    if (pattern === undefined) continue;
    const swapped = fitting.find(
      each => each !== pattern && each.slice(0, 2) !== pattern.slice(0, 2) && each.length === pattern.length,
    );
    if (swapped)
      sample.ask({
        part: 'dateOrder',
        asks: `Is ${cells[0]} written ${pattern.slice(0, 10)} or ${swapped.slice(0, 10)}? Every date fits both.`,
        chosen: pattern,
        choices: [pattern, swapped],
      });
    const hasTime = /H|h/.test(pattern);
    const timeAt = hasTime
      ? -1
      : sample.columnsWhere(index => index !== at && timesOf(sample.cellsOf(index)).length > 0)[0];
    const time =
      timeAt === undefined || timeAt < 0
        ? undefined
        : { column: sample.ref(timeAt), pattern: timesOf(sample.cellsOf(timeAt))[0]! };
    sample.because(
      'stamp',
      `“${sample.label(at)}” reads as ${pattern}${time ? `, with the time in “${sample.label(timeAt!)}”` : ''}.`,
    );
    const others = sample.columnsWhere(
      index =>
        index !== at && (dateTimesOf(sample.cellsOf(index)).length > 0 || timesOf(sample.cellsOf(index)).length > 0),
    );
    return {
      at,
      pattern,
      hasTime: hasTime || time !== undefined,
      timeAt: timeAt ?? -1,
      columns: [at, ...others],
      moment: { column: sample.ref(at), pattern, ...(time && { time }) },
    };
  }
  return undefined;
}

/** Minutes between the stamps that follow one another most often; 0 for counters read once a day. */
export function guessInterval(
  sample: GuessSample,
  stamp: GuessedStamp,
  meterPointAt: number,
  isDay: boolean,
  numbers: number[],
): number {
  if (isDay) {
    const columns = dayColumns.findLast(each => each <= numbers.length) ?? 24;
    sample.because(
      'interval',
      `A row has ${numbers.length} numbers and its date no time: it is a day of ${1440 / columns}-minute intervals.`,
    );
    return 1440 / columns;
  }
  const counts = new Map<number, number>();
  const last = new Map<string, number>();
  for (const [row, wall] of wallsOf(sample, stamp).entries()) {
    const owner = meterPointAt < 0 ? '' : (sample.table.rows[row]?.[meterPointAt] ?? '');
    const before = last.get(owner);
    last.set(owner, wall);
    const minutes = before === undefined ? 0 : Math.abs(wall - before) / 60;
    if (minutes > 0 && Number.isInteger(minutes)) counts.set(minutes, (counts.get(minutes) ?? 0) + 1);
  }
  const [minutes = 0] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [];
  if (minutes > 0 && minutes <= 1440) {
    sample.because('interval', `Most stamps are ${minutes} minutes apart.`);
    return minutes;
  }
  sample.ask({
    part: 'interval',
    asks: 'How many minutes is an interval long?',
    chosen: '30',
    choices: ['5', '15', '30', '60'],
  });
  return 30;
}

export function guessEdge(sample: GuessSample, stamp: GuessedStamp, minutes: number): 'start' | 'end' {
  if (!stamp.hasTime) return 'start';
  const first = wallsOf(sample, stamp)[0] ?? 0;
  const byHeading = names.end.test(plainHeading(sample.label(stamp.at)));
  const seconds = ((first % 86_400) + 86_400) % 86_400;
  const edge = byHeading || seconds === minutes * 60 ? 'end' : 'start';
  sample.ask({
    part: 'edge',
    asks: `Is ${sample.table.rows[0]?.[stamp.at]} where its interval begins or where it ends?`,
    chosen: edge,
    choices: ['start', 'end'],
  });
  return edge;
}

/** What the clock shows in each row, NaN where it cannot be read. */
export function wallsOf(sample: GuessSample, { moment, at, timeAt }: GuessedStamp): number[] {
  const [date, time] = [new StampReader(moment.pattern), moment.time && new StampReader(moment.time.pattern)];
  return sample.table.rows.map(cells => {
    const bytes = Buffer.from(cells[at] ?? '', 'utf8');
    if (!date.read(bytes, 0, bytes.length)) return Number.NaN;
    const wall = Number.isNaN(date.offset) ? date.wall : date.wall - date.offset;
    if (!time) return wall;
    const clock = Buffer.from(cells[timeAt] ?? '', 'utf8');
    return time.read(clock, 0, clock.length) ? wall + time.wall : Number.NaN;
  });
}
