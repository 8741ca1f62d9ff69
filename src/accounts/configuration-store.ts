import type { Database } from '../kernel/database.ts';
import type { NewMeterPointStore } from './new-meter-point-store.ts';

/** What senders say that meter points have, suffix by suffix ("E1B1Q1"): the NMI configuration of a file. The last word counts. */
export class ConfigurationStore {
  readonly #database: Database;
  readonly #new: NewMeterPointStore;
  readonly #known = new Map<number, string>();
  readonly #note;
  readonly #find;

  constructor(database: Database, made: NewMeterPointStore) {
    this.#database = database;
    this.#new = made;
    this.#note = database.prepare<[number, string]>(
      `INSERT INTO meter_point_configuration (meter_point_id, suffixes) VALUES (?, ?)
       ON CONFLICT (meter_point_id) DO UPDATE SET suffixes = excluded.suffixes WHERE suffixes <> excluded.suffixes`,
    );
    this.#find = database.prepare<[number], { suffixes: string }>(
      'SELECT suffixes FROM meter_point_configuration WHERE meter_point_id = ?',
    );
  }

  /** Known ones cost nothing. */
  note(told: readonly { meterPointId: number; suffixes: string }[]): void {
    const fresh = told.filter(({ meterPointId, suffixes }) => this.#known.get(meterPointId) !== suffixes);
    if (fresh.length === 0) return;
    this.#database
      .transaction(() => {
        this.#new.write();
        for (const { meterPointId, suffixes } of fresh) this.#note.run(meterPointId, suffixes);
      })
      .immediate();
    for (const { meterPointId, suffixes } of fresh) this.#known.set(meterPointId, suffixes);
  }

  /** The suffixes that a sender named last; none when nobody did. */
  listSuffixes(meterPointId: number): string[] {
    return this.#find.get(meterPointId)?.suffixes.match(/../g) ?? [];
  }
}
