import { assert } from '../kernel/assert.ts';
import type { Database } from '../kernel/database.ts';
import type { Cell } from '../kernel/row-store.ts';
import { MadeMeters } from './made-meters.ts';
import type { MeterPoint, Series } from './meter-point.ts';
import { MeterPointRowsStore, type NewRows } from './meter-point-rows-store.ts';

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
  readonly #rows;
  readonly #lastIds;
  readonly #findMeterId;
  #meterPoints: Waiting = { shared: [], own: [] };
  #meters: Waiting = { shared: [], own: [] };
  #series: Waiting = { shared: [], own: [] };
  #lastId = { meterPoint: 0, meter: 0, series: 0 };
  /** Numbers that rows have which are written by somebody else, and may not stand there yet. */
  #given = { meterPoint: 0, meter: 0, series: 0 };
  /** What somebody else is to write. */
  #behind: NewRows | undefined;
  #made = new MadeMeters();
  /** The last meter that was looked for or made: the registers of one follow each other. */
  #lastMeter = { id: 0, meterPointId: 0, serial: '' };

  constructor(database: Database) {
    this.#rows = new MeterPointRowsStore(database);
    this.#lastIds = database.prepare<[], { meterPoint: number; meter: number; series: number }>(
      `SELECT (SELECT ifnull(max(id), 0) FROM meter_point) AS meterPoint, (SELECT ifnull(max(id), 0) FROM meter) AS meter,
         (SELECT ifnull(max(id), 0) FROM series) AS series`,
    );
    this.#findMeterId = database.prepare<[number, string], { id: number }>(
      'SELECT id FROM meter WHERE meter_point_id = ? AND serial = ?',
    );
  }

  /** Called as a transaction begins. */
  begin(): void {
    const stored = this.#lastIds.get()!;
    this.#lastId = {
      meterPoint: Math.max(stored.meterPoint, this.#given.meterPoint),
      meter: Math.max(stored.meter, this.#given.meter),
      series: Math.max(stored.series, this.#given.series),
    };
  }

  /** The same where somebody else writes what is made, which `takeBehind` hands out. */
  beginBehind(): void {
    this.begin();
    this.#behind = { tables: [], metersMore: [] };
  }

  get isBehind(): boolean {
    return this.#behind !== undefined;
  }

  takeBehind(): NewRows {
    assert(this.#behind, 'what is written behind was begun so');
    this.write();
    this.#given = { ...this.#lastId };
    return this.#behind;
  }

  /** Called as it ends; what was not written is forgotten, as what was is taken back. */
  end(): void {
    for (const waiting of [this.#meterPoints, this.#meters, this.#series]) waiting.own = [];
    this.#behind = undefined;
    this.#made = new MadeMeters();
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
    return this.#made.findId(meterPointId, serial) ?? this.#findMeterId.get(meterPointId, serial)?.id;
  }

  #addMeter(meterPointId: number, serial: string, readingType: string, createdAt: number): number {
    this.#share(this.#meters, [createdAt]);
    const { own } = this.#meterPoints;
    const firstWaiting = own[0];
    if (typeof firstWaiting === 'number' && meterPointId >= firstWaiting) {
      const at = (meterPointId - firstWaiting) * meterPointWidth + meterCountAt;
      own[at] = Number(own[at]) + 1;
    } else if (this.#behind) this.#behind.metersMore.push(meterPointId);
    else this.#rows.put({ tables: [], metersMore: [meterPointId] });
    const id = ++this.#lastId.meter;
    this.#meters.own.push(id, meterPointId, serial, readingType);
    this.#made.add(id, meterPointId, serial);
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
    const tables: NewRows['tables'] = [];
    // What others refer to goes first.
    for (const [table, waiting] of [
      ['meterPoint', this.#meterPoints],
      ['meter', this.#meters],
      ['series', this.#series],
    ] as const) {
      if (waiting.own.length === 0) continue;
      tables.push({ table, rows: this.#rows.pack(table, waiting.shared, waiting.own) });
      waiting.own = [];
    }
    if (this.#behind) this.#behind.tables.push(...tables);
    else if (tables.length > 0) this.#rows.put({ tables, metersMore: [] });
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
