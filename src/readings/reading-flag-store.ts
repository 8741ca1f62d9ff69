import type { Database } from '../kernel/database.ts';
import { type MicroKwh, microKwh } from '../units/energy.ts';
import { type Instant, instant } from '../units/time.ts';
import { type FlagRule, flagRules } from './rules.ts';
import { Settling } from './settling.ts';

/** What a rule noted at a reading that was kept. It speaks of this value: one that replaces it begins without. */
export interface ReadingFlag {
  seriesId: number;
  at: Instant;
  value: MicroKwh;
  rule: FlagRule;
  flaggedAt: number;
}

export interface FlagFilter {
  rule?: FlagRule;
  meterPointId?: number;
  /** Half-open, of the readings. */
  from?: Instant;
  to?: Instant;
  /** The last second in which they were noted. */
  notedBy?: Instant;
  /** Flags after this one, for the next page. */
  after?: number;
  limit: number;
}

export interface ListedFlag extends ReadingFlag {
  id: number;
  meterPointId: number;
}

type Row = Omit<ListedFlag, 'at' | 'value'> & { at: number; value: number };

/** Flags in SQLite; the journal has them first. */
export class ReadingFlagStore {
  readonly #settling: Settling<ReadingFlag>;
  readonly #listOf;
  readonly #list;
  readonly #count;

  constructor(database: Database) {
    const put = database.prepare<[ReadingFlag]>(
      `INSERT INTO reading_flag (series_id, at, value, rule, flagged_at)
       VALUES (@seriesId, @at, @value, @rule, @flaggedAt) ON CONFLICT DO NOTHING`,
    );
    this.#settling = new Settling(database, flag => void put.run(flag));
    this.#listOf = database.prepare<[number, number, number], Row>(
      `SELECT id, series_id AS seriesId, at, value, rule, flagged_at AS flaggedAt FROM reading_flag
       WHERE series_id = ? AND at >= ? AND at < ? ORDER BY at, id`,
    );
    this.#list = database.prepare<[object], Row>(
      `SELECT reading_flag.id, series_id AS seriesId, meter_point_id AS meterPointId, at, value, rule, flagged_at AS flaggedAt
       FROM reading_flag JOIN series ON series.id = series_id
       WHERE reading_flag.id > @after AND (@rule IS NULL OR rule = @rule) AND at >= @from AND at < @to AND flagged_at <= @notedBy
         AND (@meterPointId IS NULL OR meter_point_id = @meterPointId)
       ORDER BY reading_flag.id LIMIT @limit`,
    );
    this.#count = database.prepare<[], { rule: FlagRule; count: number }>(
      'SELECT rule, count(*) AS count FROM reading_flag GROUP BY rule',
    );
  }

  /** What the journal has been told. */
  add(flag: ReadingFlag): void {
    this.#settling.add(flag);
  }

  settle(): void {
    this.#settling.settle();
  }

  /** Of a series, in [from, to), by time. */
  listOf(seriesId: number, from: Instant, to: Instant): ReadingFlag[] {
    this.settle();
    return this.#listOf.all(seriesId, from, to).map(unitsOf);
  }

  /** In the order they were noted. */
  list({ rule, meterPointId, from, to, notedBy, after = 0, limit }: FlagFilter): ListedFlag[] {
    this.settle();
    const filter = { rule: rule ?? null, meterPointId: meterPointId ?? null, from: from ?? 0, to: to ?? endOfTime };
    return this.#list.all({ ...filter, notedBy: notedBy ?? endOfTime, after, limit }).map(unitsOf);
  }

  count(): Record<FlagRule, number> {
    this.settle();
    const counts = {
      ...{ 'negative-energy': 0, 'too-precise': 0, 'revised-backwards': 0 },
      ...{ rollover: 0, exchange: 0, spike: 0, 'spike-in-file': 0 },
    };
    for (const { rule, count } of this.#count.all()) counts[rule] = count;
    return counts;
  }
}

/** Rules that noted something at this value of a reading. */
export function flagsOf(flags: readonly ReadingFlag[], { at, value }: { at: Instant; value: MicroKwh }): FlagRule[] {
  return flagRules.filter(rule => flags.some(flag => flag.rule === rule && flag.at === at && flag.value === value));
}

const endOfTime = Number.MAX_SAFE_INTEGER;

function unitsOf<T extends Row>(row: T): T & { at: Instant; value: MicroKwh } {
  return { ...row, at: instant(row.at), value: microKwh(row.value) };
}
