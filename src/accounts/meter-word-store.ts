import type { Database } from '../kernel/database.ts';
import { SearchedLines } from '../kernel/searched-lines.ts';
import { Slices } from '../kernel/slices.ts';

/** What a search found. */
export interface FoundMeters {
  /** In order. */
  readonly ids: readonly number[];
  /** Whether it is every meter there is. */
  readonly isAll: boolean;
}

/** Meters in the order of their ids. */
interface Chapter {
  /** The meter point's identifier and the serial, in lower case. */
  meters: SearchedLines;
  meterPointIds: number[];
}

interface Row {
  texts: string | null;
  ids: string;
  meterPointIds: string;
}

// Two or three milliseconds.
const metersAtOnce = 5000;
// As many searches as one question has words, and more; each is a number for each meter at most.
const foundMax = 8;

/**
 * What meters are searched by, in memory, 30 bytes a meter: neither an identifier nor a serial ever changes, and no meter goes away. An
 * index of pieces of three characters found shorter parts by looking through everything, and cost as much to fill as the meters.
 */
export class MeterWords {
  readonly #listAfter;
  readonly #chapters: Chapter[] = [];
  #last = 0;
  /** By what was searched, up to `#foundUpTo`: asked for when rows are counted, when they are listed and for each portion of a summary. */
  readonly #found = new Map<string, FoundMeters>();
  #foundUpTo = 0;

  constructor(database: Database) {
    this.#listAfter = database.prepare<[number, number], Row>(
      `SELECT group_concat(words, char(10)) AS texts, json_group_array(id) AS ids, json_group_array(meter_point_id) AS meterPointIds
       FROM (SELECT meter.id, meter_point_id, replace(identifier || ' ' || serial, char(10), ' ') AS words
         FROM meter CROSS JOIN meter_point ON meter_point.id = meter_point_id WHERE meter.id > ? ORDER BY meter.id LIMIT ?)`,
    );
  }

  /** Takes in, in slices, what `find` would have to read at once. */
  async load(): Promise<void> {
    const slices = new Slices();
    while (this.#loadMore()) await slices.pause();
  }

  /** Meters whose meter point or serial contains `part`, whatever its case. */
  find(part: string): FoundMeters {
    return this.#remember(part, () => {
      const ids: number[] = [];
      for (const { meters } of this.#chapters) meters.find(part.toLowerCase(), ids);
      return ids;
    });
  }

  /** Meters where each of `parts` is found. */
  findAll(parts: readonly string[]): FoundMeters {
    const [first = '', ...more] = parts;
    if (more.length === 0) return this.find(first);
    return this.#remember(parts.join(' '), () => {
      const kept = more.map(part => new Set(this.find(part).ids));
      return this.find(first).ids.filter(id => kept.every(ids => ids.has(id)));
    });
  }

  #remember(searched: string, search: () => number[]): FoundMeters {
    while (this.#loadMore());
    if (this.#foundUpTo !== this.#last || this.#found.size >= foundMax) this.#found.clear();
    this.#foundUpTo = this.#last;
    const known = this.#found.get(searched);
    if (known) return known;
    const ids = search();
    const found = { ids, isAll: ids.length === this.#count() };
    this.#found.set(searched, found);
    return found;
  }

  /** How many of the meters were met, and at how many meter points they stand. */
  countMet(met: MetIds): { meters: number; meterPoints: number } {
    while (this.#loadMore());
    const meterPoints = new MetIds();
    let [meters, points] = [0, 0];
    for (const { meters: of, meterPointIds } of this.#chapters)
      for (let at = 0; at < meterPointIds.length; at++)
        if (met.has(of.ids[at]!)) {
          meters += 1;
          if (meterPoints.add(meterPointIds[at]!)) points += 1;
        }
    return { meters, meterPoints: points };
  }

  #count(): number {
    return this.#chapters.reduce((sum, { meterPointIds }) => sum + meterPointIds.length, 0);
  }

  #loadMore(): boolean {
    const { texts, ids, meterPointIds } = this.#listAfter.get(this.#last, metersAtOnce)!;
    if (texts === null) return false;
    const chapter = this.#openChapter();
    chapter.meters.add(texts.toLowerCase(), parseIds(ids));
    chapter.meterPointIds.push(...parseIds(meterPointIds));
    this.#last = chapter.meters.ids.at(-1)!;
    return true;
  }

  /** Meters come one by one, too. */
  #openChapter(): Chapter {
    const last = this.#chapters.at(-1);
    if (last && last.meterPointIds.length < metersAtOnce) return last;
    const next: Chapter = { meters: new SearchedLines(), meterPointIds: [] };
    this.#chapters.push(next);
    return next;
  }
}

/** Ids that were met, each of which may come many times. */
export class MetIds {
  #flags = new Uint8Array(1024);

  /** Whether it was not met before. */
  add(id: number): boolean {
    if (id >= this.#flags.length) {
      const grown = new Uint8Array(Math.max(id + 1, this.#flags.length * 2));
      grown.set(this.#flags);
      this.#flags = grown;
    }
    const isNew = this.#flags[id] === 0;
    this.#flags[id] = 1;
    return isNew;
  }

  has(id: number): boolean {
    return this.#flags[id] === 1;
  }
}

function parseIds(json: string): number[] {
  return JSON.parse(json);
}
