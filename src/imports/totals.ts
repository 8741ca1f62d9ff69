import type { Series } from '../accounts/meter-point.ts';
import type { ReadingRun } from '../readings/decided-reading.ts';
import { qualities, qualityCode, type Reading } from '../readings/reading.ts';
import { formatKwh, microKwh } from '../units/energy.ts';
import type { ChannelTotal, ChannelTotals } from './import-report.ts';
import { SeriesPlaces } from './series-places.ts';
import { TextColumn } from './text-column.ts';

// A run of more than a million of these would be needed to leave what a double holds exactly.
const exactlyAdded = 2 ** 32;
const firstCapacity = 1024;

// No channel has this place among those that have energy.
const noEnergy = -1;

/**
 * Adds up what a file brought, per channel and register, in columns: of a hundred thousand registers an object each would be 40 MB that
 * the collector goes through over and over, and their names 10.
 */
export class Totals implements ChannelTotals {
  readonly #places = new SeriesPlaces();
  readonly #meterPoints = new TextColumn();
  readonly #meters = new TextColumn();
  /** Codes and units, which are few, and where each stands among them. */
  readonly #words: string[] = [];
  readonly #wordPlaces = new Map<string, number>();
  #codes = new Uint32Array(firstCapacity);
  #units = new Uint32Array(firstCapacity);
  /** BigInt: the sum of many channels-years of intervals may leave the range a double holds exactly. Registers have none. */
  readonly #energies: bigint[] = [];
  #energyPlaces = new Int32Array(firstCapacity);
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
    else if (series.kind === 'channel') this.#energies[this.#energyPlaces[place]!]! += BigInt(value);
  }

  addRun(meterPoint: string, series: Series, { values, qualities: codes }: ReadingRun): void {
    const place = this.#placeOf(meterPoint, series);
    const energyPlace = this.#energyPlaces[place]!;
    let energy = this.#energies[energyPlace]!;
    let exact = 0;
    for (let at = 0; at < values.length; at++) {
      const value = values[at]!;
      if (Number.isNaN(value)) this.#missing[place]! += 1;
      else if (Math.abs(value) < exactlyAdded) exact += value;
      else energy += BigInt(value);
    }
    this.#energies[energyPlace] = energy + BigInt(exact);
    for (let from = 0; from < codes.length; ) {
      let to = from + 1;
      while (to < codes.length && codes[to] === codes[from]) to += 1;
      this.#count(place, codes[from]!, to - from);
      from = to;
    }
  }

  get length(): number {
    return this.#places.length;
  }

  *[Symbol.iterator](): Generator<ChannelTotal> {
    for (let place = 0; place < this.length; place++) {
      const energyPlace = this.#energyPlaces[place]!;
      const isRegister = energyPlace === noEnergy;
      yield {
        meterPoint: this.#meterPoints.at(place),
        code: this.#words[this.#codes[place]!]!,
        meter: this.#meters.at(place),
        kind: isRegister ? 'register' : 'channel',
        unit: this.#words[this.#units[place]!]!,
        readings: this.#readings[place]!,
        missing: this.#missing[place]!,
        sum: isRegister ? '' : formatKwh(microKwh(Number(this.#energies[energyPlace]!))),
        qualities: this.#qualitiesOf(place),
      };
    }
  }

  #placeOf(meterPoint: string, { id, code, serial, kind, unit }: Series): number {
    const known = this.#places.find(id);
    if (known !== undefined) return known;
    const place = this.#places.add(id);
    if (place === this.#readings.length) this.#grow();
    this.#meterPoints.push(meterPoint);
    this.#meters.push(serial);
    this.#codes[place] = this.#wordPlace(code);
    this.#units[place] = this.#wordPlace(unit);
    this.#energyPlaces[place] = kind === 'channel' ? this.#energies.push(0n) - 1 : noEnergy;
    return place;
  }

  #wordPlace(word: string): number {
    let place = this.#wordPlaces.get(word);
    if (place === undefined) {
      place = this.#words.push(word) - 1;
      this.#wordPlaces.set(word, place);
    }
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
    const wider = <Column extends Float64Array | Uint32Array | Int32Array | Uint8Array>(to: Column, column: Column) => {
      to.set(column);
      return to;
    };
    const capacity = this.#readings.length * 2;
    this.#readings = wider(new Float64Array(capacity), this.#readings);
    this.#missing = wider(new Float64Array(capacity), this.#missing);
    this.#quality = wider(new Uint8Array(capacity), this.#quality);
    this.#codes = wider(new Uint32Array(capacity), this.#codes);
    this.#units = wider(new Uint32Array(capacity), this.#units);
    this.#energyPlaces = wider(new Int32Array(capacity), this.#energyPlaces);
  }
}
