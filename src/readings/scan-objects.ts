import { type Field, fields, isText, ScannedReading } from './scanned-reading.ts';

const fieldBytes = fields.map(name => [name, Buffer.from(name)] as const);
// What may stand without quotation marks.
const numeric: ReadonlySet<Field> = new Set(['at', 'start', 'value', 'energy']);

/** What stands between the values of an object, which most of a sender's objects have alike, and which value comes then. */
interface Gap {
  literal: Uint8Array;
  /** undefined behind the last value, and for one that is part of the literal. */
  field: Exclude<Field, 'quality' | 'unit'> | undefined;
  quoted: boolean;
}

interface Form {
  gaps: readonly Gap[];
  isChannel: boolean;
  quality: number;
}

// Registers and channels, measured and estimated.
const formsMax = 4;

const nothing = new Uint8Array(0);

/**
 * Reads `{"meterPoint": …, "start": …, "energy": …}` from bytes, without an object or a text. Whatever it does not expect (an escape, an
 * unknown or repeated field, a unit other than kWh, a stamp without an offset) it leaves to JSON.parse and the schema: false then.
 * Behind the bytes it may read stands a 0, which is a surprise wherever it comes.
 */
export class ObjectScanner {
  readonly reading = new ScannedReading();
  /** Just behind what was read. */
  position = 0;
  #bytes: Uint8Array = nothing;
  /** Whether an object may go on in the next line. */
  readonly #manyLines: boolean;
  /** Forms of objects that were read byte by byte, the last one first. */
  #forms: Form[] = [];
  #from = 0;
  #to = 0;
  #quoted = false;

  constructor(manyLines: boolean) {
    this.#manyLines = manyLines;
  }

  /** One object from `position` on; false at a surprise. */
  scan(bytes: Uint8Array, position: number): boolean {
    this.#bytes = bytes;
    const isRead = this.#scan(position);
    // A body that waits for its rest must not hold what it was read from: nobody counts that.
    this.#bytes = nothing;
    return isRead;
  }

  #scan(position: number): boolean {
    this.position = position;
    for (const form of this.#forms) if (this.#scanAlike(form)) return true;
    this.position = position;
    return this.#scanAny();
  }

  /** An object of a form that is known: what stands between its values is compared, not understood. */
  #scanAlike({ gaps, isChannel, quality }: Form): boolean {
    const [bytes, reading] = [this.#bytes, this.reading];
    let at = this.position;
    reading.codeFrom = 0;
    reading.codeTo = 0;
    for (let each = 0; each < gaps.length; each++) {
      const { literal, field, quoted } = gaps[each]!;
      for (let position = 0; position < literal.length; position++)
        if (bytes[at + position] !== literal[position]) return false;
      at += literal.length;
      if (field === undefined) continue;
      const to = quoted ? endOfString(bytes, at) : endOfNumber(bytes, at);
      if (to < 0 || !this.#put(field, at, to, quoted)) return false;
      at = to;
    }
    reading.quality = quality;
    reading.isChannel = isChannel;
    this.position = at;
    return true;
  }

  #scanAny(): boolean {
    const [bytes, reading] = [this.#bytes, this.reading];
    const begin = this.position;
    const gaps: Gap[] = [];
    let learned = begin;
    reading.codeFrom = 0;
    reading.codeTo = 0;
    reading.quality = 0;
    const seen = new Set<Field>();
    if (!this.#take(123)) return false;
    do {
      if (!this.#scanString()) return false;
      const field = this.#field();
      if (!field || seen.has(field) || !this.#take(58) || !this.#scanValue()) return false;
      seen.add(field);
      const [from, to, quoted] = [this.#from, this.#to, this.#quoted];
      if (!this.#put(field, from, to, quoted)) return false;
      // Alike in many objects, and a part of what stands between their values.
      if (field === 'quality' || field === 'unit') continue;
      // A copy: the bytes are another portion's next.
      gaps.push({ literal: new Uint8Array(bytes.subarray(learned, from)), field, quoted });
      learned = to;
    } while (this.#take(44));
    if (!this.#take(125) || !isWhole(seen)) return false;
    gaps.push({ literal: new Uint8Array(bytes.subarray(learned, this.position)), field: undefined, quoted: false });
    reading.isChannel = seen.has('start');
    const { isChannel, quality } = reading;
    this.#forms = [{ gaps, isChannel, quality }, ...this.#forms.slice(0, formsMax - 1)];
    return true;
  }

  #put(field: Field, from: number, to: number, quoted: boolean): boolean {
    return (quoted || numeric.has(field)) && this.reading.put(field, this.#bytes, from, to);
  }

  #field(): Field | undefined {
    for (const [name, bytes] of fieldBytes) if (isText(bytes, this.#bytes, this.#from, this.#to)) return name;
    return undefined;
  }

  #take(byte: number): boolean {
    this.#skipSpace();
    if (this.#bytes[this.position] !== byte) return false;
    this.position += 1;
    return true;
  }

  #skipSpace(): void {
    for (;;) {
      const byte = this.#bytes[this.position];
      if (byte !== 32 && byte !== 13 && byte !== 9 && !(byte === 10 && this.#manyLines)) return;
      this.position += 1;
    }
  }

  #scanValue(): boolean {
    this.#skipSpace();
    if (this.#bytes[this.position] === 34) return this.#scanString();
    this.#from = this.position;
    this.#to = endOfNumber(this.#bytes, this.position);
    this.#quoted = false;
    this.position = this.#to;
    return this.#to > this.#from;
  }

  #scanString(): boolean {
    if (!this.#take(34)) return false;
    this.#from = this.position;
    this.#to = endOfString(this.#bytes, this.position);
    this.#quoted = true;
    this.position = this.#to + 1;
    return this.#to >= 0;
  }
}

/** The quotation mark behind printable ASCII; -1 at an escape or anything else. */
function endOfString(bytes: Uint8Array, from: number): number {
  for (let at = from; ; at++) {
    const byte = bytes[at]!;
    if (byte === 34) return at;
    if (!(byte >= 32 && byte < 127 && byte !== 92)) return -1;
  }
}

/** Behind digits and a point; scanMicroKwh and StampScanner know whether JSON would take them. */
function endOfNumber(bytes: Uint8Array, from: number): number {
  for (let at = from; ; at++) {
    const byte = bytes[at]!;
    if (!((byte >= 48 && byte <= 57) || byte === 46)) return at;
  }
}

/** All that a register's value or a channel's energy needs, and nothing of the other. */
function isWhole(seen: ReadonlySet<Field>): boolean {
  const isRegister =
    seen.has('at') && seen.has('value') && !(seen.has('start') || seen.has('energy') || seen.has('channel'));
  const isChannel =
    seen.has('start') && seen.has('energy') && !(seen.has('at') || seen.has('value') || seen.has('register'));
  return seen.has('meterPoint') && (isRegister || isChannel);
}
