const firstBytes = 4096;
const firstTexts = 256;
// Of UTF-8 for one unit of UTF-16.
const unitBytesMax = 3;
const asciiEnd = 0x80;

/**
 * Texts one after the other, in memory that the collector need not look at: a hundred thousand names as strings of their own are 6 MB,
 * and are moved each time it comes.
 */
export class TextColumn implements Iterable<string> {
  #bytes = Buffer.allocUnsafeSlow(firstBytes);
  /** Where each text ends. */
  #ends = new Uint32Array(firstTexts);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(text: string): void {
    const from = this.#startOf(this.#length);
    this.#reserve(from + text.length * unitBytesMax);
    let end = from;
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      if (unit >= asciiEnd) {
        end = from + this.#bytes.write(text, from);
        break;
      }
      this.#bytes[end++] = unit;
    }
    this.#ends[this.#length++] = end;
  }

  at(place: number): string {
    return this.#bytes.toString('utf8', this.#startOf(place), this.#ends[place]);
  }

  *[Symbol.iterator](): Generator<string> {
    for (let place = 0; place < this.#length; place++) yield this.at(place);
  }

  #startOf(place: number): number {
    return place === 0 ? 0 : this.#ends[place - 1]!;
  }

  #reserve(bytes: number): void {
    if (bytes > this.#bytes.length) {
      const wider = Buffer.allocUnsafeSlow(Math.max(bytes, this.#bytes.length * 2));
      this.#bytes.copy(wider);
      this.#bytes = wider;
    }
    if (this.#length < this.#ends.length) return;
    const longer = new Uint32Array(this.#length * 2);
    longer.set(this.#ends);
    this.#ends = longer;
  }
}
