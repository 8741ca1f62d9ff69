import { assert } from '../kernel/assert.ts';
import type { Database } from '../kernel/database.ts';
import { Refusal } from '../kernel/errors.ts';
import { withoutCheckDigit } from '../units/identifiers.ts';
import type { Instant } from '../units/time.ts';
import { AllSeriesStore } from './all-series-store.ts';
import { ConfigurationStore } from './configuration-store.ts';
import type { MeterPoint, MeterPointFacts, Premises, Series } from './meter-point.ts';
import { MeterPointDirectory, meterPointColumns } from './meter-point-directory-store.ts';
import type { NewRows } from './meter-point-rows-store.ts';
import { NewMeterPointStore } from './new-meter-point-store.ts';
import { type RegisterFacts, type RegisterMap, withFacts } from './register-map.ts';
import { RegisterMapStore, type ToldFacts } from './register-map-store.ts';
import { Registering } from './registering.ts';
import { SeriesStore } from './series-store.ts';

// As many as a transaction that anybody waits for makes or looks up.
const rememberedMax = 1000;
export type NewMeterPoint = Pick<MeterPoint, 'identifier' | 'address' | 'zone' | 'origin'> & Partial<Premises>;

export type NewSeries = Omit<Series, 'id' | 'map'> & {
  /** What is said of a meter's readings where it is named first. */
  readingType?: string;
};

/**
 * Meter points and their series, with a cache in front: the ingest path asks for one per reading. Another process may add rows but
 * never changes what a row says, so a hit is always right and a miss asks the database; `change` forgets what it changed.
 */
export class MeterPointStore {
  readonly allSeries: AllSeriesStore;
  readonly directory: MeterPointDirectory;
  readonly configurations: ConfigurationStore;
  /** To be read: what is told, or taken back, is told here. */
  readonly maps: RegisterMapStore;
  readonly #database: Database;
  readonly #series: SeriesStore;
  readonly #new: NewMeterPointStore;
  readonly #find;
  readonly #findAll;
  readonly #findById;
  readonly #byIdentifier = new Map<string, MeterPoint>();
  /** Told of the meter points that a transaction registers, by whatever door, at its end. */
  onAdded: (identifiers: readonly string[]) => void = () => undefined;
  /** Told, in its transaction, of a register, as it was before, and of its map from then on. */
  onMapChange: (series: Series, map: RegisterMap) => void = () => undefined;
  /** Counts what may change where a name leads: a new register or channel, or what is told of a register. */
  changes = 0;
  #underWay: Registering | undefined;

