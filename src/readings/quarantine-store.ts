import type { SeriesKind } from '../accounts/meter-point.ts';
import type { Database } from '../kernel/database.ts';
import { withoutCheckDigit } from '../units/identifiers.ts';
import type { Journal } from './journal.ts';
import { type QuarantinedItem, type QuarantinedReading, showItem } from './quarantined-reading.ts';
import { RecordBytes } from './record-bytes.ts';
import type { RuleName } from './rules.ts';
import { Settling } from './settling.ts';
import { writeQuarantined } from './write-records.ts';

export const quarantineStates = ['waiting', 'applied', 'discarded'] as const;
export type QuarantineState = (typeof quarantineStates)[number];

export interface ListedQuarantined extends QuarantinedReading {
  meterPoint: string;
  kind: SeriesKind;
  code: string;
  /** As they were sent. */
  stamp: string;
  value: string;
  state: QuarantineState;
  decidedAt: number | null;
  decidedBy: string;
  /** Why it was discarded, or what became of it when it was applied. */
  reason: string;
}

export interface QuarantineFilter {
  state?: QuarantineState | '';
  rule?: RuleName | '';
  /** Part of the meter point's identifier. */
  search?: string;
}

export interface QuarantineDecision {
  state: 'applied' | 'discarded';
  at: number;
  by: string;
  reason: string;
}

type Row = Omit<ListedQuarantined, 'item'> & { item: string };

const columns = `id, received_at AS receivedAt, source_id AS source, line, rule, meter_point AS meterPoint, kind, code, stamp, value,
  item, state, decided_at AS decidedAt, decided_by AS decidedBy, reason`;
const matching = `(@state = '' OR state = @state) AND (@rule = '' OR rule = @rule)
  AND (@search = '' OR instr(lower(meter_point), lower(@search)) > 0)`;
const everything = { state: '', rule: '', search: '' };

/** Readings put aside, in SQLite; the journal has each first. What becomes of one is decided here and nowhere else. */
export class QuarantineStore {
  readonly #database: Database;
  readonly #settling: Settling<QuarantinedReading>;
  readonly #findWaiting;
  readonly #findAnyWaiting;
  readonly #decide;
  readonly #unknown;
  readonly #move;
  readonly #record = new RecordBytes();
  /** Put aside and not in the database yet, by meter point and item. */
  readonly #fresh = new Set<string>();
  #lastId: number;

