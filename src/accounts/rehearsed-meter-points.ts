import { withoutCheckDigit } from '../units/identifiers.ts';
import { type MeterPoint, type MeterPointFacts, noPremises, type Series, type SeriesKind } from './meter-point.ts';
import type { MeterPointStore, NewMeterPoint, NewSeries } from './meter-point-store.ts';
import { isSaidAgain, isTold, type RegisterFacts, withFacts } from './register-map.ts';

/** Meter points with what a rehearsal adds in front. What would be added has numbers below zero, which no row has. */
export class RehearsedMeterPoints {
  readonly #real: Pick<MeterPointStore, 'find' | 'listSeries' | 'findSeries'>;
  readonly #added = new Map<string, MeterPoint>();
  readonly #seriesOf = new Map<number, Series[]>();
  /** Told of a series in the rehearsal, by series. */
  readonly #facts = new Map<number, RegisterFacts[]>();
  /** Registers and channels that would be added, in order. */
  readonly newSeries: NewSeries[] = [];
  /** A rehearsal keeps none. */
  readonly configurations = { note: () => undefined };

  constructor(real: Pick<MeterPointStore, 'find' | 'listSeries' | 'findSeries'>) {
    this.#real = real;
  }

  addTogether<T>(add: () => T): T {
    return add();
  }

  find(sent: string): MeterPoint | undefined {
    return this.#added.get(withoutCheckDigit(sent)) ?? this.#real.find(sent);
  }

  add(meterPoint: NewMeterPoint, createdAt: number): MeterPoint {
    const identifier = withoutCheckDigit(meterPoint.identifier);
    const added = { ...noPremises, ...meterPoint, identifier, id: -1 - this.#added.size, createdAt, version: 1 };
    this.#added.set(identifier, added);
    return added;
  }

  change(known: MeterPoint, facts: MeterPointFacts): MeterPoint {
    const changed = { ...known, ...facts };
    this.#added.set(known.identifier, changed);
    return changed;
  }

  listSeries(meterPointId: number): Series[] {
    const added = this.#seriesOf.get(meterPointId) ?? [];
    const all = meterPointId < 0 ? added : [...this.#real.listSeries(meterPointId), ...added];
    return this.#facts.size === 0 ? all : all.map(series => this.#withFacts(series));
  }

  findSeries(meterPointId: number, kind: SeriesKind, code: string, serial = ''): Series | undefined {
    const matches = (series: Series) => series.kind === kind && series.code === code && series.serial === serial;
    const added = this.#seriesOf.get(meterPointId)?.find(matches);
    const found = added ?? (meterPointId < 0 ? undefined : this.#real.findSeries(meterPointId, kind, code, serial));
    return found && this.#withFacts(found);
  }

  addSeries(series: NewSeries): Series {
    this.newSeries.push(series);
    const added = { ...series, id: -this.newSeries.length };
    this.#seriesOf.set(series.meterPointId, [...(this.#seriesOf.get(series.meterPointId) ?? []), added]);
    return added;
  }

  addRegisterFacts({ id, map = [] }: Series, facts: RegisterFacts): 'new' | 'identical' {
    if (isTold(map, facts)) return 'identical';
    this.#facts.set(id, [...(this.#facts.get(id) ?? []), facts]);
    return isSaidAgain(map, facts) ? 'identical' : 'new';
  }

  #withFacts(series: Series): Series {
    const told = this.#facts.get(series.id);
    if (!told) return series;
    return { ...series, map: told.reduce(withFacts, series.map ?? []) };
  }
}
