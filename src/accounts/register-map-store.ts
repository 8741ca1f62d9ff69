import type { Database } from '../kernel/database.ts';
import { microKwh } from '../units/energy.ts';
import type { Instant } from '../units/time.ts';
import { isSaidAgain, isTold, type RegisterFacts, type RegisterMap } from './register-map.ts';

interface Row extends Omit<RegisterFacts, 'multiplierMicro' | 'digits' | 'kind' | 'exchange' | 'isDerived'> {
  multiplierMicro: number | null;
  digits: number | null;
  kind: NonNullable<RegisterFacts['kind']> | null;
  finalValue: number | null;
  firstValue: number | null;
  isDerived: number;
}

const factsSql = `SELECT from_day AS fromDay, from_at AS fromAt, multiplier_micro AS multiplierMicro, digits, kind, quantity, configuration,
  time_pattern AS timePattern, final_value AS finalValue, first_value AS firstValue, version_at AS versionAt, source_id AS source, line,
  is_derived AS isDerived FROM register_map`;

/** A row of what was told of a register. */
export interface ToldFacts {
  id: number;
  seriesId: number;
  fromAt: Instant;
}

/** What was told of registers, with a cache in front: it is asked for with every reading that is judged. */
export class RegisterMapStore {
  readonly #database: Database;
  readonly #insert;
  readonly #list;
  readonly #known = new Map<number, RegisterMap>();
  /** Added to in a transaction that may still be rolled back, so not remembered yet. */
  readonly #uncertain = new Set<number>();

  constructor(database: Database) {
    this.#database = database;
    this.#insert = database.prepare<[Row & { seriesId: number; createdAt: number }]>(
      `INSERT INTO register_map (series_id, from_day, from_at, multiplier_micro, digits, kind, quantity, configuration, time_pattern,
         final_value, first_value, version_at, source_id, line, is_derived, created_at)
       VALUES (@seriesId, @fromDay, @fromAt, @multiplierMicro, @digits, @kind, @quantity, @configuration, @timePattern,
         @finalValue, @firstValue, @versionAt, @source, @line, @isDerived, @createdAt)`,
    );
    this.#list = database.prepare<[number], Row>(
      `${factsSql} WHERE series_id = ? AND undone_at IS NULL ORDER BY from_at, version_at, id`,
    );
  }

  /** Oldest first. */
  listOf(seriesId: number): RegisterMap {
    const known = this.#known.get(seriesId);
    if (known) return known;
    const rows = this.#list.all(seriesId).map(factsOf);
    if (!this.#database.inTransaction) this.#uncertain.delete(seriesId);
    if (!this.#uncertain.has(seriesId)) this.#known.set(seriesId, rows);
    return rows;
  }

  /** What was told until `knownAt` and not taken back until then, oldest first. */
  listKnown(seriesId: number, knownAt: Instant): RegisterMap {
    return this.#database
      .prepare<[number, number, number], Row>(
        `${factsSql} WHERE series_id = ? AND created_at <= ? AND (undone_at IS NULL OR undone_at > ?) ORDER BY from_at, version_at, id`,
      )
      .all(seriesId, knownAt, knownAt)
      .map(factsOf);
  }

  /** 'told': nothing is added, by `isTold`. 'again': it changes nothing, but its stamp is newer. */
  add(seriesId: number, facts: RegisterFacts, createdAt: number): 'new' | 'again' | 'told' {
    const map = this.listOf(seriesId);
    if (isTold(map, facts)) return 'told';
    this.#insert.run({
      ...facts,
      seriesId,
      createdAt,
      multiplierMicro: facts.multiplierMicro ?? null,
      digits: facts.digits ?? null,
      kind: facts.kind ?? null,
      finalValue: facts.exchange?.finalValue ?? null,
      firstValue: facts.exchange?.firstValue ?? null,
      isDerived: facts.isDerived ? 1 : 0,
    });
    this.#known.delete(seriesId);
    if (this.#database.inTransaction) this.#uncertain.add(seriesId);
    return isSaidAgain(map, facts) ? 'again' : 'new';
  }

  /** What `sources` told and nobody has taken back, in the order in which they told it, some at each step. */
  *eachFrom(sources: readonly number[]): Generator<ToldFacts[]> {
    const next = this.#database.prepare<[string, number], ToldFacts>(
      `SELECT id, series_id AS seriesId, from_at AS fromAt FROM register_map
       WHERE undone_at IS NULL AND source_id IN (SELECT value FROM json_each(?)) AND id > ? ORDER BY id LIMIT 500`,
    );
    for (let after = 0; ; ) {
      const found = next.all(JSON.stringify(sources), after);
      if (found.length === 0) return;
      yield found;
      after = found.at(-1)!.id;
    }
  }

  /** How many rows of what `sources` told were taken back at `since` or later. */
  countTakenBack(sources: readonly number[], since: number): number {
    return this.#database
      .prepare<[number, string], { count: number }>(
        `SELECT count(*) AS count FROM register_map
         WHERE undone_at >= ? AND source_id IN (SELECT value FROM json_each(?))`,
      )
      .get(since, JSON.stringify(sources))!.count;
  }

  takeBack({ id, seriesId }: ToldFacts, undoneAt: number): void {
    this.#database.prepare('UPDATE register_map SET undone_at = ? WHERE id = ?').run(undoneAt, id);
    this.#known.delete(seriesId);
    if (this.#database.inTransaction) this.#uncertain.add(seriesId);
  }
}

function factsOf({ multiplierMicro, digits, kind, finalValue, firstValue, isDerived, ...row }: Row): RegisterFacts {
  return {
    ...row,
    multiplierMicro: multiplierMicro ?? undefined,
    digits: digits ?? undefined,
    kind: kind ?? undefined,
    ...(isDerived === 1 && { isDerived: true }),
    exchange:
      finalValue === null || firstValue === null
        ? undefined
        : { finalValue: microKwh(finalValue), firstValue: microKwh(firstValue) },
  };
}
