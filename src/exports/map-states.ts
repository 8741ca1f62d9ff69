import type { Series } from '../accounts/meter-point.ts';
import { type RegisterAt, type RegisterFacts, registerAt } from '../accounts/register-map.ts';
import { instant } from '../units/time.ts';
import { type ExportedPoint, unfit } from './export-format.ts';
import { londonStamp } from './uff.ts';

/** What holds of a register from a day on. */
export interface MapState {
  /** YYYYMMDD. */
  day: string;
  /** When its sender said so, YYYYMMDDhhmmss in London. */
  version: string;
  holds: RegisterAt;
}

/**
 * What a register's map says of some items, day by day, each time they change. Of the facts of a day, those that tell any of them have the
 * version. Throws 'export-unfit' where the meter was exchanged under the same serial.
 */
export function* mapStates(
  format: string,
  point: ExportedPoint,
  series: Series,
  items: (keyof RegisterAt & keyof RegisterFacts)[],
): Generator<MapState> {
  const map = series.map ?? [];
  if (map.some(({ exchange }) => exchange))
    throw unfit(format, point, series, 'the meter was exchanged under the same serial');
  let said = '';
  for (const [fromAt, facts] of Map.groupBy(map, each => each.fromAt)) {
    const holds = registerAt(map, fromAt);
    const says = items.map(item => holds[item]).join('\n');
    const telling = facts.filter(each => items.some(item => each[item] !== undefined && each[item] !== ''));
    if (telling.length === 0 || says === said) continue;
    said = says;
    const version = londonStamp(instant(Math.max(...telling.map(({ versionAt }) => versionAt))));
    if (version === undefined) {
      const when = `what holds from ${facts[0]!.fromDay} on has a version in an hour that the clock of London shows twice`;
      throw unfit(format, point, series, when);
    }
    yield { day: facts[0]!.fromDay.replaceAll('-', ''), version, holds };
  }
}
