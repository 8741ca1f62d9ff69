import type { MeterPoint, Series } from './meter-point.ts';

const noSeries: Series[] = [];

/**
 * What a transaction that registers meter points knows while it is under way: what it looked up, and what it made. Nobody else can add
 * any meanwhile, so that what is absent stays so. Of little memory for each, because a file may name a hundred thousand.
 */
export class Registering {
  /** Identifiers of the meter points that were made, in order. */
  readonly made: string[] = [];
  readonly #absent = new Set<string>();
  readonly #meterPoints = new Map<string, MeterPoint>();
  readonly #seriesOf = new Map<number, Series[]>();
  /** The numbers of what is made follow each other from here on. */
  #firstMade = Number.POSITIVE_INFINITY;
  readonly #seriesOfMade: Series[][] = [];

  find(identifier: string): MeterPoint | undefined {
    return this.#meterPoints.get(identifier);
  }

  /** Whether it was looked for and is not there. */
  isAbsent(identifier: string): boolean {
    return this.#absent.has(identifier) && !this.#meterPoints.has(identifier);
  }

  noteAbsent(identifiers: Iterable<string>): void {
    for (const identifier of identifiers) this.#absent.add(identifier);
  }

  /** One that was there. */
  meet(meterPoint: MeterPoint): void {
    this.#meterPoints.set(meterPoint.identifier, meterPoint);
  }

  /** One that has no series yet. */
  make(meterPoint: MeterPoint): void {
    if (this.#seriesOfMade.length === 0) this.#firstMade = meterPoint.id;
    this.made.push(meterPoint.identifier);
    this.#meterPoints.set(meterPoint.identifier, meterPoint);
    this.#seriesOfMade.push(noSeries);
  }

  /** All of a meter point; undefined when they were not looked up. */
  listSeries(meterPointId: number): Series[] | undefined {
    return meterPointId >= this.#firstMade
      ? this.#seriesOfMade[meterPointId - this.#firstMade]
      : this.#seriesOf.get(meterPointId);
  }

  /** `series` is all of them. */
  keepSeries(meterPointId: number, series: Series[]): void {
    if (meterPointId >= this.#firstMade) this.#seriesOfMade[meterPointId - this.#firstMade] = series;
    else this.#seriesOf.set(meterPointId, series);
  }

  /** How many meter points it met or made. */
  get size(): number {
    return this.#meterPoints.size;
  }

  meterPoints(): Iterable<[identifier: string, MeterPoint]> {
    return this.#meterPoints;
  }

  /** By number of the meter point. */
  *series(): Generator<[meterPointId: number, Series[]]> {
    yield* this.#seriesOf;
    for (const [at, series] of this.#seriesOfMade.entries()) yield [this.#firstMade + at, series];
  }
}
