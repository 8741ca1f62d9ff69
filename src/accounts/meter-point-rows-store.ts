import type { Database } from '../kernel/database.ts';
import { type Cell, type PackedRows, RowStore } from '../kernel/row-store.ts';

/** What a transaction makes: rows of meter points, meters and series in an order in which they can be put, as any thread can be handed. */
export interface NewRows {
  tables: { table: MeterPointTable; rows: PackedRows[] }[];
  /** Meter points that stood there before and have one more meter, each as often as it has. */
  metersMore: number[];
}

export type MeterPointTable = 'meterPoint' | 'meter' | 'series';

/** Writes rows of meter points, meters and series that have their numbers already. */
export class MeterPointRowsStore {
  readonly #tables;
  readonly #countMeter;

  constructor(database: Database) {
    this.#tables = {
      meterPoint: new RowStore(
        database,
        'meter_point',
        ['address', 'region', 'sub_region', 'postcode', 'dwelling_type', 'zone', 'origin', 'created_at'],
        ['id', 'identifier', 'meter_count'],
      ),
      meter: new RowStore(database, 'meter', ['created_at'], ['id', 'meter_point_id', 'serial', 'reading_type']),
      series: new RowStore(
        database,
        'series',
        ['kind', 'interval_minutes', 'created_at'],
        ['id', 'meter_point_id', 'meter_id', 'code', 'flow', 'unit'],
      ),
    };
    this.#countMeter = database.prepare<[number]>('UPDATE meter_point SET meter_count = meter_count + 1 WHERE id = ?');
  }

  pack(table: MeterPointTable, shared: readonly Cell[], own: readonly Cell[]): PackedRows[] {
    return this.#tables[table].pack(shared, own);
  }

  /** The caller holds a transaction. */
  put({ tables, metersMore }: NewRows): void {
    for (const { table, rows } of tables) for (const each of rows) this.#tables[table].put(each);
    for (const meterPointId of metersMore) this.#countMeter.run(meterPointId);
  }
}
