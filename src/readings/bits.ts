/** Writing and reading whole numbers of any width up to 53 bits, and varints, into bytes: most significant bit first. */
export class BitWriter {
  #bytes: Uint8Array;
  #length = 0;
  #pending = 0;
  #pendingBits = 0;

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** A non-negative whole number below 2^width. */
  write(value: number, width: number): void {
    if (width > 24) {
      this.write(Math.floor(value / 2 ** 24), width - 24);
      this.write(value % 2 ** 24, 24);
      return;
    }
    // At most 7 + 24 bits: they fit into the 32 of a bitwise operation.
    this.#pending = (this.#pending << width) | value;
    this.#pendingBits += width;
    while (this.#pendingBits >= 8) {
      this.#pendingBits -= 8;
      this.#push((this.#pending >>> this.#pendingBits) & 255);
    }
    this.#pending &= (1 << this.#pendingBits) - 1;
  }

  /** The first `count` of `values`, each less `low`. */
  writeMany(values: Float64Array, count: number, low: number, width: number): void {
    if (width > 24) {
      for (let i = 0; i < count; i++) this.write(values[i]! - low, width);
      return;
    }
    this.#reserve(Math.ceil((width * count) / 8) + 1);
    const bytes = this.#bytes;
    let at = this.#length;
    let pending = this.#pending;
    let bits = this.#pendingBits;
    for (let i = 0; i < count; i++) {
      pending = (pending << width) | (values[i]! - low);
      bits += width;
      while (bits >= 8) {
        bits -= 8;
        bytes[at++] = pending >>> bits;
      }
      pending &= (1 << bits) - 1;
    }
    this.#length = at;
    this.#pending = pending;
    this.#pendingBits = bits;
  }

  /** Seven bits a byte, low ones first; starts on a byte boundary. */
  writeVarint(value: number): void {
    this.align();
    let rest = value;
    while (rest >= 128) {
      this.#push((rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    this.#push(rest);
  }

  align(): void {
    if (this.#pendingBits > 0) this.write(0, 8 - this.#pendingBits);
  }

  /** For the next use: what `bytes` gave is overwritten. */
  clear(): void {
    this.#length = 0;
    this.#pending = 0;
    this.#pendingBits = 0;
  }

  bytes(): Uint8Array {
    this.align();
    return this.#bytes.subarray(0, this.#length);
  }

  #push(byte: number): void {
    if (this.#length === this.#bytes.length) this.#reserve(1);
    this.#bytes[this.#length++] = byte;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}

export class BitReader {
  readonly #bytes: Uint8Array;
  #four: DataView | undefined;
  #at = 0;
  #end: number;
  #pending = 0;
  #pendingBits = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#end = bytes.length;
  }

  /** To a part of the bytes: what is read next begins at `at` and ends before `end`. */
  moveTo(at: number, end: number): void {
    this.align();
    this.#at = at;
    this.#end = end;
  }

  read(width: number): number {
    if (width > 24) return this.read(width - 24) * 2 ** 24 + this.read(24);
    while (this.#pendingBits < width) {
      this.#pending = (this.#pending << 8) | this.#next();
      this.#pendingBits += 8;
    }
    this.#pendingBits -= width;
    const value = this.#pending >>> this.#pendingBits;
    this.#pending &= (1 << this.#pendingBits) - 1;
    return value;
  }

  /** `count` numbers of `width` bits, each plus `low` and times `scale`, into `target` from `start`. Begins on a byte boundary. */
  readMany(width: number, count: number, low: number, scale: number, target: Float64Array, start: number): void {
    this.align();
    const end = start + count;
    const endAt = this.#at + Math.ceil((width * count) / 8);
    if (endAt > this.#end) throw new RangeError('the block ends too early');
    if (width === 0) {
      target.fill(low * scale, start, end);
      return;
    }
    const quick = start + this.#quickCount(width, count);
    const view = this.#view;
    const shift = 32 - width;
    let bit = this.#at * 8;
    for (let i = start; i < quick; i++) {
      target[i] = (((view.getInt32(bit >>> 3) << (bit & 7)) >>> shift) + low) * scale;
      bit += width;
    }
    this.#seek(bit);
    for (let i = quick; i < end; i++) target[i] = (this.read(width) + low) * scale;
    this.align();
    this.#at = endAt;
  }

  /** How many of the next numbers can be cut out of four bytes each: wider ones may lie in five, the last ones have no four behind them. */
  #quickCount(width: number, count: number): number {
    const bits = (this.#bytes.length - 4 - this.#at) * 8 + 7;
    return width > 25 || bits < 0 ? 0 : Math.min(count, Math.floor(bits / width) + 1);
  }

  get #view(): DataView {
    const { buffer, byteOffset, byteLength } = this.#bytes;
    this.#four ??= new DataView(buffer, byteOffset, byteLength);
    return this.#four;
  }

  /** To a bit, counted from the first byte. */
  #seek(bit: number): void {
    this.align();
    this.#at = bit >>> 3;
    const inside = bit & 7;
    if (inside > 0) this.read(inside);
  }

  /** Nothing follows but what fills up the last byte. */
  get isAtEnd(): boolean {
    return this.#at >= this.#end;
  }

  readVarint(): number {
    this.align();
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#next();
      value += (byte % 128) * scale;
      if (byte < 128) return value;
    }
  }

  align(): void {
    this.#pending = 0;
    this.#pendingBits = 0;
  }

  #next(): number {
    if (this.#at >= this.#end) throw new RangeError('the block ends too early');
    return this.#bytes[this.#at++]!;
  }
}
