import type { RememberedName } from '../config.ts';
import type { Database } from '../kernel/database.ts';
import { type Instant, instant, type Zone } from '../units/time.ts';

export interface HomeSetting {
  name: RememberedName;
  value: string;
  saidAt: Instant;
  saidBy: string;
}

/** What a home remembers of the settings it was opened with; append only. */
export class HomeSettingStore {
  readonly #find;
  readonly #note;
  readonly #binds;
  readonly #hasBooks;
  readonly #dropDrafts;
  readonly #moveMeterPoints;
  readonly #countMeterPoints;

  constructor(database: Database) {
    this.#find = database.prepare<[string], { value: string; saidAt: number; saidBy: string }>(
      'SELECT value, said_at AS saidAt, said_by AS saidBy FROM home_setting WHERE name = ? ORDER BY id DESC LIMIT 1',
    );
    this.#note = database.prepare<[HomeSetting]>(
      'INSERT INTO home_setting (name, value, said_at, said_by) VALUES (@name, @value, @saidAt, @saidBy)',
    );
    const anyOf = (...tables: string[]) =>
      database.prepare<[], { any: number }>(
        `SELECT ${tables.map(table => `EXISTS (SELECT 1 FROM ${table})`).join(' OR ')} AS any`,
      );
    this.#binds = {
      TIME_ZONE: anyOf('meter_point', 'maintenance_run'),
      CURRENCY: anyOf('plan_version', 'ledger_transaction'),
      INVOICE_NUMBERING: anyOf('invoice'),
    };
    this.#hasBooks = anyOf('ledger_transaction');
    const unbilled = `SELECT id FROM meter_point WHERE zone = @from AND NOT EXISTS (
      SELECT 1 FROM supply JOIN invoice_supply ON supply_id = supply.id WHERE meter_point_id = meter_point.id)`;
    this.#dropDrafts = database.prepare<[{ from: Zone }]>(
      `DELETE FROM invoice_draft WHERE id IN (
         SELECT draft_id FROM invoice_draft_supply JOIN supply ON supply.id = supply_id WHERE meter_point_id IN (${unbilled}))`,
    );
    this.#moveMeterPoints = database.prepare<[{ from: Zone; to: Zone }]>(
      `UPDATE meter_point SET zone = @to, version = version + 1 WHERE id IN (${unbilled})`,
    );
    this.#countMeterPoints = database.prepare<[Zone], { count: number }>(
      'SELECT count(*) AS count FROM meter_point WHERE zone = ?',
    );
  }

  find(name: RememberedName): HomeSetting | undefined {
    const row = this.#find.get(name);
    return row && { ...row, name, saidAt: instant(row.saidAt) };
  }

  note(setting: HomeSetting): void {
    this.#note.run(setting);
  }

  /** Whether anything in the home was made by the setting: meter points, plans and books, invoices. */
  binds(name: RememberedName): boolean {
    return this.#binds[name].get()!.any === 1;
  }

  /** Whether anything was booked. */
  hasBooks(): boolean {
    return this.#hasBooks.get()!.any === 1;
  }

  /** Those with days of `from` and nothing billed get days of `to`; drafts of their bills are gone. The caller holds a transaction. */
  moveUnbilledMeterPoints(from: Zone, to: Zone): number {
    this.#dropDrafts.run({ from });
    return this.#moveMeterPoints.run({ from, to }).changes;
  }

  countMeterPoints(zone: Zone): number {
    return this.#countMeterPoints.get(zone)!.count;
  }
}
