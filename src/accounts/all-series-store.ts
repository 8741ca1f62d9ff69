import type { Database } from '../kernel/database.ts';
import type { Zone } from '../units/time.ts';
import type { Series } from './meter-point.ts';

export const seriesColumns = `series.id, series.meter_point_id AS meterPointId, ifnull(meter.serial, '') AS serial, series.kind, series.code,
  series.flow, series.unit, series.interval_minutes AS intervalMinutes`;
const meterPointsAtOnce = 500;

/** A series beside what its meter point is called and whose days it has. What was told of registers is not there. */
export type PlacedSeries = Series & { identifier: string; zone: Zone };

/** Every series there is, for projections over all meter points: straight from the database, past the caches of MeterPointStore. */
export class AllSeriesStore {
  readonly #findLast;
  readonly #list;
  readonly #count;
  readonly #meterPointsOf;

  constructor(database: Database) {
    this.#findLast = database.prepare<[string], { last: string | null }>(
      `SELECT max(identifier) AS last
       FROM (SELECT identifier FROM meter_point WHERE identifier > ? ORDER BY identifier LIMIT ${meterPointsAtOnce})`,
    );
    this.#list = database.prepare<[string, string], PlacedSeries>(
      `SELECT ${seriesColumns}, meter_point.identifier, meter_point.zone FROM meter_point
       JOIN series ON series.meter_point_id = meter_point.id LEFT JOIN meter ON meter.id = series.meter_id
       WHERE meter_point.identifier > ? AND meter_point.identifier <= ?
       ORDER BY meter_point.identifier, series.kind, series.code, series.id`,
    );
    this.#count = database.prepare<[string], { count: number }>(
      'SELECT count(*) AS count FROM json_each(?) AS asked CROSS JOIN series ON series.id = asked.value',
    );
    this.#meterPointsOf = database
      .prepare<[string], number>(
        'SELECT DISTINCT meter_point_id FROM json_each(?) AS asked CROSS JOIN series ON series.id = asked.value',
      )
      .pluck();
  }

  /** By meter point, in parts of some hundred of them each: between two, others may be served. */
  *each(): Generator<PlacedSeries[]> {
    for (let after = ''; ; ) {
      const { last } = this.#findLast.get(after)!;
      if (last === null) return;
      yield this.#list.all(after, last);
      after = last;
    }
  }

  /** All at once, for whoever has few. */
  list(): PlacedSeries[] {
    return [...this.each()].flat();
  }

  /** Where these stand, each meter point once. */
  meterPointsOf(ids: readonly number[]): number[] {
    return this.#meterPointsOf.all(JSON.stringify(ids));
  }

  /** How many of these there are. */
  count(ids: readonly number[]): number {
    return this.#count.get(JSON.stringify(ids))!.count;
  }
}
