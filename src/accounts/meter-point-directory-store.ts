import type { Database } from '../kernel/database.ts';
import { Slices } from '../kernel/slices.ts';
import type { MeterPoint } from './meter-point.ts';
import { MeterPointWords, meterPointWords } from './meter-point-word-store.ts';

export const meterPointColumns = `id, identifier, address, region, sub_region AS subRegion, postcode, dwelling_type AS dwellingType, zone,
  created_at AS createdAt, origin, version`;

/** All that is given has to fit. */
export interface MeterPointFilter {
  /** Part of the identifier, of the address or of what is told of the premises. */
  search?: string;
  region?: string;
  dwellingType?: string;
  /** Only those whose identifier comes later: where a walk over many goes on. */
  after?: string;
}

interface Page {
  limit: number;
  offset: number;
}

const everything = { search: '', region: '', dwellingType: '', after: '' };
const fits = `identifier > @after AND (@search = '' OR instr(lower(${meterPointWords}), lower(@search)) > 0)
  AND (@region = '' OR region = @region) AND (@dwellingType = '' OR dwelling_type = @dwellingType)`;
// Two milliseconds.
const meterPointsAtOnce = 2500;
const foundAtOnce = 1000;

/** Meter points as people look them up: by identifier, a page or a portion of those that fit. Those that ingest asks for are MeterPointStore's. */
export class MeterPointDirectory {
  readonly #database: Database;
  readonly #listByIds;
  readonly #words: MeterPointWords;
  /** Each is a look at every row, and the head of every page of them. */
  readonly #premises = new Map<string, string[]>();

  constructor(database: Database) {
    this.#database = database;
    this.#words = new MeterPointWords(database);
    this.#listByIds = database.prepare<[object], MeterPoint>(
      `SELECT ${meterPointColumns} FROM (SELECT key, value FROM json_each(@ids)) CROSS JOIN meter_point ON id = value
       WHERE (@region = '' OR region = @region) AND (@dwellingType = '' OR dwelling_type = @dwellingType) ORDER BY key`,
    );
  }

  /** Call it when a meter point was added or changed. */
  forget(): void {
    this.#words.forget();
    this.#premises.clear();
  }

  list({ limit = 100, offset = 0, ...filter }: MeterPointFilter & Partial<Page> = {}): MeterPoint[] {
    return this.#database
      .prepare<[object], MeterPoint>(
        `SELECT ${meterPointColumns} FROM meter_point ${whereOf(filter)} ORDER BY identifier LIMIT @limit OFFSET @offset`,
      )
      .all({ ...everything, ...filter, limit, offset });
  }

  count(filter: MeterPointFilter = {}): number {
    return this.#database
      .prepare<[object], { count: number }>(`SELECT count(*) AS count FROM meter_point ${whereOf(filter)}`)
      .get({ ...everything, ...filter })!.count;
  }

  /** A page of those that fit, and how many there are; in slices. */
  async page(
    { search = '', ...exact }: Omit<MeterPointFilter, 'after'>,
    page: Page,
  ): Promise<{ rows: MeterPoint[]; total: number }> {
    const isAny = !Object.values(exact).some(Boolean);
    if (search === '') return isAny ? { rows: this.list(page), total: this.count() } : this.#walk(exact, page);
    const found = await this.#words.find(search);
    if (!isAny) return this.#sift(found, exact, page);
    const { limit, offset } = page;
    return { rows: this.#those(found.slice(offset, offset + limit), {}), total: found.length };
  }

  /** Every region, type of dwelling or zone that was told, in order. */
  premises(fact: 'region' | 'dwellingType' | 'zone'): string[] {
    const known = this.#premises.get(fact);
    if (known) return known;
    const column = fact === 'dwellingType' ? 'dwelling_type' : fact;
    const told = this.#database
      .prepare<[], string>(`SELECT DISTINCT ${column} FROM meter_point WHERE ${column} <> '' ORDER BY 1`)
      .pluck()
      .all();
    if (!this.#database.inTransaction) this.#premises.set(fact, told);
    return told;
  }

  async #walk(filter: MeterPointFilter, { limit, offset }: Page) {
    const slices = new Slices();
    await slices.next();
    const rows: MeterPoint[] = [];
    let total = 0;
    for (let after = ''; ; ) {
      const some = { ...filter, after };
      const { count, last } = this.#countNext(some);
      const skipped = Math.max(0, offset - total);
      const wanted = Math.min(limit - rows.length, count - skipped);
      if (wanted > 0) rows.push(...this.list({ ...some, offset: skipped, limit: wanted }));
      total += count;
      if (last === undefined) return { rows, total };
      after = last;
      await slices.pause();
    }
  }

  /** Of the next after `filter.after`: how many fit, and the last one; undefined when those are all. */
  #countNext(filter: MeterPointFilter): { count: number; last: string | undefined } {
    const asked = { ...everything, ...filter };
    const last = this.#database
      .prepare<[string, number], { identifier: string }>(
        'SELECT identifier FROM meter_point WHERE identifier > ? ORDER BY identifier LIMIT 1 OFFSET ?',
      )
      .get(asked.after, meterPointsAtOnce - 1)?.identifier;
    if (last === undefined) return { count: this.count(filter), last };
    // Not out of the next rows as a table of their own: putting each of them there takes half as long again.
    const { count } = this.#database
      .prepare<[object], { count: number }>(
        `SELECT count(*) AS count FROM meter_point WHERE identifier <= @last AND ${fits}`,
      )
      .get({ ...asked, last })!;
    return { count, last };
  }

  /** Of those that were found, the ones of a region or type of dwelling. */
  async #sift(found: readonly number[], exact: MeterPointFilter, { limit, offset }: Page) {
    const slices = new Slices();
    await slices.next();
    const rows: MeterPoint[] = [];
    let total = 0;
    for (let at = 0; at < found.length; at += foundAtOnce) {
      const fitting = this.#those(found.slice(at, at + foundAtOnce), exact);
      rows.push(...fitting.slice(Math.max(0, offset - total)).slice(0, limit - rows.length));
      total += fitting.length;
      await slices.pause();
    }
    return { rows, total };
  }

  /** In the order of `ids`. */
  #those(ids: readonly number[], { region = '', dwellingType = '' }: MeterPointFilter): MeterPoint[] {
    return this.#listByIds.all({ ids: JSON.stringify(ids), region, dwellingType });
  }
}

function whereOf(filter: MeterPointFilter): string {
  return Object.values(filter).some(Boolean) ? `WHERE ${fits}` : '';
}
