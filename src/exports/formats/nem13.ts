import type { Series } from '../../accounts/meter-point.ts';
import { one, registerAt } from '../../accounts/register-map.ts';
import { advances } from '../../consumption/register-advance.ts';
import type { Reading } from '../../readings/reading.ts';
import { reasonOf } from '../../readings/reading-reason-store.ts';
import { formatKwh, type MicroKwh, microKwh } from '../../units/energy.ts';
import { instant } from '../../units/time.ts';
import { type ExportedPoint, type ExportFormat, type Selection, unfit, unfitReading } from '../export-format.ts';
import {
  isMdffIdentifier,
  isMdffText,
  mdffFileName,
  mdffHeader,
  mdffLine,
  mdffUnits,
  nemStamp,
  qualityFields,
  versionStamp,
} from '../mdff.ts';
import { readingsOf } from '../readings-of.ts';

/**
 * Registers as NEM13: a 250 record from each reading to the next. A record has one version, that of its current read; the first
 * reading is told by a record of no length where its version would else be lost, or where there is no other.
 */
export const nem13: ExportFormat = {
  name: 'nem13',
  title: 'NEM13 (registers)',
  contentType: 'text/csv; charset=utf-8',
  fileName: ({ createdAt }) => mdffFileName('NEM13', createdAt),
  takes: ({ kind }) => kind === 'register',
  *write(selection) {
    yield mdffHeader('NEM13', selection.createdAt);
    for (const point of selection.points) {
      const configuration = point.series.map(({ code }) => code).join('');
      for (const series of point.series) yield* writeRegister(selection, point, series, configuration);
    }
    yield mdffLine(['900']);
  },
};

function* writeRegister(
  selection: Selection,
  point: ExportedPoint,
  series: Series,
  configuration: string,
): Generator<string> {
  checkRegister(point, series);
  let previous: Reading | undefined;
  let alone = false;
  /** The record before: its day and its multiplier. */
  let last: { day: string; multiplier: number } | undefined;
  const record = (from: Reading, to: Reading) => recordOf(selection, point, series, configuration, from, to);
  const multiplier = (reading: Reading) => registerAt(series.map, reading.at).multiplierMicro;
  for (const reading of readingsOf(selection, series)) {
    if (previous) {
      const next = { day: nemStamp(previous.at).slice(0, 8), multiplier: multiplier(previous) };
      // Whoever reads the file knows from which day on a multiplier holds, and no nearer.
      if (last?.day === next.day && last.multiplier !== next.multiplier) {
        const says = 'is counted with another multiplier than the reading before it on the same day of UTC+10';
        throw unfitReading('NEM13', point, series, previous, says);
      }
      last = next;
      if (alone && previous.versionAt !== reading.versionAt) yield record(previous, previous);
      yield record(previous, reading);
    }
    alone = previous === undefined;
    previous = reading;
  }
  if (alone && previous) yield record(previous, previous);
}

function checkRegister(point: ExportedPoint, series: Series): void {
  const { identifier } = point.meterPoint;
  const { code, flow, unit, serial } = series;
  const isEnergy = unit === 'kWh';
  const says =
    (!isMdffIdentifier(identifier) && `the identifier "${identifier}"`) ||
    (!(isMdffText(code) && code !== '') && `the register code "${code}"`) ||
    (!isMdffText(serial) && `the serial "${serial}"`) ||
    (isEnergy !== (flow === 'from-grid' || flow === 'to-grid') &&
      `a register of ${unit} that counts the flow ${flow}`) ||
    (!mdffUnits.has(unit) && `the unit "${unit}"`);
  if (says) throw unfit('NEM13', point, series, says);
}

function recordOf(
  { books }: Selection,
  point: ExportedPoint,
  series: Series,
  configuration: string,
  previous: Reading,
  current: Reading,
): string {
  const { code, serial, flow, unit } = series;
  const direction = flow === 'to-grid' ? 'I' : 'E';
  const quantity = unit === 'kWh' ? advance(point, series, previous, current) : demand(series, current);
  return mdffLine([
    ...['250', point.meterPoint.identifier, configuration, code, code, '', serial, direction],
    ...readFields(books, point, series, previous),
    ...readFields(books, point, series, current),
    ...[formatKwh(quantity), unit, '', versionStamp(current.versionAt), ''],
  ]);
}

/** Multiplier and rollover are in the quantity (N13-2), and only where the reads show them it is read back. */
function advance(point: ExportedPoint, series: Series, previous: Reading, current: Reading): MicroKwh {
  const refuse = (says: string) => unfitReading('NEM13', point, series, current, says);
  const [found] = advances([previous, current], series.map);
  if (!found) throw refuse('is below the reading before it, and nobody told why');
  if (found.parts.length > 1) throw refuse('is the first since the meter was exchanged under the same serial');
  const { multiplierMicro } = found.parts[0]!;
  if (multiplierMicro % one !== 0) throw refuse(`is counted ${multiplierMicro / one} times`);
  return found.energy;
}

/** What it stands for itself, as it is no difference (N13-3). */
function demand({ map }: Series, { at, value }: Reading): MicroKwh {
  return microKwh(Number((BigInt(value) * BigInt(registerAt(map, at).multiplierMicro)) / BigInt(one)));
}

function readFields(books: Selection['books'], point: ExportedPoint, series: Series, reading: Reading): string[] {
  const refuse = (says: string) => unfitReading('NEM13', point, series, reading, says);
  const { at, value, quality, versionAt } = reading;
  const fields =
    quality === 'missing'
      ? undefined
      : qualityFields(quality, reasonOf(books.reasons(series, at, instant(at + 1)), reading));
  if (!fields) throw refuse(`is of quality ${quality}`);
  if (!fields.every(isMdffText)) throw refuse('has a comma in its reason');
  if (!(value >= 0)) throw refuse('is below zero');
  if (quality === 'estimated' && versionAt !== 0 && at > versionAt)
    throw refuse('is an estimate of a time after its own version');
  return [formatKwh(value), nemStamp(at), ...fields];
}
