import type { MicroKwh } from '../units/energy.ts';
import type { Instant } from '../units/time.ts';
import { type PlainReading, scanInstant, scanMicroKwh, surprise } from './plain-reading.ts';
import { type Quality, qualities } from './reading.ts';

const meterPointMax = 40;
const codeMax = 20;

/**
 * Reads `{"meterPoint": …, "start": …, "energy": …}` without an object tree. Whatever it does not expect (an escape, an unknown or
 * repeated field, a unit other than kWh, a stamp without an offset) it leaves to JSON.parse and the schema: undefined then.
 */
export class JsonScanner {
  readonly #text: string;
  /** Just behind what was read. */
  position = 0;
  #from = 0;
  #to = 0;
  #quoted = false;

  /** `text` holds a character for each byte of the body. */
  constructor(text: string) {
    this.#text = text;
  }

  /** One object from `position` on; undefined at a surprise. */
  scanObject(): PlainReading | undefined {
    if (!this.#take(123)) return undefined;
    const text = this.#text;
    let meterPoint: string | undefined;
    let at: Instant | typeof surprise = surprise;
    let value: MicroKwh | typeof surprise = surprise;
    let code: string | undefined;
    let quality: Quality | undefined;
    let unit = false;
    // 1: a register's field, 2: a channel's.
    let kinds = 0;
    do {
      if (!this.#scanString()) return undefined;
      const name = this.#nameOf();
      if (!this.#take(58) || !this.#scanValue()) return undefined;
      const [from, to] = [this.#from, this.#to];
      switch (name) {
        case 'meterPoint':
          if (meterPoint !== undefined || !this.#isText(meterPointMax)) return undefined;
          meterPoint = text.slice(from, to);
          break;
        case 'at':
        case 'start':
          if (at !== surprise) return undefined;
          at = scanInstant(text, from, to);
          if (at === surprise) return undefined;
          kinds |= name === 'at' ? 1 : 2;
          break;
        case 'value':
        case 'energy':
          if (value !== surprise) return undefined;
          value = scanMicroKwh(text, from, to);
          if (value === surprise) return undefined;
          kinds |= name === 'value' ? 1 : 2;
          break;
        case 'register':
        case 'channel':
          if (code !== undefined || !this.#isText(codeMax)) return undefined;
          code = text.slice(from, to);
          kinds |= name === 'register' ? 1 : 2;
          break;
        case 'quality':
          if (quality !== undefined || !this.#quoted) return undefined;
          quality = postedQuality(text.slice(from, to));
          if (!quality) return undefined;
          break;
        case 'unit':
          if (unit || !this.#quoted || text.slice(from, to) !== 'kWh') return undefined;
          unit = true;
          break;
        default:
          return undefined;
      }
    } while (this.#take(44));
    if (!this.#take(125) || meterPoint === undefined || at === surprise || value === surprise) return undefined;
    if (kinds === 3) return undefined;
    return { meterPoint, kind: kinds === 2 ? 'channel' : 'register', code, at, value, quality: quality ?? 'actual' };
  }

  /** Whether nothing but space is left. */
  isAtEnd(): boolean {
    this.#skipSpace();
    return this.position === this.#text.length;
  }

  #isText(lengthMax: number): boolean {
    return this.#quoted && this.#to > this.#from && this.#to - this.#from <= lengthMax;
  }

  /** The field name just read, without making a string of it. */
  #nameOf(): (typeof names)[number] | undefined {
    const [text, from] = [this.#text, this.#from];
    const length = this.#to - from;
    for (const name of names) if (name.length === length && text.startsWith(name, from)) return name;
    return undefined;
  }

  #take(character: number): boolean {
    this.#skipSpace();
    if (this.#text.charCodeAt(this.position) !== character) return false;
    this.position += 1;
    return true;
  }

  #skipSpace(): void {
    for (;;) {
      const character = this.#text.charCodeAt(this.position);
      if (character !== 32 && character !== 10 && character !== 13 && character !== 9) return;
      this.position += 1;
    }
  }

  #scanValue(): boolean {
    this.#skipSpace();
    return this.#text.charCodeAt(this.position) === 34 ? this.#scanString() : this.#scanNumber();
  }

  /** Printable ASCII between quotation marks; an escape is a surprise. */
  #scanString(): boolean {
    if (!this.#take(34)) return false;
    const text = this.#text;
    let at = this.position;
    for (;;) {
      const character = text.charCodeAt(at);
      if (character === 34) break;
      if (!(character >= 32 && character < 127 && character !== 92)) return false;
      at += 1;
    }
    this.#from = this.position;
    this.#to = at;
    this.#quoted = true;
    this.position = at + 1;
    return true;
  }

  /** Digits and a point; scanMicroKwh and scanInstant know whether JSON would take them. */
  #scanNumber(): boolean {
    const text = this.#text;
    let at = this.position;
    for (;;) {
      const character = text.charCodeAt(at);
      if (!((character >= 48 && character <= 57) || character === 46)) break;
      at += 1;
    }
    this.#from = this.position;
    this.#to = at;
    this.#quoted = false;
    this.position = at;
    return this.#to > this.#from;
  }
}

const names = ['meterPoint', 'start', 'energy', 'at', 'value', 'channel', 'register', 'quality', 'unit'] as const;

/** The quality of that name that may be posted. */
function postedQuality(text: string): Quality | undefined {
  const quality = qualities.find(each => each === text);
  return quality === 'missing' ? undefined : quality;
}
