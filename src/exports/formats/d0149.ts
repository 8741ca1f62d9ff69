import type { Series } from '../../accounts/meter-point.ts';
import { type ExportedPoint, type ExportFormat, unfit } from '../export-format.ts';
import { mapStates } from '../map-states.ts';
import { checkNames, uffFileName, Wrappers } from '../uff.ts';

/** In which time pattern of which settlement configuration registers count, as D0149, from each day on which that changed (D10-17). */
export const d0149: ExportFormat = {
  name: 'd0149',
  title: 'D0149 (time patterns)',
  contentType: 'text/plain; charset=utf-8',
  fileName: ({ createdAt }) => uffFileName('D0149', createdAt),
  takes: ({ kind, map = [] }) => kind === 'register' && map.some(({ timePattern }) => timePattern !== ''),
  *write({ points }) {
    const file = new Wrappers('D0149002');
    for (const point of points) {
      for (const series of point.series) yield* writeRegister(file, point, series);
    }
    yield file.close();
  },
};

function* writeRegister(file: Wrappers, point: ExportedPoint, series: Series): Generator<string> {
  checkNames('D0149', point, series);
  for (const { day, version, holds } of mapStates('D0149', point, series, ['configuration', 'timePattern'])) {
    const { configuration, timePattern } = holds;
    if (configuration === '') throw unfit('D0149', point, series, 'its settlement configuration was not told');
    yield file.add(version, [
      `280|${point.meterPoint.identifier}|${day}|`,
      `281|${configuration}|${day}|`,
      `778|${timePattern}|`,
      `283|${series.serial}|`,
      `284|${series.code}|1|`,
    ]);
  }
}