  constructor(database: Database) {
    this.#database = database;
    this.#lastId =
      database.prepare<[], { last: number | null }>('SELECT max(id) AS last FROM quarantined_reading').get()?.last ?? 0;
    const put = database.prepare(
      `INSERT INTO quarantined_reading (id, received_at, source_id, line, rule, meter_point, kind, code, stamp, value, item)
       VALUES (@id, @receivedAt, @source, @line, @rule, @meterPoint, @kind, @code, @stamp, @value, @item) ON CONFLICT DO NOTHING`,
    );
    this.#settling = new Settling(database, ({ item, ...rest }) => {
      put.run({ ...rest, ...showItem(item), meterPoint: meterPointOf(item), item: JSON.stringify(item) });
    });
    this.#findWaiting = database.prepare<[string, string], { id: number }>(
      `SELECT id FROM quarantined_reading WHERE state = 'waiting' AND meter_point = ? AND item = ?`,
    );
    this.#findAnyWaiting = database.prepare("SELECT 1 FROM quarantined_reading WHERE state = 'waiting' LIMIT 1");
    this.#decide = database.prepare<[QuarantineDecision & { id: number }]>(
      `UPDATE quarantined_reading SET state = @state, decided_at = @at, decided_by = @by, reason = @reason
       WHERE id = @id AND state = 'waiting'`,
    );
    this.#unknown = database.prepare<[object], { id: number }>(
      `SELECT id FROM quarantined_reading
       WHERE state = 'waiting' AND meter_point = @meterPoint AND rule LIKE 'meter-point-unknown%' AND id > @after ORDER BY id LIMIT 100`,
    );
    this.#move = database.prepare<[RuleName, number]>('UPDATE quarantined_reading SET rule = ? WHERE id = ?');
  }

  /** Tells the journal, unless the same reading waits already. The caller awaits `journal.durable()` before it tells anybody. */
  putAside(journal: Pick<Journal, 'append'>, reading: Omit<QuarantinedReading, 'id'>): void {
    const meterPoint = meterPointOf(reading.item);
    const item = JSON.stringify(reading.item);
    const key = `${meterPoint} ${item}`;
    if (this.#fresh.has(key) || this.#findWaiting.get(meterPoint, item)) return;
    const quarantined = { ...reading, id: this.#lastId + 1 };
    this.#record.clear();
    writeQuarantined(this.#record, quarantined);
    journal.append(this.#record.bytes);
    this.add(quarantined);
    this.#fresh.add(key);
  }

  /** What the journal has been told. */
  add(quarantined: QuarantinedReading): void {
    this.#lastId = Math.max(this.#lastId, quarantined.id);
    this.#settling.add(quarantined);
    if (this.#settling.isSettled) this.#fresh.clear();
  }

  settle(): void {
    this.#settling.settle();
    if (this.#settling.isSettled) this.#fresh.clear();
  }

  /** Newest first. */
  list({
    limit,
    beforeId = Number.MAX_SAFE_INTEGER,
    offset = 0,
    ...filter
  }: QuarantineFilter & { limit: number; beforeId?: number; offset?: number }): ListedQuarantined[] {
    this.settle();
    return this.#database
      .prepare<[object], Row>(
        `SELECT ${columns} FROM quarantined_reading WHERE id < @beforeId AND ${matching} ORDER BY id DESC LIMIT @limit OFFSET @offset`,
      )
      .all({ ...everything, ...filter, limit, beforeId, offset })
      .map(listedOf);
  }

  count(filter: QuarantineFilter): number {
    this.settle();
    return this.#database
      .prepare<[object], { count: number }>(`SELECT count(*) AS count FROM quarantined_reading WHERE ${matching}`)
      .get({ ...everything, ...filter })!.count;
  }

  find(id: number): ListedQuarantined | undefined {
    this.settle();
    const row = this.#database
      .prepare<[number], Row>(`SELECT ${columns} FROM quarantined_reading WHERE id = ?`)
      .get(id);
    return row && listedOf(row);
  }

  /** Numbers of those that wait, oldest first, at most `limit`, after `after`. */
  listWaiting(filter: Omit<QuarantineFilter, 'state'>, after: number, limit: number): number[] {
    this.settle();
    return this.#database
      .prepare<[object], { id: number }>(
        `SELECT id FROM quarantined_reading WHERE id > @after AND ${matching} ORDER BY id LIMIT @limit`,
      )
      .all({ ...everything, ...filter, state: 'waiting', after, limit })
      .map(({ id }) => id);
  }

  get isEmpty(): boolean {
    return this.#settling.isSettled && !this.#findAnyWaiting.get();
  }

  /** Numbers of those that wait for the registration of this meter point, oldest first, after `after`. */
  listForRegistration(meterPoint: string, after: number): number[] {
    this.settle();
    return this.#unknown.all({ meterPoint, after }).map(({ id }) => id);
  }

  /** Meter points that are registered although readings wait for that. */
  listRegistered(): string[] {
    this.settle();
    return this.#database
      .prepare<[], { identifier: string }>(
        `SELECT DISTINCT identifier FROM quarantined_reading JOIN meter_point ON identifier = meter_point
         WHERE state = 'waiting' AND rule LIKE 'meter-point-unknown%' ORDER BY 1`,
      )
      .all()
      .map(({ identifier }) => identifier);
  }

  /** Another rule holds it back now. */
  move(id: number, rule: RuleName): void {
    this.#move.run(rule, id);
  }

  /** false when it does not wait any more: the first decision stands. */
  decide(id: number, decision: QuarantineDecision): boolean {
    this.settle();
    return this.#decide.run({ ...decision, id }).changes > 0;
  }

  /** Several decisions as one. */
  together<T>(act: () => T): T {
    this.settle();
    return this.#database.transaction(act).immediate();
  }
}

function meterPointOf({ meterPoint }: QuarantinedItem): string {
  return withoutCheckDigit(meterPoint);
}

function listedOf({ item, ...row }: Row): ListedQuarantined {
  return { ...row, item: JSON.parse(item) };
}
