import type { Database } from '../kernel/database.ts';
import { type Cell, RowStore } from '../kernel/row-store.ts';
import type { MeterPoint, Series } from './meter-point.ts';

type Made = Omit<MeterPoint, 'id' | 'version'>;

/** Rows of the same kind that wait, and what they share. */
interface Waiting {
  shared: Cell[];
  own: Cell[];
}

// Cells of one meter point among those that wait, and which of them counts its meters.
const meterPointWidth = 3;
const meterCountAt = 2;

/**
 * Rows of meter points, meters and series that a transaction makes: numbered when they are made, and written many at a time by `write`,
 * which whoever reads these tables calls before. Nobody else can add one while the transaction lasts, so that the numbers are theirs.
 */
export class NewMeterPointStore {
  readonly #tables;
  readonly #lastIds;
  readonly #findMeterId;
  readonly #countMeter;
  #meterPoints: Waiting = { shared: [], own: [] };
  #meters: Waiting = { shared: [], own: [] };
  #series: Waiting = { shared: [], own: [] };
  #lastId = { meterPoint: 0, meter: 0, series: 0 };
  /** The last meter that was looked for or made: the registers of one follow each other. */
  #lastMeter = { id: 0, meterPointId: 0, serial: '' };

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
    this.#lastIds = database.prepare<[], { meterPoint: number; meter: number; series: number }>(
      `SELECT (SELECT ifnull(max(id), 0) FROM meter_point) AS meterPoint, (SELECT ifnull(max(id), 0) FROM meter) AS meter,
         (SELECT ifnull(max(id), 0) FROM series) AS series`,
    );
    this.#findMeterId = database.prepare<[number, string], { id: number }>(
      'SELECT id FROM meter WHERE meter_point_id = ? AND serial = ?',
    );
    this.#countMeter = database.prepare<[number]>('UPDATE meter_point SET meter_count = meter_count + 1 WHERE id = ?');
  }

  /** Called as a transaction begins. */
  begin(): void {
    this.#lastId = this.#lastIds.get()!;
  }

  /** Called as it ends; what was not written is forgotten, as what was is taken back. */
  end(): void {
    for (const waiting of [this.#meterPoints, this.#meters, this.#series]) waiting.own = [];
    this.#lastMeter = { id: 0, meterPointId: 0, serial: '' };
  }

  addMeterPoint({
    identifier,
    address,
    region,
    subRegion,
    postcode,
    dwellingType,
    zone,
    origin,
    createdAt,
  }: Made): number {
    this.#share(this.#meterPoints, [address, region, subRegion, postcode, dwellingType, zone, origin, createdAt]);
    const id = ++this.#lastId.meterPoint;
    this.#meterPoints.own.push(id, identifier, 0);
    return id;
  }

  /** `isFirst` says that the meter point has no meter yet, so that none is looked for. */
  meterId(meterPointId: number, serial: string, isFirst: boolean, readingType: string, createdAt: number): number {
    const last = this.#lastMeter;
    if (last.meterPointId === meterPointId && last.serial === serial) return last.id;
    const id =
      (isFirst ? undefined : this.#find(meterPointId, serial)) ??
      this.#addMeter(meterPointId, serial, readingType, createdAt);
    this.#lastMeter = { id, meterPointId, serial };
    return id;
  }

  #find(meterPointId: number, serial: string): number | undefined {
    this.write();
    return this.#findMeterId.get(meterPointId, serial)?.id;
  }

  #addMeter(meterPointId: number, serial: string, readingType: string, createdAt: number): number {
    this.#share(this.#meters, [createdAt]);
    const { own } = this.#meterPoints;
    const firstWaiting = own[0];
    if (typeof firstWaiting === 'number' && meterPointId >= firstWaiting) {
      const at = (meterPointId - firstWaiting) * meterPointWidth + meterCountAt;
      own[at] = Number(own[at]) + 1;
    } else this.#countMeter.run(meterPointId);
    const id = ++this.#lastId.meter;
    this.#meters.own.push(id, meterPointId, serial, readingType);
    return id;
  }

  addSeries(series: Omit<Series, 'id' | 'map'>, meterId: number | null, createdAt: number): number {
    const { meterPointId, kind, code, flow, unit, intervalMinutes } = series;
    this.#share(this.#series, [kind, intervalMinutes, createdAt]);
    const id = ++this.#lastId.series;
    this.#series.own.push(id, meterPointId, meterId, code, flow, unit);
    return id;
  }

  write(): void {
    const { meterPoint, meter, series } = this.#tables;
    // What others refer to goes first.
    for (const [table, waiting] of [
      [meterPoint, this.#meterPoints],
      [meter, this.#meters],
      [series, this.#series],
    ] as const) {
      if (waiting.own.length === 0) continue;
      table.insert(waiting.shared, waiting.own);
      waiting.own = [];
    }
  }

  /** Makes room for a row that shares these cells. */
  #share(waiting: Waiting, shared: Cell[]): void {
    if (isSame(shared, waiting.shared)) return;
    this.write();
    waiting.shared = shared;
  }
}

function isSame(cells: readonly Cell[], others: readonly Cell[]): boolean {
  for (let at = 0; at < cells.length; at++) if (cells[at] !== others[at]) return false;
  return true;
}
