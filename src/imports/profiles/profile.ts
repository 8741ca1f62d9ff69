import { z } from 'zod';
import { qualities } from '../../readings/reading.ts';
import { parseZone } from '../../units/time.ts';
import { isStampPattern } from './stamp-pattern.ts';

/**
 * How the files of one portal are read, as data: what a person answers once about a CSV (CSV-4). A column is named by its heading,
 * or by its 1-based number where headings are missing or not unique.
 */
const column = z.union([z.string().min(1).max(200), z.int().min(1).max(2000)]);
export type Column = z.output<typeof column>;

const pattern = z.string().max(60).refine(isStampPattern, {
  message: 'write dates as yyyy-MM-dd, dd/MM/yyyy, MM/dd/yyyy … and times as HH:mm or HH:mm:ss',
});

const moment = z.strictObject({
  column,
  /** "dd-MM-yyyy HH:mm"; XXX is an offset, tt is AM or PM, [:ss] are seconds that may be left out. */
  pattern,
  /** When the time of day stands in a column of its own. */
  time: z.strictObject({ column, pattern }).optional(),
});

const flow = z.enum(['from-grid', 'to-grid', 'from-solar', 'none']);
const code = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,19}$/, 'letters, digits, dot, hyphen');
const channel = z.strictObject({ code, flow });
export type Channel = z.output<typeof channel>;

const value = z.strictObject({
  /** In day rows: the column of the first interval. */
  column,
  /** Left out when a column says which channel a row is of (`channelBy`). */
  channel: channel.optional(),
  kind: z.enum(['interval', 'register']).default('interval'),
  /** kW and W are means over the interval. */
  unit: z.enum(['kWh', 'Wh', 'MWh', 'kW', 'W']).default('kWh'),
  /** as-is: a negative interval is a mistake. inverted: the sender counts the other way. returned: negative went the other way. */
  sign: z.enum(['as-is', 'inverted', 'returned']).default('as-is'),
  /** Where `returned` energy goes. */
  returnTo: channel.optional(),
  /** A column that some exports leave out. */
  optional: z.boolean().default(false),
});
export type ValueColumn = z.output<typeof value>;

const table = z.strictObject({
  /** Headings that must all stand in one row: that row is the header, wherever it comes (CSV-2). Empty: there is none. */
  header: z.array(z.string().min(1).max(200)).max(200),
  values: z.array(value).min(1).max(50),
});
export type Table = z.output<typeof table>;

const meterPoint = z.discriminatedUnion('from', [
  /** The file names none: whoever imports it says which. */
  z.strictObject({ from: z.literal('caller') }),
  z.strictObject({ from: z.literal('column'), column }),
  /** The heading of that column is the meter point. */
  z.strictObject({ from: z.literal('heading'), column }),
  /** A cell of a line above the header. */
  z.strictObject({ from: z.literal('above'), lines: z.int().min(1).max(20), column: z.int().min(1).max(50) }),
  z.strictObject({ from: z.literal('profile'), identifier: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/) }),
]);

const zone = z.string().refine(text => text === 'offset' || text === 'site' || parseZone(text) !== undefined, {
  message: 'write offset (each stamp has one), site, a zone such as Europe/Brussels, or +10:00',
});

