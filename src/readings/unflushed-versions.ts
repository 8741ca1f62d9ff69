import type { ReadingVersion } from './decided-reading.ts';

/** Rows of history that the store does not have yet. */
export class UnflushedVersions {
  /** By series, the newest of each last. */
  #kept = new Map<number, ReadingVersion[]>();
  #frozen: Map<number, ReadingVersion[]> | undefined;

  keep(version: ReadingVersion): void {
    const kept = this.#kept.get(version.seriesId);
    if (kept) kept.push(version);
    else this.#kept.set(version.seriesId, [version]);
  }

  listOf(seriesId: number): ReadingVersion[] {
    return [...(this.#frozen?.get(seriesId) ?? []), ...(this.#kept.get(seriesId) ?? [])];
  }

  *each(): Generator<ReadingVersion> {
    for (const versions of [this.#frozen, this.#kept]) for (const kept of versions?.values() ?? []) yield* kept;
  }

  /** What a flush takes; it ends with `release` or `thaw`. */
  freeze(): Map<number, ReadingVersion[]> {
    this.#frozen = this.#kept;
    this.#kept = new Map();
    return this.#frozen;
  }

  /** The store holds the frozen ones of this series. */
  stored(seriesId: number): void {
    this.#frozen?.delete(seriesId);
  }

  release(): void {
    this.#frozen = undefined;
  }

  thaw(): void {
    for (const [seriesId, kept] of this.#frozen ?? [])
      this.#kept.set(seriesId, [...kept, ...(this.#kept.get(seriesId) ?? [])]);
    this.#frozen = undefined;
  }
}
