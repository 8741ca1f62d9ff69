import type { Instant } from '../units/time.ts';
import { goesOn, isAt, type Said, type SaidSpan, SaidSpans } from './said-spans.ts';

const firstCapacity = 1024;
// No span: nothing was said, or it is more than one.
const none = 0xffff_ffff;

/**
 * Of which instants a file spoke, by the places of its series. One that is told in even steps and in one quality, as nearly all are, is
 * one span in columns; any other is a list of such spans.
 */
export class SaidInstants {
  #from = new Uint32Array(firstCapacity).fill(none);
  #to = new Uint32Array(firstCapacity);
  #step = new Uint32Array(firstCapacity);
  #quality = new Uint8Array(firstCapacity);
  readonly #more = new Map<number, SaidSpans>();

  /** Whether all that was said of a series, its intervals included, is over at `at`. */
  endsBy(place: number, at: number, isRegister: boolean): boolean {
    if (this.#hasOne(place)) {
      const to = this.#to[place]!;
      return isRegister ? to < at : to + this.#step[place]! <= at;
    }
    const last = this.#more.get(place)?.last;
    return !last || (isRegister ? last.to < at : last.to + last.step <= at);
  }

  find(place: number, at: number): Said | undefined {
    if (!this.#hasOne(place)) return this.#more.get(place)?.find(at);
    const one = this.#oneOf(place);
    return isAt(one, at) ? { quality: one.quality } : undefined;
  }

  /** Whether nothing was said from `from` to `to`, both inclusive. */
  isFree(place: number, from: number, to: number): boolean {
    if (this.#hasOne(place)) return to < this.#from[place]! || from > this.#to[place]!;
    return this.#more.get(place)?.isFree(from, to) ?? true;
  }

  /** Instants of a channel whose intervals lie over [from, until). */
  listOver(place: number, from: number, until: number): Instant[] {
    return this.#hasAny(place) ? this.#spansOf(place).listOver(from, until) : [];
  }

  /** Of instants of which nothing was said, nor of any between them. */
  put(place: number, added: SaidSpan): void {
    if (!this.#hasAny(place) && !added.beside) {
      this.#setOne(place, added);
      return;
    }
    if (this.#hasOne(place)) {
      const one = this.#oneOf(place);
      if (goesOn(one, added)) {
        this.#step[place] = added.step || added.from - one.to;
        this.#to[place] = added.to;
        return;
      }
    }
    if (this.#hasAny(place)) this.#spansOf(place).put(added);
    else this.#more.set(place, new SaidSpans(added));
  }

  /** Forgets what was said of an instant. */
  remove(place: number, at: number): void {
    this.#spansOf(place).remove(at);
  }

  #hasOne(place: number): boolean {
    return place < this.#from.length && this.#from[place] !== none;
  }

  #hasAny(place: number): boolean {
    return this.#hasOne(place) || this.#more.has(place);
  }

  #oneOf(place: number): SaidSpan {
    const [from, to, step, quality] = [this.#from[place]!, this.#to[place]!, this.#step[place]!, this.#quality[place]!];
    return { from, to, step, quality };
  }

  #setOne(place: number, { from, to, step, quality }: SaidSpan): void {
    while (place >= this.#from.length) this.#grow();
    this.#from[place] = from;
    this.#to[place] = to;
    this.#step[place] = step;
    this.#quality[place] = quality;
  }

  /** As a list, of a series of which something was said. */
  #spansOf(place: number): SaidSpans {
    if (this.#hasOne(place)) {
      this.#more.set(place, new SaidSpans(this.#oneOf(place)));
      this.#from[place] = none;
    }
    return this.#more.get(place)!;
  }

  #grow(): void {
    const capacity = this.#from.length * 2;
    const wider = <Column extends Uint32Array | Uint8Array>(to: Column, column: Column) => {
      to.set(column);
      return to;
    };
    this.#from = wider(new Uint32Array(capacity).fill(none), this.#from);
    this.#to = wider(new Uint32Array(capacity), this.#to);
    this.#step = wider(new Uint32Array(capacity), this.#step);
    this.#quality = wider(new Uint8Array(capacity), this.#quality);
  }
}
