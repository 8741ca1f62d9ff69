import type { Series } from '../accounts/meter-point.ts';
import type { ReadingRun } from '../readings/decided-reading.ts';
import { qualities, qualityCode, type Reading } from '../readings/reading.ts';
import { formatKwh, microKwh } from '../units/energy.ts';
import type { ChannelTotal, ChannelTotals } from './import-report.ts';

// A run of more than a million of these would be needed to leave what a double holds exactly.
const exactlyAdded = 2 ** 32;
const firstCapacity = 1024;

/**
 * Adds up what a file brought, per channel and register, in columns: of a hundred thousand registers an object each would be 40 MB that
 * the collector goes through over and over.
 */
export class Totals implements ChannelTotals {
  /** Places in the columns by series. */
  readonly #places = new Map<number, number>();
  readonly #meterPoints: string[] = [];
  readonly #codes: string[] = [];
  readonly #meters: string[] = [];
  readonly #units: string[] = [];
  /** BigInt: the sum of many channels-years of intervals may leave the range a double holds exactly. Registers have none. */
  readonly #energies: (bigint | undefined)[] = [];
  #readings = new Float64Array(firstCapacity);
  #missing = new Float64Array(firstCapacity);
  /** The quality code that all readings have had, where they are alike. */
  #quality = new Uint8Array(firstCapacity);
  /** Readings by quality code, of those that are not. */
  readonly #mixed = new Map<number, number[]>();

  add(meterPoint: string, series: Series, { value, quality }: Reading): void {
    const place = this.#placeOf(meterPoint, series);
    this.#count(place, qualityCode(quality), 1);
    if (Number.isNaN(value)) this.#missing[place]! += 1;
    else if (series.kind === 'channel') this.#energies[place]! += BigInt(value);
  }

  addRun(meterPoint: string, series: Series, { values, qualities: codes }: ReadingRun): void {
    const place = this.#placeOf(meterPoint, series);
    let energy = this.#energies[place]!;
    let exact = 0;
    for (let at = 0; at < values.length; at++) {
      const value = values[at]!;
      if (Number.isNaN(value)) this.#missing[place]! += 1;
      else if (Math.abs(value) < exactlyAdded) exact += value;
      else energy += BigInt(value);
    }
    this.#energies[place] = energy + BigInt(exact);
    for (let from = 0; from < codes.length; ) {
      let to = from + 1;
      while (to < codes.length && codes[to] === codes[from]) to += 1;
      this.#count(place, codes[from]!, to - from);
      from = to;
    }
  }

  get length(): number {
    return this.#meterPoints.length;
  }

  *[Symbol.iterator](): Generator<ChannelTotal> {
    for (let place = 0; place < this.length; place++) {
      const energy = this.#energies[place];
      yield {
        meterPoint: this.#meterPoints[place]!,
        code: this.#codes[place]!,
        meter: this.#meters[place]!,
        kind: energy === undefined ? 'register' : 'channel',
        unit: this.#units[place]!,
        readings: this.#readings[place]!,
        missing: this.#missing[place]!,
        sum: energy === undefined ? '' : formatKwh(microKwh(Number(energy))),
        qualities: this.#qualitiesOf(place),
      };
    }
  }

  #placeOf(meterPoint: string, { id, code, serial, kind, unit }: Series): number {
    const known = this.#places.get(id);
    if (known !== undefined) return known;
    const place = this.length;
    this.#places.set(id, place);
    this.#meterPoints.push(meterPoint);
    this.#codes.push(code);
    this.#meters.push(serial);
    this.#units.push(unit);
    this.#energies.push(kind === 'channel' ? 0n : undefined);
    if (place === this.#readings.length) this.#grow();
    return place;
  }

  #count(place: number, quality: number, readings: number): void {
    const before = this.#readings[place]!;
    this.#readings[place] = before + readings;
    const mixed = this.#mixed.get(place);
    if (mixed) mixed[quality]! += readings;
    else if (before === 0) this.#quality[place] = quality;
    else if (this.#quality[place] !== quality) {
      const counts = qualities.map(() => 0);
      counts[this.#quality[place]!] = before;
      counts[quality] = readings;
      this.#mixed.set(place, counts);
    }
  }

  #qualitiesOf(place: number): Record<string, number> {
    if (this.#readings[place] === 0) return {};
    const mixed = this.#mixed.get(place);
    if (!mixed) return { [qualities[this.#quality[place]!]!]: this.#readings[place]! };
    return Object.fromEntries(mixed.flatMap((count, code) => (count > 0 ? [[qualities[code]!, count]] : [])));
  }

  #grow(): void {
    const capacity = this.#readings.length * 2;
    const [readings, missing, quality] = [this.#readings, this.#missing, this.#quality];
    this.#readings = new Float64Array(capacity);
    this.#missing = new Float64Array(capacity);
    this.#quality = new Uint8Array(capacity);
    this.#readings.set(readings);
    this.#missing.set(missing);
    this.#quality.set(quality);
  }
}