  constructor(database: Database) {
    this.#database = database;
    this.maps = new RegisterMapStore(database);
    this.#series = new SeriesStore(database, this.maps);
    this.#new = new NewMeterPointStore(database);
    this.allSeries = new AllSeriesStore(database);
    this.directory = new MeterPointDirectory(database);
    this.configurations = new ConfigurationStore(database, this.#new);
    this.#find = database.prepare<[string], MeterPoint>(
      `SELECT ${meterPointColumns} FROM meter_point WHERE identifier = ?`,
    );
    this.#findAll = database.prepare<[string], MeterPoint>(
      `SELECT ${meterPointColumns} FROM meter_point WHERE identifier IN (SELECT value FROM json_each(?))`,
    );
    this.#findById = database.prepare<[number], MeterPoint>(
      `SELECT ${meterPointColumns} FROM meter_point WHERE id = ?`,
    );
  }

  /** Throws 'meter-point-exists' when the identifier is taken. */
  add(meterPoint: NewMeterPoint, createdAt: number): MeterPoint {
    const identifier = withoutCheckDigit(meterPoint.identifier);
    if (this.find(identifier)) {
      throw new Refusal('meter-point-exists', `meter point ${identifier} exists already`);
    }
    return this.#during(underWay => {
      const { address, zone, origin, region = '', subRegion = '', postcode = '', dwellingType = '' } = meterPoint;
      const premises = { region, subRegion, postcode, dwellingType };
      const made = { id: 0, identifier, address, zone, createdAt, origin, version: 1, ...premises };
      made.id = this.#new.addMeterPoint(made);
      underWay.make(made);
      return made;
    });
  }

  /** `known` is what the change was made of. Throws 'edit-stale' when somebody changed it since. */
  change(known: MeterPoint, facts: MeterPointFacts): MeterPoint {
    this.#new.write();
    const { changes } = this.#database
      .prepare(
        `UPDATE meter_point SET address = @address, region = @region, sub_region = @subRegion, postcode = @postcode,
           dwelling_type = @dwellingType, version = version + 1 WHERE id = @id AND version = @version`,
      )
      .run({ ...known, ...facts });
    this.directory.forget();
    if (changes === 0) throw new Refusal('edit-stale', `meter point ${known.identifier} was changed meanwhile`);
    // Under its identifier and under that with the check digit.
    for (const [sent, { id }] of this.#byIdentifier) if (id === known.id) this.#byIdentifier.delete(sent);
    return { ...known, ...facts, version: known.version + 1 };
  }

  /** A meter point with its registers and channels, or nothing of either. */
  addWithSeries(
    meterPoint: NewMeterPoint,
    series: Omit<NewSeries, 'meterPointId' | 'serial' | 'unit'>[],
    createdAt: number,
  ): MeterPoint {
    return this.addTogether(() => {
      const added = this.add(meterPoint, createdAt);
      for (const each of series)
        this.addSeries({ ...each, meterPointId: added.id, serial: '', unit: 'kWh' }, createdAt);
      return added;
    });
  }

  /**
   * What `add` makes is committed at once: a file that names ten thousand new meters would otherwise wait for as many syncs. Nothing
   * may be journalled for a row before this returns. The meter points `mentioned` are looked up at once; while the transaction lasts
   * nobody else can add one, so that those it makes are not looked for again.
   */
  addTogether<T>(add: () => T, mentioned: readonly string[] = []): T {
    return this.#during(underWay => {
      this.#lookUp(mentioned, underWay);
      return add();
    });
  }

  /**
   * The same by somebody who writes beside: what `add` makes has its numbers at once and stands in the database when `written` resolves.
   * Until then nobody finds it, so that whoever looks for the like waits. `add` finds and makes, and nothing else.
   */
  addBehind<T>(
    add: () => T,
    mentioned: readonly string[],
    write: (rows: NewRows) => Promise<void>,
  ): { made: T; written: Promise<void> } {
    assert(!this.#underWay, 'what is written behind stands in no other transaction');
    const underWay = new Registering();
    const { made, rows } = this.#acting(underWay, 'deferred', () => {
      this.#lookUp(mentioned, underWay);
      return { made: add(), rows: this.#new.takeBehind() };
    });
    const written = rows.tables.length === 0 ? Promise.resolve() : write(rows);
    return {
      made,
      written: written.then(() => {
        // Somebody may have looked before they were there.
        for (const [id] of underWay.series()) this.#series.forget(id);
        if (underWay.made.length > 0) this.#tellOf(underWay.made);
        this.#remember(underWay);
      }),
    };
  }

  /** In the transaction that is under way, or in one for itself. */
  #during<T>(act: (underWay: Registering) => T): T {
    if (this.#underWay) return act(this.#underWay);
    const underWay = new Registering();
    const result = this.#acting(underWay, 'immediate', () => {
      const acted = act(underWay);
      this.#new.write();
      if (underWay.made.length > 0) this.#tellOf(underWay.made);
      return acted;
    });
    if (!this.#database.inTransaction) this.#remember(underWay);
    return result;
  }

  #acting<T>(underWay: Registering, kind: 'immediate' | 'deferred', act: () => T): T {
    return this.#database
      .transaction(() => {
        this.#underWay = underWay;
        if (kind === 'immediate') this.#new.begin();
        else this.#new.beginBehind();
        try {
          return act();
        } finally {
          this.#new.end();
          this.#underWay = undefined;
        }
      })
      [kind]();
  }

  #tellOf(added: readonly string[]): void {
    this.directory.forget();
    this.onAdded(added);
  }

  #remember(underWay: Registering): void {
    // Of a file with a hundred thousand meters nobody asks for the same ones again before the next file.
    if (underWay.size > rememberedMax) return;
    for (const [identifier, meterPoint] of underWay.meterPoints()) this.#byIdentifier.set(identifier, meterPoint);
    for (const [id, series] of underWay.series()) this.#series.remember(id, series);
  }

  #lookUp(mentioned: readonly string[], underWay: Registering): void {
    const asked = new Set<string>();
    let last: string | undefined;
    for (const sent of mentioned) {
      // What is said of one meter point stands together.
      if (sent === last) continue;
      last = sent;
      const identifier = withoutCheckDigit(sent);
      const isKnown = this.#byIdentifier.has(sent) || underWay.find(identifier) || underWay.isAbsent(identifier);
      if (!isKnown) asked.add(identifier);
    }
    if (asked.size === 0) return;
    const unknown: number[] = [];
    for (const row of this.#findAll.all(JSON.stringify([...asked]))) {
      underWay.meet(row);
      asked.delete(row.identifier);
      if (!this.#series.findKnown(row.id)) unknown.push(row.id);
    }
    underWay.noteAbsent(asked);
    if (unknown.length === 0) return;
    for (const [id, series] of this.#series.readAll(unknown)) underWay.keepSeries(id, series);
  }

  /** By its identifier; an NMI may carry its check digit. */
  find(sent: string): MeterPoint | undefined {
    const known = this.#byIdentifier.get(sent);
    if (known) return known;
    const identifier = withoutCheckDigit(sent);
    if (this.#underWay?.isAbsent(identifier)) return undefined;
    const row = this.#underWay?.find(identifier) ?? this.#find.get(identifier);
    // Inside a transaction the row may still be rolled back, so it is not remembered yet.
    if (row && !this.#database.inTransaction) this.#byIdentifier.set(sent, row);
    return row;
  }

  get(identifier: string): MeterPoint {
    const meterPoint = this.find(identifier);
    if (!meterPoint) {
      throw new Refusal('meter-point-unknown', `there is no meter point ${identifier}`, [
        { pointer: '/meterPoint', message: `meter point ${identifier} is not registered` },
      ]);
    }
    return meterPoint;
  }

  getById(id: number): MeterPoint {
    this.#new.write();
    const row = this.#findById.get(id);
    if (!row) throw new Refusal('meter-point-unknown', `there is no meter point with id ${id}`);
    return row;
  }

  /** The registers and channels of a meter point, in the order they were met. */
  listSeries(meterPointId: number): Series[] {
    const underWay = this.#underWay?.listSeries(meterPointId);
    return underWay ?? this.#series.findKnown(meterPointId) ?? this.#readSeries(meterPointId);
  }

  /** The same, with what had been told of registers at `knownAt`, or is told where that is undefined. */
  listSeriesAsKnown(meterPointId: number, knownAt: Instant | undefined): Series[] {
    return knownAt === undefined ? this.listSeries(meterPointId) : this.#series.readAsKnown(meterPointId, knownAt);
  }

  #readSeries(meterPointId: number): Series[] {
    const known = this.#underWay?.listSeries(meterPointId);
    if (known) return known;
    this.#new.write();
    const rows = this.#series.read(meterPointId);
    if (this.#underWay) this.#underWay.keepSeries(meterPointId, rows);
    else if (!this.#database.inTransaction) this.#series.remember(meterPointId, rows);
    return rows;
  }

  /** Tells of a register; the answer says whether it was known. */
  addRegisterFacts(series: Series, facts: RegisterFacts, createdAt: number): 'new' | 'identical' {
    const { id, meterPointId } = series;
    this.#new.write();
    const outcome = this.maps.add(id, facts, createdAt);
    if (outcome === 'told') return 'identical';
    this.changes += 1;
    this.#series.forget(meterPointId);
    const all = this.#underWay?.listSeries(meterPointId);
    if (all)
      this.#underWay?.keepSeries(
        meterPointId,
        all.map(each => (each.id === id ? this.#series.withMap(each) : each)),
      );
    if (outcome === 'again') return 'identical';
    this.onMapChange(series, withFacts(series.map ?? [], facts));
    return 'new';
  }

  /** What was told holds no more. */
  takeBackFacts(facts: readonly ToldFacts[], undoneAt: number): void {
    const changed = [...new Set(facts.map(({ seriesId }) => seriesId))].map(id => this.getSeries(id).series);
    this.#database
      .transaction(() => {
        for (const each of facts) this.maps.takeBack(each, undoneAt);
        for (const series of changed) this.onMapChange(series, this.maps.listOf(series.id));
      })
      .immediate();
    this.changes += 1;
    for (const { meterPointId } of changed) this.#series.forget(meterPointId);
  }

  /** Throws 'meter-point-unknown' when there is no such series. */
  getSeries(seriesId: number): { series: Series; meterPoint: MeterPoint } {
    this.#new.write();
    const meterPointId = this.#series.findMeterPointOf(seriesId);
    const series = meterPointId && this.listSeries(meterPointId).find(({ id }) => id === seriesId);
    if (!series) throw new Refusal('meter-point-unknown', `there is no register or channel ${seriesId}`);
    return { series, meterPoint: this.getById(series.meterPointId) };
  }

  findSeries(meterPointId: number, kind: Series['kind'], code: string, serial = ''): Series | undefined {
    const matches = (series: Series) => series.kind === kind && series.code === code && series.serial === serial;
    // A cached list may be older than a row another process added, so a miss looks again.
    return this.listSeries(meterPointId).find(matches) ?? this.#readSeries(meterPointId).find(matches);
  }

  /** How long the intervals of a channel are that come from now on; those that are there stay as they are (N12-10). */
  changeIntervals(series: Series, minutes: number): void {
    this.#new.write();
    this.#series.changeIntervals(series, minutes);
    this.changes += 1;
  }

  addSeries(series: NewSeries, createdAt: number): Series {
    return this.#during(underWay => {
      const { meterPointId, serial, kind, code, flow, unit, intervalMinutes, readingType = '' } = series;
      // What is written behind is not found by looking again.
      if (this.#new.isBehind) this.#readSeries(meterPointId);
      const before = underWay.listSeries(meterPointId);
      const isFirst = before?.length === 0;
      const meterId = serial ? this.#new.meterId(meterPointId, serial, isFirst, readingType, createdAt) : null;
      const id = this.#new.addSeries(series, meterId, createdAt);
      const made = { id, meterPointId, serial, kind, code, flow, unit, intervalMinutes };
      this.changes += 1;
      // Not pushed: an array that grows makes room for seventeen, and these are kept.
      if (before) underWay.keepSeries(meterPointId, isFirst ? [made] : [...before, made]);
      this.#series.forget(meterPointId);
      return made;
    });
  }
}
