import type { Database } from '../kernel/database.ts';
import { SearchedLines } from '../kernel/searched-lines.ts';
import { Slices } from '../kernel/slices.ts';

/** What a meter point is searched by, in SQL. */
export const meterPointWords = `identifier || ' ' || address || ' ' || region || ' ' || sub_region || ' ' || postcode || ' ' || dwelling_type`;

// Two or three milliseconds.
const meterPointsAtOnce = 5000;

/**
 * What meter points are searched by, in memory from the first search on until one is added or changed: to put the words of each together
 * takes SQLite twenty times as long as to look through them.
 */
export class MeterPointWords {
  readonly #listAfter;
  #loading: Promise<readonly SearchedLines[]> | undefined;
  /** Pages ask for the same one after the other. */
  #found: { part: string; ids: readonly number[] } | undefined;

  constructor(database: Database) {
    this.#listAfter = database.prepare<[string, number], { words: string | null; ids: string; last: string | null }>(
      `SELECT group_concat(words, char(10)) AS words, json_group_array(id) AS ids, max(identifier) AS last
       FROM (SELECT id, identifier, replace(lower(${meterPointWords}), char(10), ' ') AS words
         FROM meter_point WHERE identifier > ? ORDER BY identifier LIMIT ?)`,
    );
  }

  /** Call it when a meter point was added or changed. */
  forget(): void {
    this.#loading = undefined;
    this.#found = undefined;
  }

  /** Ids of the meter points whose words contain `part`, by identifier; capitals and small letters of ASCII are the same. In slices. */
  async find(part: string): Promise<readonly number[]> {
    if (this.#found?.part === part) return this.#found.ids;
    this.#loading ??= this.#load();
    const loading = this.#loading;
    const chapters = await loading;
    const slices = new Slices();
    const wanted = part.replace(/[A-Z]+/g, letters => letters.toLowerCase());
    const ids: number[] = [];
    for (const chapter of chapters) {
      chapter.find(wanted, ids);
      await slices.pause();
    }
    if (this.#loading === loading) this.#found = { part, ids };
    return ids;
  }

  async #load(): Promise<readonly SearchedLines[]> {
    const slices = new Slices();
    const chapters: SearchedLines[] = [];
    for (let after = ''; ; ) {
      const { words, ids, last } = this.#listAfter.get(after, meterPointsAtOnce)!;
      if (words === null || last === null) return chapters;
      const chapter = new SearchedLines();
      chapter.add(words, JSON.parse(ids));
      chapters.push(chapter);
      after = last;
      await slices.pause();
    }
  }
}
