import type { Series } from '../../accounts/meter-point.ts';
import { digitsAt, multiplierAt } from '../../accounts/register-map.ts';
import { csvLine } from '../../kernel/csv.ts';
import { formatKwh, microKwh } from '../../units/energy.ts';
import { formatUtc, type Instant, instant } from '../../units/time.ts';
import type { ExportFormat } from '../export-format.ts';
import { wordedReadingsOf } from '../readings-of.ts';

const columns = [
  ...['meter_point', 'kind', 'code', 'meter', 'flow', 'unit', 'at', 'minutes', 'value', 'quality', 'version'],
  ...['method', 'reason_code', 'reason_text'],
];
/** Only where a register has a map: without it a dial that began again at zero would not come back. */
const mapColumns = ['multiplier', 'digits'];

/** Everything that is known of each current reading, a line each, in UTC; an empty value is a missing one. */
export const csv: ExportFormat = {
  name: 'csv',
  title: 'CSV (everything)',
  contentType: 'text/csv; charset=utf-8',
  fileName: ({ createdAt }) => `readings_${formatUtc(createdAt).replaceAll(/[-:]/g, '')}.csv`,
  takes: () => true,
  *write(selection) {
    const hasMaps = selection.points.some(({ series }) => series.some(({ map }) => map !== undefined));
    yield csvLine(hasMaps ? [...columns, ...mapColumns] : columns);
    for (const { meterPoint, series: all } of selection.points) {
      for (const series of all) {
        const { kind, code, serial, flow, unit } = series;
        for (const { reading, words } of wordedReadingsOf(selection, series)) {
          const { at, minutes, value, quality, versionAt } = reading;
          yield csvLine([
            ...[meterPoint.identifier, kind, code, serial, flow, unit, formatUtc(at), minutes],
            ...[
              Number.isNaN(value) ? '' : formatKwh(value),
              quality,
              versionAt === 0 ? '' : formatUtc(instant(versionAt)),
            ],
            ...[words?.method ?? '', words?.reasonCode ?? '', words?.reasonText ?? ''],
            ...(hasMaps ? dialAt(series, at) : []),
          ]);
        }
      }
    }
  },
};

function dialAt({ map }: Series, at: Instant): string[] {
  const multiplier = multiplierAt(map, at);
  return [multiplier === undefined ? '' : formatKwh(microKwh(multiplier)), String(digitsAt(map, at) ?? '')];
}
