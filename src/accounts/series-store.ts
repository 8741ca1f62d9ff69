import type { Database } from '../kernel/database.ts';
import type { Instant } from '../units/time.ts';
import { seriesColumns } from './all-series-store.ts';
import type { Series } from './meter-point.ts';
import { flowOfMap } from './register-map.ts';
import type { RegisterMapStore } from './register-map-store.ts';

/**
 * The registers and channels of meter points, each with what is told of it, and in memory those that were asked for: a row another process
 * adds is found by `read`.
 */
export class SeriesStore {
  readonly #maps: RegisterMapStore;
  readonly #list;
  readonly #listOfAll;
  readonly #findMeterPoint;
  readonly #setMinutes;
  readonly #known = new Map<number, Series[]>();

  constructor(database: Database, maps: RegisterMapStore) {
    this.#maps = maps;
    this.#list = database.prepare<[number], Series>(
      `SELECT ${seriesColumns} FROM series LEFT JOIN meter ON meter.id = series.meter_id WHERE series.meter_point_id = ? ORDER BY series.id`,
    );
    this.#listOfAll = database.prepare<[string], Series>(
      `SELECT ${seriesColumns} FROM json_each(?) AS wanted CROSS JOIN series ON series.meter_point_id = wanted.value
         LEFT JOIN meter ON meter.id = series.meter_id ORDER BY series.id`,
    );
    this.#findMeterPoint = database.prepare<[number], number>('SELECT meter_point_id FROM series WHERE id = ?').pluck();
    this.#setMinutes = database.prepare<[number, number]>('UPDATE series SET interval_minutes = ? WHERE id = ?');
  }

  /** All of a meter point, in the order they were met, when they were asked for before; else undefined. */
  findKnown(meterPointId: number): Series[] | undefined {
    return this.#known.get(meterPointId);
  }

  remember(meterPointId: number, series: Series[]): void {
    this.#known.set(meterPointId, series);
  }

  forget(meterPointId: number): void {
    this.#known.delete(meterPointId);
  }

  /** As the database has them. */
  read(meterPointId: number): Series[] {
    return this.#list.all(meterPointId).map(row => this.withMap(row));
  }

  /** The same of each of these. */
  readAll(meterPointIds: readonly number[]): Map<number, Series[]> {
    const found = new Map<number, Series[]>(meterPointIds.map(id => [id, []]));
    for (const row of this.#listOfAll.iterate(JSON.stringify(meterPointIds)))
      found.set(row.meterPointId, [...found.get(row.meterPointId)!, this.withMap(row)]);
    return found;
  }

  /** The same, with what had been told of registers at `knownAt`. */
  readAsKnown(meterPointId: number, knownAt: Instant): Series[] {
    return this.#list
      .all(meterPointId)
      .map(row => (row.kind === 'register' ? mapped(row, this.#maps.listKnown(row.id, knownAt)) : row));
  }

  /** With what is told of it by now. */
  withMap(series: Series): Series {
    return series.kind === 'register' ? mapped(series, this.#maps.listOf(series.id)) : series;
  }

  findMeterPointOf(seriesId: number): number | undefined {
    return this.#findMeterPoint.get(seriesId);
  }

  /** How long the intervals of a channel are that come from now on; those that are there stay as they are (N12-10). */
  changeIntervals({ id, meterPointId }: Series, minutes: number): void {
    this.#setMinutes.run(minutes, id);
    this.forget(meterPointId);
  }
}

/** What a register's map says of flow and unit goes before what it was registered as. */
function mapped(series: Series, map: NonNullable<Series['map']>): Series {
  return map.length > 0 ? { ...series, map, ...flowOfMap(map) } : series;
}
