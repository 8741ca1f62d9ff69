import { flowOfSuffix, type Series } from '../../accounts/meter-point.ts';
import type { Reading } from '../../readings/reading.ts';
import { reasonOf } from '../../readings/reading-reason-store.ts';
import { formatKwh } from '../../units/energy.ts';
import { type Instant, instant, secondsPerDay } from '../../units/time.ts';
import { type ExportedPoint, type ExportFormat, type Selection, unfit, unfitReading } from '../export-format.ts';
import {
  isMdffIdentifier,
  isMdffText,
  mdffFileName,
  mdffHeader,
  mdffLine,
  mdffUnits,
  nemOffsetSeconds,
  nemStamp,
  qualityFields,
  versionStamp,
} from '../mdff.ts';

const minutesPerDay = 1440;
type QualityFields = [method: string, reasonCode: string, reasonText: string];
const gap: QualityFields = ['N', '', ''];

/**
 * Channels as NEM12: whole days of UTC+10 that overlap the period, sorted, each a 300 record, with 400 records where a day has more
 * than one quality. An interval that nobody read is 0 with quality N, which is how NEM12 says so (N12-22).
 */
export const nem12: ExportFormat = {
  name: 'nem12',
  title: 'NEM12 (channels)',
  contentType: 'text/csv; charset=utf-8',
  fileName: ({ createdAt }) => mdffFileName('NEM12', createdAt),
  takes: ({ kind }) => kind === 'channel',
  widen: ({ from, to }) => ({ from: nemDayOf(from), to: instant(nemDayOf(instant(to - 1)) + secondsPerDay) }),
  *write(selection) {
    yield mdffHeader('NEM12', selection.createdAt);
    for (const point of selection.points) {
      const series = [...point.series].sort((a, b) => (a.code < b.code ? -1 : 1));
      const configuration = series.map(({ code }) => code).join('');
      for (const each of series) yield* writeChannel(selection, point, each, configuration);
    }
    yield mdffLine(['900']);
  },
};

function* writeChannel(
  selection: Selection,
  point: ExportedPoint,
  series: Series,
  configuration: string,
): Generator<string> {
  checkChannel(point, series);
  let openLength = 0;
  for (const startsAt of nemDaysOf(selection, series)) {
    const from = instant(startsAt);
    const to = instant(startsAt + secondsPerDay);
    const readings = selection.books.readings(series, from, to);
    const [first] = readings;
    if (!first) continue;
    const day = dayOf(point, series, startsAt, readings);
    if (first.minutes !== openLength) {
      openLength = first.minutes;
      const { identifier } = point.meterPoint;
      yield mdffLine(['200', identifier, configuration, '', series.code, '', '', series.unit, String(openLength), '']);
    }
    yield* writeDay(day, selection.books.reasons(series, from, to), point, series, startsAt, first.versionAt);
  }
}

/** When the day of UTC+10 began that the instant is in; never before 1970, as no reading is. */
function nemDayOf(at: Instant): Instant {
  const starts = Math.floor((at + nemOffsetSeconds) / secondsPerDay) * secondsPerDay - nemOffsetSeconds;
  return instant(Math.max(0, starts));
}

/** Starts of the days of UTC+10 that have a reading and overlap the selection. */
function* nemDaysOf({ books, from, to }: Selection, series: Series): Generator<number> {
  let last = Number.NEGATIVE_INFINITY;
  for (const day of books.days(series)) {
    // A UTC day has parts of two days of UTC+10.
    for (const startsAt of [day * secondsPerDay - nemOffsetSeconds, (day + 1) * secondsPerDay - nemOffsetSeconds]) {
      if (startsAt <= last || startsAt + secondsPerDay <= from || startsAt >= to) continue;
      last = startsAt;
      yield startsAt;
    }
  }
}

function checkChannel(point: ExportedPoint, series: Series): void {
  const { identifier } = point.meterPoint;
  const { code, flow, unit } = series;
  const says =
    (!isMdffIdentifier(identifier) && `the identifier "${identifier}"`) ||
    (!/^[A-Z][1-9A-HJ-NP-Z]$/.test(code) && `the channel code "${code}"`) ||
    (flow !== (unit === 'kWh' ? flowOfSuffix(code) : 'none') && `channel ${code} counts the flow ${flow}`) ||
    (!mdffUnits.has(unit) && `the unit "${unit}"`);
  if (says) throw unfit('NEM12', point, series, says);
}

/** The readings by interval of the day, all of one length and version. */
function dayOf(point: ExportedPoint, series: Series, startsAt: number, readings: Reading[]): (Reading | undefined)[] {
  const [first] = readings;
  const { minutes, versionAt } = first!;
  if (minutes === 0 || minutesPerDay % minutes !== 0)
    throw unfitReading('NEM12', point, series, first!, `is an interval of ${minutes} minutes`);
  const day: (Reading | undefined)[] = new Array(minutesPerDay / minutes).fill(undefined);
  for (const reading of readings) {
    const slot = (reading.at - startsAt) / (minutes * 60);
    const refuse = (says: string) => unfitReading('NEM12', point, series, reading, says);
    if (reading.minutes !== minutes)
      throw refuse(`has ${reading.minutes} minutes on a day of ${minutes}-minute intervals`);
    if (!Number.isInteger(slot)) throw refuse(`does not begin on the clock of ${minutes}-minute intervals at UTC+10`);
    if (reading.versionAt !== versionAt) throw refuse('has another version than the intervals before it on its day');
    if (reading.value < 0) throw refuse('is below zero');
    day[slot] = reading;
  }
  return day;
}

function* writeDay(
  day: (Reading | undefined)[],
  reasons: ReturnType<Selection['books']['reasons']>,
  point: ExportedPoint,
  series: Series,
  startsAt: number,
  versionAt: number,
): Generator<string> {
  const spans: { to: number; fields: QualityFields }[] = [];
  day.forEach((reading, slot) => {
    const fields = reading ? fieldsOf(reading, reasons, point, series) : gap;
    const last = spans.at(-1);
    if (last?.fields.every((field, at) => field === fields[at])) last.to = slot + 1;
    else spans.push({ to: slot + 1, fields });
  });
  const date = nemStamp(instant(startsAt)).slice(0, 8);
  const values = day.map(reading => (reading && !Number.isNaN(reading.value) ? formatKwh(reading.value) : '0'));
  const whole = spans.length === 1 ? spans[0]!.fields : ['V', '', ''];
  yield mdffLine(['300', date, ...values, ...whole, versionStamp(versionAt), '']);
  if (spans.length === 1) return;
  let from = 1;
  for (const { to, fields } of spans) {
    yield mdffLine(['400', String(from), String(to), ...fields]);
    from = to + 1;
  }
}

function fieldsOf(
  reading: Reading,
  reasons: Parameters<typeof reasonOf>[0],
  point: ExportedPoint,
  series: Series,
): QualityFields {
  const words = reasonOf(reasons, reading);
  const fields = qualityFields(Number.isNaN(reading.value) ? 'missing' : reading.quality, words);
  if (!fields) throw unfitReading('NEM12', point, series, reading, `is of quality ${reading.quality}`);
  if (!fields.every(isMdffText)) throw unfitReading('NEM12', point, series, reading, 'has a comma in its reason');
  return fields;
}