export const profileSchema = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,59}$/, 'small letters, digits and hyphens'),
    title: z.string().min(1).max(120),
    encoding: z.enum(['utf-8', 'utf-16le', 'utf-16be', 'latin1']).default('utf-8'),
    delimiter: z.enum([',', ';', '\t', '|']).default(','),
    decimal: z.enum(['.', ',']).default('.'),
    thousands: z.enum(['', '.', ',', ' ', "'"]).default(''),
    /** Lines before the first row when there is no header. */
    skipLines: z.int().min(0).max(100).default(0),
    /** Lines between a header and its first row. */
    skipAfterHeader: z.int().min(0).max(20).default(0),
    tables: z.array(table).min(1).max(10),
    meterPoint,
    /** The meter's serial. */
    serial: column.optional(),
    /** A column whose words say which channel a row is of. */
    channelBy: z
      .strictObject({
        column,
        channels: z
          .array(z.strictObject({ word: z.string().min(1).max(100), code, flow }))
          .min(1)
          .max(50),
      })
      .optional(),
    stamp: moment,
    /** Whether a stamp is where its interval begins or where it ends. */
    edge: z.enum(['start', 'end']).default('start'),
    /** The clock of the stamps: offset, site, a zone with its summer time, or a fixed offset. */
    zone,
    interval: z
      .union([
        z.strictObject({ minutes: z.int().min(1).max(1440) }),
        z.strictObject({ duration: z.strictObject({ column, unit: z.enum(['seconds', 'minutes', 'hours']) }) }),
        z.strictObject({ until: moment }),
        /** The stamp's cell goes on with this word and the interval's end: "2026-05-01 00:00 to 2026-05-01 00:15". */
        z.strictObject({ untilAfter: z.string().min(1).max(10) }),
      ])
      .optional(),
    /** A row is a day: this many columns from the first one on. */
    day: z
      .strictObject({
        columns: z.int().min(1).max(1500),
        minutes: z.int().min(1).max(1440),
        /** clock: each column is a time on the clock. elapsed: each is the next interval, 46 or 50 when the clocks change. */
        counted: z.enum(['clock', 'elapsed']).default('clock'),
      })
      .optional(),
    quality: z
      .strictObject({
        column,
        words: z.array(z.strictObject({ word: z.string().max(100), quality: z.enum(qualities) })).max(50),
      })
      .optional(),
    /** Cells that say there is no value; an empty one always does. */
    missing: z.array(z.string().max(50)).max(20).default([]),
    ignoreRows: z
      .array(z.strictObject({ column, startsWith: z.string().min(1).max(100), because: z.string().min(1).max(200) }))
      .max(20)
      .default([]),
  })
  .superRefine((profile, context) => {
    const wrong = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
    profile.tables.forEach(({ header, values }, at) => {
      if (header.length === 0 && profile.tables.length > 1)
        wrong(['tables', at, 'header'], 'several tables are told apart by their headers');
      if (header.length === 0 && namesOf(profile).length > 0)
        wrong(['tables', at, 'header'], 'without a header columns are named by number');
      values.forEach((each, index) => {
        const path = ['tables', at, 'values', index];
        if (!each.channel && !profile.channelBy) wrong(path, 'name the channel, or the column that tells it');
        if (each.kind === 'interval' && !profile.interval && !profile.day)
          wrong(['interval'], 'say how long an interval is');
        if (each.kind === 'register' && profile.day) wrong(path, 'a row of a day holds interval energies');
        if (each.kind === 'register' && (each.unit === 'kW' || each.unit === 'W'))
          wrong(path, 'a register counts energy');
        if (each.sign === 'returned' && (!each.returnTo || each.kind === 'register'))
          wrong(path, 'returned energy is of intervals and needs returnTo');
      });
      if (profile.day && values.length > 1) wrong(['tables', at, 'values'], 'a row of a day has one channel');
    });
  });

export type Profile = z.output<typeof profileSchema>;
export type ProfileInput = z.input<typeof profileSchema>;

/** Columns that the profile names by heading. */
function namesOf(profile: Pick<Profile, keyof Profile>): string[] {
  return columnsOf(profile).filter(each => typeof each === 'string');
}

function columnsOf({ stamp, serial, channelBy, quality, ignoreRows, meterPoint, interval, tables }: Profile): Column[] {
  const moments = [stamp, ...(interval && 'until' in interval ? [interval.until] : [])];
  return [
    ...moments.flatMap(each => [each.column, ...(each.time ? [each.time.column] : [])]),
    ...(interval && 'duration' in interval ? [interval.duration.column] : []),
    ...('column' in meterPoint && meterPoint.from !== 'above' ? [meterPoint.column] : []),
    ...[serial, channelBy?.column, quality?.column].filter(each => each !== undefined),
    ...ignoreRows.map(each => each.column),
    ...tables.flatMap(({ values }) => values.map(each => each.column)),
  ];
}
