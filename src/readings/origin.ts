import type { Quality } from './reading.ts';

/** What neighbouring readings share: how and from where they came. Interned, so that a reading carries one small integer. */
export interface Origin {
  /** Length of a channel's interval, 0 for a register's value. */
  minutes: number;
  quality: Quality;
  /** Row of the `source` table. */
  source: number;
  /** Line in the source file, 0 when it did not come from a file. */
  line: number;
  /** The sender's version stamp in epoch seconds, 0 when it has none. */
  versionAt: number;
}

export class OriginTable {
  readonly #origins: Origin[] = [];
  readonly #ids = new Map<string, number>();
  #lastKey = '';
  #lastId = -1;

  intern(origin: Origin): number {
    const key = `${origin.minutes} ${origin.quality} ${origin.source} ${origin.line} ${origin.versionAt}`;
    if (key === this.#lastKey) return this.#lastId;
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = this.#origins.length;
      const { minutes, quality, source, line, versionAt } = origin;
      this.#origins.push({ minutes, quality, source, line, versionAt });
      this.#ids.set(key, id);
    }
    this.#lastKey = key;
    this.#lastId = id;
    return id;
  }

  get(id: number): Origin {
    return this.#origins[id]!;
  }
}
