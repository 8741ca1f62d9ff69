import type { MeterPoint, Series } from '../../accounts/meter-point.ts';
import { digitsAt, exchangeBetween, multiplierAt } from '../../accounts/register-map.ts';
import { csvLine } from '../../kernel/csv.ts';
import type { Reading } from '../../readings/reading.ts';
import { type ReasonWords, reasonOf } from '../../readings/reading-reason-store.ts';
import { formatKwh, microKwh } from '../../units/energy.ts';
import { formatUtc, type Instant, instant } from '../../units/time.ts';
import { type ExportedPoint, type ExportFormat, unfitReading } from '../export-format.ts';
import { wordedReadingsOf } from '../readings-of.ts';

const columns = [
  ...['meter_point', 'kind', 'code', 'meter', 'flow', 'unit', 'at', 'minutes', 'value', 'quality', 'version'],
  ...['method', 'reason_code', 'reason_text'],
];
/** Only where a register has a map: without it a dial that began again at zero would not come back. */
const mapColumns = ['multiplier', 'digits'];

/** Only where a meter was exchanged under its serial, at the first reading since then; without it that would count backwards. */
const exchangeColumns = ['exchanged_at', 'final_value', 'first_value'];
/** Where conflicts are asked for: empty for what is current. */
const statusColumn = 'status';

/**
 * Everything that is known of each current reading, a line each, in UTC; an empty value is a missing one. What contradicts them stands behind
 * all of its register or channel, so that whoever reads the file meets it as it was met.
 */
export const csv: ExportFormat = {
  name: 'csv',
  title: 'CSV (everything)',
  contentType: 'text/csv; charset=utf-8',
  fileName: ({ createdAt }) => `readings_${formatUtc(createdAt).replaceAll(/[-:]/g, '')}.csv`,
  takes: () => true,
  saysConflicts: true,
  *write(selection) {
    const { points, books, withConflicts, from, to } = selection;
    const hasMaps = points.some(({ series }) => series.some(({ map }) => map !== undefined));
    const hasExchanges = points.some(({ series }) => series.some(({ map }) => map?.some(({ exchange }) => exchange)));
    yield csvLine([
      ...columns,
      ...(hasMaps ? mapColumns : []),
      ...(hasExchanges ? exchangeColumns : []),
      ...(withConflicts ? [statusColumn] : []),
    ]);
    for (const { meterPoint, series: all } of points) {
      for (const series of all) {
        let previous: Reading | undefined;
        const line = (reading: Reading, words: ReasonWords | undefined, status: string) =>
          csvLine([
            ...cellsOf(meterPoint, series, reading, words),
            ...(hasMaps ? dialAt(series, reading.at) : []),
            ...(hasExchanges ? exchangeCells({ meterPoint, series: all }, series, previous, reading) : []),
            ...(withConflicts ? [status] : []),
          ]);
        for (const { reading, words } of wordedReadingsOf(selection, series)) {
          yield line(reading, words, '');
          previous = reading;
        }
        if (!withConflicts) continue;
        for (const reading of books.conflicts(series, from, to)) {
          const words = reasonOf(books.reasons(series, reading.at, instant(reading.at + 1)), reading);
          yield line(reading, words, 'conflict');
        }
      }
    }
  },
};

function cellsOf(
  { identifier }: MeterPoint,
  { kind, code, serial, flow, unit }: Series,
  { at, minutes, value, quality, versionAt }: Reading,
  words: ReasonWords | undefined,
): (string | number)[] {
  return [
    ...[identifier, kind, code, serial, flow, unit, formatUtc(at), minutes],
    ...[Number.isNaN(value) ? '' : formatKwh(value), quality, versionAt === 0 ? '' : formatUtc(instant(versionAt))],
    ...[words?.method ?? '', words?.reasonCode ?? '', words?.reasonText ?? ''],
  ];
}

function exchangeCells(
  point: ExportedPoint,
  series: Series,
  previous: Reading | undefined,
  reading: Reading,
): string[] {
  const { map } = series;
  const exchanged = previous && exchangeBetween(map, previous.at, reading.at);
  if (!previous || !exchanged?.exchange) return ['', '', ''];
  if (exchangeBetween(map, previous.at, instant(exchanged.fromAt - 1)))
    throw unfitReading('CSV', point, series, reading, 'is the first since the meter was exchanged twice');
  if (String(dialAt(series, exchanged.fromAt)) !== String(dialAt(series, reading.at)))
    throw unfitReading(
      'CSV',
      point,
      series,
      reading,
      'is counted otherwise than when the meter was exchanged before it',
    );
  const { finalValue, firstValue } = exchanged.exchange;
  return [formatUtc(exchanged.fromAt), formatKwh(finalValue), formatKwh(firstValue)];
}

function dialAt({ map }: Series, at: Instant): string[] {
  const multiplier = multiplierAt(map, at);
  return [multiplier === undefined ? '' : formatKwh(microKwh(multiplier)), String(digitsAt(map, at) ?? '')];
}
