import type { Series } from '../../accounts/meter-point.ts';
import type { Quality, Reading } from '../../readings/reading.ts';
import { formatKwh } from '../../units/energy.ts';
import { instant } from '../../units/time.ts';
import { type ExportedPoint, type ExportFormat, type Selection, unfitReading } from '../export-format.ts';
import { checkExchange } from '../map-states.ts';
import { readingsOf } from '../readings-of.ts';
import { checkFlow, checkNames, londonStamp, uffFileName, Wrappers } from '../uff.ts';

/** J0171; a quality that no reading type means is refused. */
const readingTypes: Partial<Record<Quality, string>> = {
  actual: 'R',
  customer: 'C',
  deemed: 'D',
  estimated: 'M',
  substituted: 'Q',
};

/** Registers as D0010: what their dials show. What that means is in D0150 and D0149, which are exported beside it (D10-17). */
export const d0010: ExportFormat = {
  name: 'd0010',
  title: 'D0010 (registers)',
  contentType: 'text/plain; charset=utf-8',
  fileName: ({ createdAt }) => uffFileName('D0010', createdAt),
  takes: ({ kind }) => kind === 'register',
  *write(selection) {
    const file = new Wrappers('D0010002');
    for (const point of selection.points) {
      for (const series of point.series) yield* writeRegister(file, selection, point, series);
    }
    yield file.close();
  },
};

function* writeRegister(file: Wrappers, selection: Selection, point: ExportedPoint, series: Series): Generator<string> {
  checkNames('D0010', point, series);
  checkFlow('D0010', point, series);
  const { code, serial } = series;
  let previous: Reading | undefined;
  for (const reading of readingsOf(selection, series)) {
    checkExchange('D0010', point, series, previous, reading);
    previous = reading;
    const refuse = (why: string) => unfitReading('D0010', point, series, reading, why);
    const type = readingTypes[reading.quality];
    if (type === undefined) throw refuse(`is of quality ${reading.quality}`);
    const [at, version] = [londonStamp(reading.at), londonStamp(instant(reading.versionAt))];
    if (at === undefined) throw refuse('is in an hour that the clock of London shows twice');
    if (version === undefined) throw refuse('has a version in an hour that the clock of London shows twice');
    if (!(reading.value >= 0 && reading.value < 1e15 && reading.value % 1000 === 0))
      throw refuse(`is ${formatKwh(reading.value)}, not at most nine digits and three decimals`);
    yield file.add(version, [
      `026|${point.meterPoint.identifier}|V|`,
      `028|${serial}|${type}|`,
      `030|${code}|${at}|${shownValue(reading)}|||T|N|`,
    ]);
  }
}

/** With the one decimal of J0040, more where there are more (D10-14). */
function shownValue({ value }: Reading): string {
  return formatKwh(value, 1);
}
