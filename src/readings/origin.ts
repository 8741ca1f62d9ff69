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
  #last: Origin | undefined;
  #lastId = -1;

  intern(origin: Origin): number {
    // Readings come in runs of one origin; comparing is cheaper than making a key.
    if (this.#last && isSame(this.#last, origin)) return this.#lastId;
    const key = `${origin.minutes} ${origin.quality} ${origin.source} ${origin.line} ${origin.versionAt}`;
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = this.#origins.length;
      const { minutes, quality, source, line, versionAt } = origin;
      this.#origins.push({ minutes, quality, source, line, versionAt });
      this.#ids.set(key, id);
    }
    this.#last = this.#origins[id];
    this.#lastId = id;
    return id;
  }

  get(id: number): Origin {
    return this.#origins[id]!;
  }
}

function isSame(a: Origin, b: Origin): boolean {
  return (
    a.minutes === b.minutes &&
    a.quality === b.quality &&
    a.source === b.source &&
    a.line === b.line &&
    a.versionAt === b.versionAt
  );
}
