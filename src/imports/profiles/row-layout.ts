import { plainHeading } from './cells.ts';
import type { Column, Profile, Table, ValueColumn } from './profile.ts';

/** Where a table's columns are, 0-based, once its header is known. */
export interface RowLayout {
  table: Table;
  headings: string[];
  stamp: number;
  time: number;
  /** -1: there is none. */
  duration: number;
  until: number;
  untilTime: number;
  quality: number;
  /** Columns that together say whose row it is: meter point, serial, channel; -1 where there is none. */
  owner: { meterPoint: number; serial: number; channel: number };
  ignore: { index: number; startsWith: Buffer; because: string }[];
  values: { index: number; column: ValueColumn }[];
  /** A row with fewer cells is not whole. */
  cells: number;
}

/** The layout, or what is missing in words. */
export function layoutOf(profile: Profile, table: Table, headings: string[]): RowLayout | string {
  const plain = headings.map(plainHeading);
  const absent: string[] = [];
  const find = (column: Column | undefined): number => {
    if (column === undefined) return -1;
    if (typeof column === 'number') return column - 1;
    const index = plain.indexOf(plainHeading(column));
    if (index < 0) absent.push(`"${column}"`);
    return index;
  };
  const { stamp, interval, meterPoint, day } = profile;
  const until = interval && 'until' in interval ? interval.until : undefined;
  const layout = {
    table,
    headings,
    stamp: find(stamp.column),
    time: find(stamp.time?.column),
    duration: find(interval && 'duration' in interval ? interval.duration.column : undefined),
    until: find(until?.column),
    untilTime: find(until?.time?.column),
    quality: find(profile.quality?.column),
    owner: {
      meterPoint: find(meterPoint.from === 'column' ? meterPoint.column : undefined),
      serial: find(profile.serial),
      channel: find(profile.channelBy?.column),
    },
    ignore: profile.ignoreRows.map(({ column, startsWith, because }) => ({
      index: find(column),
      startsWith: Buffer.from(startsWith, 'utf8'),
      because,
    })),
    values: table.values.flatMap(column => {
      const skipped =
        column.optional && typeof column.column === 'string' && !plain.includes(plainHeading(column.column));
      return skipped ? [] : [{ index: find(column.column), column }];
    }),
  };
  if (absent.length > 0) return `the header has no column ${absent.join(', ')}`;
  if (layout.values.length === 0) return 'the header has none of the columns of values';
  const { owner, ignore, values, ...rest } = layout;
  const used = [
    ...[rest.stamp, rest.time, rest.duration, rest.until, rest.untilTime, rest.quality],
    ...Object.values(owner),
    ...ignore.map(({ index }) => index),
    ...values.map(({ index }) => index + (day ? day.columns - 1 : 0)),
  ];
  return { ...layout, cells: Math.max(...used) + 1 };
}

/** Whether a row is the header of the table: all its headings stand in it. */
export function isHeaderOf({ header }: Table, cells: readonly string[]): boolean {
  if (header.length === 0) return false;
  const plain = new Set(cells.map(plainHeading));
  return header.every(heading => plain.has(plainHeading(heading)));
}
