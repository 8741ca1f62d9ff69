import type { Series } from '../accounts/meter-point.ts';
import {
  exchangeBetween,
  type RegisterAt,
  type RegisterFacts,
  registerAt,
  saysTheSame,
} from '../accounts/register-map.ts';
import type { Reading } from '../readings/reading.ts';
import { instant } from '../units/time.ts';
import { type ExportedPoint, unfit, unfitReading } from './export-format.ts';
import { londonStamp } from './uff.ts';

/** What holds of a register from a day on. */
export interface MapState {
  /** YYYYMMDD. */
  day: string;
  /** When its sender said so, YYYYMMDDhhmmss in London. */
  version: string;
  holds: RegisterAt;
}

type Item = keyof RegisterAt & keyof RegisterFacts;

/**
 * What a register's map says of some items, day by day, each time they change. The version is of the day's facts that brought what holds:
 * what only says part of it again does not make it newer, as two flows tell the configuration. Throws 'export-unfit' where the meter was exchanged
 * under the same serial.
 */
export function* mapStates(
  format: string,
  point: ExportedPoint,
  series: Series,
  items: readonly Item[],
): Generator<MapState> {
  const map = series.map ?? [];
  if (map.some(({ exchange }) => exchange))
    throw unfit(format, point, series, 'the meter was exchanged under the same serial');
  let said = '';
  const bringing = new Map<Item, RegisterFacts>();
  for (const [fromAt, facts] of Map.groupBy(map, each => each.fromAt)) {
    const holds = registerAt(map, fromAt);
    const says = items.map(item => holds[item]).join('\n');
    for (const item of items) {
      const told = facts.filter(each => each[item] !== undefined && each[item] !== '');
      for (const each of told) {
        const before = bringing.get(item);
        const isAgain = before?.fromAt === fromAt && saysTheSame(before, each);
        if (before?.[item] !== each[item] || isAgain) bringing.set(item, each);
      }
    }
    const brought = [...bringing.values()].filter(each => each.fromAt === fromAt);
    if (brought.length === 0 || says === said) continue;
    said = says;
    const version = londonStamp(instant(Math.max(...brought.map(({ versionAt }) => versionAt))));
    if (version === undefined) {
      const when = `what holds from ${facts[0]!.fromDay} on has a version in an hour that the clock of London shows twice`;
      throw unfit(format, point, series, when);
    }
    yield { day: facts[0]!.fromDay.replaceAll('-', ''), version, holds };
  }
}

/** Throws 'export-unfit' where the meter was exchanged between two readings: a format without a word for that would make them one dial's. */
export function checkExchange(
  format: string,
  point: ExportedPoint,
  series: Series,
  previous: Reading | undefined,
  reading: Reading,
): void {
  if (previous && exchangeBetween(series.map, previous.at, reading.at)) {
    const says = 'is the first since the meter was exchanged under the same serial';
    throw unfitReading(format, point, series, reading, says);
  }
}
