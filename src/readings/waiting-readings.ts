const firstRows = 1024;
const firstSeries = 1024;
// Of a row: two doubles, at and value, and behind them words.
const [doublesEach, valueDouble] = [4, 1];
const [wordsEach, originWord, sinceWord, nextWord] = [8, 4, 5, 6];

/**
 * Readings on their way into the blocks of days, 32 bytes each, in the order in which they came. What a fleet sent lies in as many blocks
 * as it has meters; put there one by one, each waits for memory. Here each series has its readings in a chain, so that whoever puts them
 * there meets each block once for all of them.
 */
export class WaitingReadings {
  count = 0;
  #doubles!: Float64Array;
  #words!: Uint32Array;
  /** By series: the row plus one, 0 for none. */
  #first: Uint32Array = new Uint32Array(firstSeries);
  #last: Uint32Array = new Uint32Array(firstSeries);
  /** Series that had any, as they came. */
  #series: Uint32Array = new Uint32Array(firstSeries);
  seriesCount = 0;

  constructor() {
    this.#allocate(firstRows);
  }

  add(seriesId: number, at: number, value: number, origin: number, since: number): void {
    if (this.count * doublesEach === this.#doubles.length) this.#grow();
    if (seriesId >= this.#last.length) this.#reserve(seriesId);
    const row = this.count++;
    const [double, word] = [row * doublesEach, row * wordsEach];
    const words = this.#words;
    this.#doubles[double] = at;
    this.#doubles[double + valueDouble] = value;
    words[word + originWord] = origin;
    words[word + sinceWord] = since;
    words[word + nextWord] = 0;
    const last = this.#last[seriesId]!;
    if (last > 0) words[(last - 1) * wordsEach + nextWord] = row + 1;
    else {
      this.#first[seriesId] = row + 1;
      if (this.seriesCount === this.#series.length) this.#series = enlarged(this.#series, this.seriesCount * 2);
      this.#series[this.seriesCount++] = seriesId;
    }
    this.#last[seriesId] = row + 1;
  }

  seriesAt(place: number): number {
    return this.#series[place]!;
  }

  /** Takes the readings of a series out: the row of the first, -1 for none. Behind it stand the `next` ones until that is -1. */
  take(seriesId: number): number {
    const first = this.#first[seriesId] ?? 0;
    if (first === 0) return -1;
    this.#first[seriesId] = 0;
    this.#last[seriesId] = 0;
    return first - 1;
  }

  next(row: number): number {
    return this.#words[row * wordsEach + nextWord]! - 1;
  }

  at(row: number): number {
    return this.#doubles[row * doublesEach]!;
  }

  value(row: number): number {
    return this.#doubles[row * doublesEach + valueDouble]!;
  }

  origin(row: number): number {
    return this.#words[row * wordsEach + originWord]!;
  }

  since(row: number): number {
    return this.#words[row * wordsEach + sinceWord]!;
  }

  /** Once all were taken. */
  clear(): void {
    this.seriesCount = 0;
    this.count = 0;
  }

  #allocate(rows: number): void {
    const buffer = new ArrayBuffer(rows * doublesEach * 8);
    this.#doubles = new Float64Array(buffer);
    this.#words = new Uint32Array(buffer);
  }

  #grow(): void {
    const before = this.#doubles;
    this.#allocate(this.count * 2);
    this.#doubles.set(before);
  }

  #reserve(seriesId: number): void {
    const length = 2 ** Math.ceil(Math.log2(seriesId + 1));
    this.#first = enlarged(this.#first, length);
    this.#last = enlarged(this.#last, length);
  }
}

function enlarged(from: Uint32Array, length: number): Uint32Array {
  const to = new Uint32Array(length);
  to.set(from);
  return to;
}
