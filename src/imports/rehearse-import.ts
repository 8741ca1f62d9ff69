import type { Account, NewAccount } from '../accounts/account.ts';
import {
  type MeterPoint,
  type MeterPointFacts,
  noPremises,
  type Series,
  type SeriesKind,
} from '../accounts/meter-point.ts';
import type { NewMeterPoint, NewSeries } from '../accounts/meter-point-store.ts';
import { isTold, type RegisterFacts } from '../accounts/register-map.ts';
import { RehearsedIndex } from '../readings/rehearse-readings.ts';
import { withoutCheckDigit } from '../units/identifiers.ts';
import type { ImportBooks } from './import-books.ts';

// No source has this number; a rehearsed reading is thrown away before anybody asks.
const rehearsedSource = 0;

/** Books in front of the real ones: an import on them gives the report it would give, and nothing of it is kept. */
export function rehearsedBooks(real: ImportBooks): ImportBooks {
  return {
    accounts: new RehearsedAccounts(real.accounts),
    meterPoints: new RehearsedMeterPoints(real.meterPoints),
    index: new RehearsedIndex(real.index),
    journal: { append: () => undefined, durable: () => Promise.resolve() },
    ...(real.rules && { rules: real.rules }),
    ...(real.usual && { usual: real.usual }),
    quarantine: { putAside: () => undefined },
    reasons: { keep: () => undefined },
    sources: { idOf: () => rehearsedSource },
    imports: {
      begin: () => rehearsedSource,
      finish: () => undefined,
      findFinished: sha256 => real.imports.findFinished(sha256),
    },
  };
}

class RehearsedAccounts {
  readonly #real: ImportBooks['accounts'];
  readonly #added = new Map<string, Account>();

  constructor(real: ImportBooks['accounts']) {
    this.#real = real;
  }

  find(number: string): Account | undefined {
    return this.#added.get(number) ?? this.#real.find(number);
  }

  add(account: NewAccount, createdAt: number): Account {
    const added = { ...account, id: -1 - this.#added.size, createdAt, version: 1 };
    this.#added.set(account.number, added);
    return added;
  }
}

/** What would be added has numbers below zero, which no row has. */
class RehearsedMeterPoints {
  readonly #real: ImportBooks['meterPoints'];
  readonly #added = new Map<string, MeterPoint>();
  readonly #seriesOf = new Map<number, Series[]>();
  #seriesAdded = 0;
  /** Told of a series in the rehearsal, by series. */
  readonly #facts = new Map<number, RegisterFacts[]>();

  constructor(real: ImportBooks['meterPoints']) {
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
    this.#seriesAdded += 1;
    const added = { ...series, id: -this.#seriesAdded };
    this.#seriesOf.set(series.meterPointId, [...(this.#seriesOf.get(series.meterPointId) ?? []), added]);
    return added;
  }

  addRegisterFacts({ id, map = [] }: Series, facts: RegisterFacts): 'new' | 'identical' {
    if (isTold(map, facts)) return 'identical';
    this.#facts.set(id, [...(this.#facts.get(id) ?? []), facts]);
    return 'new';
  }

  noteConfigurations(): void {}

  #withFacts(series: Series): Series {
    const told = this.#facts.get(series.id);
    if (!told) return series;
    const map = [...(series.map ?? []), ...told].sort((a, b) => a.fromAt - b.fromAt || a.versionAt - b.versionAt);
    return { ...series, map };
  }
}
