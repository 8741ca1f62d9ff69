import type { Series } from '../accounts/meter-point.ts';
import type { Outcome, ReadingRun } from '../readings/decided-reading.ts';
import { qualities, qualityCode, type Reading } from '../readings/reading.ts';
import { readingOf } from '../readings/reading-run.ts';
import { formatKwh, microKwh } from '../units/energy.ts';
import type { Instant } from '../units/time.ts';
import type { ChannelTotal, ChannelTotals } from './import-report.ts';
import { SaidInstants } from './said-instants.ts';
import type { Said } from './said-spans.ts';
import { SeriesPlaces } from './series-places.ts';
import { TextColumn } from './text-column.ts';

// A run of more than a million of these would be needed to leave what a double holds exactly.
const exactlyAdded = 2 ** 32;
const firstCapacity = 1024;

// No channel has this place among those that have energy.
const noEnergy = -1;

/** What became of a reading that is in the totals, or of a run of them. */
type Kept = Outcome | 'duplicate';
type FindStanding = (at: Instant) => Reading | undefined;

/**
 * Adds up what a file brought, per channel and register, in columns: of a hundred thousand registers an object each would be 40 MB that
 * the collector goes through over and over, and their names 10.
 *
 * Each instant that the file speaks of counts once, in whichever of its members, with what of the file stands for it at the end: a line
 * that repeats another one is not counted, one that replaces it counts instead of it, and one that is kept beside it does not. What stands
 * goes before what is kept beside. So the totals are those of the current readings that came with the file or were known with the same value,
 * and of what it says otherwise than another source whose reading stayed: the sender's totals have that in them, too.
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
  readonly #said = new SaidInstants();

  /** `standing` finds what stood at its instant. */
  add(meterPoint: string, series: Series, reading: Reading, kept: Kept, standing: FindStanding): void {
    const place = this.#placeOf(meterPoint, series);
    if (!this.#endsBy(place, reading.at) && !this.#makesWay(place, reading, kept, standing)) return;
    const { at, value, minutes, quality: name } = reading;
    const quality = qualityCode(name);
    this.#count(place, quality, 1);
    this.#addValue(place, value, 1);
    const said = { from: at, to: at, step: minutes * 60, quality };
    this.#said.put(place, isBeside(kept) ? { ...said, beside: [value] } : said);
  }

  /** One that was taken whole. */
  addRun(
    meterPoint: string,
    series: Series,
    run: ReadingRun,
    kept: 'accepted' | 'duplicate',
    standing: FindStanding,
  ): void {
    const { startsAt, minutes, values, qualities: codes } = run;
    const place = this.#placeOf(meterPoint, series);
    const step = minutes * 60;
    if (!this.#endsBy(place, startsAt) && !this.#isFree(place, startsAt, startsAt + values.length * step)) {
      for (let at = 0; at < values.length; at++) this.add(meterPoint, series, readingOf(run, at), kept, standing);
      return;
    }
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
      const quality = codes[from]!;
      let to = from + 1;
      while (to < codes.length && codes[to] === quality) to += 1;
      this.#count(place, quality, to - from);
      this.#said.put(place, { from: startsAt + from * step, to: startsAt + (to - 1) * step, step, quality });
      from = to;
    }
  }

  /** The file took back the reading of an instant that has `value`, wherever that came from: the current one, or one beside it. */
  takeBack({ id }: Series, at: number, value: number, wasCurrent: boolean): void {
    const place = this.#places.find(id);
    const said = place === undefined ? undefined : this.#said.find(place, at);
    if (place === undefined || !said) return;
    if (said.beside === undefined ? wasCurrent : said.beside === value) this.#forget(place, at, said, value);
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

  /** Whether nothing was said that a reading at `at` would meet: so it is with nearly all. */
  #endsBy(place: number, at: number): boolean {
    return this.#said.endsBy(place, at, this.#energyPlaces[place] === noEnergy);
  }

  #isFree(place: number, from: number, until: number): boolean {
    return this.#said.isFree(place, from, until - 1) && this.#said.listOver(place, from, until).length === 0;
  }

  /** Whether a reading counts beside or instead of what the file has said; what it counts instead of does no longer. */
  #makesWay(place: number, reading: Reading, kept: Kept, standing: FindStanding): boolean {
    const { at, minutes, quality } = reading;
    const said = this.#said.find(place, at);
    if (said?.beside !== undefined) {
      if (isBeside(kept)) return false;
      this.#forget(place, at, said, said.beside);
    } else if (said) {
      if (isBeside(kept) || (kept === 'duplicate' && said.quality === qualityCode(quality))) return false;
      const stood = standing(at);
      // Of two that are known with their value, the one with the quality of what stands there counts.
      if (!stood || (kept === 'duplicate' && stood.quality !== quality)) return false;
      this.#forget(place, at, said, stood.value);
    }
    if (minutes === 0) return true;
    for (const other of this.#said.listOver(place, at, at + minutes * 60)) {
      if (isBeside(kept)) return false;
      const covered = this.#said.find(place, other)!;
      if (covered.beside !== undefined) this.#forget(place, other, covered, covered.beside);
    }
    return true;
  }

  #forget(place: number, at: number, { quality }: Said, value: number): void {
    this.#count(place, quality, -1);
    this.#addValue(place, value, -1);
    this.#said.remove(place, at);
  }

  #addValue(place: number, value: number, sign: 1 | -1): void {
    const energyPlace = this.#energyPlaces[place]!;
    if (Number.isNaN(value)) this.#missing[place]! += sign;
    else if (energyPlace !== noEnergy) this.#energies[energyPlace]! += BigInt(sign * value);
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

function isBeside(kept: Kept): boolean {
  return kept === 'conflict' || kept === 'older';
}
