const firstCapacity = 64 * 1024;
// A buffer that a large import made is given back.
const keptCapacity = 4 * 1024 * 1024;
// More than the longest number (a sign and 16 digits).
const numberMax = 20;
const space = 32;
const letterN = 110;

/** Text that grows at its end, as bytes: a number costs a tenth of what it costs as a string. */
export class RecordBytes {
  #bytes = Buffer.allocUnsafe(firstCapacity);
  length = 0;

  /** What was written; valid until the next write. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.length);
  }

  clear(): void {
    this.length = 0;
    if (this.#bytes.length > keptCapacity) this.#bytes = Buffer.allocUnsafe(firstCapacity);
  }

  character(code: number): void {
    if (this.length === this.#bytes.length) this.#reserve(1);
    this.#bytes[this.length++] = code;
  }

  text(text: string): void {
    this.#reserve(Buffer.byteLength(text));
    this.length += this.#bytes.write(text, this.length);
  }

  copy(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** A whole number that a double holds exactly. */
  number(value: number): void {
    this.#reserve(numberMax);
    if (value < 0) {
      this.#bytes[this.length++] = 45;
      this.#digits(-value);
    } else this.#digits(value);
  }

  /** Each value over `scale`, a whole number, behind a space; NaN is n. */
  quotients(values: Float64Array, scale: number): void {
    this.#reserve(values.length * (numberMax + 1));
    const bytes = this.#bytes;
    let at = this.length;
    for (let each = 0; each < values.length; each++) {
      const value = values[each]! / scale;
      bytes[at++] = space;
      if (value >= 0 && value < 10_000) {
        // Half-hours in watt-hours have three or four digits, mostly: a call and two loops for each would take twice as long.
        const small = value | 0;
        if (small >= 1000) bytes[at++] = 48 + ((small / 1000) | 0);
        if (small >= 100) bytes[at++] = 48 + (((small / 100) | 0) % 10);
        if (small >= 10) bytes[at++] = 48 + (((small / 10) | 0) % 10);
        bytes[at++] = 48 + (small % 10);
      } else {
        this.length = at;
        if (Number.isNaN(value)) this.character(letterN);
        else this.number(value);
        at = this.length;
      }
    }
    this.length = at;
  }

  #digits(value: number): void {
    if (value < 1e9) {
      this.#small(value, digitsOf(value));
      return;
    }
    const high = Math.floor(value / 1e9);
    this.#small(high, digitsOf(high));
    this.#small(value - high * 1e9, 9);
  }

  /** From the last digit to the first, in 32-bit arithmetic. */
  #small(value: number, digits: number): void {
    const bytes = this.#bytes;
    let rest = value | 0;
    for (let at = this.length + digits - 1; at >= this.length; at--) {
      const tenth = (rest / 10) | 0;
      bytes[at] = 48 + rest - tenth * 10;
      rest = tenth;
    }
    this.length += digits;
  }

  #reserve(more: number): void {
    if (this.length + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.length + more, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.length);
    this.#bytes = larger;
  }
}

function digitsOf(value: number): number {
  let digits = 1;
  for (let bound = 10; value >= bound; bound *= 10) digits += 1;
  return digits;
}
